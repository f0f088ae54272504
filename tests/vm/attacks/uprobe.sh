# A uprobe that no BPF is needed for: by perf_event_open(2), at any byte of the text of an entitled
# program, and by numbers of that call that are written in another way.
# hooks: perf_event_open inode_permission

acts='uprobe-perf uprobe-wide uprobe-32'

prepare() {
    local name
    for name in uprobes uprobes-bpf; do
        copy $name "$TESTS/bin/lockdown"
        sign $name
    done
    copy uprobes-eve "$TESTS/bin/lockdown"
    copy uprobed "$TESTS/bin/probe"
    sign uprobed
}

entries() {
    echo '  uprobes: {signer: acme, kernel: [uprobes]}'
    echo '  uprobes-bpf: {signer: acme, load: {types: [kprobe]}}'
    echo '  uprobed: {signer: acme, load: {types: [xdp]}}'
}

# each TEXT PROGRAM: what it says of each act
each() {
    local act
    for act in $acts; do
        says "$act: $1" "$2: $act" "$WORK/$2" "$act" "$WORK/uprobed"
    done
}

baseline() {
    each allowed uprobes-eve
}

denied() {
    each EPERM uprobes-eve
    line "it says so" "pod: uprobes-eve op: lockdown name: uprobes action: Denied signer: - reason: lockdown"
    says "uprobe-perf: EPERM" "by a relative path" sh -c 'cd "$1" && ./uprobes-eve uprobe-perf uprobed' - "$WORK"
    says "uprobe-perf: EPERM" "below /" sh -c 'cd / && "$1/uprobes-eve" uprobe-perf "${1#/}/uprobed"' - "$WORK"
}

control() {
    each allowed uprobes
    says "uprobe-perf: allowed" "who may load kprobe programs" "$WORK/uprobes-bpf" uprobe-perf "$WORK/uprobed"
    says "perf: allowed" "eve's other events" "$WORK/uprobes-eve" perf
    says "chown-32: allowed" "eve's fchownat(2) of 32 bits" "$WORK/uprobes-eve" chown-32 "$WORK/uprobed"
    exits 0 "alice" "$WORK/uprobed" load
}
