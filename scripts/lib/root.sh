# shellcheck shell=bash
# The guest's disks: a Debian 12 root made once from unmodified packages, and an empty file system
# for /mnt. Both are masters that no run writes to: each has its own throw-away overlay.

# What the built programs load, and the tools the cases judge them with.
ROOT_PACKAGES=(
        libbpf1 libelf1 libyaml-0-2 libsmartcols1 libkeyutils1 libfsverity0 libimaevm2 libsystemd0
        libssl3 libpcap0.8
        rpm pacman-package-manager zstd
        runc crun containerd
        bpfcc-tools bpftool bpftrace libbpf-tools keyutils fsverity ima-evm-utils openssl attr
        e2fsprogs iproute2 iputils-ping kmod mount procps python3-minimal strace util-linux
)

# Checksums of metadata and journal took three percent of an emulated processor's time.
PLAIN=(-O '^metadata_csum')

# root_image: prints the root's path; builds it the first time, and when this file changes.
root_image() {
        local image
        image=$(cache_dir)/root-$(sha256sum "${BASH_SOURCE[0]}" | cut -c 1-12).img
        cached "$image" root_build >&2
        printf '%s\n' "$image"
}

root_build() {
        local new=$1 packages
        note "building the guest's Debian 12 (once, about a minute)"
        packages=$(IFS=,; echo "${ROOT_PACKAGES[*]}")
        host_sources >"$new.list"
        quietly mmdebstrap mmdebstrap --variant=minbase --include="$packages" --format=tar \
                --aptopt='APT::Install-Recommends "false"' \
                --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
                --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
                bookworm "$new.tar" "$new.list"
        # a shell of its own: fakeroot runs programs, not functions
        # shellcheck disable=SC2016  # its arguments, not ours
        as_owner bash -euc '. "$1/common.sh"; . "$1/root.sh"; root_pack "$2"' \
                "$0" "${BASH_SOURCE[0]%/*}" "$new"
        rm -f "$new.tar" "$new.list"
}

# root_pack NEW: the image NEW out of NEW.tar, every file with its owner.
root_pack() {
        local tree=$1.tree
        mkdir "$tree"
        tar -xpf "$1.tar" --warning=none -C "$tree"
        mkdir -p "$tree/usr/lib/modules" "$tree/boot"
        echo guest >"$tree/etc/hostname"
        echo '127.0.0.1 localhost guest' >"$tree/etc/hosts"
        rm -rf "$tree"/var/cache/apt/* "$tree"/var/lib/apt/lists/*
        mkfs_ext4 "$1" 3G "$tree" "${PLAIN[@]}"
        rm -rf "$tree"
}

# mnt_image: prints the path of the empty file system for /mnt.
mnt_image() {
        local image
        image=$(cache_dir)/mnt-3.img
        cached "$image" mnt_build >&2
        printf '%s\n' "$image"
}

mnt_build() {
        mkfs_ext4 "$1" 2G '' "${PLAIN[@]}"
}
