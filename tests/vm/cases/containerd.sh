# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# once: the same as 66-containers, for what containerd does beside its runtime
# night: containers.sh with a daemon on top
#
# Debian's containerd unpacks an image of ours with its overlay snapshotter: are the claims in the layer kept, can its snapshot be
# sealed, and is Alice entitled in the pod that ctr runs?

. "$TESTS/lib/pods.sh"
. "$TESTS/lib/containers.sh"

image_file app usr/bin/alice "$TESTS/bin/probe"
image_sign app usr/bin/alice
image_file app usr/bin/eve "$TESTS/bin/probe"
mkdir -p "$WORK/app.image"/{proc,sys,dev,tmp,run,etc} "$WORK/oci/blobs/sha256" "$WORK/root" "$WORK/state"

# blob FILE: into the image, by its digest, which it prints
blob() {
    local sum
    sum=$(sha256sum <"$1" | cut -d' ' -f1)
    cp "$1" "$WORK/oci/blobs/sha256/$sum"
    echo "$sum"
}
tar -C "$WORK/app.image" --xattrs --xattrs-include='user.*' --numeric-owner -cf "$WORK/layer.tar" .
layer=$(blob "$WORK/layer.tar")
printf '{"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/usr/bin/alice"]}, "rootfs": {"type": "layers", "diff_ids": ["sha256:%s"]}}' \
    "$layer" >"$WORK/config"
config=$(blob "$WORK/config")
printf '{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:%s", "size": %d}, "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": "sha256:%s", "size": %d}]}' \
    "$config" "$(stat -c %s "$WORK/config")" "$layer" "$(stat -c %s "$WORK/layer.tar")" >"$WORK/manifest"
manifest=$(blob "$WORK/manifest")
printf '{"schemaVersion": 2, "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:%s", "size": %d, "annotations": {"io.containerd.image.name": "example.org/app:1", "org.opencontainers.image.ref.name": "1"}}]}' \
    "$manifest" "$(stat -c %s "$WORK/manifest")" >"$WORK/oci/index.json"
echo '{"imageLayoutVersion": "1.0.0"}' >"$WORK/oci/oci-layout"
tar -C "$WORK/oci" -cf "$WORK/image.tar" .

cat >"$WORK/config.toml" <<TOML
version = 2
root = "$WORK/root"
state = "$WORK/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
  address = "$WORK/containerd.sock"
TOML
containerd --config "$WORK/config.toml" >"$WORK/containerd.log" 2>&1 &
daemon=$!
ctr() {
    command ctr --address "$WORK/containerd.sock" "$@"
}
for _ in $(seq 300); do
    ctr version >/dev/null 2>&1 && break
    sleep 0.2
done
succeeds "containerd runs" ctr version
succeeds "the image is unpacked by the overlay snapshotter" ctr image import --snapshotter overlayfs "$WORK/image.tar"
snapshot=$(echo "$WORK"/root/io.containerd.snapshotter.v1.overlayfs/snapshots/*/fs)
says "user.bpfsign" "the claim in the layer is kept" getfattr --absolute-names -m - "$snapshot/usr/bin/alice"
says "alice" "a node's agent seals the snapshot" bpfsign apply --image-root "$snapshot"

pod_make prod alice-1 "$UID_1"
pod_make other alice-1 "$UID_2"
# by_ctr UID NAME [OPTION]: one container of the pod
by_ctr() {
    local cgroup
    cgroup=$(pod_cgroup "$1")
    ctr run --rm --snapshotter overlayfs --cgroup "${cgroup#"$CGROUPS"}/c3" --privileged "${@:3}" \
        example.org/app:1 "$CASE-$2-$RANDOM" "/usr/bin/$2" load
}
for name in alice eve; do says "load: allowed" "baseline: $name" by_ctr "$UID_1" $name; done
copy runc /usr/sbin/runc
sign runc
sign_libraries "$WORK/runc"
mount --bind "$WORK/runc" /usr/sbin/runc
enforce <<'YAML'
  alice: {signer: acme, pods: [prod/*], load: {types: [xdp]}}
  runc: {signer: acme, collateral: off, load: {types: [cgroup_device, cgroup_skb], attach: [cgroup_device, cgroup_skb]}}
YAML
says "load: allowed" "alice in her pod" by_ctr "$UID_1" alice
line "… is approved" "pod: alice-1 op: load type: xdp name: from_netdev action: Approved signer: acme reason: ok"
says "load: allowed" "… under containerd's own seccomp filter" by_ctr "$UID_1" alice --seccomp
ctr container create --snapshotter overlayfs --privileged --seccomp example.org/app:1 filtered /usr/bin/alice load
says '"defaultAction": "SCMP_ACT_ERRNO"' "… which is there" ctr container info filtered
says "load: EPERM" "eve of the same image" by_ctr "$UID_1" eve
refused eve overlayfs
says "load: EPERM" "alice in another pod" by_ctr "$UID_2" alice
refused alice pod
leave
umount /usr/sbin/runc
kill "$daemon"
wait "$daemon" 2>/dev/null
for uid in "$UID_1" "$UID_2"; do pod_remove '*' '*' "$uid"; done
