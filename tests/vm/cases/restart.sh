# The watcher may die; the enforcement does not, and changes by orders only. What runs already follows.
# hooks:

sequences=/var/lib/bpfsign/sequences
rm -f "$sequences"
copy alice "$TESTS/bin/probe"
copy bob "$TESTS/bin/probe"
copy eve "$TESTS/bin/probe"
printf bob >>"$WORK/bob"
for name in old new newer; do
    copy "$name" "$TESTS/bin/probe"
    printf %s "$name" >>"$WORK/$name"
done
exits 0 "baseline: eve" "$WORK/eve" load
sign alice --sequence 1
sign bob --key "$KEYS/bob.pem"
sign old --name versioned --sequence 10
sign new --name versioned --sequence 20
sign newer --name versioned --sequence 30

# moved: a signer that nobody names comes and goes: everybody must be verified again
moved() {
    order unenroll extra
    succeeds "a signer is unenrolled by an order" bpfsign unenroll extra --order "$WORK/unenroll.order"
    order enroll "$WORK/extra.pem"
    succeeds "… and enrolled" bpfsign enroll "$WORK/extra.pem" --order "$WORK/enroll.order"
}
bpfsign keygen extra --output "$WORK/extra" >/dev/null
bpfsign enroll "$WORK/extra.pem" >/dev/null

policy first <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
  bob: {signer: bob, file-signers: [acme], load: {types: [xdp]}}
  versioned: {signer: acme, min-sequence: latest, load: {types: [xdp]}}
YAML
policy second <<'YAML'
  alice: {signer: acme, load: {types: [socket_filter]}}
  versioned: {signer: acme, min-sequence: latest, load: {types: [xdp]}}
YAML
policy third <<'YAML'
  alice: {signer: acme, load: {types: [xdp, socket_filter]}}
YAML
first=$WORK/first.yaml second=$WORK/second.yaml third=$WORK/third.yaml

# Two that run all the time: alice, and a child of hers that never executed anything.
runner() { # NAME ACT
    mkfifo "$WORK/$1.in"
    "$WORK/alice" "$2" <>"$WORK/$1.in" >"$WORK/$1.out" 2>&1 &
    awaits ready "$WORK/$1.out"
}
# tell NAME ANSWER WHAT: its next load is answered so
tell() {
    local before
    before=$(wc -l <"$WORK/$1.out")
    echo >"$WORK/$1.in"
    for _ in $(seq 50); do [ "$(wc -l <"$WORK/$1.out")" -gt "$before" ] && break; sleep 0.1; done
    [ "$(tail -n 1 "$WORK/$1.out")" = "on-line: $2" ] && pass "$3" || fail "$3" "$(cat "$WORK/$1.out")"
}
both() { # ANSWER WHAT
    tell parent "$1" "$2: alice, who was running"
    tell child "$1" "$2: her child"
}

watch --enforce "$first"
runner parent on-line
runner child fork-on-line
both allowed "the first policy"
now=$(nonce)

# --- the watcher dies, and another one joins -----------------------------------------------------
kill -9 "$WATCHER"; wait "$WATCHER" 2>/dev/null
exits 1 "eve, while nobody watches" "$WORK/eve" load 6 while_alone
exits 0 "alice" "$WORK/alice" load
watch --enforce "$first"
[ "$(nonce)" = "$now" ] && pass "the same start: the same nonce" || fail "the same nonce" "$(nonce)"
line "what happened meanwhile is printed" "name: while_alone action: BPFDenied signer: - reason: unsigned"
exits 1 "eve again" "$WORK/eve" load 6 watched_again
line "lines go on" "name: watched_again action: BPFDenied"
kill -TERM "$WATCHER"; wait "$WATCHER"
[ $? = 0 ] && pass "SIGTERM ends the watching" || fail "SIGTERM ends the watching" "another status"
line "… and says so" "no longer watching; enforcement goes on ('watchbpf stop' ends it)"
exits 1 "… but not the enforcing" "$WORK/eve" load
watch --enforce "$first"
kill -INT "$WATCHER"; wait "$WATCHER"
line "SIGINT too" "no longer watching; enforcement goes on"
exits 1 "… eve" "$WORK/eve" load
both allowed "after all that"

