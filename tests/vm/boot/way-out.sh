#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In a guest that was booted with bpfsign=off, the way out for who stands at the console: enforcement does not begin, and says
# why. Run as tests/vm/lib/run is, from the directory with keys, bin and lib; prints the same lines.

set -u
cd "$(dirname "$0")/.." || exit 2
CASE=way-out KEYS=$PWD/keys WORK=/mnt/way-out LOG=/run/watchbpf.log WATCHER=
PATH=$PWD/bin:$PATH
mkdir "$WORK" || exit 2
# shellcheck source=tests/vm/lib/lib.sh
. ./lib/lib.sh

bpfsign enroll "$KEYS/acme.pem" --signer acme >/dev/null
bpfsign enroll "$KEYS/ctl.pem" --signer ctl --control >/dev/null
bpfsign sign --key "$KEYS/acme.pem" /usr/bin/bpfsign /usr/bin/watchbpf >/dev/null 2>&1
policy good <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
exits 3 "enforcement does not begin" watchbpf --enforce "$WORK/good.yaml"
says "the kernel command line does not say bpfsign=off" "… says why" watchbpf --enforce "$WORK/good.yaml"
says "[no]  command-line" "status says it" bpfsign status
pinned && fail "nothing is pinned" "pins are there" || pass "nothing is pinned"
exits 0 "nothing is denied" probe load
exit $((failures > 0))
