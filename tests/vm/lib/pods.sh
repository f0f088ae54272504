# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Cgroups and pods for cases and attacks: sourced beside lib.sh. A pod is what the kubelet makes of
# one: a cgroup with its UID, and a directory in /var/log/pods.

CGROUPS=/sys/fs/cgroup
for n in 1 2 3 4 5; do declare "UID_$n=0123abcd-1234-5678-9abc-def01234567$n"; done

mountpoint -q "$CGROUPS" || mount -t cgroup2 cgroup2 "$CGROUPS"

# pod_cgroup UID: its directory, as systemd names it
pod_cgroup() {
    echo "$CGROUPS/kubepods.slice/kubepods-pod${1//-/_}.slice"
}

# pod_make NAMESPACE NAME UID: with a container c1
pod_make() {
    mkdir -p "/var/log/pods/$1_$2_$3" "$(pod_cgroup "$3")/c1/below"
}

# pod_remove NAMESPACE NAME UID; both may be patterns
pod_remove() {
    find "$(pod_cgroup "$3")" -depth -type d -exec rmdir {} +
    # shellcheck disable=SC2086
    rm -rf /var/log/pods/$1_$2_"$3"
}

# inside CGROUP COMMAND...: a child of ours there
inside() {
    sh -ec 'echo $$ >"$0/cgroup.procs"; exec "$@"' "$@"
}

# known: until watchbpf has looked around once more; it has a second for it
known() {
    sleep 2
}

# answered N TEXT WHAT: the Nth line of $WORK/moved, within twenty seconds
answered() {
    local try
    for try in $(seq 200); do
        [ "$(wc -l <"$WORK/moved")" -lt "$1" ] || break
        sleep 0.1
    done
    says "$2" "$3" sed -n "$1p" "$WORK/moved"
}
