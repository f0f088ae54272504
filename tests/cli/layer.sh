#!/bin/sh
# Unpacked layers of images: what is refused, passed over and told. In the role policy, which needs no fs-verity; the rest is
# tried in a guest (tests/vm/cases/layers.sh).
# shellcheck source=tests/cli/helpers
. "$(dirname "$0")/helpers"

"$bpfsign" keygen acme -a rsa2048 >/dev/null
"$bpfsign" keygen eve -a ecdsa-p256 >/dev/null
trust acme acme.crt
export SOURCE_DATE_EPOCH=1700000000
odd=$(printf 'o d\\d\n.')
mkdir -p image/etc/p image/usr/bin

# lines NAME N ARGUMENT…: bpfsign prints N lines, standard error included
lines() {
    name=$1 want=$2
    shift 2
    check "$name" sh -c "'$bpfsign' $* 2>&1 </dev/null | wc -l | grep -qx $want"
}
for name in one two "$odd"; do echo "version: 1 # $name" >"image/etc/p/$name"; done
cp /bin/true image/usr/bin/alice
"$bpfsign" sign --key acme.pem --role policy --name p --manifest policies --root image -r /etc >/dev/null 2>&1
"$bpfsign" sign --key acme.pem --manifest programs --root image usr/bin/alice >/dev/null 2>&1

# --- the command line, and what is no layer --------------------------------------------------------

expect root-and-image-root 2 'exclude each other' apply --root image --image-root image policies
expect neither 2 'MANIFEST is missing' apply
expect one-manifest 2 'too many' apply --image-root image policies programs
expect absent 3 "can't open 'absent'" apply --image-root absent
expect no-directory 3 "can't open 'policies'" apply --image-root policies
expect absent-before-anything 3 "can't open 'absent'" apply --image-root image --image-root absent policies
expect nothing-signed 0 '' apply --image-root image
lines nothing-said 0 apply --image-root image
expect nothing-signed-json 0 '[]' apply --image-root image --json
if [ "$(stat -f -c %T /)" = overlayfs ]; then
    expect overlay 3 "'/usr' is on overlayfs: a container's merged root, not a layer; name the directories that lowerdir=" \
        apply --image-root /usr
else
    echo 'skip overlay: the root is not on overlayfs'
fi

# --- a manifest of several layers --------------------------------------------------------------------

mkdir -p one/etc/p two/etc/p
cp image/etc/p/one one/etc/p
cp "image/etc/p/$odd" two/etc/p
if ! setfattr -n user.try -v x one/etc/p/one 2>/dev/null; then
    echo 'skip layers: no extended attributes here'
    exit $failed
fi
expect dry-run 0 'one/etc/p/one: would be applied as p, policy' apply --image-root one -n policies
expect dry-run-writes-nothing 1 'unsigned' verify one/etc/p/one
expect manifest 0 '1 applied, 2 not in this layer' apply --image-root one policies
expect manifest-verifies 0 'signed by acme as p' verify one/etc/p/one
expect others-silent 0 '1 already applied, 2 not in this layer' apply --image-root one policies
lines others-have-no-line 2 apply --image-root one policies
expect several 0 '1 applied, 1 already applied, 4 not in this layer' apply --image-root one --image-root two/ policies
expect odd-name 0 'two/etc/p/o d\\d\n.: signed by acme' verify -r two
check standard-input sh -c "'$bpfsign' apply --image-root one --image-root two - <policies 2>&1 | grep -q '2 already applied, 4 not'"
expect same-twice 0 '1 already applied, 2 not in this layer' apply --image-root one --image-root one/. policies
expect json 0 '"path":"one/etc/p/two","result":"not in this layer"' apply --image-root one --json policies
expect jobs 0 '1 already applied' apply --image-root one -j 2 policies
mkdir empty
expect one-elsewhere 0 'empty/usr/bin/alice: not in this layer' apply --image-root empty programs
printf x >>one/etc/p/one
expect other-bytes 1 "'one/etc/p/one' has other bytes than were signed" apply --image-root one policies
cp image/etc/p/one one/etc/p/one

# --- claims that were kept ----------------------------------------------------------------------------

expect claims 0 'two/etc/p/o d\\d\n.: already applied as p, policy, sequence 1700000000' apply --image-root two
setfattr -n user.bpfsign -v 0x00 one/etc/p/one
expect garbage 1 "'one/etc/p/one': " apply --image-root one
expect garbage-json 1 '"result":"unknown key"' apply --image-root one --json
setfattr -n user.bpfsign -v "0x$(head -c 9000 /dev/zero | od -An -v -tx1 | tr -d ' \n')" one/etc/p/one 2>/dev/null &&
    expect oversized 1 "the claim is oversized" apply --image-root one
