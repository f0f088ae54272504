#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest.sh [--colour]: what scripts/demo runs in the guest, as root, in the folder with xdp.o, probe
# and alice.yaml. Each step is checked; the first that goes otherwise ends the show with status 1.

set -euo pipefail
cd "$(dirname "$0")"
export PATH=$PWD:$PATH

log=/run/watchbpf.log shown=0 gap=
bold='' red='' plain=''
if [[ ${1-} == --colour ]]; then
    bold=$'\e[1m' red=$'\e[1;31m' plain=$'\e[0m'
fi

heading() {
    printf '\n%s%s%s\n\n' "$bold" "$*" "$plain"
    gap=
}

wrong() {
    printf '\n%sdemo: %s%s\n' "$red" "$1" "$plain"
    [[ ! -s $log ]] || { echo "demo: watchbpf's last lines:"; tail -n 20 "$log"; }
    exit 1
}

# run STATUS TEXT COMMAND: shows the command and its output; wants this status and, unless empty,
# this text in the output.
run() {
    local status=0
    printf '%s%s# %s%s\n' "$gap" "$bold" "$3" "$plain"
    gap=
    timeout -k 1 60 bash -c "$3" >/run/output 2>&1 </dev/null || status=$?
    sed '/^$/d' /run/output
    [[ $status == "$1" ]] || wrong "expected exit status $1, got $status"
    [[ -z $2 ]] || grep -qF -- "$2" /run/output || wrong "expected '$2' in this output"
}

