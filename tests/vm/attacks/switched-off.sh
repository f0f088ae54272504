# Switched off: kernel.ftrace_enabled=0 makes every BPF LSM program inert on kernels before 7.3, which obeys no more. Eve, root, writes
# it by sysctl(8), another mount of proc, another name, and a descriptor that she opened before the start.
# hooks: file_open cgroup_sysctl

switch=/proc/sys/kernel/ftrace_enabled

# before: a process that holds the file open since before the start, and writes it when it is told to
before() {
    rm -f "$WORK/tell" "$WORK/told"
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

prepare() {
    mkdir -p "$WORK/proc"
}

# write PATH: 0 into it, by a descriptor of its own; says allowed or the errno
write() {
    python3 -c '
import errno, os, sys
try: os.write(os.open(sys.argv[1], os.O_WRONLY), b"0"); print("allowed")
except OSError as e: print(errno.errorcode[e.errno])' "$1"
}

is_on() {
    [ "$(cat "$switch")" = 1 ] && pass "it is still on" || fail "it is still on" "$(cat "$switch")"
}

by-another-proc() {
    mount -t proc proc "$WORK/proc"
    write "$WORK/proc/sys/kernel/ftrace_enabled"
    umount "$WORK/proc"
}

by-another-name() {
    touch "$WORK/name"
    mount --bind "$switch" "$WORK/name"
    write "$WORK/name"
    umount "$WORK/name"
}

by-link() {
    ln -sf "$switch" "$WORK/link"
    write "$WORK/link"
}

roads=(by-another-proc by-another-name by-link)

baseline() {
    local road expected=allowed
    [ "$(write "$switch")" != ENOTSUP ] || expected=ENOTSUP # 7.3: the kernel itself
    for road in "write $switch" "${roads[@]}"; do
        # shellcheck disable=SC2086
        says "$expected" "$road" $road
        sysctl -qw kernel.ftrace_enabled=1
    done
    before
}

denied() {
    local road
    says "permission denied on key" "sysctl(8)" sysctl -w kernel.ftrace_enabled=0
    is_on
    line "an alarm" "op: sysctl name: ftrace_enabled action: BPFDenied signer: - reason: switch-protection"
    for road in "write $switch" "${roads[@]}"; do
        # shellcheck disable=SC2086
        says EPERM "$road" $road
        is_on
    done
    echo >"$WORK/tell"
    until [ -e "$WORK/told" ]; do sleep 0.1; done
    says EPERM "by a descriptor from before the start" cat "$WORK/told"
    is_on
}

control() {
    succeeds "the value can be read" grep -qx 1 "$switch"
    succeeds "other sysctls can be written" sysctl -w kernel.randomize_va_space=2
    succeeds "a file of that name elsewhere" sh -c 'echo 0 >"$1/ftrace_enabled"' - "$WORK"
}
