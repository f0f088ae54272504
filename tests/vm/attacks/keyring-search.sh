# Keyring search: Eve searches a signer's ring for a key, to have it in a ring of hers or to use it; reads the ring, or joins
# it by its name as her session. Only the kernel searches it, for us; everybody may look.
# hooks: key_permission
# once: the hook is that of keyring-change.sh

prepare() {
    bpfsign keygen searched --output "$WORK/searched" >/dev/null
    bpfsign enroll "$WORK/searched.pem" >/dev/null
    copy searched "$TESTS/bin/probe"
    sign searched --key "$WORK/searched.pem"
    fingerprint=$(openssl x509 -in "$WORK/searched.crt" -outform DER | sha256sum | cut -d" " -f1)
    echo "$fingerprint" >"$WORK/fingerprint"
}

entries() {
    echo '  searched: {signer: searched, load: {types: [xdp]}}'
}

# searches CHECK: each way, which succeeds or is not permitted
searches() {
    local ring key eve fingerprint
    ring=$(ring_of searched) key=$(key_of searched) fingerprint=$(cat "$WORK/fingerprint")
    eve=$(keyctl newring eve @u)
    "$1" "search" keyctl search "$ring" asymmetric "$fingerprint"
    "$1" "search, and link into eve's ring" keyctl search "$ring" asymmetric "$fingerprint" "$eve"
    "$1" "search from the ring of rings" keyctl search "$(ring_of)" keyring bpfsign:searched
    "$1" "read the ring" keyctl read "$ring"
    "$1" "read the ring of rings" keyctl read "$(ring_of)"
    "$1" "use the key" keyctl pkey_query "$key" 0 enc=pkcs1
    "$1" "read the user keyring" as_owner keyctl read "$(holder)"
    keyctl unlink "$eve" @u >/dev/null
}

# joins: the serial of a session keyring that has the name of the signer's
joins() {
    keyctl session bpfsign:searched true 2>&1
}

baseline() {
    searches succeeds
    says "keyring: $(($(ring_of searched)))" "to join it by its name" joins
    succeeds "to search the user keyring, as root" as_holder keyctl search @u keyring bpfsign
}

denied() {
    local ring
    ring=$(($(ring_of searched)))
    searches not_permitted
    line "it is an alarm" 'op: keyring name: "bpfsign:searched" action: BPFDenied signer: - reason: keyring-protection'
    says "Required key not available" "the user keyring, as root" as_holder keyctl search @u keyring bpfsign
    joins >"$WORK/joined"
    grep -q "keyring: [0-9]" "$WORK/joined" && ! grep -qw "$ring" "$WORK/joined" &&
        pass "who joins by its name gets another" || fail "who joins by its name" "$(cat "$WORK/joined")"
}

control() {
    says "load: allowed" "alice: the kernel searches for us" "$WORK/searched" load
    says "active" "bpfsign searches" sh -c 'bpfsign keys | grep ^searched'
    says "active" "… in a session of its own" sh -c 'keyctl session - bpfsign keys | grep ^searched'
    succeeds "root may look" keyctl describe %:bpfsign:searched
    says "bpfsign:searched" "… in /proc too" cat /proc/keys
}