"$bpfsign" sign --key eve.pem --role policy one/etc/p/one --force >/dev/null 2>&1
expect unknown-key 1 "no known key made the signature; enroll its certificate" apply --image-root one
"$bpfsign" sign --key acme.pem --role policy one/etc/p/one --force >/dev/null 2>&1
printf x >>one/etc/p/one
expect claim-of-other-bytes 1 "'one/etc/p/one' has other bytes than were signed" apply --image-root one
cp image/etc/p/one one/etc/p/one

# --- a manifest in the layer ----------------------------------------------------------------------------

manifests=usr/share/bpfsign/manifests
rm -r one && mkdir -p one/etc/p one/$manifests
cp image/etc/p/one one/etc/p
cp policies one/$manifests/a.manifest
expect found 0 '1 applied, 2 not in this layer' apply --image-root one
expect found-again 0 '2 already applied, 2 not' apply --image-root one
echo garbage >one/$manifests/b.manifest
expect found-garbage 3 "'one/$manifests/b.manifest' is no manifest" apply --image-root one
expect found-garbage-others 3 '2 already applied' apply --image-root one
expect found-garbage-dry 3 'is no manifest' apply --image-root one -n --json
rm one/$manifests/b.manifest
ln -s "$directory/programs" one/$manifests/c.manifest
expect found-link 3 "can't open 'one/$manifests/c.manifest'" apply --image-root one
rm one/$manifests/c.manifest
mkfifo one/$manifests/d.manifest
expect found-fifo 3 "'one/$manifests/d.manifest' is not a regular file" apply --image-root one
rm -r one/usr
ln -s ../../image/usr one/usr
cp policies image/etc/policies
mkdir -p image/$manifests && mv image/etc/policies image/$manifests/e.manifest
expect found-not-outside 0 'one/etc/p/one: already applied' apply --image-root one
lines found-not-outside-indeed 1 apply --image-root one
rm one/usr

# --- what a hostile image may hold -----------------------------------------------------------------------

# copy: the layer `one` with the signed policy in it
copy() {
    rm -rf one && mkdir -p one/etc/p && cp image/etc/p/one one/etc/p
}

copy
ln one/etc/p/one outside
expect linked-outside 3 "'one/etc/p/one' has 2 names, 1 of them in the layers named" apply --image-root one policies
expect linked-outside-untouched 1 'unsigned' verify outside
rm outside
ln one/etc/p/one one/etc/link
expect linked-inside 0 '1 applied' apply --image-root one policies
expect linked-inside-once 0 'one/etc/link: already applied' apply --image-root one
lines linked-inside-one-line 1 apply --image-root one
copy
mkdir target
mv one/etc/p/one target/one
ln -s "$directory/target/one" one/etc/p/one
expect link-out 0 '3 not in this layer' apply --image-root one policies
rm -r one/etc && ln -s ../image/etc one/etc
expect directory-out 0 '3 not in this layer' apply --image-root one policies
expect out-untouched 1 'unsigned' verify target/one image/etc/p/one
expect walk-not-out 0 '' apply --image-root one
lines walk-not-out-silent 0 apply --image-root one
copy
rm one/etc/p/one && mkfifo one/etc/p/one
expect fifo 3 "'one/etc/p/one' is not a regular file" apply --image-root one policies
expect fifo-walked 0 '' apply --image-root one
rm one/etc/p/one && mkdir one/etc/p/one
expect a-directory 3 "'one/etc/p/one' is not a regular file" apply --image-root one policies
rmdir one/etc/p/one
if mknod one/etc/p/one c 0 0 2>/dev/null; then
    expect whiteout 0 '3 not in this layer' apply --image-root one policies
    rm one/etc/p/one
else
    echo 'skip whiteout: no devices can be made here'
fi
copy
setfattr -n user.overlay.whiteout -v y one/etc/p/one
expect whiteout-by-attribute 0 '3 not in this layer' apply --image-root one policies
copy
"$bpfsign" apply --image-root one policies >/dev/null 2>&1
setfattr -n user.overlay.metacopy -v y one/etc/p/one
expect content-elsewhere 0 '' apply --image-root one
lines content-elsewhere-silent 0 apply --image-root one
setfattr -x user.overlay.metacopy one/etc/p/one
truncate -s 2T one/etc/p/one 2>/dev/null &&
    expect sparse 3 "'one/etc/p/one' has more holes than bytes" apply --image-root one
copy
truncate -s 2T one/etc/p/two 2>/dev/null &&
    expect sparse-manifest 3 "'one/etc/p/two' has more holes than bytes" apply --image-root one policies
sed 's,^file etc/p/one ,file ../../../etc/p/one ,' policies >up
copy
expect up-is-inside 0 'one/../../../etc/p/one: applied' apply --image-root one up
copy
perl -e 'chdir "one"; for (1..1100) { mkdir "deep"; chdir "deep" }'
expect deep 3 "can't open 'one/deep/deep" apply --image-root one
copy
expect unsealable-tried 3 "fs-verity" apply --image-root image -n programs

exit $failed
