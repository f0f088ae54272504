# Another vendor's signer: Bob's key is enrolled and signs a program of his as "Alice". The entry names the one
# signer whose word counts.
# hooks: bprm_check_security
# once: claims are parsed and compared by us alone

prepare() {
    copy vouched "$TESTS/bin/probe"
    sign vouched
    copy vouched-bob "$TESTS/bin/probe"
    printf bob >>"$WORK/vouched-bob"
    sign vouched-bob --name vouched --key "$KEYS/bob.pem"
}

entries() {
    echo '  vouched: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    says "load: allowed" "alice by bob's key" "$WORK/vouched-bob" load
}

denied() {
    says "load: EPERM" "alice by bob's key" "$WORK/vouched-bob" load
    line "it says why" "pod: vouched-bob op: exec action: BPFDenied signer: - reason: unknown-key"
}

control() {
    says "load: allowed" "alice by acme's" "$WORK/vouched" load
}
