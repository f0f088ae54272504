# Planted: before the start Eve loads what could outvote the enforcement. What is attached, or an LSM or freplace program, makes the start
# refuse; what is only loaded could be attached later, by an Alice who may use what was there before.
# hooks: bpf_prog
own_policy=1

place=/sys/fs/bpf/planted

prepare() {
    copy planted-alice "$TESTS/bin/probe"
    copy planted-voter "$TESTS/bin/others"
    copy planted-eve "$TESTS/bin/others"
    copy planter "$TESTS/bin/probe"
    sign planted-alice
    sign planted-voter --name planted-alice
    mkdir -p "$WORK/cgroup"
    mountpoint -q "$WORK/cgroup" || mount -t cgroup2 cgroup2 "$WORK/cgroup"
    policy policy <<'YAML'
  planted-alice:
    signer: acme
    load: {types: [xdp, tracing, cgroup_sysctl], kernel-reads: allow}
    programs: {"*:*": replace}
YAML
}

# plant: a fmod_ret and a sysctl program that has the last word, both only loaded; and one that harms nobody
plant() {
    mkdir -p $place
    bpftool prog load "$OBJECTS/fmod_ret_other.o" $place/fmod_ret &&
        "$WORK/planted-eve" plant $place/sysctl && bpftool prog load "$OBJECTS/fentry_tcp_connect.o" $place/fentry
}

baseline() {
    succeeds "planted" plant
    says "attach-pinned: allowed" "alice attaches fmod_ret" "$WORK/planted-alice" attach-pinned $place/fmod_ret $place/link
    unpin $place/link
    says "attach: allowed" "… and the sysctl program" "$WORK/planted-voter" outvote "$WORK/cgroup" pin:$place/sysctl
    bpftool cgroup detach "$WORK/cgroup" sysctl name outvote multi
    watch --enforce "$WORK/policy.yaml"
    leave
    pass "with what is only loaded, enforcement begins"
    gone
}

# refuses KIND NAME ID: the start says what it found, and the cure; accepted by its id it begins, and tells
refuses() {
    says "a foreign $1 program '$2' (id $3) is loaded and could outvote the enforcement" "$1: the start refuses" \
        watchbpf --enforce "$WORK/policy.yaml"
    says "accept it with --adopt $3" "… and says how it would not" watchbpf --enforce "$WORK/policy.yaml"
    watch --enforce "$WORK/policy.yaml" --adopt "$3"
    line "$1: accepted" "program $3 is accepted by --adopt, and could outvote the enforcement"
    says "foreign programs that --adopt accepted: 1" "… and status shows it" watchbpf status
    leave
    gone "$3"
}

id_at() {
    bpftool -j prog show pinned "$1" | sed -n 's/.*"id":\([0-9]*\),.*/\1/p'
}

denied() {
    bpftool prog load "$OBJECTS/lsm.o" $place/lsm
    refuses lsm foreign_lsm "$(id_at $place/lsm)"
    unpin $place/lsm
    bpftool prog load "$OBJECTS/xdp.o" $place/xdp
    "$WORK/planted-eve" freplace pin:$place/xdp $place/ext >/dev/null
    refuses freplace replacing "$(id_at $place/ext)"
    unpin $place/ext $place/xdp
    "$WORK/planter" attach-pinned $place/fmod_ret $place/link >/dev/null
    refuses fmod_ret foreign_fmod "$(id_at $place/fmod_ret)"
    unpin $place/link
    gone
    only_loaded
}

only_loaded() {
    watch --enforce "$WORK/policy.yaml"
    says "open: EPERM" "alice gets no fmod_ret from before" "$WORK/planted-alice" attach-pinned $place/fmod_ret $place/link
    says "open: EPERM" "… nor a sysctl program" "$WORK/planted-voter" outvote "$WORK/cgroup" pin:$place/sysctl
    line "the reason" "op: open type: tracing name: foreign_fmod action: Denied signer: acme reason: modify-return"
    line "of the other" "op: open type: cgroup_sysctl name: outvote action: Denied signer: acme reason: modify-return"
    says "fmod-ret: EPERM" "she loads none either" "$WORK/planted-alice" fmod-ret
    line "the reason of that" "op: load type: tracing name: evil action: Denied signer: acme reason: modify-return"
}

control() {
    says "attach-pinned: allowed" "alice attaches another one from before" \
        "$WORK/planted-alice" attach-pinned $place/fentry $place/link
    unpin $place
}
