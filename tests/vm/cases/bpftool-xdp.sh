# Debian's bpftool, unmodified, loads what its entry says and no more: kernel memory is not read by
# helper, by format, by typed address or by kfunc; nor are processes read, written or killed.
# hooks: bpf_prog_load bpf_prog

info=/var/lib/dpkg/info/bpftool.md5sums
grep ' usr/sbin/bpftool$' "$info" | (cd / && md5sum -c --quiet) &&
    pass "bpftool is the package's" || fail "bpftool is the package's" "$(cat "$info")"

load() { # WHO OBJECT
    "$WORK/$1" prog load "$OBJECTS/$2.o" /sys/fs/bpf/x
}

loads() { # WHO OBJECT WHAT
    succeeds "$3" load "$1" "$2"
    unpin /sys/fs/bpf/x
}

refused() { # WHO OBJECT TYPE NAME REASON
    denied "$1: $2: $5" load "$1" "$2"
    unpin /sys/fs/bpf/x
    line "… says so" "pod: $1 op: load type: $3 name: $4 action: Denied signer: acme reason: $5"
}

objects=(xdp xdp_read_kernel xdp_format xdp_ksym xdp_kfunc xdp_kfunc_cast xdp_poison xdp_big
    kprobe_count kprobe_read_user kprobe_write_user kprobe_signal
    fentry_tcp_connect fentry_vfs_read tracepoint)
for name in eve alice kernel small packets prober tracer; do copy "$name"; done
for name in "${objects[@]}"; do loads eve "$name" "baseline: $name"; done
for name in alice kernel small packets prober tracer; do
    sign "$name"
    succeeds "$name is the package's, signed" cmp "$WORK/$name" /usr/sbin/bpftool
done

# libbpf tries bpf_probe_read_kernel in a tracepoint; refused, it calls the old bpf_probe_read
enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp], kernel-reads: deny}}
  kernel: {signer: acme, load: {types: [xdp, tracepoint], kernel-reads: allow}}
  small: {signer: acme, load: {types: [xdp], kernel-reads: allow, max-instructions: 4096, max-maps: 1}}
  packets: {signer: acme, load: {types: [xdp], kfuncs: {deny: [bpf_dynptr_from_xdp]}}}
  prober:
    signer: acme
    load:
      types: [kprobe, tracepoint]
      kernel-reads: allow
      helpers: {deny: [signals]}
  tracer:
    signer: acme
    load:
      types: [tracing, kprobe, tracepoint]
      attach: [fentry/tcp_*, kprobe, tracepoint/syscalls/sys_enter_openat]
      kernel-reads: allow
      user-reads: allow
      user-writes: allow
YAML

denied "eve: nothing at all" load eve xdp
unpin /sys/fs/bpf/x

loads alice xdp "alice: the plain one"
line "… says so" "pod: alice op: load type: xdp name: from_netdev action: Approved signer: acme reason: ok"
refused alice xdp_read_kernel xdp read_kernel kernel-reads
refused alice xdp_format xdp format_kernel kernel-reads
refused alice xdp_ksym xdp read_ksym kernel-reads
refused alice xdp_kfunc_cast xdp read_by_cast kernel-reads
loads alice xdp_poison "alice: a helper that no kernel has, where nothing comes by"
loads alice xdp_kfunc "alice: a kfunc that reads the packet"
loads alice xdp_big "alice: a long one"
for name in xdp xdp_read_kernel xdp_format xdp_ksym xdp_kfunc_cast; do
    loads kernel "$name" "who may read the kernel: $name"
done

loads small xdp "small: short, and one map"
refused small xdp_big xdp long_way max-instructions
refused small xdp_format xdp format_kernel max-maps
loads packets xdp "packets: the plain one"
refused packets xdp_kfunc xdp look_by_dynptr kfunc

loads prober kprobe_count "prober: one that counts"
refused prober kprobe_read_user kprobe read_user user-reads
refused prober kprobe_write_user kprobe write_user user-writes
refused prober kprobe_signal kprobe kill_it helper
loads prober tracepoint "prober: a tracepoint"

loads tracer kprobe_read_user "tracer: reads processes"
loads tracer kprobe_write_user "tracer: writes processes"
loads tracer kprobe_signal "tracer: kills"
loads tracer fentry_tcp_connect "tracer: the function it names"
refused tracer fentry_vfs_read tracing on_vfs_read attach
loads tracer tracepoint "tracer: the tracepoint it names"
