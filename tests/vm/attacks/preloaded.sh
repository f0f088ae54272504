# Preloaded: Eve names a library of hers in LD_PRELOAD or LD_AUDIT and executes Alice. A verified program starts with AT_SECURE,
# so its loader forgets such variables.
# hooks: bprm_check_security

prepare() {
    copy preloaded
    printf preloaded >>"$WORK/preloaded"
    sign preloaded
    copy preloaded-eve
}

entries() {
    echo '  preloaded: {signer: acme, load: {types: [xdp]}}'
}

preload() {
    LD_PRELOAD="$WORK/evil.so" "$WORK/$1" version
}

baseline() {
    says "cannot be preloaded" "the loader heeds LD_PRELOAD" preload preloaded
    says "it ran" "the loader heeds LD_AUDIT" audit preloaded
}

audit() {
    LD_AUDIT="$TESTS/bin/preload.so" "$WORK/$1" version >/dev/null 2>&1
    grep -s "^$1: it ran" /run/preload.out
}

denied() {
    local output
    rm -f /run/preload.out
    audit preloaded && fail "alice ignores LD_AUDIT" "it succeeded" || pass "alice ignores LD_AUDIT"
    output=$(preload preloaded 2>&1)
    case $output in
    *"cannot be preloaded"*) fail "alice ignores LD_PRELOAD" "it succeeded: $output" ;;
    *features:*) pass "alice ignores LD_PRELOAD" ;;
    *) fail "alice ignores LD_PRELOAD" "$output" ;;
    esac
    succeeds "she is herself under it" env LD_PRELOAD="$WORK/evil.so" \
        "$WORK/preloaded" prog load "$OBJECTS/xdp.o" /sys/fs/bpf/preloaded
    line "her line says so" "pod: preloaded op: load type: xdp name: from_netdev action: Approved signer: acme"
    unpin /sys/fs/bpf/preloaded
}

control() {
    says "cannot be preloaded" "eve's loader heeds it" preload preloaded-eve
}
