complete -c heygem-run -s r -l root -d 'The SDK\'s directory, if not found [HEYGEM_DIR]' -r
complete -c heygem-run -s p -l python -d 'What runs SCRIPT.py and -m MODULE [HEYGEM_PYTHON]' -r
complete -c heygem-run -s C -l chdir -d 'Start in DIR, not in the SDK' -r
complete -c heygem-run -s L -l library-dir -d 'Prepend to LD_LIBRARY_PATH [HEYGEM_LIBRARY_PATH]' -r
complete -c heygem-run -l timeout -d 'Give up on what --doctor starts, 30 if not said' -r
complete -c heygem-run -l format -d 'Write what --doctor or --inspect found: text or json' -r -f -a "text\t'For a person'
json\t'One document'"
complete -c heygem-run -l print-env -d 'Print variables: sh, docker, systemd, dotenv or json' -r -f -a "sh\t'`export NAME=value`, for `eval`'
docker\t'`ENV` and `WORKDIR`, for a Dockerfile'
systemd\t'`Environment=` and `WorkingDirectory=`, for a unit file'
dotenv\t'`NAME=value`, for Compose, Docker\'s `--env-file` and python-dotenv'
json\t'One object'"
complete -c heygem-run -l explain -d 'Read a log, FILE or stdin, and say what is wrong' -r
complete -c heygem-run -l inspect -d 'Check a running service and its children' -r
complete -c heygem-run -s m -d 'Run a Python module; all that follows belongs to it' -r
complete -c heygem-run -l no-chdir -d 'Start where you are, not in the SDK'
complete -c heygem-run -l no-inherit -d 'Drop the PYTHONPATH that was there'
complete -c heygem-run -l no-bridge -d 'Leave out the bridge for bare-named modules'
complete -c heygem-run -l strict -d 'Make errors of warnings [HEYGEM_STRICT]'
complete -c heygem-run -s q -l quiet -d 'Print no warnings'
complete -c heygem-run -s v -l verbose -d 'Say where every part of the launch came from'
complete -c heygem-run -s n -l dry-run -d 'Print the launch as a shell line, and write nothing'
complete -c heygem-run -l prepare -d 'Build the bridge, and print where it is'
complete -c heygem-run -l doctor -d 'Find what is broken, and say what mends it'
complete -c heygem-run -s V -l version -d 'Print version'
complete -c heygem-run -s h -l help -d 'Print help (see more with \'--help\')'
