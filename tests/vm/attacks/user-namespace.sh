# User namespace: Eve makes one, where she is root over Alice's credentials, and executes Alice in it. The
# exec earns no mark. (Without us it is the kernel that misses a capability there.)
# hooks: bprm_committed_creds

prepare() {
    copy inner "$TESTS/bin/probe"
    copy inner-eve "$TESTS/bin/probe"
    sign inner
}

entries() {
    echo '  inner: {signer: acme, load: {types: [socket_filter]}}'
}

baseline() {
    sysctl -q kernel.unprivileged_bpf_disabled=0 2>/dev/null
    says "load: allowed" "a program in a user namespace" \
        "$WORK/inner-eve" user-namespace-exec "$WORK/inner" load 1
}

denied() {
    says "load: EPERM" "alice in a user namespace" \
        "$WORK/inner-eve" user-namespace-exec "$WORK/inner" load 1
    line "it says why" "pod: inner op: exec action: BPFDenied signer: acme reason: user-namespace"
}

control() {
    says "load: allowed" "alice outside it" "$WORK/inner-eve" exec "$WORK/inner" load 1
}
