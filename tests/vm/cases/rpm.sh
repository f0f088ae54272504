# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Debian's unmodified rpm with our plugin: a package brings its vendor's manifest; installed, upgraded, altered by one byte on its way, erased, with
# enforcement on and no use of a private key here but for making the packages.
# once: the hook is the same on every kernel

# Debian's rpm looks for plugins in /usr/lib64, where Debian has none
plugins=$(dirname "$(find /usr/lib -path '*/rpm-plugins/bpfsign.so')")
rpm=(rpm --force-debian --define "__plugindir $plugins" --define "_dbpath $WORK/db" --nodeps)
program=$WORK/bin/alice
manifest=/usr/share/bpfsign/manifests/61-alice.manifest
odd=$WORK/bin/$'o d\nd'
mkdir -p "$WORK/bin"
rm -f /usr/share/bpfsign/manifests/*

# build VERSION [altered]: the package, made of a tree that the vendor signed
build() {
    local version=$1 tree=$WORK/tree
    rm -rf "$tree"
    mkdir -p "$tree${program%/*}" "$tree${manifest%/*}"
    cp "$TESTS/bin/probe" "$tree$program"
    printf '%s' "$version" >>"$tree$program"
    bpfsign sign --key "$KEYS/acme.pem" --root "$tree" --sequence "$version" --manifest "$tree$manifest" --force "$program" >/dev/null ||
        fail "build $version" "not signed"
    [ "${2:-}" != altered ] || printf x >>"$tree$program"
    printf '%s\n' "Name: alice" "Version: $version" "Release: 1" "Summary: test" "License: none" \
        "%description" "test" "%install" "cp -a $tree/. %{buildroot}" "%files" "$program" "$manifest" >"$WORK/alice.spec"
    rpmbuild -bb --define "_topdir $WORK/rpm" --define '_build_id_links none' --define '__os_install_post true' \
        --define "_binary_payload w0.ufdio" "$WORK/alice.spec" >"$WORK/.said" 2>&1 || fail "build $version" "$(tail -n 3 "$WORK/.said")"
    cp "$WORK/rpm/RPMS/x86_64/alice-$version-1.x86_64.rpm" "$WORK/alice-$version${2:+-$2}.rpm"
}

# sequences are remembered from case to case
build 20
build 21
build 22 altered
says "$plugins/bpfsign.so" "rpm knows the plugin" "${rpm[@]}" --eval '%{__transaction_bpfsign}'
# of cases before this one
rm -f /var/lib/bpfsign/sequences
enforce <<'YAML'
  alice: {signer: acme, min-sequence: latest, load: {types: [xdp]}}
YAML

transaction "a package with a manifest is installed" 'bpfsign: 1 file signed' "${rpm[@]}" --install "$WORK/alice-20.rpm"
exits 0 "its program is signed" bpfsign verify "$program"
says "load: allowed" "… and works" "$program" load
transaction "a trial changes nothing" '' "${rpm[@]}" --upgrade --test "$WORK/alice-21.rpm"
cp "$program" "$WORK/bin/old"
set_claim bin/old "$(claim_of bin/alice)"
fsverity enable "$WORK/bin/old"
bpfsign settle "$WORK/bin/old" >/dev/null
says "load: allowed" "baseline: a copy of it works as well" "$WORK/bin/old" load
transaction "it is upgraded" 'bpfsign: 1 file signed' "${rpm[@]}" --upgrade "$WORK/alice-21.rpm"
says "load: allowed" "the new one works" "$program" load
says "load: EPERM" "the old one does no more" "$WORK/bin/old" load
transaction "one altered byte is one clear line" "bpfsign: '${program#/}' could not be signed: '${program#/}' has other bytes than were signed" \
    "${rpm[@]}" --upgrade "$WORK/alice-22-altered.rpm"
says "load: EPERM" "it does not work" "$program" load
refused alice unsigned
exits 1 "status is red" bpfsign status
transaction "it is erased" '' "${rpm[@]}" --erase alice
exits 1 "… and gone" test -e "$program"
says '"unsigned":[]' "nothing is left to be said" bpfsign status --json

# another root: its own certificates, its own files
bpfsign enroll --root "$WORK/root" --signer acme "$KEYS/acme.crt" >/dev/null
transaction "another root" 'bpfsign: 1 file signed' "${rpm[@]}" --root "$WORK/root" --install "$WORK/alice-20.rpm"
exits 0 "… in which it is signed" bpfsign verify "$WORK/root$program"

# Eve's packages: a manifest that reaches out of the root, and one that names another's file with signatures of her own
mkdir -p "$WORK/eve"
cp "$TESTS/bin/probe" "$WORK/eve/victim"
printf e >>"$WORK/eve/victim"
bpfsign sign --key "$KEYS/acme.pem" --manifest "$WORK/root$manifest" --force "$WORK/eve/victim" >/dev/null
sed -i "s,^file $WORK/,file ../../../../../../../../$WORK/," "$WORK/root$manifest"
printf '%s\0' "$manifest" | /usr/lib/bpfsign/bpfsign-hook rpm --root "$WORK/root" >/dev/null 2>&1
exits 1 "a manifest does not reach out of its root" bpfsign verify "$WORK/eve/victim"
bpfsign keygen mallory --output "$WORK/mallory" >/dev/null
bpfsign sign --key "$WORK/mallory.pem" --manifest "${manifest%/*}/eve.manifest" --force "$WORK/eve/victim" >/dev/null
says "could not be signed" "a key that is not enrolled signs nothing" /usr/lib/bpfsign/bpfsign-hook dpkg
exits 1 "… indeed" bpfsign verify "$WORK/eve/victim"
rm "${manifest%/*}/eve.manifest"
# names of all kinds, and many of them
cp "$TESTS/bin/probe" "$odd"
bpfsign sign --key "$KEYS/acme.pem" --name odd --manifest "${manifest%/*}/odd.manifest" --force "$odd" >/dev/null
says 'bpfsign: 1 file signed' "a name with a space and a newline, after 100000 others" \
    sh -c "{ seq -f 'usr/lib/%.0f' 100000 | tr '\\n' '\\0'; printf '%s\\0' '$odd'; } | /usr/lib/bpfsign/bpfsign-hook rpm"
exits 0 "… is signed" bpfsign verify "$odd"
rm "${manifest%/*}/odd.manifest"
leave
