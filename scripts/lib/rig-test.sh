#!/bin/bash
# Checks scripts/vm itself, on one kernel: rig-test.sh [KERNEL]. One function per check; prints
# "ok NAME" or "not ok NAME" for each, exits 1 if any failed. Our programs are no part of it.

# shellcheck disable=SC1003  # a backslash is an argument like others
# shellcheck disable=SC2317  # the checks are called by name
# shellcheck disable=SC2016  # what the guest's shell is to expand
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
kernel=${1:-6.12}

vm() {
        "$work/top/scripts/vm" --no-build --kernel "$kernel" "$@"
}

# ends STATUS COMMAND…: COMMAND exits with STATUS; what it wrote is in $work/out and $work/err.
ends() {
        local wanted=$1 got=0
        shift
        "$@" >"$work/out" 2>"$work/err" || got=$?
        [[ $got -eq $wanted ]] && return
        printf '# status %d, wanted %d\n' "$got" "$wanted"
        sed 's/^/# /' "$work/err"
        return 1
}

says() {
        grep -qaF -- "$2" "$work/$1" && return
        printf '# %s lacks: %s\n' "$1" "$2"
        sed 's/^/# /' "$work/$1"
        return 1
}

check_true() {
        ends 0 vm -- true
        [[ ! -s $work/out && ! -s $work/err ]]
}

check_status() {
        ends 7 vm -- sh -c 'exit 7'
}

check_killed_command() {
        ends 143 vm -- sh -c 'kill -TERM $$'
}

check_missing_command() {
        ends 127 vm -- /no/such/command
        says out /no/such/command
}

check_panic() {
        ends 125 vm -- sh -c 'echo before; echo c >/proc/sysrq-trigger'
        says out before
        says err 'the guest panicked'
        says err 'sysrq triggered crash'
}

check_panic_behind_a_success() {
        ends 125 vm -- sh -c '(sleep 0.2; echo c >/proc/sysrq-trigger) & sleep 1; exit 0'
}

check_dead_init() {
        ends 125 vm --append 'init=/none rdinit=/none' -- true
        says err panic
}

check_hang() {
        ends 125 vm --timeout 20 -- sleep 1000
        says err 'more than 20 seconds'
}

check_powered_off() {
        ends 125 vm -- sh -c 'echo o >/proc/sysrq-trigger; sleep 100'
        says err 'without reporting a status'
}

