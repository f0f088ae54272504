# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Containers by a real OCI runtime, from layers that were unpacked and sealed as a node does it.
# Sourced after lib.sh and pods.sh.

# image_file IMAGE PATH FILE: a file of an image that is being made, with the directories above it
image_file() {
    mkdir -p "$WORK/$1.image/${2%/*}"
    cp -L "$3" "$WORK/$1.image/$2"
}

# image_program IMAGE PATH FILE: with what it is linked with, where its loader looks for it
image_program() {
    local library
    image_file "$1" "$2" "$3"
    for library in $(ldd "$3" 2>/dev/null | grep -oE '/[^ ]+ \(0x' | cut -d' ' -f1); do
        image_file "$1" "${library#/}" "$library"
    done
}

# image_sign IMAGE PATH [OPTION...]: in the image, where its maker has the key
image_sign() {
    local image=$1 path=$2
    shift 2
    bpfsign sign --key "$KEYS/acme.pem" "$@" "$WORK/$image.image/$path" >"$WORK/.sign" 2>&1 ||
        fail "sign $path of $image" "$(cat "$WORK/.sign")"
}

# image_unpack IMAGE: its one layer, as a runtime that keeps user.* unpacks it and an agent of the
# node seals it
image_unpack() {
    mkdir -p "$WORK/$1.layer"/{proc,sys,dev,tmp,run,volume,etc}
    tar -C "$WORK/$1.image" --xattrs --xattrs-include='user.*' -cf - . |
        tar -C "$WORK/$1.layer" --xattrs --xattrs-include='user.*' -xf -
    rm -rf "$WORK/$1.image"
    sync
    bpfsign apply --image-root "$WORK/$1.layer" >"$WORK/.apply" 2>&1 ||
        fail "seal the layer of $1" "$(cat "$WORK/.apply")"
}

CAPABILITIES='"CAP_BPF", "CAP_NET_ADMIN"' # what it takes to load a program of type xdp

# bundle NAME IMAGE CGROUP COMMAND...: an OCI bundle at $WORK/NAME: an overlay of the image,
# namespaces of its own, $CAPABILITIES and no others. CGROUP is below /sys/fs/cgroup.
bundle() {
    local name=$1 image=$2 cgroup=$3 root=$WORK/$1/rootfs
    shift 3
    mkdir -p "$root" "$WORK/$name".{upper,work}
    mount -t overlay "$name" "$root" \
        -o "lowerdir=$WORK/$image.layer,upperdir=$WORK/$name.upper,workdir=$WORK/$name.work"
    bundle_config "$cgroup" "$(printf ', "%s"' "${@//\"/\\\"}")" >"$WORK/$name/config.json"
}

bundle_config() { # CGROUP ARGUMENTS
    local capabilities="[$CAPABILITIES]"
    cat <<JSON
{"ociVersion": "1.0.2", "hostname": "pod", "root": {"path": "rootfs", "readonly": false},
 "process": {"terminal": false, "user": {"uid": 0, "gid": 0}, "cwd": "/", "args": [${2#, }],
  "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], "noNewPrivileges": true,
  "capabilities": {"bounding": $capabilities, "effective": $capabilities, "permitted": $capabilities}},
 "mounts": [
  {"destination": "/proc", "type": "proc", "source": "proc"},
  {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
  {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]},
  {"destination": "/sys/kernel/tracing", "type": "bind", "source": "/sys/kernel/tracing", "options": ["rbind", "rw"]},
  {"destination": "/sys/kernel/debug", "type": "bind", "source": "/sys/kernel/debug", "options": ["rbind", "rw"]},
  {"destination": "/volume", "type": "bind", "source": "$WORK/volume", "options": ["rbind", "ro"]}],
 "linux": {"cgroupsPath": "$1", "resources": {"devices": [{"allow": false, "access": "rwm"}]},
  "namespaces": [{"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}, {"type": "cgroup"}, {"type": "network"}]}}
JSON
}

# unbundle NAME: it is gone, with what it has copied up
unbundle() {
    umount "$WORK/$1/rootfs"
    rm -rf "$WORK/$1".{upper,work} "$WORK/$1"
}

# contained RUNTIME NAME: runs the bundle to its end
contained() {
    "$1" --root "/run/$1-test" run --bundle "$WORK/$2" "$2-$1"
}

# container RUNTIME COMMAND...: any other command of it
container() {
    local runtime=$1
    shift
    "$runtime" --root "/run/$runtime-test" "$@"
}
