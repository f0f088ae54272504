# Looser before: a running Alice has read what a weaker policy let her, or nobody looked while she had no entry. When the
# policy gets stricter, what is inside her stays: she must be restarted.
# hooks: bpf
# once: who is entitled is our own decision
own_policy=1

prepare() {
    for name in loose strict entered; do copy "$name" "$TESTS/bin/reader" && sign "$name"; done
    echo evil >"$WORK/evil"
    entry() { echo "  $1: {signer: acme, load: {types: [xdp]}${2-}}"; }
    { entry loose ', collateral: off'; entry strict; } | policy first
    { entry loose; entry strict; entry entered; } | policy second
}

baseline() {
    succeeds "what it reads is eve's" "$WORK/loose" open "$WORK/evil"
}

denied() {
    local name
    watch --enforce "$WORK/first.yaml"
    for name in loose strict entered; do
        "$WORK/$name" then-map wait "$WORK/$name" >"$WORK/$name.out" 2>&1 &
    done
    sleep 1
    order policy "$WORK/second.yaml"
    watchbpf --enforce "$WORK/second.yaml" --order "$WORK/policy.order" --detach >"$WORK/second.out" 2>&1 ||
        fail "the second policy" "$(cat "$WORK/second.out")"
    for name in loose strict entered; do touch "$WORK/$name.go"; done
    for name in loose entered; do
        says "then-map: EPERM" "$name" outcome "$name"
        line "it is recorded" "pod: $name op: create"
    done
    line "the reason" "action: Denied signer: acme reason: looser-before"
}

# outcome NAME: what the waiting one printed in the end
outcome() {
    for _ in $(seq 100); do
        grep -q '^then-map: ' "$WORK/$1.out" && break
        sleep 0.1
    done
    cat "$WORK/$1.out"
}

control() {
    says "then-map: allowed" "one that was strict all along" outcome strict
    says "then-map: allowed" "one that is started now" "$WORK/loose" then-map directory "$WORK"
}
