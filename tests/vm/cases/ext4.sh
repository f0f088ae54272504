# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# An image that bpfsign-ext4 made without the kernel's help: the kernel takes its files for sealed, digests and content are those of the tree, and a
# program in it is entitled like any other. What was altered in the image is not read.
# once: how ext4 keeps a sealed file is the same on every kernel

tree=$WORK/tree image=$WORK/image
mkdir -p "$tree/bin" "$tree/o d" "$WORK/mounted"
cp "$TESTS/bin/probe" "$tree/bin/alice"
: >"$tree/empty"
head -c 1 /dev/urandom >"$tree/o d/on e"
head -c 4096 /dev/urandom >"$tree/block"
head -c 65536 /dev/urandom >"$tree/64k"
head -c 1500000 /dev/urandom >"$tree/levels" # more than 128 blocks: a tree of two levels
ln "$tree/block" "$tree/linked"
echo plain >"$tree/plain"
setfattr -n security.capability -v 0x0000000200040000000000000000000000000000 "$tree/bin/alice"
sign_tree() {
    bpfsign sign --key "$KEYS/acme.pem" --root "$tree" --with ima --recursive --exclude plain --manifest "$WORK/m" --force . >/dev/null
}
sign_tree || fail "the manifest" "not signed"
build() {
    /usr/lib/bpfsign/bpfsign-ext4 --tree "$tree" --size 16M "$image" "$WORK/m"
}

says "sealed: 7" "it is made" build
cp "$image" "$WORK/first"
exits 0 "the tree is as it was" cmp "$tree/block" "$tree/linked"
build >/dev/null
exits 0 "the same input makes the same bytes" cmp "$image" "$WORK/first"
exits 0 "e2fsck finds nothing" e2fsck -fn "$image"
modprobe loop
mount -o loop "$image" "$WORK/mounted" || fail "mount" "status $?"
for file in bin/alice empty 'o d/on e' block linked 64k levels; do
    says "sha256:$(fsverity digest --compact "$tree/$file")" "$file is sealed" fsverity measure "$WORK/mounted/$file"
    exits 0 "$file has its bytes" cmp "$tree/$file" "$WORK/mounted/$file"
done
exits 0 "all are signed" bpfsign verify --recursive --exclude plain --exclude lost+found "$WORK/mounted"
says "ima: signed by acme" "by IMA's signature too" bpfsign verify "$WORK/mounted/bin/alice"
exits 1 "what is in no manifest is not sealed" sh -c "lsattr '$WORK/mounted/plain' | grep -q V"
says "security.capability=0x0000000200040000" "attributes of the tree are there" getfattr --absolute-names -d -m - -e hex "$WORK/mounted/bin/alice"
says "Operation not permitted" "nobody writes a sealed file" sh -c "echo x >>'$WORK/mounted/levels'"

exits 0 "baseline: it loads" "$WORK/mounted/bin/alice" load
enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
exits 0 "alice of the image is entitled" "$WORK/mounted/bin/alice" load
cp "$WORK/mounted/bin/alice" "$WORK/mounted/bin/eve"
says "load: EPERM" "a copy is not" "$WORK/mounted/bin/eve" load
refused eve unsigned
leave
umount "$WORK/mounted"

# one byte of the image, in the middle of a file, becomes another
at=$(($(debugfs -R 'bmap /levels 100' "$image" 2>/dev/null) * 4096 + 5))
before=$(od -An -tu1 -j "$at" -N 1 "$image")
# shellcheck disable=SC2059 # the byte is an escape sequence of printf
printf "\\$(printf %o $((before ^ 1)))" | dd of="$image" bs=1 seek="$at" conv=notrunc status=none
mount -o loop "$image" "$WORK/mounted" || fail "mount again" "status $?"
says "Input/output error" "an altered block is not read" cat "$WORK/mounted/levels"
umount "$WORK/mounted"

# what it does not do
cp "$image" "$image.before"
printf x >>"$tree/64k"
says "has other bytes than were signed" "a file that is not the signed one" build
truncate -s 65536 "$tree/64k"
touch "$tree/$(printf 'new\nline')"
says "a file name with a quote, a backslash or a newline" "a name that debugfs does not take" build
rm "$tree"/new*
sed 's/ ima:/ builtin:/' "$WORK/m" >"$WORK/builtin"
says "a built-in signature cannot be sealed in without a kernel" "a built-in signature" \
    /usr/lib/bpfsign/bpfsign-ext4 --tree "$tree" --size 16M "$WORK/other" "$WORK/builtin"
head -n 2 "$WORK/m" >"$WORK/cut"
says "is cut short" "a manifest without its end" /usr/lib/bpfsign/bpfsign-ext4 --tree "$tree" --size 16M "$WORK/other" "$WORK/cut"
sed "s,^file [^ ]*empty,file ../../../etc/hostname," "$WORK/m" >"$WORK/out"
says "etc/hostname" "a path that leads out of the tree leads nowhere" /usr/lib/bpfsign/bpfsign-ext4 --tree "$tree" --size 16M "$WORK/other" "$WORK/out"
mkdir "$tree/etc"
ln -s /o\ d "$tree/etc/way"
sed 's,^file [^ ]*on.x20e,file etc/way/on\\x20e,' "$WORK/m" >"$WORK/link"
says "sealed: 7" "a link of the tree leads to a file of the tree" /usr/lib/bpfsign/bpfsign-ext4 --tree "$tree" --size 16M "$WORK/other" "$WORK/link"
rm "$tree/empty" "$WORK/other"
says "empty" "a file that is missing" build
exits 0 "the image of before is still there" cmp "$image.before" "$image"
sign_tree
says "can't make" "an image that is too small" /usr/lib/bpfsign/bpfsign-ext4 --tree "$tree" --size 16K "$WORK/other" "$WORK/m"
exits 1 "… is none" test -e "$WORK/other"
succeeds "no work is left" sh -c "! ls -A '$WORK' | grep -F .bpfsign-ext4"
