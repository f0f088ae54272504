# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# bpfsign apply --image-root: the layers of a container image, unpacked as runtimes do it, with extended attributes and without. What
# is signed in them is sealed and usable at once; what is hostile, shared or on the wrong file system is refused.
# once: signatures at rest, and the command's own messages

build=$WORK/build manifests=usr/share/bpfsign/manifests odd=$'o d\nd'
mkdir -p "$build/usr/bin" "$build/$manifests" "$build/etc"
cp "$TESTS/bin/probe" "$build/usr/bin/alice"
cp /bin/sleep "$build/usr/bin/sleeper"
echo collateral >"$build/usr/bin/$odd"
cp "$TESTS/bin/probe" "$build/usr/bin/eve"
printf e >>"$build/usr/bin/eve"
bpfsign sign --key "$KEYS/acme.pem" --sequence 5 --root "$build" --manifest "$WORK/m" \
    usr/bin/alice usr/bin/sleeper "usr/bin/$odd" >"$WORK/.said" 2>&1 || fail "the manifest" "$(cat "$WORK/.said")"
bpfsign sign --key "$KEYS/acme.pem" --sequence 5 --root "$build" usr/bin/alice usr/bin/sleeper "usr/bin/$odd" \
    >"$WORK/.said" 2>&1 || fail "the image" "$(cat "$WORK/.said")"
tar -C "$build" --xattrs --xattrs-include='user.*' -cf "$WORK/layer.tar" .

