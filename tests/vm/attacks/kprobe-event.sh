# Kprobes that no BPF is needed for: by a line in kprobe_events, and by perf_event_open(2). They read registers and memory
# at any instruction of the kernel.
# hooks: locked_down

prepare() {
    local name
    for name in probes probes-perf probes-bpf; do
        copy $name "$TESTS/bin/lockdown"
        sign $name
    done
    copy probes-eve "$TESTS/bin/lockdown"
}

entries() {
    echo '  probes: {signer: acme, kernel: [kprobes, tracefs]}'
    echo '  probes-perf: {signer: acme, kernel: [tracefs]}'
    echo '  probes-bpf: {signer: acme, load: {types: [kprobe]}}'
}

baseline() {
    says "write: allowed" "by kprobe_events" "$WORK/probes-eve" kprobe-event
    says "kprobe-perf: allowed" "by perf_event_open(2)" "$WORK/probes-eve" kprobe-perf
}

denied() {
    says "open: EPERM" "by kprobe_events" "$WORK/probes-eve" kprobe-event
    line "it says so" "pod: probes-eve op: lockdown name: tracefs action: Denied signer: - reason: lockdown"
    says "kprobe-perf: EPERM" "by perf_event_open(2)" "$WORK/probes-eve" kprobe-perf
    line "it says so" "pod: probes-eve op: lockdown name: kprobes action: Denied signer: - reason: lockdown"
    says "write: EPERM" "who may write tracefs only" "$WORK/probes-perf" kprobe-event
    line "it says so" "pod: probes-perf op: lockdown name: kprobes action: Denied signer: acme reason: lockdown"
    says "open: EPERM" "who may load kprobe programs, by tracefs" "$WORK/probes-bpf" kprobe-event
}

control() {
    says "write: allowed" "the entitled program" "$WORK/probes" kprobe-event
    says "kprobe-perf: allowed" "… by perf_event_open(2)" "$WORK/probes" kprobe-perf
    says "kprobe-perf: allowed" "who may load kprobe programs" "$WORK/probes-bpf" kprobe-perf
}
