# Unenrolled signer: a claim that was good a moment ago, and programs that run by it. Who is trusted changes by an
# order only, and then for all at once.
# hooks: key_permission bpf
# once: who is entitled is our own decision

prepare() {
    bpfsign keygen vendor --output "$WORK/vendor" >/dev/null
    bpfsign enroll "$WORK/vendor.pem" >/dev/null
    copy vendored "$TESTS/bin/probe"
    copy unvendored "$TESTS/bin/probe"
    printf unvendored >>"$WORK/unvendored"
    sign vendored --key "$WORK/vendor.pem"
    sign unvendored
}

entries() {
    cat <<'YAML'
  vendored: {signer: vendor, load: {types: [xdp]}}
  unvendored: {signer: acme, load: {types: [xdp]}}
YAML
}

baseline() {
    says "load: allowed" "the signed program" "$WORK/vendored" load
}

denied() {
    says "load: allowed" "alice while her signer is enrolled" "$WORK/vendored" load
    mkfifo "$WORK/go"
    "$WORK/vendored" on-line <"$WORK/go" >"$WORK/out" 2>&1 &
    exec 7>"$WORK/go"
    echo >&7
    awaits line "$WORK/out"
    says "on-line: allowed" "one that runs" cat "$WORK/out"
    exits 3 "unenroll without an order" bpfsign unenroll vendor
    order unenroll vendor
    succeeds "the signer is unenrolled" bpfsign unenroll vendor --order "$WORK/unenroll.order"
    says "load: EPERM" "alice afterwards" "$WORK/vendored" load
    line "it says why" "pod: vendored op: exec action: BPFDenied signer: - reason: unknown-key"
    echo >&7
    exec 7>&-
    wait $!
    says "on-line: EPERM" "the one that runs" cat "$WORK/out"
}

control() {
    says "load: allowed" "a program of another signer" "$WORK/unvendored" load
    order enroll "$WORK/vendor.pem"
    succeeds "the signer is enrolled again" bpfsign enroll "$WORK/vendor.pem" --order "$WORK/enroll.order"
    says "load: allowed" "alice again" "$WORK/vendored" load
}
