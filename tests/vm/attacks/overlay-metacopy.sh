# Foreign metacopy and redirect: Eve makes files in the upper layer by hand that have no data of their own, and point at files below. Attributes
# are hers, data are Alice's, or the other way round.
# hooks: bprm_check_security

. "$TESTS/overlay.sh"

# points NAME CLAIM [unsealed]: a file of the upper layer with the data of one below, sealed or, with a third word, not. No two may have the
# same: overlayfs takes the second for stale.
points() {
    local target=$1-data
    layer pod "$target"
    [ -n "${3-}" ] || sign "pod.lower/$target" --name pointed
    truncate -s "$(stat -c %s "$WORK/pod.lower/$target")" "$WORK/pod.upper/$1"
    chmod 755 "$WORK/pod.upper/$1"
    setfattr -n trusted.overlay.metacopy "$WORK/pod.upper/$1"
    setfattr -n trusted.overlay.redirect -v "/$target" "$WORK/pod.upper/$1"
    [ -z "$2" ] || set_claim "pod.upper/$1" "$2"
}

prepare() {
    local hers bobs other
    layer pod pointed
    sign pod.lower/pointed
    hers=$(claim_of pod.lower/pointed)
    copy bobs "$TESTS/bin/probe"
    bpfsign sign --key "$KEYS/bob.pem" --name pointed "$WORK/bobs" >/dev/null || fail "sign" "bob"
    bobs=$(claim_of bobs)
    copy role "$TESTS/bin/probe"
    sign role --name pointed --role collateral
    other=$(claim_of role)
    mkdir -p "$WORK/pod.upper"
    points genuine "$hers"
    points of-bob "$bobs"
    points of-nobody ''
    points of-role "$other"
    points of-evil "$hers" unsealed
    overlay pod "lowerdir=$WORK/pod.lower,upperdir=$WORK/pod.upper,metacopy=on,redirect_dir=on"
}

entries() {
    echo '  pointed: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    local name
    for name in genuine of-bob of-nobody of-role of-evil; do says "load: allowed" "$name" "$WORK/pod/$name" load; done
}

# nothing NAME REASON
nothing() {
    says "load: EPERM" "$1" "$WORK/pod/$1" load
    line "it says why: $2" "pod: $1 op: exec action: BPFDenied signer: - reason: $2"
}

denied() {
    nothing of-bob unknown-key
    nothing of-nobody no-claim
    nothing of-role wrong-role
    nothing of-evil copied-up
}

control() {
    says "load: allowed" "alice's data with alice's claim" "$WORK/pod/genuine" load
    says "load: allowed" "and herself" "$WORK/pod/pointed" load
    umount "$WORK/pod"
}
