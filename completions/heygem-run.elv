
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
            cand -r 'The SDK''s directory [env: HEYGEM_DIR]'
            cand --root 'The SDK''s directory [env: HEYGEM_DIR]'
            cand -p 'The interpreter for SCRIPT.py and -m [env: HEYGEM_PYTHON]'
            cand --python 'The interpreter for SCRIPT.py and -m [env: HEYGEM_PYTHON]'
            cand -C 'Change to DIR, not to the SDK''s directory'
            cand --chdir 'Change to DIR, not to the SDK''s directory'
            cand -L 'Put DIR in front of LD_LIBRARY_PATH, repeatable [env: HEYGEM_LIBRARY_PATH]'
            cand --library-dir 'Put DIR in front of LD_LIBRARY_PATH, repeatable [env: HEYGEM_LIBRARY_PATH]'
            cand --timeout 'Give up on what --doctor starts after SECONDS, 30 if not said'
            cand --format 'Write the findings of --doctor or --inspect as text or json'
            cand --print-env 'Print the variables: sh, docker, systemd, dotenv or json'
            cand --explain 'Read a log, FILE or stdin, and say what in it is wrong and what mends it'
            cand --inspect 'Check a running service and its children: PID, or all of the SDK'
            cand -m 'Run a Python module; all that follows belongs to it'
            cand --no-chdir 'Stay in the working directory'
            cand --no-inherit 'Drop the PYTHONPATH that was there'
            cand --no-bridge 'Leave out the bridge for bare-named modules'
            cand --strict 'Treat warnings as errors [env: HEYGEM_STRICT]'
            cand -q 'Print no warnings'
            cand --quiet 'Print no warnings'
            cand -v 'Say where every part of the launch came from'
            cand --verbose 'Say where every part of the launch came from'
            cand -n 'Print the launch as a shell line, and write nothing'
            cand --dry-run 'Print the launch as a shell line, and write nothing'
            cand --prepare 'Build the bridge and print where it is'
            cand --doctor 'Find what is broken, for the launch of COMMAND, and say what mends it'
            cand -V 'Print version'
            cand --version 'Print version'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
    ]
    $completions[$command]
}
