# Written by `UPDATE=1 cargo test generated` from src/cli.rs and heygem-run.fish.in

# Whose the word at the cursor is: `own` (our options, or the target's first word), `first` (the target's first word only),
# `module` (an argument of a module's), or `target` and, a line each, the target's words so far.
function __heygem_run_place
    set -l words (commandline -opc)[2..]
    while set -q words[1]
        set -l word $words[1]
        set -e words[1]
        if test "$word" = --
            set -q words[1]; or echo first
            set -q words[1]; and printf '%s\n' target $words
            return
        else if string match -qr -- '^-[qvnhV]*m' $word
            # Of modules nothing is known; what follows one may be files.
            string match -qr -- 'm$' $word; and not set -q words[1]; or echo module
            return
        else if string match -qr -- '^(-[qvnhV]*[rpCL]|--root|--python|--chdir|--library-dir|--timeout|--format)$' $word
            set -e words[1]
        else if not string match -qr -- '^-.' $word
            printf '%s\n' target $word $words
            return
        end
    end
    echo own
end

function __heygem_run_at
    set -l place (__heygem_run_place)
    contains -- "$place[1]" $argv
end

function __heygem_run_first
    string match -q -- '-*' (commandline -ct); and return
    __fish_complete_command
    __fish_complete_suffix .py | string match -r '^.*(?:\.py|/)(?:\t.*)?$'
end

function __heygem_run_target
    __fish_complete_subcommand --commandline (string escape -- (__heygem_run_place)[2..]) (commandline -ct)
end

complete -c heygem-run -f
complete -c heygem-run -n '__heygem_run_at own first' -a '(__heygem_run_first)'
complete -c heygem-run -n '__heygem_run_at target' -a '(__heygem_run_target)'
complete -c heygem-run -n '__heygem_run_at module' -F
complete -c heygem-run -n '__heygem_run_at own' -s r -l root -x -a '(__fish_complete_directories)' -d 'Directory of the SDK'
complete -c heygem-run -n '__heygem_run_at own' -s p -l python -x -a '(__fish_complete_command)' -d 'Python interpreter for SCRIPT.py and -m MODULE'
complete -c heygem-run -n '__heygem_run_at own' -s C -l chdir -x -a '(__fish_complete_directories)' -d 'Start in DIR and stay there'
complete -c heygem-run -n '__heygem_run_at own' -l no-chdir -d 'Start in the working directory and stay there'
complete -c heygem-run -n '__heygem_run_at own' -s L -l library-dir -x -a '(__fish_complete_directories)' -d 'Prepend DIR to LD_LIBRARY_PATH'
complete -c heygem-run -n '__heygem_run_at own' -l no-inherit -d 'Drop the inherited PYTHONPATH'
complete -c heygem-run -n '__heygem_run_at own' -l no-bridge -d 'Leave out the bridge; start in the SDK\'s directory'
complete -c heygem-run -n '__heygem_run_at own' -l strict -d 'Treat warnings as errors'
complete -c heygem-run -n '__heygem_run_at own' -s q -l quiet -d 'Print no warnings'
complete -c heygem-run -n '__heygem_run_at own' -s v -l verbose -d 'Print where every part of the launch comes from'
complete -c heygem-run -n '__heygem_run_at own' -s m -x -d 'Run a Python module; all that follows belongs to it'
complete -c heygem-run -n '__heygem_run_at own' -s n -l dry-run -d 'Print the launch as a shell line and run nothing'
complete -c heygem-run -n '__heygem_run_at own' -l print-env -a 'sh\\t\'export NAME=value, for eval\' docker\\t\'ENV and WORKDIR, for a Dockerfile\' systemd\\t\'Environment= and WorkingDirectory=, for a unit file\' dotenv\\t\'NAME=value, for Compose, Docker\\\'s --env-file and python-dotenv\' json\\t\'One object\'' -d 'Print the variables of a launch'
complete -c heygem-run -n '__heygem_run_at own' -l prepare -d 'Build the bridge and print where it is'
complete -c heygem-run -n '__heygem_run_at own' -l doctor -d 'Find what is broken and how to fix it'
complete -c heygem-run -n '__heygem_run_at own' -l explain -a '(__fish_complete_path)' -d 'Read a log (FILE or stdin) and name its causes'
complete -c heygem-run -n '__heygem_run_at own' -l inspect -a '(__fish_complete_pids)' -d 'Check a running service and its children'
complete -c heygem-run -n '__heygem_run_at own' -l timeout -x -d 'Time limit for all that --doctor starts [default: 30]'
complete -c heygem-run -n '__heygem_run_at own' -l format -x -a 'text\\t\'For a person\' json\\t\'One document\'' -d 'Format of the report of --doctor, --inspect or --explain'
complete -c heygem-run -n '__heygem_run_at own' -s h -l help -d 'Print help; -h prints a summary'
complete -c heygem-run -n '__heygem_run_at own' -s V -l version -d 'Print version'
