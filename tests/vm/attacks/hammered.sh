# Hammered: Eve wants one decision that rests on half of something. Two processors exec, fork, make
# threads and load, while the policy is replaced, a key comes and goes, and a claim is exchanged.
# The kernel side of watchbpf-mutant counts each decision under a mark, an entry or a claim that was
# not whole.
# hooks: bpf
own_policy=1 seconds=120

prepare() {
    copy hammer "$TESTS/bin/hammer"
    copy flip "$TESTS/bin/hammer"
    copy eve "$TESTS/bin/probe"
    sign hammer
    sign flip
    bpfsign keygen hammered --output "$WORK/extra" >/dev/null
    policy first <<'YAML'
  hammer: {signer: acme, load: {types: [xdp], max-instructions: 2}}
  flip: {signer: acme, load: {types: [xdp], max-instructions: 2}}
YAML
    policy second <<'YAML'
  hammer: {signer: acme, load: {types: [socket_filter], max-instructions: 3}}
  flip: {signer: acme, load: {types: [socket_filter], max-instructions: 3}}
YAML
}

baseline() {
    says "half 60 wrong 0" "everything is allowed" "$WORK/hammer" bpf 5
    exits 0 "eve" "$WORK/eve" load
}

# count [FAULT]: begins with the enforcement that counts
count() {
    WATCHBPF=watchbpf-mutant
    export BPFSIGN_COUNT=1 ${1+"$1"=1}
    watch --enforce "$WORK/first.yaml"
    unset WATCHBPF BPFSIGN_COUNT ${1+"$1"}
}

# replace NAME: puts that policy in force
replace() {
    order policy "$WORK/$1.yaml" &&
        watchbpf --enforce "$WORK/$1.yaml" --order "$WORK/policy.order" --detach >"$WORK/replaced" 2>&1 ||
        fail "replace the policy" "$(cat "$WORK/replaced")"
}

# trust ACT WHAT: enroll the extra key, or unenroll its signer, with an order
trust() {
    order "$1" "$2" && bpfsign "$1" "$2" --order "$WORK/$1.order" >"$WORK/trusted" 2>&1 ||
        fail "$1" "$(cat "$WORK/trusted")"
}

# changing PID: policy and trust, $changed times, until it ends
changing() {
    changed=0
    while kill -0 "$1" 2>/dev/null; do
        replace second
        trust enroll "$WORK/extra.pem"
        replace first
        trust unenroll hammered
        changed=$((changed + 4))
    done
}

# flipping PID: a claim is exchanged for one of other bytes and back, and its file executed
flipping() {
    local right other
    right=$(claim_of flip) other=$(claim_of hammer)
    while kill -0 "$1" 2>/dev/null; do
        set_claim flip "${other%??}00"
        "$WORK/flip" bpf 1 >/dev/null 2>&1
        set_claim flip "$right"
        "$WORK/flip" bpf 1 >/dev/null 2>&1
    done
}

# eves PID: how often she got in
eves() {
    local in=0
    while kill -0 "$1" 2>/dev/null; do
        ! "$WORK/eve" load >/dev/null 2>&1 || in=$((in + 1))
    done
    echo $in
}

# total COLUMN: over the hammers
total() {
    awk -v column="$1" '{ n += $column } END { print n + 0 }' "$WORK"/told.*
}

denied() {
    local how hammers=() clock changed
    count
    line "the kernel side counts" "contradictions: 0"
    sleep "$seconds" &
    clock=$!
    for how in threads fork exec; do
        "$WORK/hammer" $how "${seconds}s" >"$WORK/told.$how" 2>&1 &
        hammers+=($!)
    done
    flipping "$clock" &
    hammers+=($!)
    eves "$clock" >"$WORK/eves" &
    hammers+=($!)
    changing "$clock"
    wait "${hammers[@]}"
    [ "$changed" -ge 4 ] && pass "policy and trust moved $changed times" || fail "policy and trust" "$changed"
    says_only 0 "eve was never allowed" cat "$WORK/eves"
    [ "$(total 2)" -ge 1000 ] && pass "$(total 2) decisions, $(total 4) of them after an exec" || fail "decisions" "$(cat "$WORK"/told.*)"
    says_only "0 0" "none under half a policy, none of them wrong" echo "$(total 6) $(total 8)"
    sleep 2 # watchbpf looks each second
    says_only "contradictions: 0" "none that rests on half of something" grep -o "contradictions: .*" "$LOG"
    says_nothing "the kernel has no complaint" sh -c "dmesg | grep -E 'WARNING:|BUG:|Oops|stall|hung task'"
    leave
}

control() {
    local hammer
    count BPFSIGN_TEAR
    "$WORK/hammer" threads 600s >/dev/null 2>&1 & # a replacement takes long where guests share a processor
    hammer=$!
    replace second
    replace first
    awaits 'contradictions: [1-9]' "$LOG"
    kill "$hammer"
    wait "$hammer" 2>/dev/null
    says "contradictions: " "a torn mark is counted" grep 'contradictions: [1-9]' "$LOG"
}
