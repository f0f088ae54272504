# An overlay on an overlay: the file below is itself one of an overlay, whose data may come from anywhere. Alice's sealed file is two layers
# down; Eve's is put over her in the middle one.
# hooks: bprm_creds_for_exec

. "$TESTS/overlay.sh"

prepare() {
    layer middle nested
    sign middle.lower/nested
    overlay middle
    mkdir -p "$WORK/outer"
    mount -t overlay outer "$WORK/outer" -o "lowerdir=$WORK/middle:$WORK/outer"
}

entries() {
    echo '  nested: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    says "load: allowed" "alice, two layers down" "$WORK/outer/nested" load
}

denied() {
    says "load: EPERM" "alice, two layers down" "$WORK/outer/nested" load
    line "it says why" "pod: nested op: exec action: BPFDenied signer: - reason: overlayfs"
}

control() {
    says "load: allowed" "one layer down" "$WORK/middle/nested" load
    umount "$WORK/outer" "$WORK/middle"
}
