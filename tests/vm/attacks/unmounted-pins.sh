# Unmounted pins: with their mount pins go, and with them what hangs on them. Eve, root, unmounts the bpffs of others, here and in
# a mount namespace that shares what happens. Ours are elsewhere: place-of-pins.sh, and the case mounts.
# hooks: sb_umount

tree=/mnt/attacks/unmounted-pins/tree

lazily() { umount -l $tree; }
plainly() { umount $tree; }
elsewhere() { # in a mount namespace of her own, which shares what happens
    mount --make-shared /mnt && unshare -m --propagation unchanged umount $tree
}

acts=(lazily plainly elsewhere)

stand() {
    mkdir -p $tree
    mountpoint -q $tree || mount -t bpf bpf $tree
}

baseline() {
    local act
    for act in "${acts[@]}"; do
        stand
        succeeds "$act" "$act"
        mountpoint -q $tree && fail "$act: it is gone" "it is there" || pass "$act: it is gone"
        mount --make-private /mnt
    done
    stand
}

# refused_as_eperm COMMAND...: what umount says of EPERM, in one word
refused_as_eperm() {
    "$@" 2>&1 | sed 's/Operation not permitted/EPERM/; s/must be superuser to unmount/EPERM/'
}

denied() {
    local act
    for act in "${acts[@]}"; do
        says EPERM "$act" refused_as_eperm "$act"
        mountpoint -q $tree && pass "$act: it is there" || fail "$act: it is there" "no"
        mount --make-private /mnt
    done
    line "it says so" "op: unpin action: BPFDenied signer: - reason: foreign-pin"
}

control() {
    succeeds "a private copy of all mounts may be unmounted" unshare -m umount -l /sys
    succeeds "what has nothing to do with pins" sh -c 'mkdir -p "$1" && mount -t tmpfs other "$1" && umount -l "$1"' - "$WORK/other"
}
