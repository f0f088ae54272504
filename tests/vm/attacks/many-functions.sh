# Many functions: an Alice who may not attach to vfs_read loads a program for a link to many functions, and the link names
# vfs_read. The kernel reads their ids from user memory after every hook. Variants: one program at both the entry and the
# exit of a function; an attach type that no kernel has yet.
# hooks: bpf_prog_load

FENTRY=24 SESSION=58 FENTRY_MULTI=59 SESSION_MULTI=61
KPROBE_SESSION=56 NEWER=62

prepare() {
    local name
    for name in functions-alice functions-one functions-many; do
        copy $name "$TESTS/bin/links"
        sign $name
    done
}

entries() {
    cat <<'YAML'
  functions-alice:
    signer: acme
    load:
      types: [tracing, kprobe]
      kernel-reads: allow
      attach: {deny: [fentry/vfs_read, kprobe.multi]}
  functions-one:
    signer: acme
    load: {types: [tracing], kernel-reads: allow, attach: ["fentry/vfs_*"]}
  functions-many:
    signer: acme
    load:
      types: [tracing, kprobe]
      kernel-reads: allow
      attach: [fentry.multi, fsession/vfs_read, fsession.multi, kprobe.session]
YAML
}

# has_many: the kernel has links of tracing programs to many functions, and sessions of these
has_many() {
    grep -q BPF_TRACE_FENTRY_MULTI /sys/kernel/btf/vmlinux
}

# many DO...: DO WHAT ACT ATTACH-TYPE for each act that only such a kernel knows
many() {
    "$@" "the entry of many functions" functions $FENTRY_MULTI
    "$@" "entry and exit of many functions" functions $SESSION_MULTI
    "$@" "entry and exit of one" function $SESSION
}

# answers TEXT NAME WHAT ACT ATTACH-TYPE: NAME's act on vfs_read ends so
answers() {
    says "$1" "$2: $3" "$WORK/$2" "$4" "$5" vfs_read
}

baseline() {
    if has_many; then
        many answers "link: allowed" functions-alice
    else
        many answers "load: EINVAL" functions-alice
    fi
    answers "link: allowed" functions-alice "entry and exit, by kprobes" kprobes $KPROBE_SESSION
    answers "load: allowed" functions-alice "an attach type of a newer kernel" kprobes $NEWER
}

denied() {
    if has_many; then
        many answers "load: EPERM" functions-alice
        line "the reason" "pod: functions-alice op: load type: tracing name: functions action: Denied signer: acme reason: attach rule: "
        line "… of one" "pod: functions-alice op: load type: tracing name: function action: Denied signer: acme reason: attach rule: "
        many answers "load: EPERM" functions-one
    else
        skip "links to many functions" "this kernel has none for programs of type tracing"
    fi
    answers "load: EPERM" functions-alice "entry and exit, by kprobes" kprobes $KPROBE_SESSION
    line "the reason" "pod: functions-alice op: load type: kprobe name: kprobes action: Denied signer: acme reason: attach rule: "
    answers "load: EPERM" functions-many "an attach type of a newer kernel" kprobes $NEWER
    line "the reason" "pod: functions-many op: load type: kprobe name: kprobes action: Denied signer: acme reason: attach"
    answers "load: EPERM" functions-alice "the entry of this one" function $FENTRY
}

control() {
    answers "link: allowed" functions-one "the entry of one" function $FENTRY
    says "link: allowed" "functions-alice: the entry of another" "$WORK/functions-alice" function $FENTRY vfs_write
    ! has_many || many answers "link: allowed" functions-many
    answers "link: allowed" functions-many "entry and exit, by kprobes" kprobes $KPROBE_SESSION
}
