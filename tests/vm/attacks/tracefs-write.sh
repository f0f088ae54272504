# Writing to tracefs, by every way to such a file: its usual name, a mount of Eve's, a bind mount, truncation.
# Reading there stays free.
# hooks: file_open

prepare() {
    copy traces "$TESTS/bin/lockdown"
    copy traces-eve "$TESTS/bin/lockdown"
    sign traces
    mkdir "$WORK/mine"
    : >"$WORK/bound"
}

entries() {
    echo '  traces: {signer: acme, kernel: [tracefs]}'
}

knob=/sys/kernel/tracing/tracing_on

# in_a_mount COMMAND...: with a tracefs of Eve's at $WORK/mine, and its knob at $WORK/bound
in_a_mount() {
    mount -t tracefs mine "$WORK/mine"
    over "$WORK/bound" "$WORK/mine/tracing_on" attempt "$@"
    umount "$WORK/mine"
}

baseline() {
    says "write: allowed" "by its name" "$WORK/traces-eve" trace-write $knob
    says "write: allowed" "in a mount of hers" in_a_mount "$WORK/traces-eve" trace-write "$WORK/mine/tracing_on"
    says "write: allowed" "a bind mount" in_a_mount "$WORK/traces-eve" trace-write "$WORK/bound"
    succeeds "a shell" sh -c "echo >$knob 1"
}

denied() {
    says "tracefs: EPERM" "by its name" "$WORK/traces-eve" trace-write $knob
    line "it says so" "pod: traces-eve op: lockdown name: tracefs action: Denied signer: - reason: lockdown"
    says "tracefs: EPERM" "in a mount of hers" in_a_mount "$WORK/traces-eve" trace-write "$WORK/mine/tracing_on"
    says "tracefs: EPERM" "a bind mount" in_a_mount "$WORK/traces-eve" trace-write "$WORK/bound"
    not_permitted "a shell" sh -c "echo >$knob 1"
}

control() {
    says "write: allowed" "the entitled program" "$WORK/traces" trace-write $knob
    says "read: allowed" "reading, by eve" "$WORK/traces-eve" read $knob
    says "sched_switch" "… by a tool of Debian's" grep -m 1 sched_switch /sys/kernel/tracing/available_events
}
