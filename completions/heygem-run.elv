
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
            cand -r 'Directory of the SDK'
            cand --root 'Directory of the SDK'
            cand -p 'Python interpreter for SCRIPT.py and -m MODULE'
            cand --python 'Python interpreter for SCRIPT.py and -m MODULE'
            cand -C 'Start in DIR and stay there'
            cand --chdir 'Start in DIR and stay there'
            cand -L 'Prepend DIR to LD_LIBRARY_PATH'
            cand --library-dir 'Prepend DIR to LD_LIBRARY_PATH'
            cand -m 'Run a Python module; all that follows belongs to it'
            cand --print-env 'Print the variables of a launch'
            cand --explain 'Read a log (FILE or stdin) and name its causes'
            cand --inspect 'Check a running service and its children'
            cand --timeout 'Time limit for all that --doctor starts [default: 30]'
            cand --format 'Format of the report of --doctor, --inspect or --explain'
            cand --no-chdir 'Start in the working directory and stay there'
            cand --no-inherit 'Drop the inherited PYTHONPATH'
            cand --no-bridge 'Leave out the bridge; start in the SDK''s directory'
            cand --strict 'Treat warnings as errors'
            cand -q 'Print no warnings'
            cand --quiet 'Print no warnings'
            cand -v 'Print where every part of the launch comes from'
            cand --verbose 'Print where every part of the launch comes from'
            cand -n 'Print the launch as a shell line and run nothing'
            cand --dry-run 'Print the launch as a shell line and run nothing'
            cand --prepare 'Build the bridge and print where it is'
            cand --doctor 'Find what is broken and how to fix it'
            cand -h 'Print help; -h prints a summary'
            cand --help 'Print help; -h prints a summary'
            cand -V 'Print version'
            cand --version 'Print version'
        }
    ]
    $completions[$command]
}
