# Programs that no one could have signed beforehand: a Go tool that assembles XDP from its command
# line, and a capture tool that compiles an expression of tcpdump's. Who made them is what counts.
# hooks: bpf_prog_load

# capture NAME EXPRESSION: with $WORK/NAME, while packets go through lo.
capture() {
    local pinger status=0
    ping -q -i 0.1 -w 4 127.0.0.1 >/dev/null 2>&1 &
    pinger=$!
    "$WORK/$1" 2 "$WORK/$1.pcap" "$2" || status=$?
    kill "$pinger" 2>/dev/null
    wait "$pinger" 2>/dev/null
    return "$status"
}

# captures NAME WHAT EXPRESSION: some packets match, and all that match are captured.
captures() {
    local name=$1 what=$2 output status=0 matched captured
    output=$(attempt capture "$name" "$3") || status=$?
    read -r matched _ _ captured _ <<<"${output##*$'\n'}"
    if [ "$status" = 0 ] && [ "$matched" -gt 4 ] && [ "$matched" = "$captured" ] &&
        [ "$(stat -c %s "$WORK/$name.pcap")" -gt $((matched * (16 + 14 + 20))) ]; then
        pass "$what"
    else
        fail "$what" "exit status $status: $output"
    fi
}

for name in alice eve short socket; do copy "go-$name" "$TESTS/bin/dynamic"; done
for name in alice eve short socket; do copy "pcap-$name" "$TESTS/bin/pcap_xdp"; done

succeeds "baseline: Go: XDP" "$WORK/go-eve" 4242 5353
says "port 5353: 3" "baseline: Go: it counts" "$WORK/go-eve" 4242 5353
succeeds "baseline: Go: a long one" "$WORK/go-eve" -pad 1000 4242
succeeds "baseline: Go: another type" "$WORK/go-eve" -type raw_tracepoint 4242
succeeds "baseline: Go: pinned" "$WORK/go-eve" -pin /sys/fs/bpf/x 4242
unpin /sys/fs/bpf/x
captures pcap-eve "baseline: pcap: it captures" 'icmp or tcp port 80'
says "matched, 0 captured" "baseline: pcap: only what matches" capture pcap-eve 'tcp port 80'
captures pcap-eve "baseline: pcap: memory, indirect loads, arithmetic" \
    'ip[ip[0] & 0xf - 5] & 0xf0 = 0x40 and len / 2 > 20 and icmp[icmptype] != 3'
exits 2 "baseline: pcap: no expression" "$WORK/pcap-eve" 1 /dev/null 'no such word'
for name in alice short socket; do
    sign "go-$name"
    sign "pcap-$name"
done

enforce <<'YAML'
  go-alice: {signer: acme, load: {types: [xdp]}}
  go-short: {signer: acme, load: {types: [xdp], max-instructions: 100}}
  go-socket: {signer: acme, load: {types: [socket_filter]}}
  pcap-alice: {signer: acme, load: {types: [xdp]}}
  pcap-short: {signer: acme, load: {types: [xdp], max-instructions: 80}}
  pcap-socket: {signer: acme, load: {types: [socket_filter]}}
YAML

loaded() { printf 'op: load type: xdp name: %s action: %s reason: %s' "$@"; }

exits 1 "Go: unsigned" "$WORK/go-eve" 4242
line "… says so" "process: go-eve"
says "port 5353: 3" "Go: signed and entitled" "$WORK/go-alice" 4242 5353
line "… says so" "$(loaded assembled 'Approved signer: acme' ok)"
succeeds "Go: and pins" "$WORK/go-alice" -pin /sys/fs/bpf/x 4242
unpin /sys/fs/bpf/x
exits 1 "Go: another type than its entry's" "$WORK/go-alice" -type raw_tracepoint 4242
line "… says why" "op: load type: raw_tracepoint name: assembled action: Denied signer: acme reason: load-type"
exits 1 "Go: xdp by who may load socket_filter" "$WORK/go-socket" 4242
line "… says why" "$(loaded assembled 'Denied signer: acme' load-type)"
says "port 4242: 3" "Go: short enough" "$WORK/go-short" 4242
exits 1 "Go: too long" "$WORK/go-short" -pad 100 4242
line "… says why" "$(loaded assembled 'Denied signer: acme' max-instructions)"

exits 1 "pcap: unsigned" capture pcap-eve 'icmp or tcp port 80'
line "… says so" "process: pcap-eve"
captures pcap-alice "pcap: signed and entitled" 'icmp or tcp port 80'
line "… says so" "$(loaded pcap_filter 'Approved signer: acme' ok)"
exits 1 "pcap: xdp by who may load socket_filter" capture pcap-socket 'icmp or tcp port 80'
line "… says why" "process: pcap-socket"
captures pcap-short "pcap: short enough" 'icmp'
exits 1 "pcap: too long" capture pcap-short 'icmp or tcp port 80'
line "… says why" "$(loaded pcap_filter 'Denied signer: acme' max-instructions)"
