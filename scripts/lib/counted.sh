# shellcheck shell=bash
# The lines that scripts/check counts. Lines "# ..." behind a "not ok" belong to it:
# scripts/lib/summary.sh.

# counted WHAT COMMAND...: one line for one command; behind a "not ok", the end of what it said.
counted() {
    local what=$1 output
    shift
    if output=$("$@" 2>&1 </dev/null); then
        printf 'ok %s\n' "$what"
    else
        printf 'not ok %s: %s\n' "$what" "$(tail -n 1 <<<"$output")"
        tail -n 15 <<<"$output" | sed 's/^/#   | /'
    fi
}
