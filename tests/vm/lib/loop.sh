# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Programs "loop" (programs/loop.c), which run until they are ended and do what they are told:
# sourced beside lib.sh.

# begin NAME COMMAND...: runs a loop in the background, which is NAME from now on. Not in $(): its
# end is waited for.
begin() {
    local name=$1 words
    shift
    rm -f "$WORK/$name.in" "$WORK/$name.pid"
    mkfifo "$WORK/$name.in"
    "$@" <>"$WORK/$name.in" >"$WORK/$name.out" 2>&1 &
    echo $! >"$WORK/$name.job"
    words=$(ask "$name" 0 tid)
    echo "${words##* }" >"$WORK/$name.pid"
}

# pid_of NAME: of its first thread; tid_of NAME THREAD: of another one
pid_of() {
    cat "$WORK/$1.pid"
}

tid_of() {
    local words
    words=$(ask "$1" "$2" tid)
    echo "${words##* }"
}

# ask NAME THREAD ACT [WORD...]: what it prints, until it has answered or is gone; a minute at most
ask() {
    local name=$1 seen try
    shift
    seen=$(wc -l <"$WORK/$name.out")
    echo "$*" 1<>"$WORK/$name.in"
    for try in $(seq 600); do
        printed "$name" "$seen" | grep -q "^$1 $2: " && break
        kill -0 "$(cat "$WORK/$name.job")" 2>/dev/null || break
        sleep 0.1
    done
    printed "$name" "$seen"
}

printed() {
    tail -n "+$(($2 + 1))" "$WORK/$1.out"
}

# end NAME: whatever it does
end() {
    kill -9 "$(pid_of "$1")"
    wait "$(cat "$WORK/$1.job")" 2>/dev/null
}
