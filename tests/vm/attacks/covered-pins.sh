# Covered pins: Eve, root, mounts something over our pins or over the way there, moves the mount away, changes the
# root of the tree, remounts: watchbpf would find nothing, or something of hers.
# hooks: sb_mount move_mount sb_pivotroot sb_remount
# once: the hooks are those of unmounted-pins.sh

tree() {
    untree
    mkdir -p "$WORK/tree" "$WORK/to"
    mount -t tmpfs tree "$WORK/tree" && mkdir -p "$WORK/tree/fs/bpf" && mount -t bpf bpf "$WORK/tree/fs/bpf" &&
        mkdir -p "$WORK/tree/fs/bpf/bpfsign/pin" || fail "the stand-in for /sys" "it could not be made"
}

untree() {
    while umount -l "$WORK/tree" 2>/dev/null || umount -l "$WORK/to" 2>/dev/null; do :; done
    rm -rf "$WORK/tree" "$WORK/to"
}

over-pins() { mount -t tmpfs over "$1/fs/bpf"; }
over-directory() { mount -t tmpfs over "$1/fs/bpf/bpfsign"; }
over-parent() { mount -t tmpfs over "$1/fs"; }
over-root() { mount --bind "$WORK" "$1"; }
over-by-fsmount() { "$TESTS/bin/mounts" mount "$1/fs"; }
moved() { mount --move "$1/fs/bpf" "$WORK/to"; }
moved-by-move_mount() { "$TESTS/bin/mounts" move "$1/fs/bpf" "$WORK/to"; }
parent-moved() { "$TESTS/bin/mounts" move "$1" "$WORK/to"; }

acts=(over-pins over-directory over-parent over-root over-by-fsmount moved moved-by-move_mount parent-moved)

# A mount and a directory in it for pivot_root(2), which changes the root of every process of a mount namespace.
pivot() {
    mkdir -p "$WORK/to" && mount -t tmpfs to "$WORK/to" && mkdir "$WORK/to/old" &&
        "$TESTS/bin/mounts" pivot "$WORK/to" "$WORK/to/old"
}

baseline() {
    local act
    for act in "${acts[@]}"; do
        tree
        succeeds "$act" "$act" "$WORK/tree"
        [ ! -e "$WORK/tree/fs/bpf/bpfsign/pin" ] && pass "$act: nothing is found" ||
            fail "$act: nothing is found" "the pins are"
    done
    tree
    succeeds "remounted" mount -o remount "$WORK/tree/fs/bpf"
    says "remount: allowed" "… by fsconfig(2)" "$TESTS/bin/mounts" remount "$WORK/tree/fs/bpf"
    untree
    export -f pivot
    says "pivot: allowed" "another root, in a namespace of its own" unshare -m bash -c pivot
}

denied() {
    local act
    mkdir -p "$WORK/to"
    for act in "${acts[@]}"; do
        says EPERM "$act" as_eperm "$act" /sys
        [ -e /sys/fs/bpf/bpfsign/on_bpf ] && pass "$act: the pins are there" || fail "$act: the pins are there" "no"
    done
    line "an alarm" "op: unpin name: fs action: BPFDenied signer: - reason: self-protection"
    says EPERM "remounted" as_eperm mount -o remount /sys/fs/bpf
    says "remount: EPERM" "… by fsconfig(2)" "$TESTS/bin/mounts" remount /sys/fs/bpf
    says "pivot: EPERM" "another root" pivot
    umount "$WORK/to"
}

as_eperm() {
    "$@" 2>&1 | sed 's/Operation not permitted/EPERM/; s/permission denied\|must be superuser to use mount/EPERM/'
}

control() {
    export -f pivot
    says "pivot: allowed" "a container changes its root" unshare -m bash -c pivot
    succeeds "a container mounts over its own copy" unshare -m mount -t tmpfs over /sys/fs
    succeeds "… and moves it" unshare -m mount --move /sys/fs/bpf "$WORK/to"
    succeeds "root mounts elsewhere" sh -c 'mount -t tmpfs to "$1" && umount "$1"' - "$WORK/to"
    says "move: allowed" "… and moves that" sh -c 'mkdir -p "$2/from" && mount -t tmpfs to "$2/from" &&
        "$1" move "$2/from" "$2/to" && umount "$2/to"' - "$TESTS/bin/mounts" "$WORK"
    succeeds "root remounts its root" mount -o remount /
}
