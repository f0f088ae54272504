# Unmounted pins: with their mount our pins would go, and with them the hooks. Eve, root, unmounts what they are below, a copy
# of it that the kernel holds for the same, in her own mount namespace too, and removes the directory that it is mounted on.
# hooks: sb_umount inode_rmdir inode_rename

# tree: the stand-in for /sys in the baseline: a bpffs with a directory of pins, two mounts deep
tree() {
    untree
    mkdir -p "$WORK/tree" "$WORK/copy" "$WORK/other"
    mount -t tmpfs tree "$WORK/tree" && mkdir -p "$WORK/tree/fs/bpf" && mount -t bpf bpf "$WORK/tree/fs/bpf" &&
        mkdir "$WORK/tree/fs/bpf/bpfsign" || fail "the stand-in for /sys" "it could not be made"
}

untree() {
    umount -R "$WORK/tree" "$WORK/copy" "$WORK/other" 2>/dev/null
    rm -rf "$WORK/tree" "$WORK/copy" "$WORK/other"
}

# Acts; the first argument is /sys or its stand-in.
parent() { "$TESTS/bin/mounts" detach "$1"; }
lazily() { umount -l "$1/fs/bpf"; }
plainly() { umount "$1/fs/bpf"; }
copied() { # in a shared tree the kernel unmounts the original with its copy
    mount --make-rshared "$1" && mount --rbind "$1" "$WORK/copy" && "$TESTS/bin/mounts" detach "$WORK/copy"
}
copied-below() { # a copy below something else
    mount -t tmpfs other "$WORK/other" && mkdir "$WORK/other/copy" && mount --make-rshared "$1" &&
        mount --rbind "$1" "$WORK/other/copy" && "$TESTS/bin/mounts" detach "$WORK/other"
}
elsewhere() { # in a mount namespace of her own, which shares what happens
    mount --make-rshared "$1" && unshare -m --propagation unchanged "$TESTS/bin/mounts" detach "$1"
}
elsewhere-itself() {
    mount --make-rshared "$1" && unshare -m --propagation unchanged umount "$1/fs/bpf"
}
removed() { # nothing is mounted there in her namespace, so the directory can go, and takes the mount with it everywhere
    unshare -m sh -c 'umount -l "$1" && rmdir "$1"' - "$1"
}
replaced() {
    unshare -m sh -c 'umount -l "$1" && mkdir "$2/new" && mv -T "$2/new" "$1"' - "$1" "$WORK"
}

acts=(parent lazily plainly copied copied-below elsewhere elsewhere-itself removed replaced)

baseline() {
    local act
    for act in "${acts[@]}"; do
        tree
        succeeds "$act" "$act" "$WORK/tree"
        [ ! -e "$WORK/tree/fs/bpf/bpfsign" ] && pass "$act: the pins are gone" ||
            fail "$act: the pins are gone" "they are there"
    done
    untree
}

denied() {
    local act
    mkdir -p "$WORK/copy" "$WORK/other"
    for act in "${acts[@]}"; do
        says EPERM "$act" refused_as_eperm "$act" /sys
        [ -e /sys/fs/bpf/bpfsign/on_bpf ] && pass "$act: the pins are there" || fail "$act: the pins are there" "no"
        mount --make-rprivate /sys
        umount -R "$WORK/copy" 2>/dev/null
        umount -R "$WORK/other" 2>/dev/null
    done
    line "the mount of the pins: an alarm" "process: umount"
    line "… that says what for" "op: unpin name: / action: BPFDenied signer: - reason: self-protection"
    line "the directory that it is mounted on" "process: rmdir"
    line "… of that name" "op: unpin name: sys action: BPFDenied signer: - reason: self-protection"
}

# refused_as_eperm COMMAND...: what mounts, umount and rmdir say of EPERM, in one word
refused_as_eperm() {
    "$@" 2>&1 | sed 's/Operation not permitted/EPERM/; s/must be superuser to unmount/EPERM/'
}

control() {
    succeeds "a private copy of all mounts may be unmounted" unshare -m umount -l /sys
    succeeds "the same of the pins alone" unshare -m umount /sys/fs/bpf
    mkdir -p "$WORK/other"
    succeeds "what has nothing to do with the pins" sh -c 'mount -t tmpfs other "$1" && umount -l "$1"' - "$WORK/other"
    succeeds "a directory that nothing is mounted on" sh -c 'mkdir "$1/gone" && rmdir "$1/gone"' - "$WORK"
}
