# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Files with a genuine digest and evil pages in the cache: sourced beside lib.sh.

device=$(findmnt -no SOURCE /mnt)

claim() { # FROM TO: a claim, as anybody may copy it
    getfattr --only-values -n user.bpfsign "$WORK/$1" >"$WORK/$1.claim" 2>/dev/null
    setfattr -n user.bpfsign -v "0x$(od -An -tx1 -v "$WORK/$1.claim" | tr -d ' \n')" "$WORK/$2"
}
# victim NAME: alice's bytes, large enough that the tree takes a while, on the disk and not cached
victim() {
    cp "$TESTS/bin/probe" "$WORK/$1"
    truncate -s 16M "$WORK/$1"
    sync "$WORK/$1"
}
# stale NAME [keep]: a new victim, sealed with Eve's page in the cache
stale() {
    local try output
    for try in 1 2 3; do
        rm -f "$WORK/$1"
        victim "$1"
        output=$(timeout 180 stale_page "$WORK/$1" "$device" ${2:+"$2"} 2>&1) && break
    done
    case $output in
    *"the cache has Eve's page"*) claim alice "$1" && pass "the attack came to its end: $1 (try $try)" ;;
    *) fail "the attack came to its end: $1" "$output" ;;
    esac
}
