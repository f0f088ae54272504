#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# system.sh [dracut]: inside of a booted image, with an initrd of dracut or of initramfs-tools: the system is whole, its enforcement began in the initrd, systemd and bpftrace do what they are
# entitled to, and nobody else does.

set -u
CASE=image
. ./lib.sh

says '[yes] began in the initrd' "the enforcement began in the initrd" bpfsign status
exits 0 "the real root's watchbpf took it over" watchbpf self-test
says active "its service runs" systemctl is-active watchbpf.service
says '0 loaded units' "no unit failed" systemctl --failed --no-pager
says running "the system is complete" systemctl is-system-running --wait

# PID 1 was decided about from its exec on, and there is no bpf() before
decided "PID 1 was measured" PROCESS=systemd PID=1 OP=exec ACTION=ProgApproved,MapsDenied SIGNER=vendor
if [ "${1:-}" = dracut ]; then
    says "accepted: 1" "the initrd's own systemd had loaded its LSM program, and no other was accepted" bpfsign status
else
    says "bpfsign: watchbpf: 0 programs and 0 maps were loaded before" "nobody used BPF before" journalctl -q -k
fi
# (in an initrd with systemd, PID 1 tries to take the old root's mounts away, the pins' among them, which is refused)
first=$(journalctl -q -t watchbpf -o cat | grep -v 'process: systemd pid: 1 .* op: unpin' | sed -n '/^process:/{p;q}')
case $first in
*'process: systemd pid: 1 '*'op: exec '*) pass "the first line of the boot is PID 1's" ;;
*) fail "the first line of the boot is PID 1's" "$first" ;;
esac
for type in cgroup_device cgroup_skb lsm; do
    decided "systemd loads $type" PROCESS=systemd OP=load TYPE=$type ACTION=Approved SIGNER=vendor REASON=ok
done
says ' 0' "the kernel's log has no complaint of systemd's about BPF" \
    sh -c 'echo " $(journalctl -q -b _PID=1 | grep -ciE "does not support BPF|failed to (load|attach).*bpf")"'

# and what it loads works: IP filter, devices, file systems
run() { systemd-run --quiet --wait --collect --pipe "$@"; }
send='echo x >/dev/udp/127.0.0.1/9'
exits 0 "baseline: a service may send" run bash -c "$send"
fails 'Operation not permitted' "IPAddressDeny= denies it" run -p IPAddressDeny=any bash -c "$send"
exits 0 "… but what IPAddressAllow= names" run -p IPAddressDeny=any -p IPAddressAllow=127.0.0.1 bash -c "$send"
exits 0 "baseline: a service reads a device" run dd if=/dev/vda of=/dev/null count=1
fails 'Operation not permitted' "DevicePolicy=closed denies it" run -p DevicePolicy=closed dd if=/dev/vda of=/dev/null count=1
exits 0 "… but what DeviceAllow= names" run -p DevicePolicy=closed -p 'DeviceAllow=/dev/vda r' dd if=/dev/vda of=/dev/null count=1
exits 0 "baseline: a service reads /proc" run cat /proc/version
fails 'Operation not permitted' "RestrictFileSystems= denies it" run -p 'RestrictFileSystems=~proc' cat /proc/version

# bpftrace, signed, and the same bytes unsigned
hello='BEGIN { printf("hel%s\n", "lo"); exit(); }'
says hello "bpftrace works for root" bpftrace -e "$hello"
cp /usr/bin/bpftrace /tmp/unsigned-bpftrace
fails 'ERROR' "an unsigned copy does not" /tmp/unsigned-bpftrace -e "$hello"
decided "… by us" PROCESS=unsigned-bpftrace ACTION=BPFDenied REASON=unsigned
decided "lines are journal entries with fields" PROCESS=bpftrace OP=load TYPE=raw_tracepoint ACTION=Approved PROGRAM=bpftrace

# the hardening of a unit is seccomp filters, under which an entitled program keeps its rights: here all of them
filters=(-p 'SystemCallFilter=@system-service bpf perf_event_open' -p SystemCallErrorNumber=EPERM
    -p SystemCallLog=getsid -p SystemCallArchitectures=native -p 'RestrictAddressFamilies=AF_UNIX AF_NETLINK'
    -p RestrictNamespaces=yes -p RestrictRealtime=yes -p RestrictSUIDSGID=yes -p LockPersonality=yes
    -p MemoryDenyWriteExecute=yes -p NoNewPrivileges=yes -p ProtectClock=yes -p ProtectHostname=yes
    -p ProtectKernelModules=yes -p ProtectKernelLogs=yes -p ProtectKernelTunables=yes -p PrivateDevices=yes)
# shellcheck disable=SC2016 # of the inner shell
count='n=$(sed -n "s/^Seccomp_filters:[[:space:]]*//p" /proc/self/status); echo "$n filters"; [ "$n" -ge 14 ]'
exits 0 "such a unit has many filters" run "${filters[@]}" bash -c "$count"
says hello "bpftrace works under them" run "${filters[@]}" bpftrace -e "$hello"
says hello "… and where some system calls fail, others kill" \
    run -p 'SystemCallFilter=~getppid:ENOSYS getpgrp:kill' bpftrace -e "$hello"
fails ERROR "a system call that is not made, and said to succeed" run -p 'SystemCallFilter=~getppid:0' bpftrace -e "$hello"
decided "… costs it the rights" PROCESS=bpftrace ACTION=BPFDenied REASON=seccomp-filter
exits 0 "baseline: watchbpf is the control program in a unit" run watchbpf self-test
exits 1 "… under any filter it is not" run -p LockPersonality=yes watchbpf self-test
fails '' "… and may not list" run -p LockPersonality=yes watchbpf list
decided "… because of that" PROCESS=watchbpf ACTION=BPFDenied REASON=seccomp-filter

# in the end: the manager executes itself again, and is measured again
exits 0 "systemd executes itself again" systemctl daemon-reexec
exits 0 "… and is still entitled" run -p IPAddressDeny=any -p IPAddressAllow=127.0.0.1 bash -c "$send"
fails 'Operation not permitted' "… its filters still hold" run -p IPAddressDeny=any bash -c "$send"
says '0 loaded units' "still no unit failed" systemctl --failed --no-pager
exit $((failures > 0))
