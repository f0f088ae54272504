# Lower evil, upper Alice: Eve's file below is executed; while the kernel's first read is held, it is copied up, and the upper file becomes
# Alice's, sealed and with her claim. What answers now is Alice, what was opened and is mapped is Eve.
# hooks: bprm_creds_for_exec

. "$TESTS/lib/overlay.sh"

# evil NAME: alice's bytes, but who she says she is, below and not sealed
evil() {
    umount "$WORK/pod" 2>/dev/null
    rm -rf "$WORK"/pod.{upper,work,lower}
    layer pod "$1"
    python3 - "$WORK/pod.lower/$1" <<'PY'
import sys
data = open(sys.argv[1], "rb").read()
alice, eve = (0x6c61c0de).to_bytes(4, "little"), (0x65766572).to_bytes(4, "little")
at = [i for i in range(1, len(data) - 4) if data[i:i + 4] == alice and data[i - 1] & 0xf8 == 0xb8]
assert len(at) == 1, at
open(sys.argv[1], "wb").write(data[:at[0]] + eve + data[at[0] + 4:])
PY
    sync
    overlay pod
}

prepare() {
    copy above "$TESTS/bin/probe"
    sign above
    getfattr --only-values -n user.bpfsign "$WORK/above" >"$WORK/above.claim" 2>/dev/null
}

entries() {
    echo '  above: {signer: acme, load: {types: [xdp]}}'
}

change() {
    evil above
    timeout 60 overlay_exec other "$WORK/pod/above" "$WORK/pod.upper/above" "$WORK/above" "$WORK/above.claim"
}

baseline() {
    says "eve: allowed" "Eve's code runs under a file that is Alice's" change
    succeeds "its digest is alice's" test "$(fsverity measure "$WORK/pod.upper/above" | cut -d' ' -f1)" = \
        "$(fsverity measure "$WORK/above" | cut -d' ' -f1)"
}

denied() {
    says "eve: EPERM" "Eve's code runs, unmarked" change
    line "it says so" "pod: above op: exec action: BPFDenied signer: - reason: copied-up"
}

control() {
    says "alice: allowed" "alice" "$WORK/above" who
    umount "$WORK/pod"
}
