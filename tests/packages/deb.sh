#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# deb.sh: the Debian packages, built, looked at by lintian, installed and purged in trees of Debian 12 and 13, and their trigger there:
# a package with a vendor's manifest comes, is upgraded, is altered, goes. Where no fs-verity is: the seals themselves are
# tried in guests. Prints "ok WHAT" or "not ok WHAT: why" lines.

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"
# shellcheck source=scripts/lib/apt.sh
. "$top/scripts/lib/apt.sh"
# shellcheck source=scripts/lib/base.sh
. "$top/scripts/lib/base.sh"
# shellcheck source=scripts/lib/counted.sh
. "$top/scripts/lib/counted.sh"

bpfsign=$top/build/src/bpfsign/bpfsign
work=$(mktemp -d -t bpfsign-deb.XXXXXX)
trap 'rm -rf "$work"' EXIT

# says WHAT TEXT COMMAND…: it succeeds, and of its lines with "bpfsign" exactly one there is holds TEXT; none for an empty TEXT.
says() {
    local what=$1 text=$2 output status=0 lines
    shift 2
    output=$("$@" 2>&1 </dev/null) || status=$?
    lines=$(grep '^bpfsign' <<<"$output" || true)
    if [[ $status != 0 ]]; then
        printf '%s\nnot ok packages: %s: status %s\n' "$output" "$what" "$status"
    elif [[ -n $text && $(wc -l <<<"$lines") = 1 && $lines == *"$text"* || -z $text$lines ]]; then
        printf 'ok packages: %s\n' "$what"
    else
        printf '%s\nnot ok packages: %s: it says "%s"\n' "$output" "$what" "$lines"
    fi
}

