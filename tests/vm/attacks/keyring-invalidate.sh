# Keyring invalidate: KEYCTL_INVALIDATE asks no more than search, and takes a key or a ring with all that is in it away at
# once. A ring that is gone has to be made again, and a loop that makes rings gets the old serial back one day: what
# the policy trusts would be Eve's.
# hooks: key_permission
# once: the hook is that of keyring-change.sh

prepare() {
    bpfsign keygen lasting --output "$WORK/lasting" >/dev/null
    bpfsign enroll "$WORK/lasting.pem" >/dev/null
    copy lasting "$TESTS/bin/probe"
    sign lasting --key "$WORK/lasting.pem"
    copy invalidates "$TESTS/bin/keyring"
    sign invalidates
}

entries() {
    echo '  lasting: {signer: lasting, load: {types: [xdp]}}'
    echo '  invalidates: {signer: acme, load: {types: [xdp]}}'
}

# is_gone SERIAL: within five seconds there is no such key
is_gone() {
    local try
    for try in $(seq 50); do
        keyctl describe "$1" 2>&1 | grep -qE 'Required key not available|Key has been revoked' && return
        sleep 0.1
    done
    return 1
}

invalidated() { # SERIAL: and it is gone
    keyctl invalidate "$1" && is_gone "$1"
}

baseline() {
    local ring
    fresh_rings
    ring=$(ring_of lasting)
    succeeds "a key is invalidated" invalidated "$(key_of lasting)"
    succeeds "a ring is invalidated" invalidated "$ring"
    fresh_rings
    says "invalidate: allowed" "… by a program that loads" "$WORK/invalidates" "$(ring_of lasting)"
    says "not in kernel" "the signer is gone" sh -c 'bpfsign keys | grep ^lasting'
    succeeds "the ring of rings" invalidated "$(ring_of)"
    fresh_rings
    succeeds "the user keyring" as_owner keyctl invalidate "$(holder)"
    fresh_rings
    [ "$(ring_of lasting)" != "$ring" ] && pass "what is made again has another serial" ||
        fail "what is made again" "the same serial"
}

denied() {
    bpfsign keys >"$WORK/keys"
    not_permitted "a key" keyctl invalidate "$(key_of lasting)"
    not_permitted "a ring" keyctl invalidate "$(ring_of lasting)"
    line "it is an alarm" 'op: keyring name: "bpfsign:lasting" action: BPFDenied signer: - reason: keyring-protection'
    not_permitted "the ring of rings" keyctl invalidate "$(ring_of)"
    not_permitted "the user keyring" as_owner keyctl invalidate "$(holder)"
    line "it is one too" "op: keyring name: _uid.3209793536 action: BPFDenied"
    says "invalidate: EPERM" "a program that may load, after a load that failed" \
        "$WORK/invalidates" "$(ring_of lasting)"
    line "… is told by its name" 'pod: invalidates op: keyring name: "bpfsign:lasting" action: Denied signer: acme'
    succeeds "all of them are there" sh -c 'bpfsign keys | diff - "$1"' - "$WORK/keys"
}

control() {
    local ring
    says "load: allowed" "alice, by a key of that ring" "$WORK/lasting" load
    ring=$(keyctl newring eve @u)
    succeeds "a ring of eve's own" keyctl invalidate "$ring"
}
