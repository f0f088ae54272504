# debugfs: hundreds of files by which drivers let root at their state and their devices.
# hooks: locked_down
# once: the hook is that of dev-mem.sh

prepare() {
    copy debugs "$TESTS/bin/lockdown"
    copy debugs-eve "$TESTS/bin/lockdown"
    sign debugs
    mkdir "$WORK/mnt"
    mount -t debugfs debug "$WORK/mnt" || fail "mount debugfs" "see above"
}

entries() {
    echo '  debugs: {signer: acme, kernel: [debugfs]}'
}

baseline() {
    says "write: allowed" "a file" "$WORK/debugs-eve" debugfs "$WORK/mnt/dynamic_debug/control"
}

denied() {
    says "debugfs: EPERM" "a file" "$WORK/debugs-eve" debugfs "$WORK/mnt/dynamic_debug/control"
    line "it says so" "pod: debugs-eve op: lockdown name: debugfs action: Denied signer: - reason: lockdown"
    not_permitted "for reading" cat "$WORK/mnt/dynamic_debug/control"
}

control() {
    says "write: allowed" "the entitled program" "$WORK/debugs" debugfs "$WORK/mnt/dynamic_debug/control"
    umount "$WORK/mnt"
}
