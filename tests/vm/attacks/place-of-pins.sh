# Place of pins: they lie in the mount namespace of a kernel thread. Eve, root, looks for a way into it: by the thread's
# directories, the file of its namespace, setns(2), a walk from namespace to namespace; there she would unmount them.
# hooks: ptrace_access_check file_open sb_umount

keepers=${PINS%/../bpfsign} # its root, by a descriptor from before the start
roads=(root directory namespace pidfd pidfd-namespace)

prepare() {
    copy place-eve "$TESTS/bin/place"
    copy place-alice "$TESTS/bin/place"
    sign place-alice
}

entries() {
    cat <<'YAML'
  place-alice:
    signer: acme
    load: {types: [xdp, tracing], kernel-reads: allow, map-writes: any}
    maps: {"*:*": rw}
    programs: {"*:*": replace}
YAML
}

baseline() {
    local road
    for road in "${roads[@]}" neighbours; do
        says "$road: allowed" "$road" "$WORK/place-eve" "$road" "$KEEPER"
    done
    says "mount: allowed" "a stand-in is mounted" "$WORK/place-eve" mount "$KEEPER"
    says "unmount: allowed" "… and unmounted" "$WORK/place-eve" unmount "$KEEPER"
    says "mount: allowed" "another" "$WORK/place-eve" mount "$KEEPER"
    mkdir -p "$WORK/to"
    says "unmount: allowed" "by a mount that was made its peer" unshare -m "$WORK/place-eve" peer "$keepers" "$WORK/to"
    says "tmpfs" "… it is unmounted" stat -f -c %T "$keepers/.."
}

# there: the way of a descriptor from before the start
there() {
    [ -e "$PINS/on_bpf" ] && pass "the pins are there" || fail "the pins are there" "no"
}

denied() {
    local who
    for who in place-eve place-alice; do
        says "root: EACCES" "$who: by its root" "$WORK/$who" root "$KEEPER"
        says "directory: EACCES" "$who: by its working directory" "$WORK/$who" directory "$KEEPER"
        says "namespace: EACCES" "$who: by its namespace's file" "$WORK/$who" namespace "$KEEPER"
        says "pidfd: EPERM" "$who: by setns(2)" "$WORK/$who" pidfd "$KEEPER"
        says "pidfd-namespace: EACCES" "$who: by a descriptor of the thread" "$WORK/$who" pidfd-namespace "$KEEPER"
        says "neighbours: EPERM" "$who: from namespace to namespace" "$WORK/$who" neighbours "$KEEPER"
        says "setns: Operation not permitted" "$who: to unmount them" "$WORK/$who" unmount "$KEEPER"
    done
    line "it says so" "process: place-eve"
    line "… what was looked at" "op: trace name: kdevtmpfs action: BPFDenied signer: - reason: place-of-pins"
    line "… and alice's" "op: trace name: kdevtmpfs action: Denied signer: acme reason: place-of-pins"
    line_like "the namespace is an alarm" "pod: place-eve op: open .*action: BPFDenied signer: - reason: self-protection"
    there
    # by the kernel itself, which wants who unmounts to be in the mount's namespace
    says "detach: EINVAL" "by a path from before the start: to unmount them" mounts detach "$PINS/.."
    mkdir -p "$WORK/to"
    says "Invalid argument" "… to copy their mount" mounts copy "$PINS/.." "$WORK/to"
    says "remount: EPERM" "… to remount them" mounts remount "$PINS/.."
    says "peer: EPERM" "… by a mount that is made the peer of what they lie over" \
        unshare -m "$WORK/place-eve" peer "$keepers" "$WORK/to"
    says "shared: EPERM" "… to share it" "$WORK/place-eve" shared "$keepers"
    line "an alarm" "process: place-eve"
    line "… of that" "op: unpin name: / action: BPFDenied signer: - reason: self-protection"
    there
}

control() {
    says "[yes] on" "our own programs find them" watchbpf status
    succeeds "eve looks at another kernel thread" sh -c 'readlink /proc/2/ns/mnt && ls /proc/2/root/'
    succeeds "eve enters another namespace" unshare -m sh -c 'nsenter --mount=/proc/$$/ns/mnt true'
    succeeds "the thread makes devices" sh -c 'modprobe -r loop; modprobe loop && [ -b /dev/loop0 ]'
}
