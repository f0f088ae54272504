# Debian's bpftrace 0.17, unmodified: it may count and may not look into the kernel, by policy. What
# it loads besides its one-liner are probes of the kernel, and it works where these are refused.
# hooks: bpf_prog_load

info=/var/lib/dpkg/info/bpftrace.md5sums
grep ' usr/bin/bpftrace$' "$info" | (cd / && md5sum -c --quiet) &&
    pass "bpftrace is the package's" || fail "bpftrace is the package's" "$(cat "$info")"

# shellcheck disable=SC2016  # these are bpftrace's variables
declare -A probes=(
    [calls]='tracepoint:raw_syscalls:sys_enter { @calls = count(); %s }'
    [reads]='kprobe:vfs_read { @reads = count(); %s }'
    [flags]='kprobe:vfs_read { @flags[((struct file *)arg0)->f_flags] = count(); %s }'
    [prio]='tracepoint:raw_syscalls:sys_enter { @prio[((struct task_struct *)curtask)->prio] = count(); %s }'
    [stacks]='kprobe:vfs_read { @stacks[kstack] = count(); %s }'
    [names]='tracepoint:syscalls:sys_enter_openat { @names[str(args->filename)] = count(); %s }'
)
signal='tracepoint:syscalls:sys_enter_getpriority { signal("KILL"); } interval:s:1 { exit(); }'

# script PROBE...: these, until each has seen something: a guest that shares its processor may see
# nothing in a second
script() {
    local probe seen=0
    for probe; do
        # shellcheck disable=SC2059
        printf "${probes[$probe]} " "@saw[$seen] = 1;"
        seen=$((seen + 1))
    done
    printf 'interval:s:1 { @n = @n + 1; if (@n == 60 || 0'
    for ((seen--; seen >= 0; seen--)); do printf ' + @saw[%s]' "$seen"; done
    printf ' == %s) { exit(); } }' $#
}

# traces WHO WHAT PROBE... -- WORD...: one run, whose output has these words
traces() {
    local who=$1 what=$2 asked=() word
    shift 2
    while [ "$1" != -- ]; do
        asked+=("$1")
        shift
    done
    attempt "$WORK/$who" -e "$(script "${asked[@]}")" >"$WORK/traced"
    for word in "${@:2}"; do says "$word" "$what: $word" cat "$WORK/traced"; done
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
traces eve baseline calls reads flags prio stacks names -- \
    "@calls: " "@reads: " "@flags[" "@prio[" "vfs_read+" "@names["
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

exits 1 "eve: nothing" "$WORK/eve" -e "$(script calls)"
line "… says so" "process: eve"

traces counter "counter: system calls, calls in the kernel" calls reads -- "@calls: " "@reads: "
line "… says so" "pod: counter op: load type: tracepoint name: sys_enter action: Approved signer: acme reason: ok"
refused counter "no pointer is followed" "$(script flags)" "$unloaded" kprobe vfs_read kernel-reads
line "… nor may it try whether it could" "pod: counter op: load type: kprobe action: Denied signer: acme reason: kernel-reads"
refused counter "nor into the task" "$(script prio)" "$unloaded" tracepoint sys_enter kernel-reads
refused counter "no addresses" "$(script stacks)" "$unloaded" kprobe vfs_read kernel-reads
# bpftrace takes a refused probe for a kernel without this helper, and stops there
refused counter "no signal" "$signal" "send_signal not available" kprobe '' helper
traces counter "counter: after all that" calls -- "@calls: "

traces looker "looker: pointers, and the task" flags prio -- "@flags[" "@prio["
refused looker "no strings of a process" "$(script names)" "$unloaded" tracepoint sys_enter_opena user-reads
traces reader "reader: strings of a process" names -- "@names["
succeeds "killer: a signal" "$WORK/killer" --unsafe -e "$signal"
line "… says so" "pod: killer op: load type: tracepoint name: sys_enter_getpr action: Approved signer: acme reason: ok"
kill "$worker"
wait "$worker" 2>/dev/null