# seen TEXT...: watchbpf must print a line with each text, the last one last; shows all that is new.
# It counts equal denials for a second before it prints them.
seen() {
    local text try lines
    for text; do
        for ((try = 0; ; try++)); do
            mapfile -t -s "$shown" lines <"$log"
            [[ "${lines[*]}" != *"$text"* ]] || break
            [[ $try -lt 300 ]] || wrong "expected a line of watchbpf with '$text'"
            sleep 0.2
        done
    done
    printf '%s\n' "${lines[@]}"
    shown=$((shown + ${#lines[@]})) gap=$'\n'
}

keys() {
    heading '1. Two signers: acme signs programs, control signs orders (its key belongs elsewhere)'
    run 0 acme.crt 'bpfsign keygen acme'
    run 0 "enrolled 'acme'" 'bpfsign enroll acme.crt --signer acme'
    run 0 control.crt 'bpfsign keygen control --algorithm ecdsa-p256'
    run 0 'as the control signer' 'bpfsign enroll control.crt --signer control --control'
    run 0 active 'bpfsign keys'
}

sign() {
    heading "2. Alice and Eve are both Debian's bpftool, not a byte changed; only Alice is signed"
    run 0 '' 'cp /usr/sbin/bpftool /mnt/alice; cp /usr/sbin/bpftool /mnt/eve; sync'
    run 1 '/mnt/alice: unsigned' 'bpfsign verify /mnt/alice'
    run 0 'signed as alice' 'bpfsign sign --name alice --key acme.pem --libraries /mnt/alice   # what it is linked with, too'
    run 0 'signed by acme as alice' 'bpfsign verify /mnt/alice'
    run 0 "$(sed -n 's, *usr/sbin/bpftool$,,p' /var/lib/dpkg/info/bpftool.md5sums)  /mnt/alice" \
        'grep sbin/bpftool /var/lib/dpkg/info/bpftool.md5sums; md5sum /mnt/alice /mnt/eve'
    run 0 '' "cp -a /mnt/alice /mnt/altered; printf X | dd of=/mnt/altered bs=1 seek=9999 conv=notrunc status=none"
    run 1 '/mnt/altered: altered' 'bpfsign verify /mnt/altered'
}

begin() {
    heading '3. Without enforcement Eve may do it all; then it begins'
    run 0 '' '/mnt/eve prog load xdp.o /sys/fs/bpf/before; rm /sys/fs/bpf/before'
    run 0 '' 'cp /usr/bin/bpftrace /mnt/unsigned-bpftrace'
    run 0 'as bpftrace' 'bpfsign sign --key acme.pem --libraries /usr/bin/{watchbpf,bpfsign,bpftrace}'
    run 0 'collateral' 'bpfsign sign --key acme.pem --role collateral xdp.o   # Alice reads nothing unsigned'
    run 0 'as alice.yaml, policy' 'bpfsign sign --role policy --key control.pem alice.yaml'
    run 0 'alice: {signer: acme' 'cat alice.yaml'
    printf '%s# watchbpf --enforce alice.yaml &%s\n' "$bold" "$plain"
    watchbpf --enforce alice.yaml >"$log" 2>&1 </dev/null &
    watcher=$!
    disown
    seen 'enforcing ' 'pod: watchbpf op: exec'
}

alice() {
    heading '4. Alice loads her program and uses her map'
    run 0 '' '/mnt/alice prog load xdp.o /sys/fs/bpf/alice pinmaps /sys/fs/bpf/alice_maps'
    seen 'pod: alice op: exec action: ProgApproved,MapsDenied signer: acme' \
        'op: load type: xdp name: from_netdev action: Approved signer: acme'
    run 0 from_netdev '/mnt/alice prog show pinned /sys/fs/bpf/alice'
    prog=$(sed -n 's/^\([0-9]*\): .*/\1/p' /run/output)
    map=$(sed -n 's/.*map_ids \([0-9]*\).*/\1/p' /run/output)
    run 0 '' "/mnt/alice map update id $map key 1 0 0 0 value 1 0 0 0"
    run 0 '' "/mnt/alice map lookup id $map key 1 0 0 0"
    seen 'op: open type: hash name: ct_map_tcp4 action: Approved signer: acme'
}

# eve LINE COMMAND: refused with EPERM, and watchbpf says so.
eve() {
    run 255 'Operation not permitted' "/mnt/eve $2"
    seen 'pod: eve op: exec action: BPFDenied' "pod: eve op: $1 action: BPFDenied"
}

eve_tries() {
    heading '5. Eve, as root, tries the same, and every road to what is Alice'"'"'s'
    eve 'load type: socket_filter' 'prog load xdp.o /sys/fs/bpf/eve'
    run 1 'load: EPERM' 'probe load   # bpf(BPF_PROG_LOAD) of an xdp program, without libbpf and its probes'
    seen 'pod: probe op: load type: xdp name: from_netdev action: BPFDenied'
    eve 'create type: hash' 'map create /sys/fs/bpf/eve type hash key 4 value 4 entries 4 name eve'
    eve 'open type: hash name: ct_map_tcp4' "map dump id $map"
    eve 'open type: hash name: ct_map_tcp4' "map update id $map key 1 0 0 0 value 2 0 0 0"
    eve 'open name: ct_map_tcp4' 'map dump pinned /sys/fs/bpf/alice_maps/ct_map_tcp4'
    eve 'open name: ct_map_tcp4' \
        'map update pinned /sys/fs/bpf/alice_maps/ct_map_tcp4 key 1 0 0 0 value 2 0 0 0'
    eve 'open type: xdp name: from_netdev' "prog dump xlated id $prog"
    run 0 '"value": 1' "/mnt/alice map lookup id $map key 1 0 0 0   # as she left it"
    seen 'pod: alice op: open'
}

trace() {
    heading '6. bpftrace makes its programs as it runs: signed it works, unsigned it does not'
    run 0 '@[' "bpftrace -e 'tracepoint:syscalls:sys_enter_openat { @[comm] = count(); }
    interval:s:1 { exit(); }'"
    seen 'op: load type: tracepoint name: sys_enter_opena action: Approved signer: acme'
    run 1 'Operation not permitted' "/mnt/unsigned-bpftrace -e 'kprobe:do_sys_openat2 { @[comm] = count(); }'"
    seen 'pod: unsigned-bpftrace op: exec action: BPFDenied' \
        'pod: unsigned-bpftrace op: create type: percpu_hash action: BPFDenied'
}

end() {
    heading '7. The control process is killed, and root would like to switch enforcement off'
    run 0 '' "kill -KILL $watcher"
    run 255 'Operation not permitted' '/mnt/eve map list'
    run 1 'needs an order' 'watchbpf stop'
    run 0 nonce "watchbpf status --json | grep -o '\"nonce\":\"[0-9a-f]*\"'"
    run 0 stop.order "bpfsign order stop --key control.pem \\
    --nonce $(tr -d '"' </run/output | cut -d : -f 2)"
    run 0 'enforcement has ended' 'watchbpf stop --order stop.order'
    run 0 from_netdev '/mnt/eve prog show pinned /sys/fs/bpf/alice'
}

: >"$log"
for step in keys sign begin alice eve_tries trace end; do
    "$step"
done
