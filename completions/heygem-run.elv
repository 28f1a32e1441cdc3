
use builtin;
use str;

set edit:completion:arg-completer[heygem-run] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'heygem-run'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'heygem-run'= {
            cand -r 'The SDK''s directory, if not found [HEYGEM_DIR]'
            cand --root 'The SDK''s directory, if not found [HEYGEM_DIR]'
            cand -p 'What runs SCRIPT.py and -m MODULE [HEYGEM_PYTHON]'
            cand --python 'What runs SCRIPT.py and -m MODULE [HEYGEM_PYTHON]'
            cand -C 'Start in DIR, not in the SDK'
            cand --chdir 'Start in DIR, not in the SDK'
            cand -L 'Prepend to LD_LIBRARY_PATH [HEYGEM_LIBRARY_PATH]'
            cand --library-dir 'Prepend to LD_LIBRARY_PATH [HEYGEM_LIBRARY_PATH]'
            cand -m 'Run a Python module; all that follows belongs to it'
            cand --print-env 'Print variables: sh, docker, systemd, dotenv or json'
            cand --explain 'Read a log, FILE or stdin, and say what is wrong'
            cand --inspect 'Check a running service and its children'
            cand --timeout 'Give up on what --doctor starts, 30 if not said'
            cand --format 'Write what --doctor, --inspect or --explain found: text or json'
            cand --no-chdir 'Start where you are, not in the SDK'
            cand --no-inherit 'Drop the PYTHONPATH that was there'
            cand --no-bridge 'Leave out the bridge for bare-named modules'
            cand --strict 'Make errors of warnings [HEYGEM_STRICT]'
            cand -q 'Print no warnings'
            cand --quiet 'Print no warnings'
            cand -v 'Say where every part of the launch came from'
            cand --verbose 'Say where every part of the launch came from'
            cand -n 'Print the launch as a shell line, and write nothing'
            cand --dry-run 'Print the launch as a shell line, and write nothing'
            cand --prepare 'Build the bridge, and print where it is'
            cand --doctor 'Find what is broken, and say what mends it'
            cand -V 'Print version'
            cand --version 'Print version'
            cand -h 'Print help'
            cand --help 'Print help'
        }
    ]
    $completions[$command]
}
