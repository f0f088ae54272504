#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In a guest whose enforcement began in the initrd (tests/vm/lib/initrd; scripts/vm --initrd): it decides from the first moment,
# the mounts came along, nobody moves them any more, and the signed watchbpf of the real root takes over. Run as tests/vm/lib/run is, from the
# directory with keys, bin and lib; prints the same lines.

set -u
cd "$(dirname "$0")/.." || exit 2
CASE=initrd KEYS=$PWD/keys WORK=/mnt/initrd LOG=/run/watchbpf.log WATCHER=
PATH=$PWD/bin:$PATH
mkdir "$WORK" || exit 2
# shellcheck source=tests/vm/lib/lib.sh
. ./lib/lib.sh

exits 1 "nobody loads a program before anybody watches" probe load
exits 1 "no unsigned program is the control program" /root/tests/bin/watchbpf-mutant self-test
exits 0 "the real root's watchbpf is the control program" watchbpf self-test

# the pins are in no mount of the initrd's or of the real root's
says "Permission denied" "nobody looks at their place" ls "/proc/$KEEPER/root/.."

# the watchbpf of the real root, whose policy is nobody's matter
printf 'version: 1\nprograms:\n  watchbpf: {signer: acme}\n  eve: {signer: acme, load: {types: [xdp]}}\n' >"$WORK/eve.yaml"
watchbpf --enforce "$WORK/eve.yaml" >"$LOG" 2>&1 &
WATCHER=$!
line "it says whose policy is in force" "watching what the initrd began"
line "what was denied before it watched is told" "op: load type: xdp name: from_netdev action: BPFDenied signer: - reason: unsigned"
succeeds "alice loads by the initrd's policy" /root/alice load
says "began in the initrd" "status says where it began" bpfsign status
says "sealed; no order but 'unseal' changes them" "the keyrings are sealed" bpfsign status
says '"initrd":"left"' "and in JSON" bpfsign status --json
exits 1 "eve of the real root's policy loads nothing" probe load
exits 3 "nobody begins it as in an initrd again" watchbpf --enforce "$WORK/eve.yaml" --initrd /
says "watching what the initrd began" "another policy is not put into force" watchbpf --enforce "$WORK/eve.yaml" --detach
kill "$WATCHER"
wait "$WATCHER"
exit $((failures > 0))
