# Early mark: Eve stops the start of the enforcement at some place and executes Alice there, with a
# library of Eve's, or from pages that were never verified; or writes to her. When the enforcement
# has begun, that Alice has no rights.
# hooks: bprm_committed_creds

own_policy=1

# shellcheck source=tests/vm/lib/stale.sh
. "$TESTS/lib/stale.sh"
. "$TESTS/lib/loop.sh"

places=(on_mmap_file on_bprm_check_security on_bprm_committed_creds on_task_alloc on_bpf activate)

prepare() {
    local place
    copy early "$TESTS/bin/loop" && sign early
    for place in eve "${places[@]}"; do ln -f "$WORK/early" "$WORK/early-$place"; done
    copy roads "$TESTS/bin/roads"
    victim alice
    sign alice
}

# start PLACE: alice, with a library of Eve's
start() {
    begin "early-$1" preloading "$TESTS/bin/intruder.so" "$WORK/early-$1"
}

# poke PLACE: Eve writes to her
poke() {
    local words
    words=$(ask "early-$1" 0 address)
    # shellcheck disable=SC2086 # two words
    "$WORK/roads" poke ${words#*: }
}

# begin_stale: two execs of alice's digest with a page of Eve's: one runs, and is held in the middle
# of what it does; the other is held in the middle of the exec
begin_stale() {
    rm -f "$WORK"/{running,held}.go
    "$WORK/running" who-later "$WORK/running" >"$WORK/running.out" 2>&1 &
    running=$!
    until [ "$(cat "/proc/$running/comm")" = running ]; do sleep 0.1; done
    held_exec "$WORK/held" who >"$WORK/held.out" 2>&1 &
    holder=$!
    awaits 'held|could not' "$WORK/held.out"
}

# go_on: both go on, and end
go_on() {
    touch "$WORK"/{running,held}.go
    wait "$holder" "$running"
}

baseline() {
    start eve
    says "it ran in early-eve" "eve's library" cat "$WORK/early-eve.out"
    says "map: allowed" "… in one that has rights" ask early-eve 0 map
    says "poke: allowed" "eve writes to her" poke eve
    says "value: 13" "… and she has it" ask early-eve 0 value
    says "fork: allowed" "her child" ask early-eve 0 fork
    end early-eve
    stale running
    stale held
    begin_stale
    go_on
    says "eve: allowed" "Eve's code runs from a file with alice's digest" cat "$WORK/running.out"
    says "eve: allowed" "… by an exec that was held" cat "$WORK/held.out"
}

# stopped: waits until the start has come to its next place; false when it has begun, or ended
stopped() {
    local try
    for try in $(seq 3000); do
        grep -q '^State:.*T' "/proc/$WATCHER/status" 2>/dev/null && return
        grep -q '^watchbpf[a-z-]*: enforcing' "$LOG" && return 1
        kill -0 "$WATCHER" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}

# begin_slowly: the start, which stops at each place
begin_slowly() {
    local IFS=,
    policy policy <<'YAML'
  early: {signer: acme, load: {types: [xdp]}, collateral: off}
  alice: {signer: acme, load: {types: [xdp]}}
YAML
    : >"$LOG"
    BPFSIGN_STOP_AT=${places[*]} watchbpf-mutant --enforce "$WORK/policy.yaml" >"$LOG" 2>&1 &
    WATCHER=$!
}

denied() {
    local place
    stale running
    stale held
    begin_slowly
    for place in "${places[@]}"; do
        stopped || { fail "stopped at $place" "$(cat "$LOG")"; continue; }
        start "$place"
        poke "$place"
        [ "$place" != on_bpf ] || begin_stale
        kill -CONT "$WATCHER"
    done
    awaits '^watchbpf[a-z-]*: enforcing' "$LOG"
    for place in "${places[@]}"; do
        says "map: EPERM" "executed at $place" ask "early-$place" 0 map
        refused "early-$place" before-enforcement
        says "map: EPERM" "… her thread" ask "early-$place" 1 map
        says "fork: EPERM" "… her child" ask "early-$place" 0 fork
    done
    go_on
    says "eve: EPERM" "Eve's code, which runs since before" cat "$WORK/running.out"
    case $(cat "$WORK/held.out") in
    *"eve: EPERM"* | *killed*) pass "Eve's code, by an exec that began before" ;;
    *) fail "Eve's code, by an exec that began before" "$(cat "$WORK/held.out")" ;;
    esac
}

control() {
    local place
    says "map: allowed" "alice, executed now" "$WORK/early" 0 map
    says "alice: allowed" "the other, with her own code" "$WORK/alice" who
    says "map: allowed" "executed early, and again now" \
        ask early-activate 0 exec "$WORK/early" 0 map
    for place in "${places[@]}"; do
        [ "$place" = activate ] || end "early-$place"
    done
}
