# Other paths: a hard link, another name, a bind mount show Alice's file elsewhere. What she is goes with the
# file, so she stays Alice, on an overlay above her too; `exec:` narrows where she may be, and a copy is not hers.
# hooks: bprm_check_security bprm_creds_for_exec
# once: who is entitled is our own decision

prepare() {
    mkdir -p "$WORK/home" "$WORK/bind" "$WORK"/{lower,upper,work,merged}
    copy home/homely "$TESTS/bin/probe"
    copy wanderer "$TESTS/bin/probe"
    sign home/homely
    sign wanderer
    ln "$WORK/home/homely" "$WORK/homely-link"
    ln "$WORK/wanderer" "$WORK/wanderer-link"
    cp "$WORK/wanderer" "$WORK/wanderer-copy"
    ln "$WORK/wanderer" "$WORK/lower/wanderer-over"
    mount --bind "$WORK" "$WORK/bind"
    mount -t overlay overlay "$WORK/merged" \
        -o "lowerdir=$WORK/lower,upperdir=$WORK/upper,workdir=$WORK/work"
}

entries() {
    echo "  homely: {signer: acme, exec: $WORK/home/homely, load: {types: [xdp]}}"
    echo '  wanderer: {signer: acme, load: {types: [xdp]}}'
}

everywhere=(homely-link bind/home/homely wanderer-link bind/wanderer wanderer-copy merged/wanderer-over)

baseline() {
    local path
    for path in "${everywhere[@]}"; do says "load: allowed" "$path" "$WORK/$path" load; done
}

denied() {
    local path
    for path in homely-link bind/home/homely; do
        says "load: EPERM" "outside exec: $path" "$WORK/$path" load
        line "it says why" "pod: homely op: exec action: BPFDenied signer: acme reason: exec-path"
    done
    says "load: EPERM" "a copy" "$WORK/wanderer-copy" load
    line "it says why" "pod: wanderer-copy op: exec action: BPFDenied signer: - reason: unsigned"
}

control() {
    local path
    for path in home/homely wanderer wanderer-link bind/wanderer merged/wanderer-over; do
        says "load: allowed" "$path" "$WORK/$path" load
    done
    umount "$WORK/bind" "$WORK/merged"
}
