# Altered on disk: Eve changes a byte of Alice's file on the block device, beneath fs-verity. The kernel verifies
# every page as it reads it; what does not match does not run.
# hooks: (fs-verity)

prepare() {
    copy bitten "$TESTS/bin/probe"
    copy bitten-eve "$TESTS/bin/probe"
    copy whole "$TESTS/bin/probe"
    sign bitten
    sign whole
}

entries() {
    echo '  bitten: {signer: acme, load: {types: [xdp]}}'
    echo '  whole: {signer: acme, load: {types: [xdp]}}'
}

# alter NAME: flips one bit in each of its first blocks, past the page cache.
alter() {
    local block device
    device=$(findmnt -no SOURCE /mnt)
    sync
    for block in $(python3 -c 'import fcntl, os, struct, sys
file = os.open(sys.argv[1], os.O_RDONLY)
for index in range(8): # FIBMAP
    print(struct.unpack("i", fcntl.ioctl(file, 1, struct.pack("i", index)))[0])' "$WORK/$1"); do
        dd if="$device" of="$WORK/block" bs=4096 skip="$block" count=1 iflag=direct &&
            python3 -c 'import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[2000] ^= 1
open(sys.argv[1], "wb").write(data)' "$WORK/block" &&
            dd if="$WORK/block" of="$device" bs=4096 seek="$block" conv=notrunc oflag=direct || return
    done
    echo 3 >/proc/sys/vm/drop_caches
}

baseline() {
    says "load: allowed" "an unsigned program" "$WORK/bitten-eve" load
    succeeds "root alters it on the disk" alter bitten-eve
    exits 1 "nobody verifies it" cmp -s "$TESTS/bin/probe" "$WORK/bitten-eve"
    says "signed by acme as bitten" "the signed one verifies" bpfsign verify "$WORK/bitten"
}

denied() {
    local output
    says "load: allowed" "alice" "$WORK/bitten" load
    succeeds "root alters her on the disk" alter bitten
    says "altered" "verify says so" bpfsign verify "$WORK/bitten"
    output=$("$WORK/bitten" load 2>&1)
    case $?:$output in
    0:* | *allowed*) fail "an altered alice" "it succeeded: $output" ;;
    *) pass "an altered alice does not run" ;;
    esac
    line "alice before that was herself" "process: bitten"
}

control() {
    says "load: allowed" "one that nobody altered" "$WORK/whole" load
    succeeds "it verifies" bpfsign verify "$WORK/whole"
}
