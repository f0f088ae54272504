# Another program in Alice's place: Bob's binary, signed as it is, under Alice's path. What it is called is in
# its claim, so it gets Bob's rights and none of hers.
# hooks: bprm_check_security
# once: claims are parsed and compared by us alone

prepare() {
    mkdir -p "$WORK/bin"
    copy bin/placed-alice "$TESTS/bin/probe"
    sign bin/placed-alice
    copy placed-bob "$TESTS/bin/probe"
    printf bob >>"$WORK/placed-bob"
    sign placed-bob --key "$KEYS/bob.pem"
}

entries() {
    echo "  placed-alice: {signer: acme, exec: $WORK/bin/placed-alice, load: {types: [xdp]}}"
    echo '  placed-bob: {signer: bob, file-signers: [acme], load: {types: [socket_filter]}}'
}

baseline() {
    ln -f "$WORK/placed-bob" "$WORK/bin/placed-eve"
    says "load: allowed" "bob's binary under another path" "$WORK/bin/placed-eve" load
}

denied() {
    mv "$WORK/bin/placed-alice" "$WORK/moved"
    ln "$WORK/placed-bob" "$WORK/bin/placed-alice"
    says "load: EPERM" "bob's binary under alice's path" "$WORK/bin/placed-alice" load 6 placed_xdp
    line "it is bob that is refused" "op: load type: xdp name: placed_xdp action: Denied signer: bob reason: load-type"
    says "load: EPERM" "alice outside her path" "$WORK/moved" load
    line "it says why" "pod: placed-alice op: exec action: BPFDenied signer: acme reason: exec-path"
}

control() {
    says "load: allowed" "bob's rights are his there" "$WORK/bin/placed-alice" load 1
    mv -f "$WORK/moved" "$WORK/bin/placed-alice"
    says "load: allowed" "alice, back in her place" "$WORK/bin/placed-alice" load
}
