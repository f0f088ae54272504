# An overlay on an overlay: the file below is itself one of an overlay, whose data may come from anywhere. Alice's sealed file, two layers
# down, counts for nothing, nor does Eve's, put over her in the middle one.
# hooks: bprm_creds_for_exec

. "$TESTS/lib/overlay.sh"

prepare() {
    layer middle nested
    sign middle.lower/nested
    layer middle covered
    sign middle.lower/covered --name nested
    overlay middle
    cp "$TESTS/bin/probe" "$WORK/middle/covered"
    mkdir -p "$WORK/outer"
    mount -t overlay outer "$WORK/outer" -o "lowerdir=$WORK/middle:$WORK/outer"
}

entries() {
    echo '  nested: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    says "load: allowed" "alice, two layers down" "$WORK/outer/nested" load
    says "load: allowed" "eve, over her in the middle" "$WORK/outer/covered" load
}

denied() {
    says "load: EPERM" "alice, two layers down" "$WORK/outer/nested" load
    line "it says why" "pod: nested op: exec action: BPFDenied signer: - reason: overlayfs"
    says "load: EPERM" "eve, over her in the middle" "$WORK/outer/covered" load
    line "it says why" "pod: covered op: exec action: BPFDenied signer: - reason: overlayfs"
}

control() {
    says "load: allowed" "one layer down" "$WORK/middle/nested" load
    umount "$WORK/outer" "$WORK/middle"
}
