# Shared root: Eve keeps a process that shares root and working directory with the one that executes Alice
# (CLONE_FS), and could move every path under her feet. The exec earns no mark.
# hooks: bprm_committed_creds

prepare() {
    copy shared-root "$TESTS/bin/probe"
    copy shared-root-eve "$TESTS/bin/probe"
    sign shared-root
}

entries() {
    echo '  shared-root: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    says "load: allowed" "a program that shares its root" \
        "$WORK/shared-root-eve" shared-fs-exec "$WORK/shared-root" load
}

denied() {
    says "load: EPERM" "alice, sharing her root" \
        "$WORK/shared-root-eve" shared-fs-exec "$WORK/shared-root" load
    line "it says why" "pod: shared-root op: exec action: BPFDenied signer: - reason: shared-filesystem-context"
}

control() {
    says "load: allowed" "alice with her own" "$WORK/shared-root-eve" exec "$WORK/shared-root" load
}
