# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the scripts need that run inside of a booted image. One line for each check: "ok NAME: WHAT" or "not ok NAME: WHAT: why".

failures=0

pass() {
    printf 'ok %s: %s\n' "$CASE" "$1"
}

fail() {
    printf 'not ok %s: %s: %s\n' "$CASE" "$1" "$2"
    failures=$((failures + 1))
}

# exits STATUS WHAT COMMAND…
exits() {
    local wanted=$1 what=$2 output status=0
    shift 2
    output=$("$@" 2>&1 </dev/null) || status=$?
    if [[ $status = "$wanted" ]]; then pass "$what"; else fail "$what" "status $status: $output"; fi
}

# says TEXT WHAT COMMAND…: whatever the status.
says() {
    local text=$1 what=$2 output
    shift 2
    output=$("$@" 2>&1 </dev/null) || true
    if [[ $output == *"$text"* ]]; then pass "$what"; else fail "$what" "no '$text' in: $output"; fi
}

# fails TEXT WHAT COMMAND…: it does, and says TEXT.
fails() {
    local text=$1 what=$2 output status=0
    shift 2
    output=$("$@" 2>&1 </dev/null) || status=$?
    if [[ $status != 0 && $output == *"$text"* ]]; then pass "$what"; else fail "$what" "status $status: $output"; fi
}

# decided WHAT FIELD=VALUE…: the journal has an entry of watchbpf with these native fields, soon.
decided() {
    local what=$1 try
    shift
    for try in $(seq 60); do
        [[ -z $(journalctl -q -t watchbpf -n 1 "${@/#/BPFSIGN_}") ]] || { pass "$what"; return; }
        sleep 0.5
    done
    fail "$what" "no entry with $* after $try tries; the last: $(journalctl -q -t watchbpf -n 5 -o cat)"
}
