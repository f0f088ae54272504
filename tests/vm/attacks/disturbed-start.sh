# Disturbed start: an ordinary user, and root beside her, call the commands of a start all the time while it
# is made: it would begin with a part of its hooks, or before the sealed files are looked at, or its
# starter could not go on. A user seals the keyrings. Root waits in the mount namespace of the pins. Root kills the starter, and
# gives its number to a process that begins with what is attached; or takes the last fence away, or attaches what takes its verdict back.
# hooks: bpf
own_policy=1

first=$((0x42505343)) last=$((0x42505348)) # of all commands
activate=$((0x42505344)) seal=$((0x42505346))

prepare() {
    copy disturbed "$TESTS/bin/probe"
    copy disturber "$TESTS/bin/probe"
    copy voter "$TESTS/bin/others"
    sign disturbed
}

as_user() {
    setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# hooks: how many are in place, and none is missing
hooks() {
    watchbpf status --json | sed -n 's/.*"hooks":\([0-9]*\),"missing_hooks":null.*/\1/p'
}

# reborn PID COMMAND...: executes it as the process PID, which is gone; says so in $WORK/reborn
reborn() {
    local pid=$1 tries
    shift
    for tries in $(seq 50); do
        echo $((pid - 1)) >/proc/sys/kernel/ns_last_pid
        "$@" >"$WORK/reborn" 2>&1 &
        wait $!
        [ $! != "$pid" ] || return 0
    done
    fail "process $pid again" "not in $tries tries"
}

entitled() {
    echo '  disturbed: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    says "command: EINVAL" "the kernel has no such command" "$WORK/disturber" command "$activate"
    enforce < <(entitled)
    hooks >"$WORK/whole"
    [ "$(cat "$WORK/whole")" -ge 45 ] && pass "$(cat "$WORK/whole") hooks of a start that nobody disturbs" || fail "hooks" "$(cat "$WORK/whole")"
    leave
    gone
}

denied() {
    local disturbers=()
    as_user "$WORK/disturber" commands "$first" "$last" >"$WORK/told" 2>&1 &
    disturbers+=($!)
    "$WORK/disturber" commands "$first" "$last" >"$WORK/told-root" 2>&1 &
    disturbers+=($!)
    enforce < <(entitled)
    kill "${disturbers[@]}"
    wait "${disturbers[@]}" 2>/dev/null
    line "it begins" "enforcing"
    says_only "$(cat "$WORK/whole")" "with all hooks" hooks
    for told in told told-root; do # 44 ACTIVATE, 46 KEYRING_SEAL, 47 INVENTORY, 48 SETTLED
        says "42505344: EALREADY" "$told: no" cat "$WORK/$told"
        says_nothing "… never yes" grep -E "4250534[4678]: (ECANCELED|allowed)" "$WORK/$told"
    done
    exits 1 "eve" "$WORK/disturber" load
    says "command: EPERM" "a user may not seal the keyrings" as_user "$WORK/disturber" command "$seal"
    says "sealing the keyrings takes root" "… nor by bpfsign" as_user bpfsign seal
    says "changed by orders only" "they are not sealed" watchbpf status
    leave
    gone
    "$TESTS/bin/place" stay "$KEEPER" >"$WORK/staying" 2>&1 &
    disturbers=($!)
    awaits 'stays|could not' "$WORK/staying"
    exits 3 "root waits where the pins are to be" sh -c 'exec watchbpf --enforce "$1" >"$2" 2>&1' - "$WORK/policy.yaml" "$LOG"
    line "it says why" "a process is in the mount namespace of kdevtmpfs"
    kill "${disturbers[@]}"
    wait "${disturbers[@]}" 2>/dev/null
    gone
    pinned && fail "nothing is left" "pins are" || pass "nothing is left"
}

# halted PLACE: a start that stops there, process $starter; its output is in $WORK/halted
halted() {
    BPFSIGN_STOP_AT=$1 watchbpf-mutant --enforce "$WORK/policy.yaml" --detach >"$WORK/halted" 2>&1 &
    starter=$!
    while kill -0 "$starter" 2>/dev/null; do
        grep -q '^State:.*stopped' "/proc/$starter/status" && return
        pause 0.2
    done
    fail "a start that stops at $1" "$(cat "$WORK/halted")"
}

# unfenced: detaches a program of the last fence
unfenced() {
    local program
    program=$(bpftool prog show | sed -n 's/^\([0-9]*\): cgroup_sysctl  name on_cgroup_sysct.*/\1/p')
    bpftool cgroup detach /sys/fs/cgroup sysctl id "$program"
}

# ended TEXT WHAT [PIN]: the start goes on, and ends with that message; the pin was of what stopped it
ended() {
    kill -CONT "$starter"
    wait "$starter"
    says "$1" "$2" cat "$WORK/halted"
    [ -z "${3-}" ] || rm "$3"
    gone
    pinned && fail "nothing is left" "pins are" || pass "nothing is left"
}

# While a starter stands still, what Eve brings could take back what our programs say.
outvoted() {
    local starter
    exits 0 "a program from before the start" "$WORK/voter" plant /sys/fs/bpf/voter
    halted on_locked_down
    exits 0 "root attaches it after the last fence" "$WORK/voter" outvote /sys/fs/cgroup pin:/sys/fs/bpf/voter
    ended "'outvote'" "the start ends"
    exits 0 "… it is detached again" "$WORK/voter" detach /sys/fs/cgroup sysctl pin:/sys/fs/bpf/voter

    halted on_inode_unlink
    exits 0 "root loads an LSM program" bpftool prog load "$OBJECTS/lsm.o" /sys/fs/bpf/lsm
    ended "a foreign lsm program 'foreign_lsm'" "the start ends" /sys/fs/bpf/lsm

    halted activate
    says "open: EBUSY" "later she does not get at it" "$WORK/voter" outvote /sys/fs/cgroup pin:/sys/fs/bpf/voter
    says "load: EBUSY" "… nor get another" "$WORK/voter" outvote /sys/fs/cgroup
    exits 255 "… nor load an LSM program" bpftool prog load "$OBJECTS/lsm.o" /sys/fs/bpf/lsm
    exits 0 "what could not outvote is not her affair" "$WORK/disturber" load
    kill -CONT "$starter"
    wait "$starter"
    says "enforcing" "it begins" cat "$WORK/halted"
    leave
    gone
    rm /sys/fs/bpf/voter
}

# While a starter stands still, or is gone.
halfway() {
    local starter
    halted on_locked_down
    exits 0 "root takes the last fence away" unfenced
    ended "'on_cgroup_sysctl' was detached while it began" "the start ends"

    halted activate
    says "Device or resource busy" "later she does not" unfenced
    kill -KILL "$starter"
    wait "$starter" 2>/dev/null
    pinned && pass "a starter that is killed leaves its hooks" || fail "a starter that is killed leaves its hooks" "$(cat "$WORK/halted")"
    reborn "$starter" "$WORK/disturber" command "$activate"
    says "command: EALREADY" "the next process of its number does not begin" cat "$WORK/reborn"
    exits 0 "eve: nothing is enforced" "$WORK/disturber" load
}

control() {
    local beside
    policy policy < <(entitled)
    outvoted
    halfway
    says "Permission denied" "a user does not get the lock of a start" as_user flock -n /var/lib/bpfsign/start.lock true
    watchbpf --enforce "$WORK/policy.yaml" --detach >"$WORK/beside" 2>&1 &
    beside=$!
    watch --enforce "$WORK/policy.yaml"
    wait "$beside"
    says "enforcing" "two that begin at once: one begins, the other finds it" cat "$WORK/beside"
    exits 0 "alice" "$WORK/disturbed" load
    exits 0 "root seals" bpfsign seal
}
