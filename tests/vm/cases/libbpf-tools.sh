# Tools of Debian's libbpf-tools, unmodified, each with the least that it needs; and refused with less.
# hooks: bpf_prog_load
# night: each tool watches for ten seconds; bpftrace.sh loads such programs

# shellcheck disable=SC2016  # the shell's of another time
work() { # for the tools to see
    while :; do
        cat /etc/hostname
        : 3<>/dev/tcp/127.0.0.1/9
        sleep 0.1
    done
}
work >/dev/null 2>&1 &
worker=$!

tool() { # NAME ARGUMENT...: for as long as it takes to see something
    local name=$1
    shift
    timeout -k 30 -s INT 10 "$WORK/$name" "$@"
}

packaged=()
add() { # NAME TOOL
    copy "$1" "/usr/sbin/$2"
    packaged+=("$1 $2")
}
sign_libraries /usr/sbin/opensnoop
add softirqs softirqs
add sigsnoop sigsnoop
add vfsstat vfsstat
add fentries vfsstat
add opensnoop opensnoop
add nonames opensnoop
add nokernel opensnoop
add tcpconnect tcpconnect
add noconnect tcpconnect

for name in softirqs sigsnoop vfsstat opensnoop tcpconnect; do
    grep " usr/sbin/$name\$" /var/lib/dpkg/info/libbpf-tools.md5sums | (cd / && md5sum -c --quiet) &&
        pass "$name is the package's" || fail "$name is the package's" "md5sum differs"
done
says "timer" "baseline: softirqs" tool softirqs 1 2
says " sleep " "baseline: sigsnoop" tool sigsnoop
says "READ/s" "baseline: vfsstat" tool vfsstat 1 2
says "/etc/hostname" "baseline: opensnoop" tool opensnoop
says "127.0.0.1" "baseline: tcpconnect" tool tcpconnect
for each in "${packaged[@]}"; do
    sign "${each% *}"
    succeeds "${each% *} is the package's ${each#* }, signed" cmp "$WORK/${each% *}" "/usr/sbin/${each#* }"
done

enforce <<'YAML'
  softirqs: {signer: acme, load: {types: [tracing], kernel-reads: allow}}
  sigsnoop: {signer: acme, load: {types: [tracepoint], kernel-reads: deny}}
  vfsstat: {signer: acme, load: {types: [kprobe], kernel-reads: deny}}
  fentries:
    signer: acme
    load:
      types: [tracing]
      attach: [fentry/vfs_*]
      kernel-reads: allow
  opensnoop: {signer: acme, load: {types: [tracepoint], kernel-reads: allow, user-reads: allow}}
  nonames: {signer: acme, load: {types: [tracepoint], kernel-reads: allow, user-reads: deny}}
  nokernel: {signer: acme, load: {types: [tracepoint], kernel-reads: deny, user-reads: allow}}
  tcpconnect: {signer: acme, load: {types: [kprobe, tracepoint], kernel-reads: allow}}
  noconnect: {signer: acme, load: {types: [kprobe, tracepoint], kernel-reads: deny}}
YAML

refused() { # NAME TYPE PROGRAM REASON ARGUMENT...
    local name=$1 type=$2 program=$3 reason=$4
    shift 4
    exits 1 "$name: $reason" tool "$name" "$@"
    line "… says so" "pod: $name op: load type: $type name: $program action: Denied signer: acme reason: $reason"
}
approved() { # NAME TYPE PROGRAM
    line "… says so" "pod: $1 op: load type: $2 name: $3 action: Approved signer: acme reason: ok"
}

says "timer" "softirqs: tracing, which reads the kernel by its type" tool softirqs 1 2
approved softirqs tracing softirq_entry_b
says " sleep " "sigsnoop: a tracepoint that reads nothing" tool sigsnoop
approved sigsnoop tracepoint sig_trace
says "READ/s" "vfsstat: kprobes, where fentry is refused" tool vfsstat 1 2
approved vfsstat kprobe kprobe_vfs_read
says "READ/s" "vfsstat: fentry, of the functions named" tool fentries 1 2
approved fentries tracing fentry_vfs_read
says "/etc/hostname" "opensnoop: stacks and names" tool opensnoop
approved opensnoop tracepoint tracepoint__sys
says "127.0.0.1" "tcpconnect: the addresses in the kernel" tool tcpconnect
approved tcpconnect kprobe tcp_v4_connect_

refused nonames tracepoint tracepoint__sys user-reads
refused nokernel tracepoint tracepoint__sys kernel-reads
refused noconnect kprobe tcp_v4_connect_ kernel-reads
kill "$worker"
wait "$worker" 2>/dev/null
