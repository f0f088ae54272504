# shellcheck shell=bash
# Completion of bpfsign: commands and options are those that its --help names.

_bpfsign() {
    local word=$2 help command=
    [[ $COMP_CWORD -eq 1 || ${COMP_WORDS[1]} == -* ]] || command=${COMP_WORDS[1]}
    # shellcheck disable=SC2086
    help=$("${COMP_WORDS[0]}" $command --help 2>/dev/null)
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(grep -oE '^ +(-., )?--[a-z0-9-]+' <<<"$help" | grep -oE -- '--[a-z0-9-]+')" -- "$word")
    elif [[ $COMP_CWORD -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(sed -n 's/^  \([a-z-]\+\) .*/\1/p' <<<"$help")" -- "$word")
    elif [[ $command == inspect && ${COMP_WORDS[COMP_CWORD - 1]} == --as ]]; then
        mapfile -t COMPREPLY < <(compgen -W unsigned -- "$word")
    elif [[ $command == inspect && $COMP_CWORD -eq 2 ]]; then
        compopt -o default
        mapfile -t COMPREPLY < <(compgen -f -W 'prog map' -- "$word")
    else
        compopt -o default
    fi
}

complete -F _bpfsign bpfsign
