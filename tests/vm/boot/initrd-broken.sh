#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In a guest whose initrd holds an altered policy, without `fail-closed`: the boot went on, and status is red. Run as tests/vm/lib/run is,
# from the directory with lib; prints the same lines.

set -u
cd "$(dirname "$0")/.." || exit 2
CASE=initrd-broken
PATH=$PWD/bin:$PATH
# shellcheck source=tests/vm/lib/lib.sh
. ./lib/lib.sh

exits 1 "status says no" bpfsign status
says "did not begin in the initrd: watchbpf: the policy's signature in '/etc/bpfsign/policy.yaml.manifest' is for other bytes" \
    "… and why" bpfsign status
says '"initrd_failed":"watchbpf: the policy' "… in JSON too" bpfsign status --json
says "bpfsign: the enforcement did not begin" "the kernel's log has it" dmesg
succeeds "nothing is denied" probe load
exit $((failures > 0))
