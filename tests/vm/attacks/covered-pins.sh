# Covered pins: Eve, root, mounts something over a directory of pins, or remounts their bpffs: who looks for a pin would
# find nothing, or something of hers. Ours are elsewhere: place-of-pins.sh.
# hooks: sb_mount move_mount sb_remount
# once: the hooks are those of unmounted-pins.sh

dir=/sys/fs/bpf/covered

over() { mount -t tmpfs over $dir; }
bound() { mount --bind "$WORK" $dir; }
by-fsmount() { "$TESTS/bin/mounts" mount $dir; }
root-of-it() { mount -t tmpfs over /sys/fs/bpf; }

acts=(over bound by-fsmount root-of-it)

prepare() {
    mkdir -p $dir
}

baseline() {
    local act
    for act in "${acts[@]}"; do
        succeeds "$act" "$act"
        case $act in root-of-it) umount /sys/fs/bpf ;; *) umount $dir ;; esac
    done
    succeeds "remounted" mount -o remount /sys/fs/bpf
    says "remount: allowed" "… by fsconfig(2)" "$TESTS/bin/mounts" remount /sys/fs/bpf
}

denied() {
    local act
    for act in "${acts[@]}"; do says EPERM "$act" as_eperm "$act"; done
    line "it says so" "op: unpin name: covered action: BPFDenied signer: - reason: foreign-pin"
    says EPERM "remounted" as_eperm mount -o remount /sys/fs/bpf
    says "remount: EPERM" "… by fsconfig(2)" "$TESTS/bin/mounts" remount /sys/fs/bpf
}

as_eperm() {
    "$@" 2>&1 | sed 's/Operation not permitted/EPERM/; s/permission denied\|must be superuser to use mount/EPERM/'
}

control() {
    succeeds "root mounts elsewhere" sh -c 'mkdir -p "$1" && mount -t tmpfs to "$1" && umount "$1"' - "$WORK/to"
    says "move: allowed" "… and moves that" sh -c 'mkdir -p "$2/from" && mount -t tmpfs to "$2/from" &&
        "$1" move "$2/from" "$2/to" && umount "$2/to"' - "$TESTS/bin/mounts" "$WORK"
    succeeds "root mounts above the directory of pins" sh -c 'mount -t tmpfs over /sys/fs && umount /sys/fs'
    succeeds "root remounts its root" mount -o remount /
    rmdir $dir
}
