# --observe decides and prints, and denies nothing.

copy alice "$TESTS/bin/probe"
copy eve "$TESTS/bin/probe"
sign alice
policy policy <<'YAML'
  alice: {signer: acme, load: {types: [socket_filter]}}
YAML
watch --observe "$WORK/policy.yaml"

exits 0 "eve loads" "$WORK/eve" load
line "… and is seen" "pod: eve op: exec action: BPFDenied signer: - reason: unsigned mode: observe"
line "… each time" "op: load type: xdp name: from_netdev action: BPFDenied signer: - reason: unsigned mode: observe"
exits 0 "alice loads what she is not granted" "$WORK/alice" load
line "… and is seen" "op: load type: xdp name: from_netdev action: Denied signer: acme reason: load-type mode: observe"
exits 0 "eve attaches" "$WORK/eve" attach "$WATCHER"
line "… and is seen" "op: trace action: BPFDenied signer: - reason: memory-protection mode: observe"
says '"mode":"observe"' "status says so" watchbpf status --json
exits 3 "to enforce instead needs an order" watchbpf --enforce "$WORK/policy.yaml" --detach
policy other <<'YAML'
  eve: {signer: acme}
YAML
says "one of them at a time" "… and another policy does not come along" \
    watchbpf --enforce "$WORK/other.yaml" --detach