# unpack NAME [OPTION...]: a layer $WORK/NAME; with extended attributes unless told otherwise
unpack() {
    local to=$WORK/$1
    shift
    [ $# -gt 0 ] || set -- --xattrs '--xattrs-include=user.*'
    rm -rf "$to"
    mkdir "$to"
    tar -C "$to" -xpf "$WORK/layer.tar" "$@"
}

# sealed WHAT FILE: with alice's digest; unsealed WHAT FILE
sealed() {
    says "sha256:$(fsverity digest --compact "$TESTS/bin/probe")" "$1" fsverity measure "$2"
}

unsealed() {
    exits 1 "$1" fsverity measure "$2"
}

# --- attributes kept ---------------------------------------------------------------------------------

unpack kept
unsealed "baseline: no archive keeps fs-verity" "$WORK/kept/usr/bin/alice"
exits 1 "… so that a kept claim is not enough" bpfsign verify "$WORK/kept/usr/bin/alice"
says 'kept/usr/bin/alice: would be applied as alice, executable, sequence 5' "a dry run" bpfsign apply --image-root "$WORK/kept" -n
unsealed "… changes nothing" "$WORK/kept/usr/bin/alice"
says '3 applied in' "files with a claim are sealed" bpfsign apply --image-root "$WORK/kept"
sealed "… with the right digest" "$WORK/kept/usr/bin/alice"
exits 0 "… odd names too" bpfsign verify "$WORK/kept/usr/bin/$odd"
unsealed "… others are not" "$WORK/kept/usr/bin/eve"
exits 0 "… and all are out of the memory" bpfsign settle "$WORK/kept/usr/bin/alice" "$WORK/kept/usr/bin/sleeper"
says '3 already applied in' "again" bpfsign apply --image-root "$WORK/kept"
says '"result":"already applied","name":"alice","role":"executable","sequence":5,"message":"","hint":""}' "in JSON" \
    bpfsign apply --image-root "$WORK/kept" --json

# --- attributes dropped --------------------------------------------------------------------------------

unpack dropped --no-xattrs
says_nothing "without claims there is nothing to do" bpfsign apply --image-root "$WORK/dropped"
unpack upper --no-xattrs
rm -r "$WORK/upper/usr/bin"
mkdir -p "$WORK/upper/usr"
mknod "$WORK/upper/usr/bin" c 0 0
says '3 applied, 3 not in this layer' "a manifest, of which the upper layer has whited everything out" \
    bpfsign apply --image-root "$WORK/dropped" --image-root "$WORK/upper" "$WORK/m"
sealed "… seals" "$WORK/dropped/usr/bin/alice"
exits 0 "… and signs" bpfsign verify "$WORK/dropped/usr/bin/alice" "$WORK/dropped/usr/bin/$odd"
unpack held --no-xattrs
cp "$WORK/m" "$WORK/held/$manifests/image.manifest"
says '3 applied in' "a manifest in the layer" bpfsign apply --image-root "$WORK/held"
sealed "… seals" "$WORK/held/usr/bin/alice"
unpack both
cp "$WORK/m" "$WORK/both/$manifests/image.manifest"
exits 0 "claims and a manifest" bpfsign apply --image-root "$WORK/both"
exits 0 "… do not hinder each other" bpfsign verify "$WORK/both/usr/bin/alice" "$WORK/both/usr/bin/sleeper"

# --- killed, in use, linked -------------------------------------------------------------------------------

many=$WORK/many
mkdir "$many"
for i in $(seq 600); do
    echo "$i" >"$many/$i"
done
bpfsign sign --key "$KEYS/acme.pem" --root "$many" --manifest "$WORK/many.manifest" --recursive . >/dev/null 2>&1
for last in 1 3; do # in the order of the names
    bpfsign apply --image-root "$many" "$WORK/many.manifest" -j 1 >/dev/null 2>&1 &
    for _ in $(seq 500); do
        fsverity measure "$many/$last" >/dev/null 2>&1 && break
    done
    kill -9 $!
    wait $! 2>/dev/null
    exits 0 "killed after it sealed one" fsverity measure "$many/$last"
    unsealed "… and before it sealed all" "$many/99"
done
exits 0 "killed and run again" bpfsign apply --image-root "$many" "$WORK/many.manifest"
says '600 good in' "… all is signed" bpfsign verify --recursive "$many"
says '600 already applied in' "… and by claims alone" bpfsign apply --image-root "$many"

unpack busy
exec 7>>"$WORK/busy/usr/bin/alice"
says "can't enable fs-verity on '$WORK/busy/usr/bin/alice': Text file busy; it is open for writing; close it there" \
    "a file that is still being written" bpfsign apply --image-root "$WORK/busy"
exec 7>&-
exits 0 "… is done later" bpfsign apply --image-root "$WORK/busy"
sealed "… and is sealed" "$WORK/busy/usr/bin/alice"
unpack running
"$WORK/running/usr/bin/sleeper" 600 &
sleeper=$!
sleep 0.5
says 'not usable until it has left the memory' "a file that is running" bpfsign apply --image-root "$WORK/running"
says 'unless it was settled when it was sealed, not usable until it has left the memory' "… is told again" bpfsign apply --image-root "$WORK/running"
kill $sleeper
wait $sleeper 2>/dev/null
says '3 already applied in' "… until it has ended" bpfsign apply --image-root "$WORK/running"
exits 0 "… and then it is settled" bpfsign settle "$WORK/running/usr/bin/sleeper"

unpack linked
ln "$WORK/linked/usr/bin/alice" "$WORK/outside"
says "linked/usr/bin/alice' has 2 names, 1 of them in the layers named" "a file with a name outside" bpfsign apply --image-root "$WORK/linked"
unsealed "… is left alone" "$WORK/outside"
rm "$WORK/outside"
ln "$WORK/linked/usr/bin/alice" "$WORK/linked/usr/bin/alias"
exits 0 "one with two names in the layer" bpfsign apply --image-root "$WORK/linked" -j 4
sealed "… is sealed under both" "$WORK/linked/usr/bin/alias"

# --- hostile content -----------------------------------------------------------------------------------------

unpack hostile
alices=$(getfattr --absolute-names --only-values -n user.bpfsign "$WORK/hostile/usr/bin/alice" | base64 -w 0)
setfattr -n user.bpfsign -v "0s$alices" "$WORK/hostile/usr/bin/eve"
mkfifo "$WORK/hostile/usr/bin/pipe"
mknod "$WORK/hostile/usr/bin/device" c 10 130
ln -s "$TESTS/bin/probe" "$WORK/hostile/usr/bin/way-out"
(echo x >"$WORK/hostile/usr/bin/pipe") &
writer=$!
exits 1 "alice's claim on eve" bpfsign apply --image-root "$WORK/hostile"
says "hostile/usr/bin/eve' has other bytes than were signed" "… is told" bpfsign apply --image-root "$WORK/hostile"
unsealed "… and left alone" "$WORK/hostile/usr/bin/eve"
sealed "… alice is not" "$WORK/hostile/usr/bin/alice"
sed "s,^file usr/bin/alice ,file usr/bin/pipe ," "$WORK/m" >"$WORK/pipes"
says "hostile/usr/bin/pipe' is not a regular file" "a manifest that names a pipe" bpfsign apply --image-root "$WORK/hostile" "$WORK/pipes"
sed "s,^file usr/bin/alice ,file usr/bin/device ," "$WORK/m" >"$WORK/devices"
says "hostile/usr/bin/device' is not a regular file" "… a device" bpfsign apply --image-root "$WORK/hostile" "$WORK/devices"
sed "s,^file usr/bin/alice ,file usr/bin/way-out ," "$WORK/m" >"$WORK/ways"
says '1 not in this layer' "… a link that leads out" bpfsign apply --image-root "$WORK/hostile" "$WORK/ways"
unsealed "… leads nowhere" "$TESTS/bin/probe"
exits 0 "nobody opened the pipe" kill -0 $writer
kill $writer
wait $writer 2>/dev/null
setfattr -n trusted.overlay.metacopy -v y "$WORK/hostile/usr/bin/eve"
exits 0 "a file whose content is in another layer is none of this one" bpfsign apply --image-root "$WORK/hostile"
unpack foreign
bpfsign keygen eve --output "$WORK/eve" >/dev/null
bpfsign sign --key "$WORK/eve.pem" --role policy --name eve "$WORK/foreign/usr/bin/eve" >/dev/null 2>&1
says "foreign/usr/bin/eve': no known key made the signature; enroll its certificate" "a signer who is not enrolled" \
    bpfsign apply --image-root "$WORK/foreign"
unsealed "… seals nothing" "$WORK/foreign/usr/bin/eve"

# --- the wrong place -------------------------------------------------------------------------------------------

modprobe overlay
mkdir "$WORK/up" "$WORK/work" "$WORK/merged"
mount -t overlay -o "lowerdir=$WORK/kept,upperdir=$WORK/up,workdir=$WORK/work" none "$WORK/merged" || fail "overlay" "status $?"
says "'$WORK/merged' is on overlayfs: a container's merged root, not a layer; name the directories that lowerdir= of this mount lists" \
    "a container's merged root" bpfsign apply --image-root "$WORK/merged"
exits 3 "… is refused" bpfsign apply --image-root "$WORK/merged/usr"
says "signed by acme as alice" "the layer's claim is seen through it" sh -c "getfattr --absolute-names -d -m user.bpfsign '$WORK/merged/usr/bin/alice' | grep -q user.bpfsign && bpfsign verify '$WORK/kept/usr/bin/alice'"
umount "$WORK/merged"

truncate -s 32M "$WORK/plain.img"
mke2fs -q -t ext4 -O ^verity -b 4096 "$WORK/plain.img"
modprobe loop
mkdir "$WORK/plain"
mount -o loop "$WORK/plain.img" "$WORK/plain" || fail "mount" "status $?"
mkdir "$WORK/plain/layer"
tar -C "$WORK/plain/layer" --xattrs --xattrs-include='user.*' -xpf "$WORK/layer.tar"
says "can't enable fs-verity on '$WORK/plain/layer': Operation not supported; on ext4: tune2fs -O verity DEVICE" \
    "ext4 without fs-verity" bpfsign apply --image-root "$WORK/plain/layer"
says 1 "… is one line" sh -c "bpfsign apply --image-root '$WORK/plain/layer' 2>&1 | wc -l"
exits 3 "… and could not be done" bpfsign apply --image-root "$WORK/plain/layer" "$WORK/m"
tune2fs -O verity "$(findmnt -no SOURCE "$WORK/plain")" >"$WORK/.said" 2>&1 || fail "tune2fs" "$(cat "$WORK/.said")"
says '3 applied in' "… until it is cured" bpfsign apply --image-root "$WORK/plain/layer"
sealed "… while it is mounted" "$WORK/plain/layer/usr/bin/alice"
umount "$WORK/plain"
mkdir "$WORK/memory"
mount -t tmpfs none "$WORK/memory"
tar -C "$WORK/memory" --no-xattrs -xpf "$WORK/layer.tar"
says "it needs ext4, f2fs or btrfs" "a file system that has none" bpfsign apply --image-root "$WORK/memory" "$WORK/m"
umount "$WORK/memory"

# --- while enforcement is on ---------------------------------------------------------------------------------------

unpack later
unpack half
says "load: allowed" "baseline: anybody loads" "$WORK/later/usr/bin/alice" load
# of cases before this one
rm -f /var/lib/bpfsign/sequences
enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
says "load: EPERM" "an unpacked layer's alice, not yet sealed" "$WORK/later/usr/bin/alice" load
refused alice unsigned
exits 0 "the layer is sealed" bpfsign apply --image-root "$WORK/later"
says "load: allowed" "… and she may, at once" "$WORK/later/usr/bin/alice" load
cat "$WORK/half/usr/bin/alice" >/dev/null
fsverity enable "$WORK/half/usr/bin/alice"
says "load: EPERM" "one that was sealed and not settled, as whoever was killed leaves it" "$WORK/half/usr/bin/alice" load
says "half/usr/bin/alice: already applied as alice" "… is settled" bpfsign apply --image-root "$WORK/half"
says "load: allowed" "… and she may" "$WORK/half/usr/bin/alice" load
says "load: EPERM" "eve of the layer may not" "$WORK/later/usr/bin/eve" load
leave
