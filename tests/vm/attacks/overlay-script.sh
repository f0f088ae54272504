# Script on an overlay: while the kernel's first read of Alice's script is held, it is copied up and gets another first line: another program of
# the signer's, with arguments of Eve's, in the script's name.
# hooks: bprm_check_security

. "$TESTS/lib/overlay.sh"

prepare() {
    local name
    copy decent "$TESTS/bin/probe"
    sign decent
    mkdir -p "$WORK/pod.lower"
    printf '#!%s traceme\n# %0200d\n' "$WORK/decent" 0 >"$WORK/pod.lower/lined"
    printf '#!%s who\n' "$WORK/decent" >"$WORK/pod.lower/honest"
    for name in lined honest; do
        chmod 755 "$WORK/pod.lower/$name"
        sign "pod.lower/$name" --role executable --name lined
    done
}

entries() {
    echo '  lined: {signer: acme, load: {types: [xdp]}}'
    echo '  decent: {signer: acme}'
}

swap() {
    umount "$WORK/pod" 2>/dev/null
    rm -rf "$WORK"/pod.{upper,work}
    overlay pod
    timeout 60 overlay_exec line "$WORK/pod/lined" "$WORK/pod.upper/lined" "$WORK/decent" -
}

baseline() {
    says "alice: allowed" "Eve's line runs" swap
}

denied() {
    says "alice: EPERM" "Eve's line runs, and is nobody" swap
    line "it says why" "op: exec action: BPFDenied signer: - reason: copied-up"
}

control() {
    says "alice: allowed" "the script with her own line" "$WORK/pod/honest"
    umount "$WORK/pod"
}