# The port of the status is taken, and what looks like a status in the output is only output.
check_forged_status() {
        ends 3 vm -- sh -c 'printf "status 0\n"
                for port in /dev/vport*; do ! printf "status 0\n" >"$port" || echo written; done
                for fd in /proc/1/fd/*; do [ ! -c "$fd" ] || ! printf "status 0\n" >"$fd"; done
                exit 3'
        says out 'status 0'
        if grep written "$work/out"; then return 1; fi
}

check_survives_its_killed_children() {
        ends 4 vm -- bash -c 'sleep 1000 & disown; echo here; exit 4'
        says out here
}

check_denied_exec_afterwards() {
        ends 5 vm -- sh -c 'chmod -x /usr/bin/* /lib64/* 2>/dev/null; exit 5'
}

check_endless_output_of_a_daemon() {
        ends 4 vm -- bash -c 'yes & disown; sleep 0.2; exit 4'
}

check_killed_relay() {
        ends 125 vm -- sh -c 'kill -KILL -1; exit 0'
}

check_usage() {
        ends 125 vm --kernel 2.4 -- true
        says err "'2.4' is not a kernel"
        ends 125 vm
        says err 'no COMMAND'
        ends 0 vm --help
        says out usage:
}

check_arguments() {
        printf '%s\0' 'a b' $'c\nd' '"' "'" '' '*' '\\' 'äö€' $'\xff' -- >"$work/wanted"
        ends 0 vm -- sh -c 'for a; do printf "%s\0" "$a"; done' sh \
                'a b' $'c\nd' '"' "'" '' '*' '\\' 'äö€' $'\xff' --
        cmp "$work/wanted" "$work/out"
}

check_add() {
        printf '#!/bin/sh\nprintf "<%%s>" "$PWD" "$@"' >"$work/thing"
        chmod 4711 "$work/thing"
        mkdir -p "$work/folder/in ner"
        echo deep >"$work/folder/in ner/file"
        chmod 640 "$work/folder/in ner/file"
        ends 0 vm --add "$work/thing" --add "$work/folder" -- /root/thing 'a b' $'c\nd'
        printf '</root><a b><c\nd>' | cmp - "$work/out"
        ends 0 vm --add "$work/thing" --add "$work/folder" -- \
                stat -c '%a %u %n' . thing 'folder/in ner/file' /usr /usr/bin /lib
        printf '%s\n' '700 0 .' '4711 0 thing' '640 0 folder/in ner/file' '755 0 /usr' '755 0 /usr/bin' \
                '777 0 /lib' | cmp - "$work/out"
}

check_binary_output() {
        head -c 1048576 /dev/urandom >"$work/blob"
        ends 0 vm --add "$work/blob" -- cat blob
        cmp "$work/blob" "$work/out"
        ends 0 slow_reader vm --add "$work/blob" -- cat blob
        cmp "$work/blob" "$work/out"
}

slow_reader() {
        "$@" | (sleep 15; cat)
}

check_closed_output() {
        ends 6 bash -c '"$@" | head -n 1; exit "${PIPESTATUS[0]}"' bash \
                "$work/top/scripts/vm" --no-build --kernel "$kernel" -- sh -c 'seq 100000; exit 6'
}

check_fresh_every_time() {
        ends 0 vm -- sh -c 'for f in /here /mnt/here; do echo >$f || exit; done'
        ends 1 vm -- sh -c 'ls /here /mnt/here && exit 2; exit 1'
}

check_two_at_once() {
        local other
        vm -- sh -c 'echo a >/mnt/f; sleep 2; cat /mnt/f; exit 8' >"$work/other" &
        other=$!
        ends 9 vm -- sh -c 'echo b >/mnt/f; sleep 2; cat /mnt/f; exit 9'
        says out b
        wait "$other" || [[ $? -eq 8 ]]
        [[ $(<"$work/other") == a ]]
}

# killed_by SIGNAL STATUS: scripts/vm dies of SIGNAL with STATUS, and takes its machine with it.
killed_by() {
        local script machine got=0
        mkdir "$work/tmp"
        TMPDIR=$work/tmp "$work/top/scripts/vm" --no-build --kernel "$kernel" -- sleep 1000 &
        script=$!
        sleep 8
        machine=$(pgrep -P "$(pgrep -P "$script" -x timeout)")
        kill "-$1" "$script"
        wait "$script" || got=$?
        sleep 1
        [[ $got -eq $2 && ! -e /proc/$machine ]]
}

check_terminated() {
        killed_by TERM 143
        rmdir "$work/tmp"
}

check_killed() {
        killed_by KILL 137
        rm -r "$work/tmp"
}

check_verity() {
        ends 0 vm -- sh -ec 'for d in /root /mnt; do
                cp /bin/true $d/f; fsverity enable $d/f; fsverity measure $d/f; $d/f
                ! sh -c "echo >>$d/f" 2>/dev/null
        done
        fsverity digest /bin/true'
        [[ $(cut -d ' ' -f 1 "$work/out" | sort -u | wc -l) -eq 1 ]]
}

check_lsm() {
        ends 0 vm -- cat /sys/kernel/security/lsm
        says out ,bpf,
        says out ima
}

check_bpftool() {
        ends 0 vm -- sh -ec 'bpftool prog list; bpftool -j feature probe kernel | head -c 100
                bpftool map create /sys/fs/bpf/m type array key 4 value 4 entries 1 name m
                bpftool map show pinned /sys/fs/bpf/m'
        says out 'name m'
}

check_bpftrace() {
        ends 0 vm -- bpftrace -e 'BEGIN { printf("traced\n"); exit() }'
        says out traced
}

check_modules() {
        ends 0 vm -- sh -ec 'for m in overlay loop btrfs dm-mod; do modprobe $m; done
                grep -c CONFIG_BPF_LSM=y /boot/config-$(uname -r)'
}

check_system() {
        ends 0 vm -- sh -ec 'hostname; echo "$HOME $LANG $(pwd) $(id -u)"; date +%s; ip -br addr
                findmnt -rno TARGET,FSTYPE'
        local now said
        now=$(date +%s)
        said=$(grep -E '^[0-9]{9,}$' "$work/out")
        [[ $((now - said)) -lt 30 && $((said - now)) -lt 30 ]]
        says out '/root C.UTF-8 /root 0'
        says out guest
        says out 127.0.0.1
        says out '/sys/fs/bpf bpf'
        says out '/sys/kernel/tracing tracefs'
        says out '/sys/fs/cgroup cgroup2'
        says out '/mnt ext4'
}

check_append_and_memory() {
        ends 0 vm --append 'rig.a=1 rig.b="x y"' --memory 1500 -- \
                sh -c 'cat /proc/cmdline; [ $(free -m | awk "/Mem/ { print \$2 }") -gt 1300 ]'
        says out 'rig.a=1 rig.b="x y"'
}

check_smp() {
        ends 0 vm --smp 2 -- nproc
        says out 2
}

check_icount() {
        ends 0 vm --icount -- echo counted
        says out counted
}

main() {
        local name status failed=0
        work=$(mktemp -d)
        trap 'rm -rf "$work"' EXIT
        # a tree without build/, so that a build going on at the same time does not disturb
        mkdir -p "$work/top/tests"
        cp -a "$top/scripts" "$work/top/"
        cp -a "$top/tests/vm" "$work/top/tests/"
        # a warm cache, so that no check waits for a download
        vm -- true
        for name in $(declare -F | sed -n 's/^declare -f check_//p'); do
                # not as a condition, where errexit would not hold
                set +e
                (set -e; "check_$name") >"$work/log" 2>&1
                status=$?
                set -e
                if [[ $status -eq 0 ]]; then
                        echo "ok $name"
                else
                        echo "not ok $name"
                        cat "$work/log"
                        failed=1
                fi
        done
        exit "$failed"
}

main "$@"
