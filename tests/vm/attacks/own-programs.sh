# Own programs: Eve, root, and an Alice who may replace every program and load what hooks the kernel want to run ours, replace or
# watch its functions, call it from theirs, take those on the root cgroup off or put theirs in their place.
# hooks: bpf bpf_prog

own=$PINS stand_in=/sys/fs/bpf/stand_in

# Acts of tests/vm/programs/others.c on one program
acts=(program run freplace fentry fexit array)

prepare() {
    copy others-eve "$TESTS/bin/others"
    copy others-alice "$TESTS/bin/others"
    copy others-tool
    copy others-finder "$TESTS/bin/probe"
    sign others-tool --name others-alice
    sign others-alice
    sign others-finder
    mkdir -p "$WORK/cgroup"
    mountpoint -q "$WORK/cgroup" || mount -t cgroup2 cgroup2 "$WORK/cgroup"
}

# sysctl_id: of a program of hers on the root cgroup
sysctl_id() {
    bpftool cgroup show "$WORK/cgroup" | sed -n 's/^\([0-9]*\) *\(cgroup_\)\?sysctl.*permit.*/\1/p' | tail -n 1
}

baseline() {
    local what
    bpftool prog load "$OBJECTS/xdp.o" $stand_in
    for what in "${acts[@]}"; do
        exits 0 "$what" "$WORK/others-eve" "$what" pin:$stand_in
    done
    unpin $stand_in
    "$WORK/others-eve" attach "$WORK/cgroup" >/dev/null
    exits 0 "a program on the root cgroup is replaced" "$WORK/others-eve" attach "$WORK/cgroup" "id:$(sysctl_id)"
    exits 3 "… is not detached without its descriptor" "$WORK/others-eve" detach "$WORK/cgroup" sysctl none
    exits 0 "… is detached with it" "$WORK/others-eve" detach "$WORK/cgroup" sysctl "id:$(sysctl_id)"
}

entries() {
    cat <<'YAML'
  others-alice:
    signer: acme
    load:
      types: [xdp, tracing, ext, lsm, cgroup_sysctl]
      kernel-reads: allow
    maps: {"*:*": rw}
    programs: {"*:*": replace}
  others-finder: {signer: acme, load: {types: [xdp]}}
YAML
}

# ours: the ids of what the start has made
before() { "$WORK/others-finder" ids program >"$WORK/before"; }
begun() { "$WORK/others-finder" ids program | grep -vxFf "$WORK/before" >"$WORK/ours"; }
ours() { cat "$WORK/ours"; }

# by_id WHO: tries all of ours; prints what was not refused with EPERM
by_id() {
    local id
    for id in $(ours); do "$WORK/$1" program "id:$id" | grep -vx "open: EPERM"; done
    return 0
}

denied() {
    local who what pin
    [ "$(ours | wc -l)" -ge 40 ] && pass "ours are found" || fail "ours are found" "$(ours)"
    for who in others-eve others-alice; do
        says_nothing "$who: by id" by_id $who
        for pin in on_cgroup_bpf on_cgroup_sysctl; do
            for what in "${acts[@]}"; do
                says "open: EPERM" "$who: $what $pin" "$WORK/$who" "$what" pin:$own/$pin
            done
        done
        says "open: EPERM" "$who: detach by the pin" "$WORK/$who" detach "$WORK/cgroup" sysctl pin:$own/on_cgroup_sysctl
        says "open: EPERM" "$who: replace" "$WORK/$who" attach "$WORK/cgroup" pin:$own/on_cgroup_sysctl
    done
    line "eve's is an alarm" "pod: others-eve op: open type: lsm name: on_bpf action: BPFDenied signer: - reason: self-protection"
    line "alice's too" "pod: others-alice op: open type: cgroup_sysctl name: on_cgroup_sysct action: Denied signer: acme reason: self-protection"
    on_the_root_cgroup
}

# Without a descriptor: ours are attached so that others may be attached beside them, and only who has its descriptor detaches one.
on_the_root_cgroup() {
    local type
    "$WORK/others-alice" query "$WORK/cgroup" >"$WORK/attached"
    succeeds "ours are attached" test "$(wc -l <"$WORK/attached")" -ge 2 # others may have left theirs
    for type in sysctl lsm; do
        says "detach: EPERM" "eve detaches from $type, naming none" "$WORK/others-eve" detach "$WORK/cgroup" $type none
        says "detach: E" "alice does: the kernel says that there is none" "$WORK/others-alice" detach "$WORK/cgroup" $type none
    done
    says "attach: EPERM" "alice attaches one that suffers no other: the kernel says no" \
        "$WORK/others-alice" alone "$WORK/cgroup"
    says "attach: EBADF" "… one in the place of none" "$WORK/others-alice" attach "$WORK/cgroup" none
    succeeds "the same are attached afterwards" sh -c '"$1/others-alice" query "$1/cgroup" | cmp - "$1/attached"' - "$WORK"
}

control() {
    succeeds "alice loads a program" "$WORK/others-tool" prog load "$OBJECTS/xdp.o" $stand_in
    says "load: allowed" "… and replaces its function" "$WORK/others-alice" freplace pin:$stand_in
    says "load: allowed" "… watches it" "$WORK/others-alice" fentry pin:$stand_in
    says "run: allowed" "… runs it" "$WORK/others-alice" run pin:$stand_in
    says "attach: allowed" "… attaches one to the root cgroup" "$WORK/others-alice" attach "$WORK/cgroup"
    unpin $stand_in
}
