# `lockdown: confidentiality`: what only reads the kernel is refused too: tracefs, registers in samples of perf.
# hooks: locked_down
# once: the hook is that of dev-mem.sh
own_policy=1

prepare() {
    local name
    for name in confidant confidant-writes; do
        copy $name "$TESTS/bin/lockdown"
        sign $name
    done
    copy confidant-eve "$TESTS/bin/lockdown"
}

events=/sys/kernel/tracing/available_events

baseline() {
    says "read: allowed" "tracefs" "$WORK/confidant-eve" read $events
    says "perf: allowed" "registers" "$WORK/confidant-eve" perf
}

denied() {
    enforce <<'YAML'
  confidant: {signer: acme, kernel: [tracefs-reads, perf]}
  confidant-writes: {signer: acme, kernel: [tracefs]}
kernel: {lockdown: confidentiality}
YAML
    says "open: EPERM" "tracefs" "$WORK/confidant-eve" read $events
    line "it says so" "op: lockdown name: tracefs-reads action: Denied signer: - reason: lockdown rule: "
    says "perf: EPERM" "registers" "$WORK/confidant-eve" perf
    line "it says so" "pod: confidant-eve op: lockdown name: perf action: Denied signer: - reason: lockdown rule: "
    says "kcore: EPERM" "what is refused by default" "$WORK/confidant-eve" kcore
    says "tracefs: EPERM" "who may read tracefs writes there" "$WORK/confidant" trace-write /sys/kernel/tracing/tracing_on
}

control() {
    says "read: allowed" "the entitled program: tracefs" "$WORK/confidant" read $events
    says "perf: allowed" "… registers" "$WORK/confidant" perf
    says "write: allowed" "who may write tracefs" "$WORK/confidant-writes" trace-write /sys/kernel/tracing/tracing_on
    says "read: allowed" "… and reads it" "$WORK/confidant-writes" read $events
}
