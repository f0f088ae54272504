# watchbpf is killed at every step of a start and of a reload: nothing, the old policy or the new one is in force, never a part; and
# a new one takes over what it finds. Between the first start and the end eve is never let in.
# hooks:
# once: what is killed is a process; the kernel side is that of every other case

copy alice "$TESTS/bin/probe"
copy eve "$TESTS/bin/probe"
sign alice
policy first <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
policy second <<'YAML'
  alice: {signer: acme, load: {types: [socket_filter]}}
YAML
mutant=watchbpf-mutant

# dies_at N COMMAND...: 137 when it was killed there, else its own status
dies_at() {
    BPFSIGN_DIE_AT=$1 timeout -k 1 180 "${@:2}" >"$WORK/out" 2>&1 </dev/null
}

# --- a start -----------------------------------------------------------------------------------------
n=0 killed=0 free=0
# ten in the policy, one before the pins, one at each of 56 hooks, one before it begins
for point in 5 11 12 38 67 68; do
    dies_at "$point" "$mutant" --enforce "$WORK/first.yaml" --detach
    [ $? = 137 ] || break
    killed=$((killed + 1))
    "$WORK/eve" load >/dev/null && free=$((free + 1))
done
[ "$killed" = 6 ] && pass "killed at $killed places of the start" || fail "killed in the start" "$killed: $(cat "$WORK/out")"
[ "$free" = "$killed" ] && pass "… none denies anything" || fail "… none denies anything" "$free of $killed"


watch --enforce "$WORK/first.yaml"
exits 0 "the next start: alice" "$WORK/alice" load
exits 1 "… eve" "$WORK/eve" load

# --- a reload ----------------------------------------------------------------------------------------
# eve tries all the time
sh -c 'while :; do "$1" load; done' - "$WORK/eve" >"$WORK/eve.out" 2>&1 &
trying=$!

# in_force: which policy alice feels
in_force() {
    local both
    both=$("$WORK/alice" load 2>&1; "$WORK/alice" load 1 2>&1)
    case $both in
    *allowed*EPERM*) echo first ;;
    *EPERM*allowed*) echo second ;;
    *) echo "$both" ;;
    esac
}

place=1
while :; do
    order policy "$WORK/second.yaml"
    dies_at "$place" "$mutant" --enforce "$WORK/second.yaml" --order "$WORK/policy.order" --detach
    status=$? now=$(in_force)
    [ "$status" = 137 ] || break
    case $now in first | second) pass "killed at step $place of a reload: the $now policy is in force" ;; *) fail "killed at step $place" "$now" ;; esac
    order policy "$WORK/first.yaml"
    if [ "$now" = second ]; then watchbpf --enforce "$WORK/first.yaml" --order "$WORK/policy.order" --detach >/dev/null 2>&1; fi
    n=$((n + 1)) place=$((place + 1))
done
[ "$n" -ge 6 ] && pass "$n places" || fail "places of a reload" "$n: $(cat "$WORK/out")"
[ "$status:$now" = 0:second ] && pass "not killed: the second policy is in force" || fail "not killed" "$status $now: $(cat "$WORK/out")"

# --- the watcher ---------------------------------------------------------------------------------------
for signal in KILL SEGV ABRT; do
    kill -"$signal" "$WATCHER"
    wait "$WATCHER" 2>/dev/null
    exits 1 "the watcher dies of SIG$signal: eve" "$WORK/eve" load
    exits 0 "… alice" "$WORK/alice" load 1
    watch --enforce "$WORK/second.yaml"
done
echo 1000 >"/proc/$WATCHER/oom_score_adj"
echo f >/proc/sysrq-trigger # the kernel kills who is worst: memory is short
for _ in $(seq 50); do kill -0 "$WATCHER" 2>/dev/null || break; sleep 0.1; done
kill -0 "$WATCHER" 2>/dev/null && fail "the watcher is killed for lack of memory" "it runs" || pass "the watcher is killed for lack of memory"
wait "$WATCHER" 2>/dev/null
exits 1 "… eve" "$WORK/eve" load
watch --enforce "$WORK/second.yaml"
kill "$trying"
wait "$trying" 2>/dev/null
tries=$(wc -l <"$WORK/eve.out")
grep -q allowed "$WORK/eve.out" && fail "eve was never let in" "$(grep -c allowed "$WORK/eve.out") of $tries" || pass "eve was never let in, in $tries tries"
leave
