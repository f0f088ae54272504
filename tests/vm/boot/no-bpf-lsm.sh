#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In a guest that was booted without bpf among its security modules (scripts/vm --append
# 'lsm=landlock,lockdown,yama,integrity'): enforcement does not begin, and says how to cure it. Run as tests/vm/lib/run is,
# from the directory with keys, bin and lib; prints the same lines.

set -u
cd "$(dirname "$0")/.." || exit 2
CASE=no-bpf-lsm KEYS=$PWD/keys WORK=/mnt/no-bpf-lsm LOG=/run/watchbpf.log WATCHER=
PATH=$PWD/bin:$PATH
mkdir "$WORK" || exit 2
# shellcheck source=tests/vm/lib/lib.sh
. ./lib/lib.sh

case ,$(cat /sys/kernel/security/lsm), in
*,bpf,*) fail "baseline: the kernel runs without bpf" "$(cat /sys/kernel/security/lsm)" ;;
*) pass "baseline: the kernel runs without bpf" ;;
esac
bpfsign enroll "$KEYS/acme.pem" --signer acme >/dev/null
bpfsign enroll "$KEYS/ctl.pem" --signer ctl --control >/dev/null
bpfsign sign --key "$KEYS/acme.pem" /usr/bin/bpfsign /usr/bin/watchbpf >/dev/null 2>&1
policy good <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
cure="add bpf to the list in lsm= on the kernel command line and reboot"
for mode in --enforce --observe; do
    exits 3 "$mode is refused" watchbpf "$mode" "$WORK/good.yaml"
    says "bpf is an active security module" "… says why" watchbpf "$mode" "$WORK/good.yaml"
    says "$cure" "… and the cure" watchbpf "$mode" "$WORK/good.yaml"
done
exits 1 "status says no" bpfsign status
says "[no]  bpf-lsm " "… to bpf-lsm" bpfsign status
says "cure: $cure" "… with the cure" bpfsign status
says "\"cure\":\"$cure\"" "… in JSON" bpfsign status --json
pinned && fail "nothing is pinned" "pins are there" || pass "nothing is pinned"
exits 0 "nothing is denied" probe load
exit $((failures > 0))
