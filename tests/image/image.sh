#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# image.sh: images of Debian 13, built and booted. Built twice from the same input; booted as it is, for the system and for apt's transactions; with an initrd
# whose policy was altered or that lacks a key, with and without fail-closed; with an initrd of dracut. Prints "ok WHAT" or "not ok WHAT: why" lines.

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
for library in common apt base counted image; do
    # shellcheck source=/dev/null
    . "$top/scripts/lib/$library.sh"
done
work=$(mktemp -d -t bpfsign-images.XXXXXX)
trap 'rm -rf "$work"' EXIT
a=$work/a b=$work/b

# guest IMAGE SCRIPT OPTION…: a script of this folder in the booted image; its lines are the checks.
guest() {
    local image=$1 script=$2 status=0
    shift 2
    mkdir -p "$work/payload"
    cp "$top"/tests/image/*.sh "$work/payload"
    "$top/scripts/image" boot "$image" --timeout 1500 --add "$work/payload" "$@" -- bash -c "bash ./$script" || status=$?
    [[ $status -le 1 ]] || printf 'not ok images: %s: the guest ended with status %s\n' "$script" "$status"
}

# initrd_with DIR FILE: the image's initrd, and what is in DIR in place of what it has: the kernel unpacks one archive after the other.
initrd_with() {
    cat "$a/initrd.img" >"$2"
    truncate -s %512 "$2" # an archive begins at a multiple of four
    (cd "$1" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) >>"$2"
}

# What somebody did to it: the policy altered; or a policy, rightly signed, of a signer whose key is missing.
broken_initrds() {
    local directory=$work/initrd/etc/bpfsign kind
    mkdir -p "$directory"
    for kind in altered no-key; do
        rm -f "$directory"/*
        sed 's/cgroup_device,/cgroup_device, xdp,/' "$top/plugins/image/policy.yaml" >"$directory/policy.yaml"
        if [[ $kind = no-key ]]; then
            sed -i 's/signer: vendor/signer: elsewhere/' "$directory/policy.yaml"
            "$top/build/src/bpfsign/bpfsign" sign --role policy --key "$a/control.pem" --manifest "$directory/policy.yaml.manifest" \
                "$directory/policy.yaml" >/dev/null
        fi
        initrd_with "$work/initrd" "$work/$kind"
        echo 'fail-closed: yes' >"$directory/initrd.conf"
        initrd_with "$work/initrd" "$work/$kind-closed"
    done
}

# stops WHAT INITRD: the boot does not come to its end, and the console says that and why.
stops() {
    local status=0
    "$top/scripts/image" boot "$a" --initrd "$2" --until 'the boot stops here (fail-closed)' \
        -- false >/dev/null 2>&1 || status=$?
    if [[ $status = 0 ]] && grep -q 'the enforcement did not begin: watchbpf: ' "$a/console" &&
        grep -q 'the boot stops here (fail-closed)' "$a/console"; then
        printf 'ok images: %s: %s\n' "$1" "$(grep -m 1 -o 'the enforcement did not begin.*' "$a/console" | tr -d '\r')"
    else
        printf '%s\nnot ok images: %s: status %s\n' "$(tail -n 20 "$a/console")" "$1" "$status"
    fi
}

# The signatures of a manifest are the last fields of its lines.
masked() {
    sed -E 's/ (claim|ima|ima-v2|builtin):[^ ]*/ \1/g; s/^(end [0-9]+).*/\1/' "$1"
}

