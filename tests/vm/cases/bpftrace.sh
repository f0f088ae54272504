# Debian's bpftrace 0.17, unmodified: it may count and may not look into the kernel, by policy. What
# it loads besides its one-liner are probes of the kernel, and it works where these are refused.
# hooks: bpf_prog_load

info=/var/lib/dpkg/info/bpftrace.md5sums
grep ' usr/bin/bpftrace$' "$info" | (cd / && md5sum -c --quiet) &&
    pass "bpftrace is the package's" || fail "bpftrace is the package's" "$(cat "$info")"

# shellcheck disable=SC2016  # these are bpftrace's variables
{
    # a guest that shares its processor may see nothing in a second
    end='interval:s:1 { @n = @n + 1; if (@seen == 1 || @n == 60) { exit(); } }'
    count='tracepoint:raw_syscalls:sys_enter { @calls = count(); @seen = 1; } '$end
    probe='kprobe:vfs_read { @calls = count(); @seen = 1; } '$end
    struct='kprobe:vfs_read { @flags[((struct file *)arg0)->f_flags] = count(); @seen = 1; } '$end
    task='tracepoint:raw_syscalls:sys_enter { @prio[((struct task_struct *)curtask)->prio] = count(); @seen = 1; } '$end
    stack='kprobe:vfs_read { @stacks[kstack] = count(); @seen = 1; } '$end
    name='tracepoint:syscalls:sys_enter_openat { @names[str(args->filename)] = count(); @seen = 1; } '$end
    signal='tracepoint:syscalls:sys_enter_getpriority { signal("KILL"); } interval:s:1 { exit(); }'
}
work() { # while a one-liner runs
    while :; do
        cat /etc/hostname
        sleep 0.1
    done
}
work >/dev/null 2>&1 &
worker=$!

for tool in eve counter looker reader killer; do copy "$tool" /usr/bin/bpftrace; done
says "@calls: " "baseline: it counts system calls" "$WORK/eve" -e "$count"
says "@calls: " "baseline: it counts calls in the kernel" "$WORK/eve" -e "$probe"
says "@flags[" "baseline: it follows a pointer" "$WORK/eve" -e "$struct"
says "@prio[" "baseline: it looks into the task" "$WORK/eve" -e "$task"
says "vfs_read+" "baseline: it prints stacks" "$WORK/eve" -e "$stack"
says "@names[" "baseline: it reads strings of a process" "$WORK/eve" -e "$name"
succeeds "baseline: it kills" "$WORK/eve" --unsafe -e "$signal"
sign_libraries /usr/bin/bpftrace
for tool in counter looker reader killer; do
    sign "$tool"
    succeeds "$tool is the package's, signed" cmp "$WORK/$tool" /usr/bin/bpftrace
done

enforce <<'YAML'
  counter:
    signer: acme
    load: {types: [tracepoint, kprobe, perf_event], kernel-reads: deny, helpers: {deny: [signals]}}
  looker:
    signer: acme
    load: {types: [tracepoint, kprobe, perf_event], kernel-reads: allow, helpers: {deny: [signals]}}
  reader:
    signer: acme
    load: {types: [tracepoint, kprobe, perf_event], kernel-reads: allow, user-reads: allow}
  killer:
    signer: acme
    load: {types: [tracepoint, kprobe, perf_event], kernel-reads: deny}
YAML

# refused WHO WHAT ONE-LINER TEXT TYPE NAME REASON; a probe has no name, and ends it with 1
refused() {
    local output status=0 expected=255
    [ "$6" ] || expected=1
    output=$(attempt "$WORK/$1" --unsafe -e "$3") || status=$?
    case $status:$output in
    $expected:*"$4"*) pass "$1: $2" ;;
    *) fail "$1: $2" "exit status $status: $output" ;;
    esac
    line "… and why" "pod: $1 op: load type: $5${6:+ name: $6} action: Denied signer: acme reason: $7"
}
unloaded='Error loading program'

exits 1 "eve: nothing" "$WORK/eve" -e "$count"
line "… says so" "process: eve"

says "@calls: " "counter: system calls" "$WORK/counter" -e "$count"
line "… says so" "pod: counter op: load type: tracepoint name: sys_enter action: Approved signer: acme reason: ok"
says "@calls: " "counter: calls in the kernel" "$WORK/counter" -e "$probe"
refused counter "no pointer is followed" "$struct" "$unloaded" kprobe vfs_read kernel-reads
line "… nor may it try whether it could" "pod: counter op: load type: kprobe action: Denied signer: acme reason: kernel-reads"
refused counter "nor into the task" "$task" "$unloaded" tracepoint sys_enter kernel-reads
refused counter "no addresses" "$stack" "$unloaded" kprobe vfs_read kernel-reads
# bpftrace takes a refused probe for a kernel without this helper, and stops there
refused counter "no signal" "$signal" "send_signal not available" kprobe '' helper
says "@calls: " "counter: after all that" "$WORK/counter" -e "$count"

says "@flags[" "looker: follows pointers" "$WORK/looker" -e "$struct"
says "@prio[" "looker: looks into the task" "$WORK/looker" -e "$task"
refused looker "no strings of a process" "$name" "$unloaded" tracepoint sys_enter_opena user-reads
refused looker "no signal" "$signal" "send_signal not available" kprobe '' helper
says "@names[" "reader: strings of a process" "$WORK/reader" -e "$name"
succeeds "killer: a signal" "$WORK/killer" --unsafe -e "$signal"
line "… says so" "pod: killer op: load type: tracepoint name: sys_enter_getpr action: Approved signer: acme reason: ok"
kill "$worker"
wait "$worker" 2>/dev/null
