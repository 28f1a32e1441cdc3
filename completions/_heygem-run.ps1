
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
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Directory of the SDK')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'Directory of the SDK')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Python interpreter for SCRIPT.py and -m MODULE')
            [CompletionResult]::new('--python', '--python', [CompletionResultType]::ParameterName, 'Python interpreter for SCRIPT.py and -m MODULE')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR and stay there')
            [CompletionResult]::new('--chdir', '--chdir', [CompletionResultType]::ParameterName, 'Start in DIR and stay there')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'Prepend DIR to LD_LIBRARY_PATH')
            [CompletionResult]::new('--library-dir', '--library-dir', [CompletionResultType]::ParameterName, 'Prepend DIR to LD_LIBRARY_PATH')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Run a Python module; all that follows belongs to it')
            [CompletionResult]::new('--print-env', '--print-env', [CompletionResultType]::ParameterName, 'Print the variables of a launch')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Read a log (FILE or stdin) and name its causes')
            [CompletionResult]::new('--inspect', '--inspect', [CompletionResultType]::ParameterName, 'Check a running service and its children')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit for all that --doctor starts [default: 30]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Format of the report of --doctor, --inspect or --explain')
            [CompletionResult]::new('--no-chdir', '--no-chdir', [CompletionResultType]::ParameterName, 'Start in the working directory and stay there')
            [CompletionResult]::new('--no-inherit', '--no-inherit', [CompletionResultType]::ParameterName, 'Drop the inherited PYTHONPATH')
            [CompletionResult]::new('--no-bridge', '--no-bridge', [CompletionResultType]::ParameterName, 'Leave out the bridge; start in the SDK''s directory')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Treat warnings as errors')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print no warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print no warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print where every part of the launch comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print where every part of the launch comes from')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Print the launch as a shell line and run nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the launch as a shell line and run nothing')
            [CompletionResult]::new('--prepare', '--prepare', [CompletionResultType]::ParameterName, 'Build the bridge and print where it is')
            [CompletionResult]::new('--doctor', '--doctor', [CompletionResultType]::ParameterName, 'Find what is broken and how to fix it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help; -h prints a summary')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help; -h prints a summary')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
