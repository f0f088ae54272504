# What makes nobody Alice: another file, another claim, another role, name, signer, path, an
# older version, an altered byte. The name of the file never matters.
# hooks: bprm_creds_for_exec bprm_check_security inode_post_removexattr inode_post_setxattr

probe=$TESTS/bin/probe
claim_of() { getfattr --only-values -n user.bpfsign "$1" 2>/dev/null; }
give_claim() { # FROM TO
    setfattr -n user.bpfsign -v "0x$(claim_of "$WORK/$1" | od -An -tx1 -v | tr -d ' \n')" "$WORK/$2"
}

for name in alice renamed bob template stranger foreign old elsewhere unclaimed altered; do
    copy "$name" "$probe"
done
exits 0 "baseline: the unsigned file loads" "$WORK/alice" load

# every file its own bytes, so that every digest is another
for name in renamed bob template stranger foreign old elsewhere unclaimed altered; do
    printf '%s' "$name" >>"$WORK/$name"
done
sign alice --sequence 10
sign renamed --name alice --sequence 10
sign old --name alice --sequence 9
sign template --name alice --role collateral
sign stranger
sign elsewhere
sign bob --key "$KEYS/bob.pem"
sign foreign --name alice --key "$KEYS/bob.pem" --sequence 10
sign altered --name alice
fsverity enable "$WORK/unclaimed"
sync; echo 3 >/proc/sys/vm/drop_caches

enforce <<YAML
  alice: {signer: acme, min-sequence: 10, load: {types: [xdp]}}
  bob: {signer: bob, load: {types: [xdp]}}
  elsewhere: {signer: acme, exec: /usr/sbin/elsewhere, load: {types: [xdp]}}
YAML

exits 0 "alice" "$WORK/alice" load
exits 0 "alice under another name" "$WORK/renamed" load
exits 0 "bob" "$WORK/bob" load
exits 1 "fs-verity without a claim" "$WORK/unclaimed" load
line "… says so" "pod: unclaimed op: exec action: BPFDenied signer: - reason: no-claim"
exits 1 "an older alice" "$WORK/old" load
line "… says so" "reason: old-sequence"
exits 1 "a signed template, executed" "$WORK/template" load
line "… says so" "pod: template op: exec action: BPFDenied signer: - reason: wrong-role"
exits 1 "a signed program that the policy does not know" "$WORK/stranger" load
line "… says so" "pod: stranger op: exec action: BPFDenied signer: - reason: not-in-policy"
exits 1 "alice by bob's key" "$WORK/foreign" load
line "… says so" "pod: foreign op: exec action: BPFDenied signer: - reason: unknown-key"
exits 1 "a program outside its exec:" "$WORK/elsewhere" load
line "… says so" "reason: exec-path"
cp "$WORK/elsewhere" /usr/sbin/elsewhere
bpfsign sign --key "$KEYS/acme.pem" /usr/sbin/elsewhere >/dev/null
exits 0 "the same inside it" /usr/sbin/elsewhere load

give_claim alice unclaimed
exits 1 "alice's claim on another file" "$WORK/unclaimed" load
line "… says so" "pod: unclaimed op: exec action: BPFDenied signer: - reason: other-digest"
give_claim renamed alice
exits 1 "another claim on alice, seen at once" "$WORK/alice" load
line "… says so" "pod: alice op: exec action: BPFDenied signer: - reason: other-digest"
setfattr -n user.bpfsign -v "bpfsign claim v1" "$WORK/alice"
exits 1 "a truncated claim" "$WORK/alice" load
line "… says so" "pod: alice op: exec action: BPFDenied signer: - reason: bad-claim"
setfattr -x user.bpfsign "$WORK/renamed" && exits 1 "a claim that was removed" "$WORK/renamed" load
sign renamed --name alice --sequence 10
exits 0 "… and put back" "$WORK/renamed" load
setfattr -x user.bpfsign "$WORK/alice"
sign alice --sequence 11
exits 0 "alice, signed again" "$WORK/alice" load

# one bit of the claim (magic, role, sequence, name, digest, padding) or of the signature
for offset in 0 16 24 32 100 127 159 -20 -1; do
    claim_of "$WORK/renamed" >"$WORK/claim"
    python3 - "$WORK/claim" "$offset" <<'PY'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[int(sys.argv[2])] ^= 1
open(sys.argv[1], "wb").write(data)
PY
    setfattr -n user.bpfsign -v "0x$(od -An -tx1 -v "$WORK/claim" | tr -d ' \n')" "$WORK/renamed"
    exits 1 "one bit changed at $offset" "$WORK/renamed" load
    python3 - "$WORK/claim" "$offset" <<'PY'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[int(sys.argv[2])] ^= 1
open(sys.argv[1], "wb").write(data)
PY
    setfattr -n user.bpfsign -v "0x$(od -An -tx1 -v "$WORK/claim" | tr -d ' \n')" "$WORK/renamed"
done
exits 0 "all bits as they were" "$WORK/renamed" load

cp "$WORK/renamed" "$WORK/copied"
exits 1 "a copy without fs-verity" "$WORK/copied" load
line "… says so" "pod: copied op: exec action: BPFDenied signer: - reason: unsigned"
ln "$WORK/renamed" "$WORK/hardlink"
exits 0 "a hard link" "$WORK/hardlink" load
mkdir "$WORK/bind" && mount --bind "$WORK" "$WORK/bind"
exits 0 "a bind mount" "$WORK/bind/renamed" load
umount "$WORK/bind"
mkdir "$WORK/lower" "$WORK/upper" "$WORK/work" "$WORK/merged"
mv "$WORK/hardlink" "$WORK/lower/alice"
mount -t overlay overlay -o "lowerdir=$WORK/lower,upperdir=$WORK/upper,workdir=$WORK/work" \
    "$WORK/merged"
exits 1 "on overlayfs it fails closed" "$WORK/merged/alice" load
umount "$WORK/merged"
