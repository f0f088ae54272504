# Own links: a hook hangs on its link. Eve, root, and an Alice who may replace every program, want a descriptor of one, by id or by
# pin: with it a link is detached, gets another program, or is kept beyond the end of its owner.
# hooks: bpf inode_permission

own=$PINS stand_in=/sys/fs/bpf/stand_in

# Acts of tests/vm/programs/others.c on one link
acts=(link link-detach link-update "link-pin LINK /sys/fs/bpf/kept")

prepare() {
    copy links-eve "$TESTS/bin/others"
    copy links-alice "$TESTS/bin/others"
    copy links-maker "$TESTS/bin/links"
    copy links-finder "$TESTS/bin/probe"
    sign links-alice
    sign links-maker --name links-alice
    sign links-finder
}

# act WHO LINK ACT
act() {
    local words=$3
    [ "${words/LINK/}" != "$words" ] || words="$words LINK"
    # shellcheck disable=SC2086
    "$WORK/$1" ${words/LINK/$2}
}

baseline() {
    local what
    for what in "${acts[@]}"; do
        "$WORK/links-maker" xdp lo $stand_in >/dev/null
        exits 0 "$what" act links-eve pin:$stand_in "$what"
        unpin $stand_in /sys/fs/bpf/kept
    done
}

entries() {
    cat <<'YAML'
  links-alice:
    signer: acme
    load: {types: [xdp, tracing], kernel-reads: allow}
    programs: {"*:*": replace}
  links-finder: {signer: acme, load: {types: [xdp]}}
YAML
}

# ours: the ids of what the start has made
before() { { "$WORK/links-finder" ids link; echo none; } >"$WORK/before"; }
begun() { "$WORK/links-finder" ids link | grep -vxFf "$WORK/before" >"$WORK/ours"; }
ours() { cat "$WORK/ours"; }

# each WHO: tries all of ours, by id and by pin; prints what was not refused with EPERM
each() {
    local link
    for link in $(ours); do "$WORK/$1" link "id:$link" | grep -vx "open: EPERM"; done
    for link in "$own"/on_*; do "$WORK/$1" link "pin:$link" | grep -vx "open: EPERM"; done
    return 0
}

denied() {
    local who what
    [ "$(ours | wc -l)" -ge 40 ] && pass "ours are found" || fail "ours are found" "$(ours)"
    for who in links-eve links-alice; do
        says_nothing "$who: each" each $who
        for what in "${acts[@]}"; do
            says "open: EPERM" "$who: $what" act $who "id:$(ours | tail -n 1)" "$what"
            says "open: EPERM" "$who: $what by pin" act $who pin:$own/on_bpf "$what"
        done
    done
    line "eve's: an alarm" "pod: links-eve op: open action: BPFDenied signer: - reason: self-protection"
    line "alice's" "pod: links-alice op: open action: Denied signer: acme reason: self-protection"
}

control() {
    local what
    for what in "${acts[@]}"; do
        "$WORK/links-maker" xdp lo $stand_in >/dev/null
        exits 0 "alice's own: $what" act links-alice pin:$stand_in "$what"
        unpin $stand_in /sys/fs/bpf/kept
    done
}
