# Page cache below an overlay: while fs-verity is enabled on the file below, Eve leaves a page of hers in its cache. Cleaned by herself
# afterwards, it is gone.
# hooks: file_ioctl

. "$TESTS/lib/overlay.sh"
. "$TESTS/lib/stale.sh"

prepare() {
    mkdir -p "$WORK/pod.lower"
    victim pod.lower/alice
    sign pod.lower/alice --name paged
    claim_of pod.lower/alice >"$WORK/alice.hex"
    overlay pod
}

entries() {
    echo '  paged: {signer: acme, load: {types: [xdp]}}'
}

# claim FROM TO of stale.sh, whose FROM is here
claim() {
    set_claim "$2" "$(<"$WORK/alice.hex")"
}

baseline() {
    stale pod.lower/paged
    says "eve: allowed" "Eve's code runs from a file with alice's digest" "$WORK/pod/paged" who
    rm -f "$WORK/pod.lower/paged"
}

clean() {
    python3 - "$1" <<'PY'
import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
os.fsync(fd)
os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
os.close(os.open(sys.argv[1], os.O_RDONLY))
PY
}

denied() {
    umount "$WORK/pod"
    rm -rf "$WORK"/pod.{upper,work}
    stale pod.lower/paged
    overlay pod
    says "eve: EPERM" "Eve's code runs, unmarked" "$WORK/pod/paged" who
    line "it says why" "pod: paged op: exec action: BPFDenied signer: - reason: verity-while-cached"
    stale pod.lower/rotten keep
    says "eve: EPERM" "the same with the block left evil" "$WORK/pod/rotten" who
    clean "$WORK/pod.lower/rotten"
    exits 135 "cleaned by Eve herself it dies of SIGBUS" "$WORK/pod/rotten" who
    clean "$WORK/pod.lower/paged"
    says "alice: allowed" "the other is alice, and alice's code" "$WORK/pod/paged" who
}

control() {
    says "alice: allowed" "alice" "$WORK/pod/alice" who
    umount "$WORK/pod"
}