# inside COMMAND…: in the tree.
inside() {
    as_owner chroot "$tree" env DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# What is in the tree, logs and dpkg's own notes aside.
listing() {
    (cd "$tree" && find . -path ./var/lib/dpkg -prune -o -path ./var/log -prune -o -path ./tmp -prune -o \
        -path ./var/cache -prune -o -path ./var/lib/systemd -prune -o -printf '%p %y %l\n' | sort)
}

# unpack SUITE LIBRARY…: a fresh tree.
unpack() {
    local suite=$1
    tree=$work/$suite
    mkdir "$tree"
    tar -C "$tree" -xf "$(base_tar "$@")"
    cp "$work"/debs/*.deb "$tree/tmp"
    listing >"$work/before"
}

installs_and_purges() {
    counted "packages: $1: installs" inside dpkg --install /tmp/bpfsign_0.1.0_amd64.deb /tmp/watchbpf_0.1.0_amd64.deb
    counted "packages: $1: bpfsign runs" inside bpfsign --version
    counted "packages: $1: watchbpf runs" inside watchbpf --version
    counted "packages: $1: nothing is enabled but what an image left to its first boot" \
        test "$(cd "$tree/etc/systemd/system" && find . -name '*bpf*' | sort)" = ./sysinit.target.wants/bpfsign-apply.service
    counted "packages: $1: purges" inside dpkg --purge watchbpf bpfsign
    counted "packages: $1: nothing is left" diff "$work/before" <(listing)
}

# vendor VERSION CONTENT…: a package with one program, as its vendor ships it, in debs/.
vendor() {
    local version=$1 tree=$work/vendor-$1
    mkdir -p "$tree/DEBIAN" "$tree/usr/bin"
    printf '#!/bin/sh\necho %s\n' "$version" >"$tree/usr/bin/hello"
    chmod 755 "$tree/usr/bin/hello"
    printf 'Package: vendor-hello\nVersion: %s\nArchitecture: all\nMaintainer: nobody <n@example.org>\nDescription: test\n' \
        "$version" >"$tree/DEBIAN/control"
    dpkg-deb --root-owner-group --build "$tree" "$work/plain-$version.deb" >/dev/null
    BPFSIGN=$bpfsign "$top/plugins/pkg/deb/bpfsign-deb" --key "$work/acme.pem" --sequence "$version" \
        "$work/plain-$version.deb" "$work/debs/hello-$version.deb"
}

# The same version, with one byte altered on its way.
altered() {
    dpkg-deb --raw-extract "$work/debs/hello-2.deb" "$work/altered"
    sed -i 's/echo 2/echo 3/' "$work/altered/usr/bin/hello"
    dpkg-deb --root-owner-group --build "$work/altered" "$work/debs/hello-altered.deb" >/dev/null
}

vendors_package() {
    local list=$tree/usr/share/bpfsign/manifests/vendor-hello.manifest
    inside dpkg --install /tmp/bpfsign_0.1.0_amd64.deb >/dev/null 2>&1
    says "trigger: nothing where nobody is enrolled" '' inside dpkg --install /tmp/hello-1.deb
    counted "packages: trigger: the manifest is there" test -s "$list"
    inside dpkg --purge vendor-hello >/dev/null 2>&1
    "$bpfsign" enroll --root "$tree" --signer acme "$work/acme.crt" >/dev/null
    says "trigger: in a chroot without fs-verity the first boot signs" 'signatures are applied at the first boot' \
        inside dpkg --install /tmp/hello-1.deb
    counted "packages: trigger: it is noted" test -e "$tree/var/lib/bpfsign/apply-at-boot"
    says "trigger: an upgrade" 'signatures are applied at the first boot' inside dpkg --install /tmp/hello-2.deb
    says "trigger: an altered byte is one clear line" \
        "bpfsign: 'usr/bin/hello' could not be signed: 'usr/bin/hello' has other bytes than were signed" \
        inside dpkg --install /tmp/hello-altered.deb
    says "trigger: what is removed is forgotten" '' inside dpkg --purge vendor-hello
    counted "packages: trigger: with all that it brought" test ! -e "$list"
    counted "packages: trigger: nothing is left to be said" test ! -e "$tree/var/lib/bpfsign/unsigned"
    counted "packages: trigger: DPKG_ROOT: the tree's certificates and files" chrootless
    : >"$tree/etc/bpfsign/sign.d/local.conf"
    cp "$work/acme.pem" "$tree/etc/bpfsign/acme.pem"
    counted "packages: purge: it goes" inside dpkg --purge bpfsign
    counted "packages: purge: certificates and notes go" test ! -e "$tree/etc/bpfsign/keys.d" -a ! -e "$tree/var/lib/bpfsign"
    counted "packages: purge: an administrator's sets and keys stay" test -e "$tree/etc/bpfsign/sign.d/local.conf" -a -e "$tree/etc/bpfsign/acme.pem"
}

# Without entering it, as --mode=chrootless of mmdebstrap does.
chrootless() {
    local said
    DPKG_ROOT='' inside dpkg --install /tmp/hello-1.deb >/dev/null 2>&1
    said=$("$top/build/src/bpfsign-hook/bpfsign-hook" dpkg --root "$tree" /usr/bin 2>&1)
    [[ $said == *'first boot'* ]] || { echo "it says: $said"; return 1; }
}

# An upgrade neither begins, nor ends, nor starts again what watches an enforcement; removing it stops the watching alone.
never_starts() {
    local script found=
    for script in preinst postinst prerm postrm; do
        found+=$(dpkg-deb --info "$work"/debs/watchbpf_*.deb "$script" 2>/dev/null | grep -E 'invoke|systemctl' | grep -vE 'daemon-reload|invoke stop|DPKG_ROOT|--system' || true)
    done
    [[ -z $found ]] || { echo "$found"; return 1; }
}

# hardened FILE…: as dpkg-buildflags wants it; of BPF objects nothing of that is asked.
hardened() {
    local file found
    for file; do
        found=$(readelf -hdW --dyn-syms "$file")
        [[ $found == *'Type: '*DYN* && $found == *BIND_NOW* && $found == *__stack_chk_fail* ]] || { echo "$file is not"; return 1; }
    done
}

# It ran, and it has nothing to say.
nothing_of_lintian() {
    local said
    if ! said=$(lintian --allow-root --fail-on error,warning "$work"/debs/*.deb 2>&1) || [[ -n $said ]]; then
        echo "$said"
        return 1
    fi
}

# The spec builds with rpmbuild, and each package has what it is for.
rpm_packages() {
    "$top/scripts/package" rpm --output "$work/rpms" || return
    local name file
    while read -r name file; do
        grep -q "$file" <(rpm -qpl "$work/rpms/$name"-[0-9]*.rpm 2>/dev/null) || { echo "no '$file' in '$name'"; return 1; }
    done <<'LIST'
bpfsign ^/usr/lib/bpfsign/bpfsign-hook$
watchbpf ^/usr/lib/bpfsign/initrd-start$
rpm-plugin-bpfsign /rpm-plugins/bpfsign.so$
LIST
}

main() {
    mkdir "$work/debs" "$work/again"
    counted "packages: they build" "$top/scripts/package" deb --output "$work/debs"
    counted "packages: again, with the same bytes" "$top/scripts/package" deb --output "$work/again"
    counted "packages: the bytes are the same" diff -r "$work/debs" "$work/again"
    rm "$work"/debs/*dbgsym*
    counted "packages: lintian finds nothing" nothing_of_lintian
    counted "packages: the rpm packages build" rpm_packages
    counted "packages: watchbpf is not started by its package" never_starts
    dpkg-deb --extract "$work"/debs/bpfsign_*.deb "$work/programs"
    dpkg-deb --extract "$work"/debs/watchbpf_*.deb "$work/programs"
    counted "packages: the programs are hardened" hardened "$work"/programs/usr/bin/{bpfsign,watchbpf} "$work/programs/usr/lib/bpfsign/bpfsign-hook"
    counted "packages: no test program comes along" test -z "$(find "$work/programs" -name '*mutant*' -o -name 'probe*')"
    (cd "$work" && "$bpfsign" keygen acme >/dev/null)
    vendor 1 >/dev/null
    vendor 2 >/dev/null
    altered
    unpack bookworm libbpf1 libelf1 libyaml-0-2 libsmartcols1 libkeyutils1 libfsverity0 libsystemd0 libssl3
    installs_and_purges "Debian 12"
    unpack trixie libbpf1 libelf1t64 libyaml-0-2 libsmartcols1 libkeyutils1 libfsverity0 libsystemd0 libssl3t64
    installs_and_purges "Debian 13"
    vendors_package
}

main
