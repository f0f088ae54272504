# fs-verity never looks back at pages that were cached before it was complete: a file with alice's
# digest and claim whose cached code is Eve's is not Alice.
# hooks: file_ioctl file_ioctl_compat file_open inode_free_security bprm_creds_for_exec

. "$TESTS/lib/stale.sh"

unsettled() { watchbpf status --json | sed -n 's/.*"unsettled_files":\([0-9]*\).*/\1/p'; }
# cached NAME: a small copy that is in memory, sealed by Debian's fsverity, with alice's claim
cached() {
    copy "$1" "$TESTS/bin/probe"
    cat "$WORK/$1" >/dev/null
    ${2:-fsverity enable} "$WORK/$1" >/dev/null || fail "seal $1" "it failed"
    claim small "$1"
}

victim alice
sign alice
copy small "$TESTS/bin/probe"
sign small --name alice
claim small small
middle() { # fs-verity in the middle of an exec, on a new file
    rm -f "$WORK/middle"
    timeout 120 mid_exec "$WORK/middle" "$WORK/small" "$WORK/small.claim"
}
says "alice: allowed" "baseline: alice" "$WORK/alice" who
output=$(middle 2>&1)
case $output in
"other-door: allowed"*) pass "baseline: Eve's entry into alice's code runs" ;;
*"mid_exec: ETXTBSY"*) pass "baseline: this kernel refuses the writing" ;;
*) fail "baseline: in the middle of an exec" "$output" ;;
esac

WATCHBPF=watchbpf-mutant BPFSIGN_WITHOUT_HOOK=file_ioctl enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
stale unhooked
says "eve: allowed" "baseline: without the hook Eve's code wears alice's mark" "$WORK/unhooked" who
line "… and is called alice" "process: unhooked"
line "… with her signer" "op: create type: array name: of_eve action: Approved signer: acme"
leave
gone

enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
exits 0 "alice" "$WORK/alice" who

# --- Eve's page in the cache of a file with alice's digest -----------------------------
stale evil
succeeds "its digest is alice's" test "$(fsverity measure "$WORK/evil" | cut -d' ' -f1)" = \
    "$(fsverity measure "$WORK/alice" | cut -d' ' -f1)"
says "eve: EPERM" "Eve's code runs, unmarked" "$WORK/evil" who
line "… says so" "pod: evil op: exec action: BPFDenied signer: - reason: verity-while-cached"
exits 1 "again, by another open" "$WORK/evil" who
"$WORK/evil" sleep 60 >"$WORK/pid" & # keeps the page mapped: it cannot be dropped
until [ -s "$WORK/pid" ]; do sleep 0.1; done
exits 1 "settling while it is mapped" bpfsign settle "$WORK/evil"
says "eve: EPERM" "… leaves it as it was" "$WORK/evil" who
kill "$!"; wait "$!" 2>/dev/null
succeeds "settled" bpfsign settle "$WORK/evil"
says "alice: allowed" "… it is alice, and alice's code" "$WORK/evil" who
rm -f "$WORK/evil"

stale rotten keep
says "eve: EPERM" "the same with the block left evil" "$WORK/rotten" who
python3 - "$WORK/rotten" <<'PY'
import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
os.fsync(fd)
os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
os.close(os.open(sys.argv[1], os.O_RDONLY))
PY
exits 135 "cleaned by Eve herself it dies of SIGBUS" "$WORK/rotten" who
rm -f "$WORK/rotten"

# --- fs-verity in the middle of an exec ------------------------------------------------
case $output in
*ETXTBSY*) says "mid_exec: ETXTBSY" "the kernel refuses the writing" middle ;;
*)
    says "other-door: EPERM" "Eve's entry into alice's code runs, unmarked" middle
    line "… says so" "pod: middle op: exec action: BPFDenied signer: - reason: "
    succeeds "the file has alice's digest" test "$(fsverity measure "$WORK/middle" |
        cut -d' ' -f1)" = "$(fsverity measure "$WORK/small" | cut -d' ' -f1)"
    ;;
esac

# --- a file that was sealed while it was cached ----------------------------------------------
cached read
exits 1 "sealed while cached" "$WORK/read" who
line "… says so" "pod: read op: exec action: BPFDenied signer: - reason: verity-while-cached"
succeeds "bpfsign settle" bpfsign settle "$WORK/read"
exits 0 "… makes it usable" "$WORK/read" who
cached evicted
exits 1 "sealed while cached, another" "$WORK/evicted" who
sync; echo 3 >/proc/sys/vm/drop_caches
exits 0 "evicted, it is usable" "$WORK/evicted" who
cached by32 verity32
exits 1 "sealed by a 32-bit system call while cached" "$WORK/by32" who
line "… says so" "pod: by32 op: exec action: BPFDenied signer: - reason: verity-while-cached"
copy fresh "$TESTS/bin/probe"
cat "$WORK/fresh" >/dev/null
sign fresh --name alice
exits 0 "signed under enforcement it is usable at once" "$WORK/fresh" who

# --- the map of taints: refuses when it is full, and forgets with the inode ------------------
rm -f "$WORK/read" "$WORK/evicted" "$WORK/by32" "$WORK/fresh"
for n in $(seq 40); do cp "$TESTS/bin/verity32" "$WORK/n$n"; fsverity enable "$WORK/n$n"; done
[ "$(unsettled)" -ge 40 ] && pass "40 files are unsettled" || fail "40 files are unsettled" "$(unsettled)"
rm -f "$WORK"/n*
for n in $(seq 20); do [ "$(unsettled)" -lt 40 ] && break; sleep 0.1; done
[ "$(unsettled)" -lt 10 ] && pass "their inodes gone, they are forgotten" ||
    fail "their inodes gone, they are forgotten" "$(unsettled) are left"
mkdir /tmp/flood
says "verity_flood: 0 refused" "what has no fs-verity does not fill the map" \
    verity_flood /tmp/flood 66000
rm -rf /tmp/flood
