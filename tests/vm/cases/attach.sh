# attach: is judged where the target is known: at the load, or at the attach.
# hooks: bpf bpf_prog_load file_ioctl

group=/sys/fs/cgroup/gate
for name in alice narrow free denier; do copy "$name" "$TESTS/bin/links"; done
copy loader
mkdir -p "$group"
ip link add name dummy0 type dummy 2>/dev/null || modprobe dummy numdummies=1 2>/dev/null
other=$(ls /sys/class/net | grep -v '^lo$' | head -n 1)

for interface in lo $other; do
    succeeds "baseline: xdp on $interface" "$WORK/alice" xdp "$interface"
done
succeeds "baseline: a cgroup" "$WORK/alice" cgroup "$group"
for act in tracepoint tracepoint-link; do
    succeeds "baseline: $act" "$WORK/alice" "$act" sched/sched_switch
    succeeds "baseline: $act of another" "$WORK/alice" "$act" syscalls/sys_enter_openat
done
copy bob "$TESTS/bin/links"
succeeds "baseline: bob's gate, alone on the cgroup" "$WORK/bob" prog-attach "$group"
succeeds "baseline: eve's replaces it" "$WORK/alice" prog-attach "$group"
succeeds "baseline: eve detaches it, naming no program" "$WORK/alice" prog-detach "$group" 0
succeeds "baseline: bob's gate again" "$WORK/bob" prog-attach "$group"
succeeds "baseline: … or a number that is none" "$WORK/alice" prog-detach "$group" 77
says "retarget: EBADF" "baseline: another target at the attach gets as far as its program" \
    "$WORK/alice" retarget
copy switcher "$TESTS/bin/links"
for name in alice narrow free denier loader bob switcher; do sign "$name"; done

enforce <<'YAML'
  narrow:
    signer: acme
    load:
      types: [xdp, tracepoint, cgroup_skb]
      attach: [xdp/lo, "tracepoint/syscalls/*", cgroup_inet_ingress]
  free: {signer: acme, load: {types: [xdp, tracepoint, cgroup_skb]}}
  denier:
    signer: acme
    load:
      types: [xdp, tracepoint]
      attach: {deny: [xdp/lo, tracepoint/sched/sched_switch]}
  alice: {signer: acme, load: {types: [xdp, tracepoint], attach: [tracepoint]}}
  switcher: {signer: acme, load: {types: [tracepoint], attach: ["tracepoint/sched/*"]}}
  bob: {signer: acme, load: {types: [cgroup_skb]}, programs: {"before-enforcement:*": replace}}
  loader:
    signer: acme
    load: {types: [tracing], kernel-reads: allow, attach: ["fentry/tcp_*"]}
YAML

succeeds "narrow: xdp on lo" "$WORK/narrow" xdp lo
if [ -n "$other" ]; then
    says "link: EPERM" "narrow: xdp on $other" "$WORK/narrow" xdp "$other"
    line "… says why" "pod: narrow op: attach action: Denied signer: acme reason: attach"
    succeeds "denier: xdp on $other" "$WORK/denier" xdp "$other"
else
    fail "a second interface" "the guest has only lo"
fi
says "link: EPERM" "denier: xdp on lo" "$WORK/denier" xdp lo
line "… says why" "pod: denier op: attach"
says "load: EPERM" "alice: xdp, which attach: leaves out" "$WORK/alice" xdp lo
line "… says why, at the load" "pod: alice op: load type: xdp name: wall action: Denied signer: acme reason: attach rule: "

succeeds "narrow: a tracepoint it names" "$WORK/narrow" tracepoint syscalls/sys_enter_openat
says "ioctl: EPERM" "switcher: a system call, which it does not name" "$WORK/switcher" tracepoint syscalls/sys_enter_openat
line "… says why" "op: attach name: syscalls/sys_enter_openat action: Denied signer: acme reason: attach rule: "
says "ioctl: EPERM" "narrow: another tracepoint" "$WORK/narrow" tracepoint sched/sched_switch
line "… says why" "op: attach name: sched/sched_switch action: Denied signer: acme reason: attach rule: "
says "link: EPERM" "narrow: by a link, where the event is a number" \
    "$WORK/narrow" tracepoint-link syscalls/sys_enter_openat
says "ioctl: EPERM" "denier: the tracepoint it may not" "$WORK/denier" tracepoint sched/sched_switch
succeeds "denier: another one" "$WORK/denier" tracepoint sched/sched_wakeup
succeeds "alice: any tracepoint" "$WORK/alice" tracepoint sched/sched_switch
succeeds "alice: by a link" "$WORK/alice" tracepoint-link sched/sched_switch
succeeds "free: anything" "$WORK/free" tracepoint-link sched/sched_switch

says "link: EPERM" "narrow: a program for ingress, attached to egress" "$WORK/narrow" cgroup "$group"
succeeds "free: the same" "$WORK/free" cgroup "$group"
succeeds "bob, who may, puts his gate alone on the cgroup" "$WORK/bob" prog-attach "$group"
says "prog-attach: EPERM" "free: in its place" "$WORK/free" prog-attach "$group"
says "prog-detach: EPERM" "free: detached, naming no program" "$WORK/free" prog-detach "$group" 0
says "prog-detach: EPERM" "free: detached by a number that is none" "$WORK/free" prog-detach "$group" 77
says "retarget: EPERM" "free: another target at the attach" "$WORK/free" retarget
line "… says why" "pod: free op: attach action: Denied signer: acme reason: foreign-program"
succeeds "bob detaches it" "$WORK/bob" prog-detach "$group" 0
succeeds "free: beside others" "$WORK/free" prog-attach "$group" multi

succeeds "loader: the function it names" "$WORK/loader" prog load "$OBJECTS/fentry_tcp_connect.o" /sys/fs/bpf/x
unpin /sys/fs/bpf/x
denied "loader: another function" "$WORK/loader" prog load "$OBJECTS/fentry_vfs_read.o" /sys/fs/bpf/x
line "… says why" "op: load type: tracing name: on_vfs_read action: Denied signer: acme reason: attach rule: "
denied "loader: fmod_ret" "$WORK/loader" prog load "$OBJECTS/fmod_ret.o" /sys/fs/bpf/x
line "… says why" "reason: modify-return"
