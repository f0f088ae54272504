# Our own tools: Eve, root, runs the genuine watchbpf and bpfsign to stop, to observe, to enforce a policy of hers or an older one that
# was signed, with orders that are altered, another signer's, another start's or used up; an older watchbpf; and removes them all.
# hooks: bpf bprm_check_security
# once: orders are verified like claims, which the cases do on every kernel
own_policy=1

prepare() {
    copy old-watchbpf /usr/bin/watchbpf
    copy tool-eve "$TESTS/bin/probe"
    copy tool-alice "$TESTS/bin/probe"
    sign old-watchbpf --name watchbpf --sequence 1
    sign tool-alice
    policy weaker <<'YAML'
unsigned: {load: {types: [xdp]}}
YAML
    cp "$WORK/weaker.yaml" "$WORK/evil.yaml"
    bpfsign sign --role policy --key "$KEYS/acme.pem" "$WORK/evil.yaml" >/dev/null
}

entries() {
    echo '  tool-alice: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    says "load: allowed" "without enforcement: eve" "$WORK/tool-eve" load
    says "ok" "the weaker policy would be taken" bpfsign policy check "$WORK/weaker.yaml"
}

# no_use WHAT STATUS COMMAND...: the tool fails with this status, and eve is denied as before
no_use() {
    exits "$2" "$1" "${@:3}"
    says "load: EPERM" "… eve is denied as before" "$WORK/tool-eve" load
}

# made VERB FILE OPTION...: an order in $WORK/FILE.order
made() {
    bpfsign order "$1" "${@:3}" --output "$WORK/$2.order" >/dev/null
}

begin() {
    printf '  watchbpf: {signer: acme, min-sequence: 2}\n  bpfsign: {signer: acme}\n' >"$WORK/entries"
    { printf 'version: 1\nprograms:\n'; cat "$WORK/entries"; entries; } >"$WORK/policy.yaml"
    bpfsign sign --role policy --key "$KEYS/ctl.pem" "$WORK/policy.yaml" >/dev/null
    watch --enforce "$WORK/policy.yaml"
}

denied() {
    local now
    begin
    says "load: EPERM" "eve" "$WORK/tool-eve" load
    no_use "stop" 1 watchbpf stop
    no_use "observe" 3 watchbpf --observe "$WORK/policy.yaml" --detach
    no_use "a policy signed by another signer" 3 watchbpf --enforce "$WORK/evil.yaml" --detach
    no_use "an older policy, rightly signed" 3 watchbpf --enforce "$WORK/weaker.yaml" --detach
    now=$(nonce)
    made stop acme --nonce "$now" --key "$KEYS/acme.pem"
    no_use "an order of another signer" 1 watchbpf stop --order "$WORK/acme.order"
    line "… an alarm" "op: order name: stop action: Denied signer: acme reason: order-signature"
    made stop stale --nonce "${now//[0-9]/7}" --key "$KEYS/ctl.pem"
    no_use "an order for another start" 1 watchbpf stop --order "$WORK/stale.order"
    made stop good --nonce "$now" --key "$KEYS/ctl.pem"
    cp "$WORK/good.order" "$WORK/altered.order"
    printf '\1' | dd of="$WORK/altered.order" bs=1 seek=24 conv=notrunc 2>/dev/null
    no_use "an altered order" 1 watchbpf stop --order "$WORK/altered.order"
    no_use "an order for something else" 3 watchbpf --observe "$WORK/policy.yaml" --order "$WORK/good.order" --detach
    no_use "an older watchbpf" 1 "$WORK/old-watchbpf" stop --order "$WORK/good.order"
    line "… earns no mark" "op: exec action: BPFDenied signer: acme reason: old-sequence"
    made observe observe --nonce "$now" --key "$KEYS/ctl.pem"
    succeeds "an order that is good once" watchbpf --observe "$WORK/policy.yaml" --order "$WORK/observe.order" --detach
    made enforce enforce --nonce "$now" --key "$KEYS/ctl.pem"
    succeeds "… and taken back" watchbpf --enforce "$WORK/policy.yaml" --order "$WORK/enforce.order" --detach
    no_use "the first of these again" 3 watchbpf --observe "$WORK/policy.yaml" --order "$WORK/observe.order" --detach
    removed
}

# All of it is removed, as dpkg -r does.
removed() {
    kill -9 "$WATCHER"
    wait "$WATCHER" 2>/dev/null
    mkdir -p /usr/kept && mv /usr/bin/watchbpf /usr/bin/bpfsign /usr/kept
    says "load: EPERM" "nothing of ours is installed: eve" "$WORK/tool-eve" load
    mv /usr/kept/* /usr/bin && rmdir /usr/kept
    watch --enforce "$WORK/policy.yaml"
}

control() {
    says "load: allowed" "alice, after all that" "$WORK/tool-alice" load
    order stop
    succeeds "a good order" watchbpf stop --order "$WORK/stop.order"
    says "load: allowed" "… and eve is free" "$WORK/tool-eve" load
}
