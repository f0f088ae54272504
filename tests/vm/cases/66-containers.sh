# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# once: overlays and places have cases of their own for each kernel
#
# Alice in a pod, by Debian's own runc and crun: an overlay of a layer that was unpacked and sealed, namespaces and a cgroup of its own.

. "$TESTS/pods.sh"
. "$TESTS/containers.sh"

mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
for name in alice eve chmodded; do image_file app "usr/bin/$name" "$TESTS/bin/probe"; done
for name in alice chmodded; do image_sign app "usr/bin/$name" --name alice; done
image_program app bin/sh /bin/dash
image_program app bin/chmod /bin/chmod
image_unpack app
image_program debug usr/bin/bpftrace /usr/bin/bpftrace
image_sign debug usr/bin/bpftrace
mapfile -t files < <(find "$WORK/debug.image" -type f -name '*.so*')
bpfsign sign --role library --name library --key "$KEYS/acme.pem" "${files[@]}" >/dev/null || fail "sign the libraries" "it failed"
image_unpack debug
mkdir -p "$WORK/volume"
cp "$TESTS/bin/probe" "$WORK/volume/alice"
sign volume/alice
sync
echo 3 >/proc/sys/vm/drop_caches

pod_make prod alice-1 "$UID_1"
pod_make other alice-1 "$UID_2"
pod_make debug shell "$UID_3"
in_pod() { # UID: the path of a container's cgroup
    local cgroup
    cgroup=$(pod_cgroup "$1")
    echo "${cgroup#"$CGROUPS"}/c2"
}
bundle alice app "$(in_pod "$UID_1")" /usr/bin/alice load
bundle eve app "$(in_pod "$UID_1")" /usr/bin/eve load
bundle other app "$(in_pod "$UID_2")" /usr/bin/alice load
bundle chmodded app "$(in_pod "$UID_1")" /bin/sh -c 'chmod 755 /usr/bin/chmodded; exec /usr/bin/chmodded load'
bundle volume app "$(in_pod "$UID_1")" /volume/alice load
bundle shell debug "$(in_pod "$UID_3")" /usr/bin/bpftrace -e 'interval:s:1 { printf("hello from %s\\n", comm); exit(); }'

for runtime in runc crun; do
    for name in alice eve other chmodded volume; do
        says "load: allowed" "baseline: $runtime: $name" contained $runtime $name
    done
    says "hello from" "baseline: $runtime: bpftrace" contained $runtime shell
done
umount "$WORK/chmodded/rootfs"
rm -rf "$WORK/chmodded.upper"
bundle chmodded app "$(in_pod "$UID_1")" /bin/sh -c 'chmod 755 /usr/bin/chmodded; exec /usr/bin/chmodded load'

for runtime in runc crun; do copy $runtime /usr/sbin/$runtime 2>/dev/null || copy $runtime /usr/bin/$runtime; sign $runtime; done
sign_libraries "$WORK"/{runc,crun}
PATH=$WORK:$PATH
enforce <<'YAML'
  alice: {signer: acme, pods: [prod/alice-*], load: {types: [xdp]}}
  bpftrace:
    signer: acme
    pods: [debug/*]
    load: {types: [tracepoint, kprobe, perf_event], kernel-reads: deny, helpers: {deny: [signals]}}
  runc: {signer: acme, collateral: off, load: {types: [cgroup_device, cgroup_skb], attach: [cgroup_device, cgroup_skb]}}
  crun: {signer: acme, collateral: off, load: {types: [cgroup_device], attach: [cgroup_device]}}
YAML
for runtime in runc crun; do
    says "load: allowed" "$runtime: alice in her pod" contained $runtime alice
    line "… by the name of the pod" "process: alice pid: "
    line "… is approved" "pod: alice-1 op: load type: xdp name: from_netdev action: Approved signer: acme reason: ok"
    says "load: EPERM" "$runtime: eve of the same image, in the same pod" contained $runtime eve
    refused eve overlayfs
    says "load: EPERM" "$runtime: the same image in another pod" contained $runtime other
    refused alice pod
    says "load: EPERM" "$runtime: an entrypoint that copies her up" contained $runtime chmodded
    refused chmodded copied-up
    says "load: allowed" "$runtime: from a volume without an overlay" contained $runtime volume
    says "hello from" "$runtime: bpftrace in a debug container" contained $runtime shell
    line "… by its name" "process: bpftrace pid: "
done
leave
for name in alice eve other chmodded volume shell; do umount "$WORK/$name/rootfs"; done
for uid in "$UID_1" "$UID_2" "$UID_3"; do pod_remove '*' '*' "$uid"; done
