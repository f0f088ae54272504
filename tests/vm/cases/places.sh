# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Where a program runs: pods that come and go, cgroups, user namespaces. The same program elsewhere gets nothing.

. "$TESTS/lib/pods.sh"

for name in alice housed inner eve; do copy "$name" "$TESTS/bin/probe"; done
for name in alice housed inner; do sign "$name"; done
pod_make prod alice-1 "$UID_1"
mkdir -p "$CGROUPS/house.slice/room" "$CGROUPS/house.slice-not" "$CGROUPS/kubepods.slice"

sysctl -q kernel.unprivileged_bpf_disabled=0 2>/dev/null
for where in "$(pod_cgroup "$UID_1")/c1" "$CGROUPS"; do
    says "load: allowed" "baseline: alice in $where" inside "$where" "$WORK/alice" load
done
says "load: allowed" "baseline: in a user namespace" "$WORK/eve" user-namespace-exec "$WORK/inner" load 1

enforce <<'YAML'
  alice: {signer: acme, pods: [prod/alice-*, debug/*], load: {types: [xdp]}}
  housed: {signer: acme, cgroup: /house.slice/r*, load: {types: [xdp]}}
  inner: {signer: acme, user-namespace: any, load: {types: [socket_filter]}}
YAML
says "load: allowed" "alice in her pod" inside "$(pod_cgroup "$UID_1")/c1" "$WORK/alice" load
line "the line says the pod" "process: alice pid: "
line "… by its name" "pod: alice-1 op: load type: xdp"
says "load: EPERM" "alice in no pod" inside "$CGROUPS" "$WORK/alice" load
refused alice pod
says "load: allowed" "deeper in her pod" inside "$(pod_cgroup "$UID_1")/c1/below" "$WORK/alice" load

pod_make other alice-1 "$UID_2"
pod_make debug shell "$UID_3"
known
says "load: EPERM" "the same program in another namespace's pod" inside "$(pod_cgroup "$UID_2")/c1" "$WORK/alice" load
says "load: allowed" "a pod that came later" inside "$(pod_cgroup "$UID_3")/c1" "$WORK/alice" load
line "… by its name" "pod: shell op: load type: xdp"
pod_remove debug shell "$UID_3"
pod_make debug shell "$UID_4"
mkdir -p "$(pod_cgroup "$UID_5")/c1" # no directory of the kubelet's: nobody knows its name
known
says "load: allowed" "the pod made again" inside "$(pod_cgroup "$UID_4")/c1" "$WORK/alice" load
says "load: EPERM" "a pod without a name is none" inside "$(pod_cgroup "$UID_5")/c1" "$WORK/alice" load
says "load: EPERM" "eve in alice's pod" inside "$(pod_cgroup "$UID_1")/c1" "$WORK/eve" load

# moved while she runs: each load is asked about
mkfifo "$WORK/told"
inside "$(pod_cgroup "$UID_1")/c1" timeout 60 "$WORK/alice" on-line <"$WORK/told" >"$WORK/moved" 2>&1 &
exec 9>"$WORK/told"
echo >&9
answered 2 "on-line: allowed" "in her pod, while she runs"
pid=$(pgrep -nx alice) # the newest: others may be left of earlier cases
echo "$pid" >"$(pod_cgroup "$UID_2")/c1/cgroup.procs"
echo >&9
answered 3 "on-line: EPERM" "moved into another pod"
echo "$pid" >"$(pod_cgroup "$UID_1")/c1/cgroup.procs"
echo >&9
answered 4 "on-line: allowed" "moved back: her files were looked at meanwhile too"
exec 9>&-
wait %%

# systemd moves a service when it has begun, and the kubelet tells of a pod a little later
begun() {
    inside "$1" timeout 60 "$WORK/$2" on-line <"$WORK/told" >"$WORK/moved" 2>&1 &
    exec 9>"$WORK/told"
    echo >&9
    answered 2 "on-line: EPERM" "$2 begins in $1"
    pid=$(pgrep -nx "$2")
}
begun "$CGROUPS" housed
echo "$pid" >"$CGROUPS/house.slice/room/cgroup.procs"
echo >&9
answered 3 "on-line: allowed" "… and is moved to her cgroup"
exec 9>&-
wait %%
begun "$(pod_cgroup "$UID_5")/c1" alice
pod_make debug late "$UID_5"
known
echo >&9
answered 3 "on-line: allowed" "… whose pod is known now"
exec 9>&-
wait %%

says "load: allowed" "in a cgroup by its name" inside "$CGROUPS/house.slice/room" "$WORK/housed" load
says "load: EPERM" "beside it" inside "$CGROUPS/house.slice-not" "$WORK/housed" load
refused housed cgroup
says "load: EPERM" "above it" inside "$CGROUPS/house.slice" "$WORK/housed" load
says "load: allowed" "user-namespace: any" "$WORK/eve" user-namespace-exec "$WORK/inner" load 1
leave
rmdir "$CGROUPS"/house.slice/room "$CGROUPS"/house.slice "$CGROUPS"/house.slice-not
for uid in "$UID_1" "$UID_2" "$UID_4" "$UID_5"; do pod_remove '*' '*' "$uid"; done
