# shellcheck shell=bash
# The initial RAM disk: mounts the root, unpacks the run's payload into it and hands over to
# guest-init. Made of Debian's busybox-static and the modules that the root needs.

# initrd KERNEL_DIR: prints the path of its initrd; builds it the first time, and when this file
# changes.
initrd() {
        local image
        image=$1/initrd-$(sha256sum "${BASH_SOURCE[0]}" | cut -c 1-12).cpio
        cached "$image" initrd_build "$1" >&2
        printf '%s\n' "$image"
}

# Not compressed: the guest's one slow processor would have to unpack it.
initrd_build() {
        local new=$1 tree=$1.tree kernel=$2
        mkdir -p "$tree"/{bin,dev,proc,sys,modules,root}
        cp "$(command -v busybox)" "$tree/bin/busybox"
        find "$kernel/initrd-modules" -type f -exec cp -t "$tree/modules" {} +
        initrd_init >"$tree/init"
        chmod 755 "$tree/init"
        (cd "$tree" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0 >"$new")
        rm -rf "$tree"
}

# initrd_with IMAGE DIR: prints the image with what is in DIR; the kernel unpacks one archive after
# the other.
initrd_with() {
        cat "$1"
        (cd "$2" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0)
}

# Whatever fails here ends PID 1, which panics the kernel, which scripts/vm reports.
initrd_init() {
        cat <<'INIT'
#!/bin/busybox sh
set -e
b=/bin/busybox
disk() {
        for d in /sys/block/vd*; do
                read -r serial <"$d/serial"
                [ "$serial" != "$1" ] || echo "/dev/${d##*/}"
        done
}
$b mount -t devtmpfs dev /dev
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b ln -s /proc/self/fd /dev/fd
$b ln -s /proc/self/fd/0 /dev/stdin
$b ln -s /proc/self/fd/1 /dev/stdout
$b ln -s /proc/self/fd/2 /dev/stderr
for m in /modules/*; do
        [ ! -e "$m" ] || $b insmod "$m"
done
$b mount -t ext4 "$(disk root)" /root
$b tar -xpf "$(disk payload)" -C /root
$b mkdir -p /run
$b mount -t tmpfs tmpfs /run
# of scripts/vm --initrd: what the root needs first, and the enforcement, which says itself what
# goes wrong
[ ! -x /prepare ] || /prepare /root
if [ -x /usr/lib/bpfsign/initrd-start ]; then
        PATH=/usr/bin:/bin /usr/lib/bpfsign/initrd-start /root || :
fi
for m in dev proc sys run; do
        $b mount --move "/$m" "/root/$m"
done
exec $b switch_root /root /usr/lib/bpfsign-rig/guest-init
INIT
}