# An ECDSA signature is another one each time; everything else is the same.
ecdsa_manifests() {
    local n
    "$top/build/src/bpfsign/bpfsign" keygen --algorithm ecdsa-p256 --output "$work/ec" vendor >/dev/null
    for n in 1 2; do
        mkdir -p "$work/ec-$n/usr/bin" "$work/ec-$n/etc/bpfsign"
        cp /usr/bin/{ls,cat} "$work/ec-$n/usr/bin"
        SOURCE_DATE_EPOCH=1700000000 BPFSIGN=$top/build/src/bpfsign/bpfsign BPFSIGN_KEY=$work/ec.pem BPFSIGN_PROGRAMS=$'usr/bin/ls\nusr/bin/cat' \
            BPFSIGN_POLICY=$top/plugins/image/policy.yaml BPFSIGN_POLICY_KEY=$work/ec.pem "$top/plugins/image/sign-tree" "$work/ec-$n" >/dev/null
        masked "$work/ec-$n/usr/share/bpfsign/manifests/image.manifest" >"$work/masked-$n"
    done
    ! cmp -s "$work"/ec-{1,2}/usr/share/bpfsign/manifests/image.manifest && cmp "$work"/masked-{1,2}
}

# A line of each certificate is found in the image, and so would be one of its key.
no_key() {
    local name
    for name in vendor control; do
        grep -aqF "$(sed -n 3p "$a/$name.crt")" "$a/image.img" || { echo "no certificate of '$name'"; return 1; }
        ! grep -aqF "$(sed -n 3p "$a/$name.pem")" "$a/image.img" || { echo "the key of '$name'"; return 1; }
    done
}

# The hook directory in mmdebstrap itself, with the cached tree in place of what it would download.
# shellcheck disable=SC2016 # mmdebstrap's variables
hook_directory() {
    local tree
    tree=$(base_tar trixie "${IMAGE_PACKAGES[@]}")
    BPFSIGN=$top/build/src/bpfsign/bpfsign BPFSIGN_KEY=$a/vendor.pem BPFSIGN_CONTROL=$a/control.crt \
        BPFSIGN_POLICY=$top/plugins/image/policy.yaml BPFSIGN_POLICY_KEY=$a/control.pem \
        mmdebstrap --variant=custom --skip=setup,update,essential/unlink,cleanup,check/empty \
        --setup-hook="tar -C \"\$1\" -xpf $tree" \
        --setup-hook="cp $work/debs/bpfsign_*.deb $work/debs/watchbpf_*.deb \"\$1/tmp\"" \
        --setup-hook='chroot "$1" sh -c "dpkg --install /tmp/*.deb && rm /tmp/*.deb"' \
        --hook-directory="$top/plugins/image/mmdebstrap" trixie "$work/tree.tar" 'deb file:///nowhere trixie main' || return
    local found
    found=$(tar -tf "$work/tree.tar" | grep -cE 'image\.manifest$|policy\.yaml\.manifest$|keys\.d/vendor/.*\.pem$|apply-at-boot$|boot/initrd\.img-')
    rm "$work/tree.tar"
    [[ $found = 5 ]] || { echo "$found of 5 files"; return 1; }
}

builds() {
    counted "images: our packages" "$top/scripts/package" deb --output "$work/debs"
    counted "images: it builds" "$top/scripts/image" --packages "$work/debs" --dracut --output "$a"
    counted "images: it builds again, from the same keys" "$top/scripts/image" --packages "$work/debs" --output "$b" --key "$a/vendor.pem" --control-key "$a/control.pem"
    counted "images: the images are the same" cmp "$a/image.img" "$b/image.img"
    counted "images: the initrds are the same" cmp "$a/initrd.img" "$b/initrd.img"
    counted "images: the manifests are the same" cmp "$a/image.manifest" "$b/image.manifest"
    rm -r "$b"
    counted "images: with an ECDSA key nothing but signatures differs" ecdsa_manifests
    counted "images: no private key is in the image" no_key
    counted "images: the hook directory of mmdebstrap" hook_directory
}

main() {
    builds
    guest "$a" system.sh
    guest "$a" 'system.sh dracut' --initrd "$a/initrd-dracut.img"
    "$top/tests/image/repository" "$work/payload/repo" "$a/vendor.pem"
    guest "$a" packages.sh
    rm -r "$work/payload/repo"
    broken_initrds
    guest "$a" red.sh --initrd "$work/altered"
    guest "$a" red.sh --initrd "$work/no-key"
    stops "an altered policy stops the boot" "$work/altered-closed"
    stops "a missing key stops the boot" "$work/no-key-closed"
}

main
