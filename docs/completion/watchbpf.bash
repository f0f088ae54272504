# shellcheck shell=bash
# Completion of watchbpf: commands and options are those that its --help names.

_watchbpf() {
    local word=$2 help command=
    [[ $COMP_CWORD -eq 1 || ${COMP_WORDS[1]} == -* ]] || command=${COMP_WORDS[1]}
    # shellcheck disable=SC2086
    help=$("${COMP_WORDS[0]}" $command --help 2>/dev/null)
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(grep -oE '^ +(-., )?--[a-z0-9-]+' <<<"$help" | grep -oE -- '--[a-z0-9-]+')" -- "$word")
    elif [[ $COMP_CWORD -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(sed -n 's/^  \([a-z]\+\) .*/\1/p' <<<"$help")" -- "$word")
    elif [[ $command == list ]]; then
        mapfile -t COMPREPLY < <(compgen -W 'maps programs links' -- "$word")
    else
        compopt -o default
    fi
}

complete -F _watchbpf watchbpf
