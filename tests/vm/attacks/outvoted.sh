# Outvoted: a program on the root cgroup refuses writes of kernel.ftrace_enabled. Programs on a cgroup run in the order of their
# attach, and bpf_set_retval() of a later one takes back what an earlier one has said. An Alice who may load
# cgroup_sysctl programs could so switch all off, with a descriptor from before the start.
# hooks: bpf_prog_load

switch=/proc/sys/kernel/ftrace_enabled

prepare() {
    copy outvoter "$TESTS/bin/others"
    sign outvoter
    mkdir -p "$WORK/cgroup"
    mountpoint -q "$WORK/cgroup" || mount -t cgroup2 cgroup2 "$WORK/cgroup"
}

entries() {
    echo '  outvoter: {signer: acme, load: {types: [cgroup_sysctl]}}'
}

# before: a process that holds the switch open since before the start, and writes 0 into it when it is told to
before() {
    rm -f "$WORK/tell" "$WORK/told" "$WORK/ready"
    mkfifo "$WORK/tell"
    # shellcheck disable=SC2016
    setsid bash -c 'exec 9>"$1"; touch "$2/ready"; read -r _ <"$2/tell"
        python3 -c "
import os, errno
try: os.write(9, b\"0\"); print(\"allowed\")
except OSError as e: print(errno.errorcode[e.errno])" >"$2/told.new"; mv "$2/told.new" "$2/told"' - "$switch" "$WORK" \
        </dev/null >/dev/null 2>&1 &
    until [ -e "$WORK/ready" ]; do sleep 0.1; done
}

# told: what became of its write
told() {
    echo >"$WORK/tell"
    until [ -e "$WORK/told" ]; do sleep 0.1; done
    cat "$WORK/told"
}

baseline() {
    local expected=allowed
    sysctl -qw kernel.ftrace_enabled=0 2>/dev/null || expected=ENOTSUP # 7.3: the kernel itself
    sysctl -qw kernel.ftrace_enabled=1
    before
    says "attach: allowed" "a program that outvotes others" "$WORK/outvoter" outvote "$WORK/cgroup"
    says "$expected" "the switch is written" told
    sysctl -qw kernel.ftrace_enabled=1
    bpftool cgroup detach "$WORK/cgroup" sysctl name outvote multi
    before
}

denied() {
    says "load: EPERM" "alice loads it" "$WORK/outvoter" outvote "$WORK/cgroup"
    line "the reason" "pod: outvoter op: load type: cgroup_sysctl name: outvote action: Denied signer: acme reason: modify-return"
    says EPERM "the switch is not written" told
    succeeds "it is still on" grep -qx 1 "$switch"
}

control() {
    says "attach: allowed" "alice loads and attaches another one" "$WORK/outvoter" attach "$WORK/cgroup"
    succeeds "it lets others be written" sysctl -w kernel.randomize_va_space=2
}
