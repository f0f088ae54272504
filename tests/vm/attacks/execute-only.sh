# Execute-only: who may not read Alice's file cannot read her claim either. A user whom only 0711 lets in gets no
# rights by it, and the reason says why; nothing is guessed.
# hooks: bprm_check_security
# once: claims are parsed and compared by us alone

prepare() {
    copy execute-only "$TESTS/bin/probe" && sign execute-only
    chmod 0711 "$WORK/execute-only"
    chmod 0755 /mnt /mnt/attacks "$WORK"
    copy execute-readable "$TESTS/bin/probe" && sign execute-readable
    chmod 0755 "$WORK/execute-readable"
}

entries() {
    echo '  execute-only: {signer: acme, load: {types: [xdp]}}'
    echo '  execute-readable: {signer: acme, load: {types: [xdp]}}'
}

# A user who has the capabilities that bpf() asks for, and not those to read everything.
as_user() {
    setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps +bpf,+net_admin,+perfmon \
        --ambient-caps +bpf,+net_admin,+perfmon sh -c 'exec "$@"' sh "$@"
}

baseline() {
    says "load: allowed" "by a user" as_user "$WORK/execute-only" load
}

denied() {
    says "load: EPERM" "by a user" as_user "$WORK/execute-only" load
    line "it says why" "pod: execute-only op: exec action: BPFDenied signer: - reason: unreadable"
}

control() {
    says "load: allowed" "a readable one by the user" as_user "$WORK/execute-readable" load
    says "load: allowed" "by root" "$WORK/execute-only" load
}
