#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What scripts/bench runs in the guest: every measurement without and with a policy enforced, in
# turns, since a guest that has run for a while is not the same as a fresh one. Prints lines "WHAT
# with|without|verifier NANOSECONDS", one for each round; "verifier" is what the kernel says that its
# verifier alone took, without a policy.

set -euo pipefail
cd "$(dirname "$0")"

cycles=4 rounds=9

# measure WHAT with|without|verifier PROGRAM ACT N [FILE|SIZE]
# Without random addresses, or one fork would copy more page tables than another.
measure() {
    local what=$1 phase=$2
    setarch --addr-no-randomize "$3" "$4" "$rounds" "${@:5}" >/run/rounds
    sed "s/^/$what $phase /" /run/rounds
}

measure_all() {
    local expected=none
    [[ $1 == without ]] || expected=some
    attached "$expected"
    measure exec-unsigned "$1" ./bench exec 30 /mnt/unsigned
    measure exec-signed-first "$1" ./bench first-exec 1 /mnt/signed
    measure exec-signed-warm "$1" ./bench exec 30 /mnt/signed
    measure open-close "$1" ./bench open 3000 /etc/hostname
    measure exec-overlay-unsigned "$1" ./bench exec 30 /mnt/over/unsigned
    measure exec-overlay-signed "$1" ./bench exec 30 /mnt/over/signed
    measure open-overlay "$1" ./bench open 3000 /mnt/over/unsigned
    measure netlink-6 "$1" ./bench netlink 3000 6
    measure netlink-100000 "$1" ./bench netlink 30 100000
    measure map-update "$1" /mnt/entitled update 3000
    measure load-4 "$1" /mnt/entitled load 100 4
    measure load-5000 "$1" /mnt/entitled load 1 5000
    rounds=1 measure load-500000 "$1" /mnt/entitled load 1 500000
    attached "$expected"
}

measure_verifier() {
    measure load-4 verifier ./bench verify 100 4
    measure load-5000 verifier ./bench verify 1 5000
    rounds=1 measure load-500000 verifier ./bench verify 1 500000
}

prepare() {
    bpfsign keygen acme
    bpfsign keygen control
    bpfsign enroll acme.crt
    bpfsign enroll control.crt --control
    cp nothing /mnt/unsigned
    cp nothing /mnt/signed
    cp bench /mnt/entitled
    bpfsign sign --libraries --key acme.pem /mnt/signed /mnt/entitled /usr/bin/watchbpf /usr/bin/bpfsign
    bpfsign settle /mnt/signed /mnt/entitled /usr/bin/watchbpf
    mkdir -p /mnt/{layer,above,work,over}
    ln /mnt/signed /mnt/unsigned /mnt/layer
    mount -t overlay over /mnt/over -o lowerdir=/mnt/layer,upperdir=/mnt/above,workdir=/mnt/work
    cat >policy.yaml <<'POLICY'
version: 1
programs:
  watchbpf: {signer: acme}
  bpfsign: {signer: acme}
  signed: {signer: acme, load: {types: [xdp]}}
  entitled: {signer: acme, load: {types: [socket_filter], max-instructions: 500000}}
POLICY
    bpfsign sign --role policy --key control.pem policy.yaml
}

# attached some|none: are our programs in the kernel (some), or gone (none)? Asked of the kernel,
# not of watchbpf: hooks go some seconds after their pins, and would be measured as "without".
attached() {
    local programs
    programs=$(grep -c '^[0-9a-f]* t bpf_prog_[0-9a-f]*_on_[a-z_]*.*\[bpf\]' /proc/kallsyms || true)
    [[ $1 == some && $programs -gt 0 ]] || [[ $1 == none && $programs -eq 0 ]]
}

stop() {
    local nonce try
    nonce=$(watchbpf status --json | sed -n 's/.*"nonce":"\([0-9a-f]*\)".*/\1/p')
    bpfsign order stop --nonce "$nonce" --key control.pem
    watchbpf stop --order stop.order
    for ((try = 0; try < 60; try++)); do
        ! attached none || return 0
        sleep 1
    done
    echo 'the hooks are still there a minute after the end of enforcement'
    return 1
}

echo 1 >/proc/sys/net/core/bpf_jit_kallsyms
prepare >&2
measure_all without >/dev/null # until caches are as full as they will be
measure_verifier
for ((cycle = 0; cycle < cycles; cycle++)); do
    measure_all without
    watchbpf --enforce policy.yaml --detach >&2
    measure_all with
    stop >&2
done
measure_all without
