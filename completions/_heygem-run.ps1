
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'heygem-run' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'heygem-run'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'heygem-run' {
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'The SDK''s directory, if not found [HEYGEM_DIR]')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The SDK''s directory, if not found [HEYGEM_DIR]')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'What runs SCRIPT.py and -m MODULE [HEYGEM_PYTHON]')
            [CompletionResult]::new('--python', '--python', [CompletionResultType]::ParameterName, 'What runs SCRIPT.py and -m MODULE [HEYGEM_PYTHON]')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR, not in the SDK')
            [CompletionResult]::new('--chdir', '--chdir', [CompletionResultType]::ParameterName, 'Start in DIR, not in the SDK')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'Prepend to LD_LIBRARY_PATH [HEYGEM_LIBRARY_PATH]')
            [CompletionResult]::new('--library-dir', '--library-dir', [CompletionResultType]::ParameterName, 'Prepend to LD_LIBRARY_PATH [HEYGEM_LIBRARY_PATH]')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Run a Python module; all that follows belongs to it')
            [CompletionResult]::new('--print-env', '--print-env', [CompletionResultType]::ParameterName, 'Print variables: sh, docker, systemd, dotenv or json')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Read a log, FILE or stdin, and say what is wrong')
            [CompletionResult]::new('--inspect', '--inspect', [CompletionResultType]::ParameterName, 'Check a running service and its children')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up on what --doctor starts, 30 if not said')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Write what --doctor, --inspect or --explain found: text or json')
            [CompletionResult]::new('--no-chdir', '--no-chdir', [CompletionResultType]::ParameterName, 'Start where you are, not in the SDK')
            [CompletionResult]::new('--no-inherit', '--no-inherit', [CompletionResultType]::ParameterName, 'Drop the PYTHONPATH that was there')
            [CompletionResult]::new('--no-bridge', '--no-bridge', [CompletionResultType]::ParameterName, 'Leave out the bridge for bare-named modules')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Make errors of warnings [HEYGEM_STRICT]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say where every part of the launch came from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say where every part of the launch came from')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Print the launch as a shell line, and write nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the launch as a shell line, and write nothing')
            [CompletionResult]::new('--prepare', '--prepare', [CompletionResultType]::ParameterName, 'Build the bridge, and print where it is')
            [CompletionResult]::new('--doctor', '--doctor', [CompletionResultType]::ParameterName, 'Find what is broken, and say what mends it')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
