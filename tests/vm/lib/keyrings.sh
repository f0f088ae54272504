# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The signers' keyrings in a guest, for lib.sh.

# ring_of [SIGNER]: the serial of its keyring, or of the ring that holds them all, as root sees it.
ring_of() {
    awk -v name="bpfsign${1:+:$1}:" '$8 == "keyring" && $9 == name { print "0x" $1 }' /proc/keys
}

# key_of SIGNER: the serial of its key
key_of() {
    bpfsign keys --json | tr '{' '\n' | sed -n "s/.*\"signer\":\"$1\".*\"key\":\([1-9][0-9]*\).*/\1/p"
}

# as_holder COMMAND...: as root, whose @u is then the user keyring that holds our rings; as_owner
# COMMAND...: as the uid that owns it
as_holder() {
    setpriv --ruid 3209793536 "$@"
}

as_owner() {
    setpriv --reuid 3209793536 --clear-groups "$@"
}

# holder: the serial of that user keyring, which its owner sees
holder() {
    as_owner awk '$9 == "_uid.3209793536:" { print "0x" $1 }' /proc/keys
}

# fresh_rings: after a baseline, all rings and keys as they are on disk
fresh_rings() {
    local try
    for try in $(seq 50); do # what was invalidated goes a moment later
        as_holder keyctl clear @u 2>/dev/null && bpfsign enroll --all >/dev/null 2>&1 && return
        sleep 0.1
    done
    fail "the rings as they were" "$(bpfsign enroll --all 2>&1)"
}
