# Memory of Alice: Eve, root, reaches into a running Alice: ptrace, process_vm_writev, /proc/PID/mem,
# pidfd_getfd. All ask the same hook; what ps reads stays possible.
# hooks: ptrace_access_check ptrace_traceme

prepare() {
    copy remembers "$TESTS/bin/probe"
    copy remembers-eve "$TESTS/bin/probe"
    sign remembers
}

entries() {
    echo '  remembers: {signer: acme, load: {types: [xdp]}}'
}

# on_sleeper COMMAND...: with the pid of a sleeping alice behind it
on_sleeper() {
    local status=0 sleeper
    rm -f "$WORK/pid"
    "$WORK/remembers" sleep 20 >"$WORK/pid" &
    sleeper=$!
    until [ -s "$WORK/pid" ]; do sleep 0.1; done
    "$@" "$sleeper" || status=$?
    kill -9 "$sleeper" # it may be left stopped
    wait "$sleeper" 2>/dev/null
    return $status
}

acts=(attach process-vm pidfd-getfd)

baseline() {
    local act
    for act in "${acts[@]}" open-memory; do
        says "$act: allowed" "$act" on_sleeper "$WORK/remembers-eve" "$act"
    done
    says "traceme: allowed" "to let oneself be traced" "$WORK/remembers" traceme
}

denied() {
    local act
    for act in "${acts[@]}"; do
        says "$act: EPERM" "$act" on_sleeper "$WORK/remembers-eve" "$act"
    done
    says "open-memory: EACCES" "open-memory" on_sleeper "$WORK/remembers-eve" open-memory
    line "it is an alarm" "pod: remembers-eve op: trace action: BPFDenied signer: - reason: memory-protection"
    says "traceme: EPERM" "alice lets herself be traced" "$WORK/remembers" traceme
}

control() {
    says "attach: allowed" "alice attaches to alice" on_sleeper "$WORK/remembers" attach
    says "traceme: allowed" "eve lets herself be traced" "$WORK/remembers-eve" traceme
    says "remembers" "ps shows alice" on_sleeper ps -o comm= -p
}
