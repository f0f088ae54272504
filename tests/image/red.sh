#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Inside of an image whose initrd could not begin the enforcement (the policy there was altered, or a key is missing), without
# fail-closed: the boot went on, and status is red.

set -u
CASE=image-red
. ./lib.sh

says running "the system is complete" systemctl is-system-running --wait
exits 1 "status says no" bpfsign status
says "[no]  did not begin in the initrd: watchbpf: " "… and why" bpfsign status
says "bpfsign: the enforcement did not begin: watchbpf: " "the console and the log have it" journalctl -q -k
exit $((failures > 0))
