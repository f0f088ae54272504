# Altered claim: Eve changes one bit of Alice's claim (magic, role, sequence, name, digest, padding) or of its
# signature, cuts it off, takes it away. What is not exactly what was signed counts for nothing, at once.
# hooks: bprm_check_security inode_post_setxattr inode_post_removexattr
# once: claims are parsed and compared by us alone

prepare() {
    copy claimed "$TESTS/bin/probe"
    sign claimed
}

entries() {
    echo '  claimed: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    local claim
    claim=$(claim_of claimed)
    set_claim claimed "${claim:0:40}"
    says "load: allowed" "with a claim that is cut off" "$WORK/claimed" load
    setfattr -x user.bpfsign "$WORK/claimed"
    says "load: allowed" "with none" "$WORK/claimed" load
    set_claim claimed "$claim"
}

# flipped HEX OFFSET: one bit of that byte is another.
flipped() {
    local at=$((2 * $2 + 1))
    printf '%s%x%s' "${1:0:at}" $((0x${1:at:1} ^ 1)) "${1:at+1}"
}

denied() {
    local claim offset
    claim=$(claim_of claimed)
    says "load: allowed" "as it was signed" "$WORK/claimed" load
    for offset in 0 16 24 32 100 127 159 $((${#claim} / 2 - 20)) $((${#claim} / 2 - 1)); do
        set_claim claimed "$(flipped "$claim" "$offset")"
        says "load: EPERM" "one bit changed at $offset" "$WORK/claimed" load
    done
    line "it says why: a bit of the magic" "pod: claimed op: exec action: BPFDenied signer: - reason: bad-claim"
    line "a bit of the digest" "pod: claimed op: exec action: BPFDenied signer: - reason: other-digest"
    set_claim claimed "${claim:0:40}"
    says "load: EPERM" "cut off" "$WORK/claimed" load
    set_claim claimed "$claim"
    says "load: allowed" "all bits as they were" "$WORK/claimed" load
    setfattr -x user.bpfsign "$WORK/claimed"
    says "load: EPERM" "taken away" "$WORK/claimed" load
    line "it says why" "pod: claimed op: exec action: BPFDenied signer: - reason: no-claim"
}

control() {
    sign claimed
    says "load: allowed" "signed again" "$WORK/claimed" load
}
