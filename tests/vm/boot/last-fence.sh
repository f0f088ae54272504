#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What can be shown once in a boot: without a control signer nothing ends the enforcement; and when its hooks are
# torn down nevertheless (here a watchbpf without the hooks that prevent it), nobody uses bpf() any more. Run as
# tests/vm/lib/run is, from the directory with keys, bin and lib; prints the same lines. WITHOUT=HOOK leaves out one more.
# hooks: cgroup_bpf

set -u
cd "$(dirname "$0")/.." || exit 2
CASE=last-fence KEYS=$PWD/keys WORK=/mnt/last-fence LOG=/run/watchbpf.log WATCHER=
PATH=$PWD/bin:$PATH
mkdir "$WORK" || exit 2
# shellcheck source=tests/vm/lib/lib.sh
. ./lib/lib.sh

bpfsign enroll "$KEYS/acme.pem" --signer acme >/dev/null
bpfsign enroll "$KEYS/ctl.pem" --signer ctl >/dev/null
bpfsign sign --key "$KEYS/acme.pem" /usr/bin/bpfsign /usr/bin/watchbpf >/dev/null 2>&1
bpfsign sign --key "$KEYS/acme.pem" --name watchbpf "$PWD/bin/watchbpf-mutant" >/dev/null 2>&1
sign_libraries /usr/bin/bpfsign /usr/bin/watchbpf
copy alice "$PWD/bin/probe"
copy eve "$PWD/bin/probe"
sign alice
policy good <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
policy other <<'YAML'
  alice: {signer: acme, load: {types: [kprobe]}}
YAML
exits 0 "baseline: eve" "$WORK/eve" load
succeeds "baseline: a private mount namespace" unshare -m true
exits 3 "a start in a private mount namespace is refused" unshare -m watchbpf --enforce "$WORK/good.yaml"
says "in the mount namespace of PID 1" "… says why" unshare -m watchbpf --enforce "$WORK/good.yaml"

export BPFSIGN_WITHOUT_HOOK=sb_umount,ptrace_access_check${WITHOUT:+,$WITHOUT} WATCHBPF=watchbpf-mutant
watch --enforce "$WORK/good.yaml"
exits 1 "eve" "$WORK/eve" load
exits 0 "alice" "$WORK/alice" load

# no control signer
nonce=$(nonce)
for verb in stop observe enroll unenroll policy; do
    bpfsign order $verb "$WORK/other.yaml" --nonce "$nonce" --key "$KEYS/ctl.pem" --output "$WORK/$verb.order" >/dev/null 2>&1 ||
        bpfsign order $verb --nonce "$nonce" --key "$KEYS/ctl.pem" --output "$WORK/$verb.order" >/dev/null 2>&1
done
exits 1 "stop" watchbpf stop --order "$WORK/stop.order"
says "(no-control-signer)" "… says why" watchbpf stop --order "$WORK/stop.order"
exits 3 "observe" watchbpf --observe "$WORK/good.yaml" --order "$WORK/observe.order" --detach
exits 3 "another policy" watchbpf --enforce "$WORK/other.yaml" --order "$WORK/policy.order" --detach
exits 1 "eve, after all that" "$WORK/eve" load

# the hooks are torn down
says "unmount: allowed" "the pins are unmounted" "$PWD/bin/place" unmount "$KEEPER"
line "watchbpf says so" "THE ENFORCEMENT IS OFF: its hooks do not answer any more; bpf() is refused to everybody until a reboot"
succeeds "… and to the kernel's log" timeout 120 sh -c 'until dmesg | grep -q "THE ENFORCEMENT IS OFF"; do sleep 0.2; done'
exits 1 "eve" "$WORK/eve" load
exits 1 "alice" "$WORK/alice" load
not_permitted "bpftool" bpftool prog
says "EPERM" "/dev/mem" lockdown read /dev/mem
says "kprobe-perf: EPERM" "a kprobe" lockdown kprobe-perf
says "EPERM" "tracefs" lockdown kprobe-event
says "EPERM" "another kernel, by kexec_load(2)" lockdown kexec
says "[no]  intact" "status says no" bpfsign status
exits 3 "another start" watchbpf --enforce "$WORK/good.yaml"
says "no enforcement was torn down since the boot" "… says why" watchbpf --enforce "$WORK/good.yaml"
exit $((failures > 0))
