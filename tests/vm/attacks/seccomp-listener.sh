# Seccomp listener: Eve installs a filter whose listener she keeps, and executes Alice. She could answer
# Alice's system calls in the kernel's place, open() among them. The exec earns no mark.
# hooks: bprm_committed_creds

prepare() {
    copy listened "$TESTS/bin/probe"
    copy listened-eve "$TESTS/bin/probe"
    sign listened
}

entries() {
    echo '  listened: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    says "load: allowed" "a program under a listener" "$WORK/listened-eve" seccomp-exec "$WORK/listened" load
}

denied() {
    says "load: EPERM" "alice under a listener" "$WORK/listened-eve" seccomp-exec "$WORK/listened" load
    line "it says why" "pod: listened op: exec action: BPFDenied signer: - reason: seccomp-filter"
}

control() {
    says "load: allowed" "alice without it" "$WORK/listened-eve" exec "$WORK/listened" load
}
