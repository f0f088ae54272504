# Token: a BPF token hands bpf() on to a user namespace, past all capabilities. Nobody is given one, Alice neither.
# hooks: bpf

prepare() {
    copy tokened "$TESTS/bin/token"
    copy token-eve "$TESTS/bin/token"
    sign tokened
}

entries() {
    echo '  tokened: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    says "without: EPERM" "a user namespace may not use bpf()" "$WORK/token-eve"
    says "map: allowed" "with a token it may" "$WORK/token-eve"
    says "map: allowed" "a program executed there, too" "$WORK/token-eve" "$WORK/tokened"
}

denied() {
    says "token: EPERM" "eve gets no token" "$WORK/token-eve"
    line "it says why" "pod: token-eve op: token action: BPFDenied signer: - reason: unsigned"
    says "token: EPERM" "alice gets none" "$WORK/tokened"
    line "it says why" "pod: tokened op: token action: Denied signer: acme reason: token"
    says "token: EPERM" "alice, executed in eve's namespace, gets none" "$WORK/token-eve" "$WORK/tokened"
    line "it says why" "pod: tokened op: exec action: BPFDenied signer: acme reason: user-namespace"
}

control() {
    says "map: allowed" "alice needs none" "$WORK/tokened" map
}
