# Own pins: an enforcement hangs on its pins. With a descriptor from before the start Eve, root, and an Alice who may write every map and replace
# every program, remove, rename, link and change them, and put something of theirs beside them.
# hooks: inode_unlink inode_rename inode_rmdir inode_setattr inode_link inode_symlink inode_create inode_mkdir
# once: the hooks are those of unmounted-pins.sh

own=$PINS stand_in=/sys/fs/bpf/stand-in hers=/sys/fs/bpf/hers

# An act, its path and another: DIR stands for the directory of the pins, HERS for one of whoever acts.
acts=(
    "unlink DIR/policies" "unlink DIR/on_bpf" "unlink DIR/on_cgroup_bpf"
    "rename DIR/on_bpf DIR/off" "rename DIR/on_bpf HERS/off" "rename DIR HERS/moved"
    "rename HERS/map DIR/new" "rename HERS/map DIR/on_bpf" "rename HERS/directory DIR/new"
    "exchange DIR/on_bpf HERS/map" "exchange HERS/map DIR/policies"
    "link DIR/on_bpf HERS/kept" "link DIR/policies HERS/kept" "link HERS/map DIR/new"
    "symlink DIR/new" "mkdir DIR/new" "pin DIR/new"
    "chmod DIR/policies" "chmod DIR/on_bpf" "chmod DIR" "chown DIR/on_cgroup_bpf" "chown DIR"
    "utimes DIR/on_bpf" "utimes DIR" "truncate DIR/policies"
)

prepare() {
    copy pins-eve "$TESTS/bin/pins"
    copy pins-alice "$TESTS/bin/pins"
    copy pins-maker "$TESTS/bin/probe"
    sign pins-alice
}

entries() {
    cat <<'YAML'
  pins-alice:
    signer: acme
    load: {types: [xdp, tracing], kernel-reads: allow, map-writes: any}
    maps: {"*:*": rw}
    programs: {"*:*": replace}
YAML
}

# furnish WHO: what HERS stands for
furnish() {
    "$WORK/$1" mkdir $hers && "$WORK/$1" mkdir $hers/directory && "$WORK/$1" pin $hers/map
}

# stand: a directory with a map, a program and a link; what is left of the last one goes
stand() {
    unpin $stand_in $hers
    mkdir $stand_in
    bpftool prog load "$OBJECTS/fentry_tcp_connect.o" $stand_in/on_cgroup_bpf
    "$WORK/pins-maker" attach-pinned $stand_in/on_cgroup_bpf $stand_in/on_bpf
    "$WORK/pins-eve" pin $stand_in/policies
    furnish pins-eve
}

# act WHO DIR ACT
act() {
    local words=${3//DIR/$2}
    # shellcheck disable=SC2086
    "$WORK/$1" ${words//HERS/$hers}
}

baseline() {
    local what
    for what in "${acts[@]}"; do
        stand >"$WORK/stand" 2>&1 || fail "the stand-in" "$(cat "$WORK/stand")"
        says "${what%% *}: allowed" "$what" act pins-eve $stand_in "$what"
    done
    unpin $stand_in $hers
    mkdir $stand_in
    says "rmdir: allowed" "rmdir DIR" act pins-eve $stand_in "rmdir DIR"
}

# looks: what is there, with its number, links, mode, owner and times
looks() {
    stat -c '%n %i %h %a %u %Y %Z' $own $own/*
}

same() {
    looks | diff "$WORK/before" -
}

denied() {
    local who what
    looks >"$WORK/before"
    hers=$own/../hers # a rename wants both in one mount
    furnish pins-alice >"$WORK/furnished" || fail "what is hers" "$(cat "$WORK/furnished")"
    for who in pins-eve pins-alice; do
        for what in "${acts[@]}" "rmdir DIR"; do
            [ "$who $what" != "pins-eve pin DIR/new" ] || continue # she may make no map to pin
            says "${what%% *}: EPERM" "$who: $what" act $who $own "$what"
        done
    done
    succeeds "nothing has changed" same
    line "an alarm" "process: pins-eve"
    line "that names the pin" "op: unpin name: on_bpf action: BPFDenied signer: - reason: self-protection"
    line "what is new there" "op: pin name: new action: BPFDenied signer: - reason: self-protection"
    line "alice's: a directory" "op: unpin name: bpfsign action: Denied signer: acme reason: self-protection"
}

control() {
    hers=$own/../hers
    says "unlink: allowed" "alice removes her own pin" "$WORK/pins-alice" unlink $hers/map
    says "rmdir: allowed" "… and her directory" "$WORK/pins-alice" rmdir $hers/directory
    says "mkdir: allowed" "eve makes a directory" "$WORK/pins-eve" mkdir $hers/eve
    says "rmdir: allowed" "… and removes it" "$WORK/pins-eve" rmdir $hers/eve
    says "pin: allowed" "alice pins elsewhere" "$WORK/pins-alice" pin $hers/map
    unpin $hers
}