# --- another policy, by an order only --------------------------------------------------------------
exits 3 "another policy without an order" watchbpf --enforce "$second" --detach
says "another policy is in force; an order" "… says so" \
    watchbpf --enforce "$second" --detach
exits 3 "another mode without an order" watchbpf --observe "$first" --detach
both allowed "the first policy is in force"
order policy "$second"
exits 3 "an order for another policy" watchbpf --enforce "$third" --order "$WORK/policy.order" --detach
says "is for another argument" "… says so" \
    watchbpf --enforce "$third" --order "$WORK/policy.order" --detach
both allowed "the first policy is still in force"
exits 0 "bob, whom it names" "$WORK/bob" load
succeeds "the order for this policy" watchbpf --enforce "$second" --order "$WORK/policy.order" --detach
both EPERM "the second policy"
exits 1 "bob, whom it does not name" "$WORK/bob" load
exits 0 "a new alice, by the second policy" "$WORK/alice" load 1
says "order-replayed" "the same order again, after another" bash -c '
    watchbpf --enforce "$1" --detach; bpfsign order policy "$1" --nonce "$3" --key "$4" --output "$2.2" >/dev/null
    watchbpf --enforce "$1" --order "$2.2" --detach >/dev/null 2>&1
    watchbpf --enforce "$5" --order "$2" --detach' - "$first" "$WORK/policy.order" "$now" \
    "$KEYS/ctl.pem" "$second"
both allowed "the first policy again"
[ "$(nonce)" = "$now" ] && pass "still the same start" || fail "still the same start" "$(nonce)"

# --- who is trusted ----------------------------------------------------------------------------------
exits 3 "unenroll while enforcing needs an order" bpfsign unenroll bob
exits 0 "… and bob is still trusted" "$WORK/bob" load
moved
both allowed "verified again"
exits 1 "the mode is as it was: eve" "$WORK/eve" load

# --- the highest sequence ------------------------------------------------------------------------------
watch --enforce "$first"
exits 0 "an old version" "$WORK/old" load
exits 0 "a new version" "$WORK/new" load
exits 1 "the old one after the new one" "$WORK/old" load
line "… says so" "pod: versioned op: exec action: BPFDenied signer: acme reason: old-sequence"
for _ in $(seq 30); do grep -q ' 20$' "$sequences" && break; sleep 0.1; done
succeeds "it is on the disk" grep -qx "acme versioned 20" "$sequences"
leave
pkill -x alice
exits 0 "stopped: the old version" "$WORK/old" load
gone
# lines that nothing of ours has written: five, in the midst of those that are good
cp "$sequences" "$WORK/sequences"
{ printf 'acme versioned\nacme versioned -1\nacme Two 3\nacme versioned 1 2\nacme a\0b 3\n'; cat "$WORK/sequences"; } >"$sequences"
watch --enforce "$first"
line "malformed lines are skipped" "5 lines of '$sequences' are skipped: of the programs in them older versions may run again"
exits 1 "a new start: the old version" "$WORK/old" load
exits 0 "… the new one" "$WORK/new" load
[ "$(nonce)" != "$now" ] && pass "a new start: another nonce" || fail "another nonce" "the same"
kill -9 "$WATCHER"; wait "$WATCHER" 2>/dev/null
exits 0 "a newer one, that no watcher saw" "$WORK/newer" load
leave
gone
watch --enforce "$first"
exits 1 "… is remembered" "$WORK/new" load

# a file signed while we enforce, settled; its child never executed anything
copy fresh "$TESTS/bin/probe"
printf fresh >>"$WORK/fresh"
sign fresh --name alice --sequence 2
cp -a "$WORK/alice" "$WORK/.alice" 2>/dev/null; mv "$WORK/fresh" "$WORK/alice"
rm -f "$WORK"/*.in "$WORK"/*.out
runner parent on-line
runner child fork-on-line
both allowed "signed under enforcement"
moved
both allowed "signed under enforcement, verified again"
pkill -x alice
leave
bpfsign unenroll extra >/dev/null
