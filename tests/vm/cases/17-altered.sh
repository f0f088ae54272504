# A byte changed on the disk beneath fs-verity, through the block device: verify says so, and
# what is altered never runs with a mark.

device=$(findmnt -no SOURCE /mnt)
copy alice "$TESTS/bin/probe"
copy eve "$TESTS/bin/probe"
sign alice
says "signed by acme as alice" "baseline: verify" bpfsign verify "$WORK/alice"
exits 0 "baseline: it runs" "$WORK/alice" load

enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
exits 0 "alice" "$WORK/alice" load

# alter FILE DEVICE: flips one bit in each of its first blocks, past the page cache
alter() {
    local block
    for block in $(python3 -c 'import fcntl, os, struct, sys
file = os.open(sys.argv[1], os.O_RDONLY)
for index in range(8): # FIBMAP
    print(struct.unpack("i", fcntl.ioctl(file, 1, struct.pack("i", index)))[0])' "$1"); do
        dd if="$2" of="$WORK/block" bs=4096 skip="$block" count=1 iflag=direct &&
            python3 -c 'import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[2000] ^= 1
open(sys.argv[1], "wb").write(data)' "$WORK/block" &&
            dd if="$WORK/block" of="$2" bs=4096 seek="$block" conv=notrunc oflag=direct || return
    done
}
sync
succeeds "root alters it on the disk" alter "$WORK/alice" "$device"
echo 3 >/proc/sys/vm/drop_caches
exits 1 "verify of an altered file" bpfsign verify "$WORK/alice"
says "altered" "… says which" bpfsign verify "$WORK/alice"
"$WORK/alice" load >"$WORK/out" 2>&1
status=$?
grep -q allowed "$WORK/out" && fail "an altered alice" "$(cat "$WORK/out")" ||
    pass "an altered alice does not load (status $status)"
exits 1 "verify of an unsigned file" bpfsign verify "$WORK/eve"
says "unsigned" "… says which" bpfsign verify "$WORK/eve"
