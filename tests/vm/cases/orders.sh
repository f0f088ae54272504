# What loosens needs an order of the control signer, for this start, once.
# hooks: bpf

copy eve "$TESTS/bin/probe"
exits 0 "baseline: eve" "$WORK/eve" load
enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
stop() { watchbpf stop --order "$1"; }
try() { # WHAT REASON ORDER
    says "($2)" "$1" stop "$3"
    exits 1 "eve is still denied" "$WORK/eve" load
}
exits 1 "stop without an order" watchbpf stop
now=$(nonce)
bpfsign order stop --nonce "$now" --key "$KEYS/acme.pem" --output "$WORK/acme.order" >/dev/null
try "an order signed by another signer" order-signature "$WORK/acme.order"
bpfsign order stop --nonce "${now//[0-9]/0}" --key "$KEYS/ctl.pem" --output "$WORK/nonce.order" >/dev/null
try "an order for another start" order-nonce "$WORK/nonce.order"
bpfsign order stop --nonce "$now" --key "$KEYS/ctl.pem" --output "$WORK/good.order" >/dev/null
cp "$WORK/good.order" "$WORK/altered.order"
printf '\1' | dd of="$WORK/altered.order" bs=1 seek=24 conv=notrunc 2>/dev/null # the counter
try "an altered order" order-signature "$WORK/altered.order"
head -c 300 "$WORK/good.order" >"$WORK/short.order"
exits 3 "a truncated order" stop "$WORK/short.order"
head -c 100 "$WORK/good.order" >"$WORK/shorter.order"
exits 3 "an order that is no order" stop "$WORK/shorter.order"
cp "$WORK/policy.yaml" "$WORK/claim.yaml"
cp /usr/sbin/bpftool "$WORK/claim" && bpfsign sign --key "$KEYS/ctl.pem" "$WORK/claim" >/dev/null
getfattr --only-values -n user.bpfsign "$WORK/claim" >"$WORK/claim.order" 2>/dev/null
exits 1 "a claim of the control signer is no order" stop "$WORK/claim.order"
exits 1 "eve is still denied" "$WORK/eve" load

order observe
succeeds "an order to observe" watchbpf --observe "$WORK/policy.yaml" \
    --order "$WORK/observe.order" --detach
exits 0 "eve while we only observe" "$WORK/eve" load
line "… is seen" "name: from_netdev action: BPFDenied signer: - reason: unsigned mode: observe"
bpfsign order enforce --nonce "$now" --key "$KEYS/ctl.pem" --output "$WORK/enforce.order" >/dev/null
succeeds "an order to enforce again" watchbpf --enforce "$WORK/policy.yaml" \
    --order "$WORK/enforce.order" --detach
exits 1 "eve is denied again" "$WORK/eve" load
says "(order-replayed)" "the order to observe, replayed" watchbpf --observe "$WORK/policy.yaml" \
    --order "$WORK/observe.order" --detach
exits 1 "eve is still denied" "$WORK/eve" load
try "an order older than the last one" order-replayed "$WORK/good.order"
exits 1 "the order to enforce again, as a stop" stop "$WORK/enforce.order"

order stop
succeeds "an order to stop" stop "$WORK/stop.order"
exits 0 "eve afterwards" "$WORK/eve" load
pinned && fail "no pin is left" "they are there" || pass "no pin is left"
exits 1 "a second stop: nothing is enforced" watchbpf stop
