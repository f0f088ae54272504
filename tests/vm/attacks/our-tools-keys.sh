# Our tools, keys: Eve runs the genuine bpfsign, which may change the signers' keyrings when it has an order. She has none, or
# one that is for something else, altered, used, or of another start. `seal` takes the good ones away too.
# hooks: key_permission bpf bpf_map
# once: orders are verified like claims, which the cases do on every kernel

prepare() {
    local name
    for name in evil tool good; do bpfsign keygen "$name" --output "$WORK/$name" >/dev/null; done
    bpfsign enroll "$WORK/tool.pem" >/dev/null
    copy tooled "$TESTS/bin/probe"
    sign tooled --key "$WORK/tool.pem"
}

# unchanged WHAT: keys, rings and what is on the disk are what they were
unchanged() {
    bpfsign keys >"$WORK/now"
    succeeds "$1: nothing changed" diff "$WORK/keys" "$WORK/now"
}

entries() {
    echo '  tooled: {signer: tool, load: {types: [xdp]}}'
}

baseline() {
    succeeds "to enroll another signer" bpfsign enroll "$WORK/evil.pem"
    says active "it is one" sh -c 'bpfsign keys | grep ^evil'
    succeeds "to unenroll one" bpfsign unenroll evil
    exits 1 "nothing to seal" bpfsign seal
    says "nothing is enforced, so anybody could change the keyrings; watchbpf --enforce POLICY first" \
        "… says so, and the cure" bpfsign seal
    exits 1 "nothing to unseal" bpfsign unseal
}

# refused WHAT TEXT COMMAND...: status 3, and the message
refused() {
    local what=$1 text=$2
    shift 2
    exits 3 "$what" "$@"
    says "$text" "… says why" "$@"
    unchanged "$what"
}

denied() {
    bpfsign keys >"$WORK/keys"
    refused "enroll without an order" "the signers can't change while enforcement is on; bpfsign order enroll" \
        bpfsign enroll "$WORK/evil.pem"
    refused "enroll --all" "while enforcement is on, this needs an order" bpfsign enroll --all
    refused "unenroll without an order" "the signers can't change while enforcement is on; bpfsign order unenroll" \
        bpfsign unenroll tool
    others_orders
    used_orders
    sealed
}

others_orders() {
    order enroll "$WORK/good.pem"
    refused "an order for another certificate" "the order 'enroll' is for another argument" \
        bpfsign enroll "$WORK/evil.pem" --order "$WORK/enroll.order"
    order unenroll bob
    refused "an order for another signer" "the order 'unenroll' is for another argument" \
        bpfsign unenroll tool --order "$WORK/unenroll.order"
    refused "an order for another verb" "the order says 'unenroll', not 'enroll'" \
        bpfsign enroll "$WORK/evil.pem" --order "$WORK/unenroll.order"
    # by eve's own key
    bpfsign order enroll "$WORK/evil.pem" --nonce "$(nonce)" --key "$WORK/evil.pem" --output "$WORK/evil.order" >/dev/null
    refused "an order of eve's" "(order-signature); sign it with the control key" \
        bpfsign enroll "$WORK/evil.pem" --order "$WORK/evil.order"
    line "… is an alarm" "op: order name: enroll action: Denied signer: acme reason: order-signature"
    order enroll "$WORK/evil.pem"
    cp "$WORK/enroll.order" "$WORK/altered.order"
    printf '\1' | dd of="$WORK/altered.order" bs=1 seek=24 conv=notrunc 2>/dev/null # the counter
    refused "an altered order" "(order-signature)" bpfsign enroll "$WORK/evil.pem" --order "$WORK/altered.order"
    bpfsign order enroll "$WORK/evil.pem" --nonce "$(nonce | tr 0-9 1-90)" --key "$KEYS/ctl.pem" \
        --output "$WORK/stale.order" >/dev/null
    refused "an order for another start" "(order-nonce)" bpfsign enroll "$WORK/evil.pem" --order "$WORK/stale.order"
}

used_orders() {
    order enroll "$WORK/good.pem"
    succeeds "a good order" bpfsign enroll "$WORK/good.pem" --order "$WORK/enroll.order"
    not_permitted "what it enrolled is guarded: the ring" keyctl clear "$(ring_of good)"
    not_permitted "… and its key" keyctl timeout "$(key_of good)" 0
    line "… is an alarm" 'op: keyring name: "bpfsign:good" action: BPFDenied'
    order unenroll good
    succeeds "a good order to unenroll" bpfsign unenroll good --order "$WORK/unenroll.order"
    bpfsign keys >"$WORK/keys"
    refused "the order to enroll, once more" "(order-replayed)" \
        bpfsign enroll "$WORK/good.pem" --order "$WORK/enroll.order"
}

sealed() {
    order enroll "$WORK/good.pem"
    exits 1 "unseal without an order" bpfsign unseal
    succeeds "seal, which needs none" bpfsign seal
    says '"sealed":true' "the status says so" bpfsign status --json
    says "sealed; no order but 'unseal' changes them" "… and in words" bpfsign status
    refused "a good order, sealed" "the signers' keyrings are sealed: no order changes them (sealed); bpfsign unseal" \
        bpfsign enroll "$WORK/good.pem" --order "$WORK/enroll.order"
    line "… is an alarm" "op: order name: enroll action: Denied signer: acme reason: sealed"
    exits 1 "unseal without an order, sealed" bpfsign unseal
    says "unsealing needs an order of the control signer; bpfsign order unseal" "… says why" bpfsign unseal
    exits 1 "unseal by another order" bpfsign unseal --order "$WORK/enroll.order"
    bpfsign order unseal --nonce "$(nonce)" --key "$WORK/evil.pem" --output "$WORK/evil.order" >/dev/null
    says "(order-signature)" "unseal by an order of eve's" bpfsign unseal --order "$WORK/evil.order"
    says '"sealed":true' "it is still sealed" bpfsign status --json
    says "command: EALREADY" "eve's own program seals nothing" "$TESTS/bin/probe" command $((0x42505346))
}

control() {
    order unseal
    succeeds "an order to unseal" bpfsign unseal --order "$WORK/unseal.order"
    says '"sealed":false' "the status says so" bpfsign status --json
    succeeds "seal again" bpfsign seal
    says "(order-replayed)" "the order to unseal, once more" bpfsign unseal --order "$WORK/unseal.order"
    order unseal
    succeeds "another one" bpfsign unseal --order "$WORK/unseal.order"
    order enroll "$WORK/good.pem"
    succeeds "an order to enroll" bpfsign enroll "$WORK/good.pem" --order "$WORK/enroll.order"
    says "load: allowed" "alice" "$WORK/tooled" load
}
