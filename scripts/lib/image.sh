# shellcheck shell=bash
# shellcheck disable=SC2154 # top and output are the caller's
# Bootable images of Debian 13: a cached tree of unmodified packages, ours on top, signed, with the
# initrd that begins the enforcement, and sealed. Knows what an image is made of; booting one:
# scripts/lib/image-boot.sh.

# With the libraries of ours, and what the tests look with.
IMAGE_PACKAGES=(
        linux-image-cloud-amd64 initramfs-tools dracut-core systemd systemd-sysv udev dbus kmod apt
        bpftrace iproute2 procps attr fsverity keyutils e2fsprogs
        libbpf1 libelf1t64 libyaml-0-2 libsmartcols1 libkeyutils1 libfsverity0 libsystemd0 libssl3t64
)

# image_tree TREE: becomes the unmodified Debian.
image_tree() {
        mkdir -p "$1"
        tar -C "$1" --numeric-owner -xpf "$(base_tar trixie "${IMAGE_PACKAGES[@]}")"
        rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/*
        : >"$1/etc/machine-id"
        echo image >"$1/etc/hostname"
        printf 'LABEL=bpfsign / ext4 defaults 0 1\n' >"$1/etc/fstab"
}

in_tree() {
        local tree=$1
        shift
        chroot "$tree" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
                ${SOURCE_DATE_EPOCH:+SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH"} "$@"
}

# image_install TREE DEBS: our packages, and their service.
image_install() {
        cp "$2"/bpfsign_*.deb "$2"/watchbpf_*.deb "$1/tmp"
        in_tree "$1" sh -c 'dpkg --install /tmp/*.deb'
        rm "$1"/tmp/*.deb
        in_tree "$1" systemctl enable watchbpf.service
}

# image_initrd TREE: makes it anew, with certificates and policy in it.
image_initrd() {
        in_tree "$1" update-initramfs -u -k all
        local kernel
        kernel=$(echo "$1"/boot/vmlinuz-*)
        cp "$kernel" "$output/vmlinuz"
        cp "$1/boot/initrd.img-${kernel##*/vmlinuz-}" "$output/initrd.img"
        if [[ $dracut = yes ]]; then
                in_tree "$1" dracut --force --no-hostonly --reproducible --add-drivers 'virtio_blk virtio_pci ext4' \
                        /tmp/initrd "${kernel##*/vmlinuz-}"
                cp "$1/tmp/initrd" "$output/initrd-dracut.img"
        fi
}

# image_clean TREE: what is of this build alone: logs, caches, times.
image_clean() {
        rm -rf "$1"/var/log/*.log "$1"/var/log/apt/* "$1"/var/cache/{debconf,ldconfig}/* "$1"/var/lib/dpkg/*-old \
                "$1"/var/lib/systemd/deb-systemd-helper-*/*.timestamp "$1"/tmp/* "$1"/run/*
        find "$1" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# image_seal TREE: the file system, in which what the manifests name is sealed.
image_seal() {
        rm -f "$1/var/lib/bpfsign/apply-at-boot"
        touch -h -d "@$SOURCE_DATE_EPOCH" "$1/var/lib/bpfsign"
        cp "$1/usr/share/bpfsign/manifests/image.manifest" "$output/image.manifest"
        BPFSIGN=$bpfsign "$top/plugins/image/ext4/bpfsign-ext4" --tree "$1" --size 3G --label bpfsign "$output/image.img" \
                "$output/image.manifest"
}
