# Copied claim: Alice's signature, copied from her file over to Eve's, or from an Alice to another Alice. A claim
# holds the digest of its file, and the kernel's own digest is what is compared.
# hooks: bprm_check_security inode_post_setxattr
# once: claims are parsed and compared by us alone

prepare() {
    local name
    for name in copied copied-eve copied-other; do
        copy "$name" "$TESTS/bin/probe"
        printf '%s' "$name" >>"$WORK/$name"
    done
    sign copied
    sign copied-other --name copied
    fsverity enable "$WORK/copied-eve"
    sync
    echo 3 >/proc/sys/vm/drop_caches
}

entries() {
    echo '  copied: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    says "load: allowed" "eve's file" "$WORK/copied-eve" load
}

denied() {
    set_claim copied-eve "$(claim_of copied)"
    says "load: EPERM" "alice's claim on eve's file" "$WORK/copied-eve" load
    line "it says why" "pod: copied-eve op: exec action: BPFDenied signer: - reason: other-digest"
    says "load: allowed" "the other alice" "$WORK/copied-other" load
    set_claim copied-other "$(claim_of copied)"
    says "load: EPERM" "alice's claim on the other, seen at once" "$WORK/copied-other" load
    line "it says why" "pod: copied-other op: exec action: BPFDenied signer: - reason: other-digest"
}

control() {
    says "load: allowed" "alice" "$WORK/copied" load
    setfattr -x user.bpfsign "$WORK/copied-other"
    sign copied-other --name copied
    says "load: allowed" "the other, signed again" "$WORK/copied-other" load
}
