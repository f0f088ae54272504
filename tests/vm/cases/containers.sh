# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# night: two runtimes, minutes each; overlay.sh and places.sh are quicker
# once: overlays and places have cases of their own for each kernel
#
# Alice in a pod, by Debian's own runc and crun: an overlay of a layer that was unpacked and sealed, namespaces and a cgroup of its own.

. "$TESTS/lib/pods.sh"
. "$TESTS/lib/containers.sh"

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
bundles=(alice eve other chmodded mounted idle shell)
bundle_all() {
    bundle alice app "$(in_pod "$UID_1")" /usr/bin/alice load
    bundle eve app "$(in_pod "$UID_1")" /usr/bin/eve load
    bundle other app "$(in_pod "$UID_2")" /usr/bin/alice load
    bundle chmodded app "$(in_pod "$UID_1")" /bin/sh -c 'chmod 755 /usr/bin/chmodded; exec /usr/bin/chmodded load'
    bundle mounted app "$(in_pod "$UID_1")" /volume/alice load
    bundle idle app "$(in_pod "$UID_1")" /usr/bin/eve sleep 600
    CAPABILITIES='"CAP_BPF", "CAP_PERFMON", "CAP_SYS_ADMIN", "CAP_SYS_RESOURCE"' \
        bundle shell debug "$(in_pod "$UID_3")" /usr/bin/bpftrace -e 'interval:s:1 { printf("hello from %s\n", comm); exit(); }'
}
unbundle_all() {
    local name
    for name in "${bundles[@]}"; do unbundle "$name"; done
}
# stays RUNTIME: a container that goes on, and so does not get our output
stays() {
    container "$1" run --detach --bundle "$WORK/idle" "idle-$1" >/dev/null 2>&1
}
# entered RUNTIME PROGRAM: alice beside what runs in the container already
entered() {
    container "$1" exec idle-"$1" "/usr/bin/$2" load
}

for runtime in runc crun; do
    copy $runtime "$(command -v $runtime)"
    sign $runtime
done
sign_libraries "$WORK"/{runc,crun}
PATH=$WORK:$PATH
for runtime in runc crun; do
    bundle_all
    for name in alice eve mounted; do
        says "load: allowed" "baseline: $runtime: $name" contained $runtime $name
    done
    says "hello from" "baseline: $runtime: bpftrace" contained $runtime shell
    unbundle_all

    bundle_all
    enforce <<'YAML'
  alice: {signer: acme, pods: [prod/alice-*], load: {types: [xdp]}}
  bpftrace:
    signer: acme
    pods: [debug/*]
    load: {types: [tracepoint, kprobe, perf_event], kernel-reads: deny, helpers: {deny: [signals]}}
  runc: {signer: acme, collateral: off, load: {types: [cgroup_device, cgroup_skb], attach: [cgroup_device, cgroup_skb]}}
  crun: {signer: acme, collateral: off, load: {types: [cgroup_device], attach: [cgroup_device]}}
YAML
    says "load: allowed" "$runtime: alice in her pod" contained $runtime alice
    line "… is approved, by the name of the pod" "pod: alice-1 op: load type: xdp name: from_netdev action: Approved signer: acme reason: ok"
    says "load: EPERM" "$runtime: eve of the same image, in the same pod" contained $runtime eve
    line "… by the name of the pod" "pod: alice-1 op: exec action: BPFDenied signer: - reason: overlayfs"
    says "load: EPERM" "$runtime: the same image in another pod" contained $runtime other
    refused alice pod
    says "load: EPERM" "$runtime: an entrypoint that copies her up" contained $runtime chmodded
    refused chmodded copied-up
    says "load: allowed" "$runtime: from a volume without an overlay" contained $runtime mounted
    says "hello from" "$runtime: bpftrace in a debug container" contained $runtime shell
    succeeds "… is approved, by the name of the pod" grep -q '^process: bpftrace pid: [0-9]* pod: shell op: exec action: ProgApproved' "$LOG"
    succeeds "$runtime: a container that stays" stays $runtime
    says "load: allowed" "$runtime exec: alice" entered $runtime alice
    says "load: EPERM" "$runtime exec: eve" entered $runtime eve
    succeeds "$runtime: it ends" container $runtime delete --force idle-$runtime
    leave
    unbundle_all
    gone
done
for uid in "$UID_1" "$UID_2" "$UID_3"; do pod_remove '*' '*' "$uid"; done
