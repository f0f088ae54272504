# A user's own overlay: an unprivileged user makes a user namespace, where she is root, and mounts an overlay of her own over Alice's layer.
# hooks: bprm_committed_creds

. "$TESTS/lib/overlay.sh"

prepare() {
    layer pod owned
    sign pod.lower/owned
    layer pod roomed
    sign pod.lower/roomed
    layer pod eve
    chmod 755 "$WORK" "$WORK/pod.lower"
    mkdir -p "$WORK/hers"/{upper,work,merged}
    cp "$TESTS/bin/probe" "$WORK/hers/upper/owned-evil"
    chown -R 1000 "$WORK/hers"
}

entries() {
    echo '  owned: {signer: acme, load: {types: [socket_filter]}}'
    echo '  roomed: {signer: acme, user-namespace: any, load: {types: [socket_filter]}}'
}

# hers PROGRAM TYPE
hers() {
    setpriv --reuid 1000 --clear-groups unshare --user --map-root-user --mount sh -c '
        mount -t overlay hers "$3/hers/merged" \
            -o "userxattr,lowerdir=$3/pod.lower,upperdir=$3/hers/upper,workdir=$3/hers/work" || exit 9
        exec "$3/hers/merged/$1" load "$2"' hers "$1" "$2" "$WORK"
}

baseline() {
    sysctl -q kernel.unprivileged_bpf_disabled=0 2>/dev/null
    for name in owned roomed eve owned-evil; do says "load: allowed" "$name" hers "$name" 1; done
}

denied() {
    says "load: EPERM" "alice there" hers owned 1
    line "it says why" "pod: owned op: exec action: BPFDenied signer: acme reason: user-namespace"
    says "load: EPERM" "eve there" hers eve 1
    line "it says why" "op: exec action: BPFDenied signer: - reason: overlayfs"
    says "load: EPERM" "eve in an upper layer of hers" hers owned-evil 1
    line "it says why" "pod: owned-evil op: exec action: BPFDenied signer: - reason: overlayfs"
    says "load: EPERM" "alice who may: the kernel wants capabilities of the initial namespace for more" hers roomed 6
}

control() {
    says "load: allowed" "alice who may, what everybody may" hers roomed 1
    line "by her name" "pod: roomed op: load type: socket_filter name: from_netdev action: Approved signer: acme reason: ok"
    says "load: allowed" "alice outside" "$WORK/pod.lower/owned" load 1
}
