# The policy is replaced again and again while four processes ask for decisions: none is taken under half a policy, none is
# lost without being counted, and what runs follows.
# hooks: bpf_prog_load
# once: a store to a map is what it is on every kernel

rounds=3220 execs=120 # of two processes each, with 15 decisions a round: 100,200
copy hammer "$TESTS/bin/hammer"
sign hammer
policy first <<'YAML'
  hammer: {signer: acme, load: {types: [xdp], max-instructions: 2}}
YAML
policy second <<'YAML'
  hammer: {signer: acme, load: {types: [socket_filter], max-instructions: 3}}
YAML
says "half $((12 * 5)) wrong 0" "baseline: everything is allowed" "$WORK/hammer" bpf 5

# replace NAME: puts that policy in force
replace() {
    order policy "$WORK/$1.yaml" &&
        watchbpf --enforce "$WORK/$1.yaml" --order "$WORK/policy.order" --detach >"$WORK/replaced" 2>&1
}

# total COLUMN: over the four processes
total() {
    awk -v column="$1" '{ n += $column } END { print n }' "$WORK"/told.*
}

# recorded OP...: how many decisions of hammer's were printed
recorded() {
    grep -a '"process":"hammer"' "$LOG" | grep -aE "\"op\":\"($1)\"" | sed -n 's/.*"count":\([0-9]*\).*/\1/p' |
        awk '{ n += $1 } END { print n + 0 }'
}

watch --enforce "$WORK/first.yaml" --output json
for i in 1 2; do
    "$WORK/hammer" bpf "$rounds" >"$WORK/told.$i" 2>&1 &
    "$WORK/hammer" exec "$execs" >"$WORK/told.$((i + 2))" 2>&1 &
done
replaced=0
while [ "$(jobs -rp | wc -l)" -gt 1 ]; do # the last one is the watcher
    for name in second first; do
        if replace "$name"; then replaced=$((replaced + 1)); else fail "replace" "$(cat "$WORK/replaced")"; fi
    done
done
cat "$WORK"/told.*
[ "$replaced" -ge 4 ] && pass "the policy was replaced $replaced times meanwhile" || fail "the policy was replaced" "$replaced times"
[ "$(wc -l <"$WORK/told.1")" = 1 ] && [ "$(total 2)" -ge $((30 * rounds)) ] && pass "$(total 2) decisions" ||
    fail "decisions" "$(cat "$WORK"/told.*)"
[ "$(total 6)" = 0 ] && pass "none under half a policy" || fail "none under half a policy" "$(total 6)"
[ "$(total 8)" = 0 ] && pass "none that both policies grant is refused" || fail "none is wrong" "$(total 8)"
sleep 3
lost=$(watchbpf status --json | sed -n 's/.*"lost_records":\([0-9]*\).*"suppressed_records":\([0-9]*\).*/\1 + \2/p')
lost=$((lost))
printed=$(recorded 'create|load')
[ "$printed" -le "$(total 2)" ] && [ $((printed + lost)) -ge "$(total 2)" ] && pass "$printed printed, $lost counted as lost" ||
    fail "none is lost uncounted" "of $(total 2), $printed printed and $lost lost"
leave
