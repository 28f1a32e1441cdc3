# shellcheck shell=bash
# Written by `UPDATE=1 cargo test generated` from src/cli.rs and heygem-run.bash.in

_heygem_run() {
    if ! declare -F _init_completion >/dev/null; then
        compopt -o bashdefault -o default # without bash-completion, what bash has is better than nothing
        return
    fi
    local cur prev words cword
    _init_completion -n = || return

    # The target begins behind our options and their values.
    local first ended='' word
    for ((first = 1; first < cword; first++)); do
        word=${words[first]}
        if [[ $word == -- ]]; then
            ended=yes
            ((first++))
            break
        elif [[ $word =~ ^-[qvnhV]*m ]]; then
            # Of modules nothing is known; what follows one may be files.
            [[ $word == *m && $first -eq $((cword - 1)) ]] || _filedir
            return
        elif [[ $word =~ ^(-[qvnhV]*[rpCL]|--root|--python|--chdir|--library-dir|--timeout|--format)$ ]]; then
            ((first++))
        elif [[ $word != -?* ]]; then
            break
        fi
    done

    if ((first > cword)); then
        _heygem_run_value "$prev"
    elif ((first < cword)); then
        _heygem_run_target "$first"
    elif [[ ! $ended && $cur == --*=* ]]; then
        word=${cur%%=*}
        cur=${cur#*=}
        _heygem_run_value "$word"
        [[ $COMP_WORDBREAKS == *=* ]] || COMPREPLY=("${COMPREPLY[@]/#/"$word="}")
    elif [[ ! $ended && $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '-r --root -p --python -C --chdir --no-chdir -L --library-dir --no-inherit --no-bridge --strict -q --quiet -v --verbose -m -n --dry-run --print-env --print-env= --prepare --doctor --explain --explain= --inspect --inspect= --timeout --format -h --help -V --version' -- "$cur")
        [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
    else
        mapfile -t COMPREPLY < <(compgen -c -- "$cur")
        _filedir py
    fi
}

# The value of an option, which may be the last letter of a cluster.
_heygem_run_value() {
    case $1 in
        --root | --chdir | --library-dir | -*[rCL]) _filedir -d ;;
        --python | -*[p]) mapfile -t COMPREPLY < <(compgen -c -- "$cur") ;;
        --print-env) mapfile -t COMPREPLY < <(compgen -W 'sh docker systemd dotenv json' -- "$cur") ;;
        --explain) _filedir ;;
        --inspect) _pids ;;
        --format) mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$cur") ;;
    esac
}

# What completes the target, told where it begins. `words` is whole at each "=", where the words of readline are broken.
_heygem_run_target() {
    local offset=0 i rest
    for ((i = 0; i < $1; i++)); do
        rest=${words[i]}
        while [[ $rest ]] && ((offset < COMP_CWORD)); do
            rest=${rest#"${COMP_WORDS[offset]}"}
            ((offset++))
        done
    done
    _command_offset "$offset"
}

complete -F _heygem_run heygem-run
