# unsigned: takes the same keys: the three policies of the talk.
# hooks: bpf bpf_prog_load bpf_map file_ioctl

copy maps "$TESTS/bin/maps"
load() {
    bpftool prog load "$OBJECTS/$1.o" /sys/fs/bpf/x
}
shown() { # WHAT OBJECT: loads, and is gone again
    succeeds "$1" load "$2"
    unpin /sys/fs/bpf/x
}
for object in kprobe_count kprobe_write_user kprobe_read_user xdp xdp_read_kernel xdp_format shared; do
    shown "baseline: $object" "$object"
done

enforce <<'YAML'
unsigned:
  load: {types: [kprobe, xdp], kernel-reads: allow, user-reads: allow}
YAML
shown "without user writes: counting" kprobe_count
shown "without user writes: reading a process" kprobe_read_user
shown "without user writes: reading the kernel" xdp_read_kernel
denied "without user writes: writing a process" load kprobe_write_user
line "… says why" "name: write_user action: BPFDenied signer: - reason: user-writes helper: bpf_probe_write_user"
denied "without user writes: another type" load socket
leave

enforce <<'YAML'
unsigned:
  load: {types: [kprobe, xdp], user-writes: allow, user-reads: allow}
YAML
shown "without kernel memory reads: counting" xdp
shown "without kernel memory reads: writing a process" kprobe_write_user
denied "without kernel memory reads: a helper" load xdp_read_kernel
line "… says why" "name: read_kernel action: BPFDenied signer: - reason: kernel-reads helper: bpf_probe_read"
denied "without kernel memory reads: a formatting helper" load xdp_format
line "… says why" "reason: kernel-reads helper: bpf_snprintf"
denied "without kernel memory reads: an address" load xdp_ksym
line "… says why" "reason: kernel-reads reads: address"
leave

enforce <<'YAML'
unsigned:
  load: {types: [tracepoint], attach: ["tracepoint/sched/*"]}
YAML
succeeds "attach: a tracepoint that is named" "$TESTS/bin/links" tracepoint sched/sched_switch
says "ioctl: EPERM" "attach: another one" "$TESTS/bin/links" tracepoint syscalls/sys_enter_openat
line "… says why" "op: attach name: syscalls/sys_enter_openat action: BPFDenied signer: - reason: attach"
leave

enforce <<'YAML'
unsigned:
  load: {types: [socket_filter, xdp], map-writes: unpinned}
YAML
succeeds "that write only unpinned maps: an own map" "$TESTS/bin/probe" map-create
says "pin: EPERM" "… which may not be pinned" "$WORK/maps" create array mine /sys/fs/bpf/mine
line "… says why" "op: pin name: mine action: BPFDenied signer: - reason: unpinned"
touch "$WORK/go"
says "attached some refused 0" "… their own program, which a thread moves, in a socket" \
    "$TESTS/bin/mover" here "$WORK/ready" "$WORK/go"
exits 255 "… nor any program" load xdp
line "… says why" "op: pin name: x action: BPFDenied signer: - reason: unpinned"
leave
