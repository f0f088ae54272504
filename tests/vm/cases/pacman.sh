# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Debian's unmodified pacman with our alpm hook: a package brings its vendor's manifest; installed, upgraded, altered by one byte on its way, removed,
# with enforcement on.
# once: the hook is the same on every kernel

manifests=/usr/share/bpfsign/manifests
program=/usr/bin/alice-of-pacman
rm -f "$manifests"/* "$program"
mkdir -p "$WORK/db" "$WORK/cache"
printf '[options]\nArchitecture = auto\nSigLevel = Never\nLocalFileSigLevel = Never\n' >"$WORK/pacman.conf"
pacman=(pacman --noconfirm --config "$WORK/pacman.conf" --dbpath "$WORK/db" --cachedir "$WORK/cache" --logfile "$WORK/log"
    --hookdir /usr/share/libalpm/hooks)

# build VERSION [altered]: a package is a tar with .PKGINFO
build() {
    local version=$1 tree=$WORK/tree
    rm -rf "$tree"
    mkdir -p "$tree${program%/*}" "$tree$manifests"
    cp "$TESTS/bin/probe" "$tree$program"
    printf '%s' "$version" >>"$tree$program"
    bpfsign sign --key "$KEYS/acme.pem" --root "$tree" --name alice --sequence "$version" --manifest "$tree$manifests/alice.manifest" --force \
        "$program" >/dev/null || fail "build $version" "not signed"
    [ "${2:-}" != altered ] || printf x >>"$tree$program"
    printf 'pkgname = alice\npkgver = %s-1\npkgdesc = test\nbuilddate = 1\npackager = nobody\nsize = 1\narch = any\n' "$version" >"$tree/.PKGINFO"
    (cd "$tree" && tar --zstd -cf "$WORK/alice-$version${2:+-$2}.pkg.tar.zst" .PKGINFO usr) || fail "build $version" "no tar"
}

build 30
build 31
build 32 altered
# of cases before this one
rm -f /var/lib/bpfsign/sequences
enforce <<'YAML'
  alice: {signer: acme, min-sequence: latest, load: {types: [xdp]}}
YAML
transaction "a package with a manifest is installed" 'bpfsign: 1 file signed' "${pacman[@]}" -U "$WORK/alice-30.pkg.tar.zst"
says "Applying the signatures of programs" "pacman tells of the hook" "${pacman[@]}" -U "$WORK/alice-30.pkg.tar.zst"
says "load: allowed" "its program works" "$program" load
transaction "it is upgraded" 'bpfsign: 1 file signed' "${pacman[@]}" -U "$WORK/alice-31.pkg.tar.zst"
says "load: allowed" "the new one works" "$program" load
says "sequence 31" "… being the later one" bpfsign verify "$program"
transaction "one altered byte is one clear line" "bpfsign: '${program#/}' could not be signed: '${program#/}' has other bytes than were signed" \
    "${pacman[@]}" -U "$WORK/alice-32-altered.pkg.tar.zst"
says "load: EPERM" "it does not work" "$program" load
transaction "it is removed" '' "${pacman[@]}" -R alice
exits 1 "… and gone" test -e "$program"
says '"unsigned":[]' "nothing is left to be said" bpfsign status --json
leave
