# Memory of watchbpf: Eve, root, and an Alice who may load programs reach into the running watchbpf, which has descriptors of our maps: by
# ptrace, process_vm_writev, /proc/PID/mem, pidfd_getfd, and its maps by /proc. In the baseline it observes only.
# hooks: ptrace_access_check file_receive
# once: the hooks are those of unsigned-library.sh and memory-of-alice.sh

prepare() {
    copy reaches-eve "$TESTS/bin/probe"
    copy reaches-alice "$TESTS/bin/probe"
    sign reaches-alice
    entries | policy policy
}

entries() {
    cat <<'YAML'
  reaches-alice:
    signer: acme
    load: {types: [xdp, kprobe, tracing], kernel-reads: allow, user-reads: allow}
    maps: {"*:*": rw}
    programs: {"*:*": replace}
YAML
}

acts=(attach process-vm open-memory)

# descriptor: the number of one of its descriptors of our maps
descriptor() {
    local fd
    for fd in "/proc/$WATCHER/fd/"*; do
        [ "$(readlink "$fd")" != anon_inode:bpf-map ] || { basename "$fd"; return; }
    done
}

baseline() {
    local act
    watch --observe "$WORK/policy.yaml"
    for act in "${acts[@]}"; do
        says "$act: allowed" "$act" "$WORK/reaches-eve" "$act" "$WATCHER"
        kill -CONT "$WATCHER"
    done
    says "pidfd-getfd: allowed" "pidfd-getfd of a map" "$WORK/reaches-eve" pidfd-getfd "$WATCHER" "$(descriptor)"
    leave
    gone
}

denied() {
    local act who
    for who in reaches-eve reaches-alice; do
        says "attach: EPERM" "$who: attach" "$WORK/$who" attach "$WATCHER"
        says "process-vm: EPERM" "$who: process-vm" "$WORK/$who" process-vm "$WATCHER"
        says "open-memory: EACCES" "$who: open-memory" "$WORK/$who" open-memory "$WATCHER"
        for fd in $(seq 3 40); do "$WORK/$who" pidfd-getfd "$WATCHER" "$fd"; done >"$WORK/fds"
        says_nothing "$who: pidfd-getfd of each descriptor" grep -vx "pidfd-getfd: EPERM" "$WORK/fds"
    done
    line "eve's: an alarm" "pod: reaches-eve op: trace action: BPFDenied signer: - reason: memory-protection"
    line "alice's" "pod: reaches-alice op: trace action: Denied signer: acme reason: memory-protection"
    writes_by_program
}

# user-writes: deny is the default: no program of alice's writes the memory of others
writes_by_program() {
    copy reaches-tool && sign reaches-tool --name reaches-alice
    not_permitted "alice loads a kprobe that writes processes" \
        "$WORK/reaches-tool" prog load "$OBJECTS/kprobe_write_user.o" /sys/fs/bpf/writes
    line "the reason" "pod: reaches-alice op: load type: kprobe"
    line "… user-writes" "reason: user-writes"
}

control() {
    says "watchbpf" "ps shows it" ps -o comm= -p "$WATCHER"
    says "attach: allowed" "alice attaches to a shell" "$WORK/reaches-alice" attach $$
    kill -CONT $$
}
