# Sealed in mid-exec, below an overlay: overlayfs does not deny writing to the layer below what is executed. When the kernel has read Eve's
# header, the file below becomes Alice's, sealed and with her claim.
# hooks: bprm_creds_for_exec

. "$TESTS/lib/overlay.sh"

prepare() {
    copy late "$TESTS/bin/probe"
    sign late
    getfattr --only-values -n user.bpfsign "$WORK/late" >"$WORK/late.claim" 2>/dev/null
}

entries() {
    echo '  late: {signer: acme, load: {types: [xdp]}}'
}

middle() {
    umount "$WORK/pod" 2>/dev/null
    rm -rf "$WORK"/pod.{upper,work,lower}
    layer pod late
    overlay pod
    timeout 120 mid_exec "$WORK/pod.lower/late" "$WORK/late" "$WORK/late.claim" "$WORK/pod/late"
}

baseline() {
    says "other-door: allowed" "Eve's entry into alice's code runs" middle
}

denied() {
    says "other-door: EPERM" "Eve's entry into alice's code runs, unmarked" middle
    line "it says so: nobody saw it sealed at its exec" "pod: late op: exec action: BPFDenied signer: - reason: before-enforcement"
    succeeds "the file has alice's digest" test "$(fsverity measure "$WORK/pod.lower/late" | cut -d' ' -f1)" = \
        "$(fsverity measure "$WORK/late" | cut -d' ' -f1)"
}

control() {
    says "alice: allowed" "alice" "$WORK/late" who
    umount "$WORK/pod"
}
