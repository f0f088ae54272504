# Hibernation: what is written to a disk can be changed there before it is memory again. The guest has no swap to write to;
# setting it up is refused already, and so is /dev/snapshot, by which a program does it all itself.
# hooks: locked_down
# once: the hook is that of dev-mem.sh

prepare() {
    copy sleeper "$TESTS/bin/lockdown"
    copy sleeper-eve "$TESTS/bin/lockdown"
    sign sleeper
}

entries() {
    echo '  sleeper: {signer: acme, kernel: [hibernation], unsigned-files: [/dev/snapshot]}'
}

asleep() {
    bash -c 'echo disk >/sys/power/state'
}

baseline() {
    says "disk: allowed" "/sys/power/disk" "$WORK/sleeper-eve" hibernation
    says "snapshot: allowed" "/dev/snapshot" "$WORK/sleeper-eve" snapshot
    skip "/sys/power/state" "the guest has no swap to hibernate to"
}

denied() {
    says "disk: EPERM" "/sys/power/disk" "$WORK/sleeper-eve" hibernation
    line "it says so" "pod: sleeper-eve op: lockdown name: hibernation action: Denied signer: - reason: lockdown"
    says "snapshot: EPERM" "/dev/snapshot" "$WORK/sleeper-eve" snapshot
    not_permitted "/sys/power/state" asleep
}

control() {
    says "disk: allowed" "the entitled program" "$WORK/sleeper" hibernation
    says "snapshot: allowed" "… by /dev/snapshot" "$WORK/sleeper" snapshot
    says "mem" "reading what the machine can do, by eve" cat /sys/power/state
}
