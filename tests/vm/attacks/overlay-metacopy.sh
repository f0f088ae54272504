# Foreign metacopy and redirect: Eve makes files in the upper layer by hand that have no data of their own, and point at files below. Attributes
# are hers, data are Alice's, or the other way round. With userxattr, where anybody may write overlayfs's own attributes, it follows them to a
# layer for data alone, where the kernel can do that (6.18 and 7.3 can).
# hooks: bprm_check_security

. "$TESTS/lib/overlay.sh"

ANY="lowerdir=$WORK/any.names::$WORK/any.data,userxattr"

# points NAME CLAIM [unsealed]: a file of the upper layer with the data of one below, sealed or, with a third word, not. No two may have the
# same: overlayfs takes the second for stale.
points() {
    layer pod "$1-data"
    [ -n "${3-}" ] || sign "pod.lower/$1-data" --name pointed --sequence 2
    metacopy trusted "$WORK/pod.upper/$1" "$WORK/pod.lower/$1-data"
    [ -z "$2" ] || set_claim "pod.upper/$1" "$2"
}

# metacopy CLASS FILE DATA: makes FILE, which has the data of the file of that name below
metacopy() {
    truncate -s "$(stat -c %s "$3")" "$2"
    chmod 755 "$2"
    setfattr -n "$1.overlay.metacopy" "$2"
    setfattr -n "$1.overlay.redirect" -v "/${3##*/}" "$2"
}

# by_user NAME CLAIM: the same in a layer whose attributes are user.*, with the data in one that has no names
by_user() {
    mkdir -p "$WORK"/any.{names,data}
    copy "any.data/$1-data" "$TESTS/bin/probe"
    sign "any.data/$1-data" --name pointed --sequence 2
    metacopy user "$WORK/any.names/$1" "$WORK/any.data/$1-data"
    set_claim "any.names/$1" "$2"
}

prepare() {
    local hers bobs other
    layer pod pointed
    sign pod.lower/pointed --sequence 2
    hers=$(claim_of pod.lower/pointed)
    copy bobs "$TESTS/bin/probe"
    bpfsign sign --key "$KEYS/bob.pem" --name pointed "$WORK/bobs" >/dev/null || fail "sign" "bob"
    bobs=$(claim_of bobs)
    copy role "$TESTS/bin/probe"
    sign role --name pointed --role collateral
    other=$(claim_of role)
    copy older "$TESTS/bin/probe"
    sign older --name pointed --sequence 1
    mkdir -p "$WORK/pod.upper"
    points genuine "$hers"
    points of-bob "$bobs"
    points of-nobody ''
    points of-role "$other"
    points of-older "$(claim_of older)"
    points of-evil "$hers" unsealed
    by_user any-genuine "$hers"
    by_user any-of-bob "$bobs"
    overlay pod "lowerdir=$WORK/pod.lower,upperdir=$WORK/pod.upper,metacopy=on,redirect_dir=on"
    mkdir -p "$WORK/any"
    mount -t overlay any "$WORK/any" -o "$ANY" 2>/dev/null
}

entries() {
    echo '  pointed: {signer: acme, min-sequence: 2, load: {types: [xdp]}}'
}

baseline() {
    local name
    for name in genuine of-bob of-nobody of-role of-older of-evil; do says "load: allowed" "$name" "$WORK/pod/$name" load; done
    if ! mountpoint -q "$WORK/any"; then
        skip "userxattr" "this kernel has no layer for data with it"
        return
    fi
    for name in any-genuine any-of-bob; do says "load: allowed" "$name" "$WORK/any/$name" load; done
}

# nothing NAME REASON [OVERLAY]
nothing() {
    says "load: EPERM" "$1" "$WORK/${3-pod}/$1" load
    line "it says why: $2" "pod: $1 op: exec action: BPFDenied signer: - reason: $2"
}

denied() {
    nothing of-bob unknown-key
    nothing of-nobody no-claim
    nothing of-role wrong-role
    says "load: EPERM" "of-older" "$WORK/pod/of-older" load
    line "it says why: old-sequence" "pod: pointed op: exec action: BPFDenied signer: acme reason: old-sequence"
    nothing of-evil copied-up
    ! mountpoint -q "$WORK/any" || nothing any-of-bob unknown-key any
}

control() {
    says "load: allowed" "alice's data with alice's claim" "$WORK/pod/genuine" load
    says "load: allowed" "and herself" "$WORK/pod/pointed" load
    umount "$WORK/pod"
    mountpoint -q "$WORK/any" || return 0
    says "load: allowed" "the same with userxattr" "$WORK/any/any-genuine" load
    umount "$WORK/any"
}
