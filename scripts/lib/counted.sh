# shellcheck shell=bash
# The lines that scripts/check counts.

# counted WHAT COMMAND...: one line for one command; before a "not ok", what it said.
counted() {
    local what=$1 output
    shift
    if output=$("$@" 2>&1 </dev/null); then
        printf 'ok %s\n' "$what"
    else
        printf '%s\nnot ok %s: %s\n' "$output" "$what" "$(tail -n 1 <<<"$output")"
    fi
}
