# Traced: Eve traces Alice from her exec on, and could lead her by the hand. The exec earns no mark.
# hooks: bprm_committed_creds

prepare() {
    copy traced "$TESTS/bin/probe"
    copy traced-eve "$TESTS/bin/probe"
    sign traced
}

entries() {
    echo '  traced: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    says "load: allowed" "a traced program" "$WORK/traced-eve" traced-exec "$WORK/traced" load
}

denied() {
    says "load: EPERM" "alice, traced from her exec on" "$WORK/traced-eve" traced-exec "$WORK/traced" load
    line "it says why" "pod: traced op: exec action: BPFDenied signer: - reason: traced"
}

control() {
    says "load: allowed" "alice, executed by the same eve" "$WORK/traced-eve" exec "$WORK/traced" load
}
