# The main job: Eve is denied, Alice works, and root cannot switch it off.

copy alice
copy eve
"$WORK/eve" prog load "$OBJECTS/xdp.o" /sys/fs/bpf/eve && pass "baseline: eve loads a program" ||
    fail "baseline: eve loads a program" "it failed without us"
unpin /sys/fs/bpf/eve
succeeds "baseline: eve makes a map" "$WORK/eve" map create /sys/fs/bpf/eve_map \
    type hash key 4 value 4 entries 4 name eve_map
unpin /sys/fs/bpf/eve_map
sign alice

enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML

succeeds "alice loads" "$WORK/alice" prog load "$OBJECTS/xdp.o" /sys/fs/bpf/alice_prog \
    pinmaps /sys/fs/bpf/alice_maps
line "alice's exec" "process: alice pid: "
line "alice's exec is approved" "op: exec action: ProgApproved,MapsDenied signer: acme"
line "alice's load" "op: load type: xdp name: from_netdev action: Approved signer: acme"
id=$("$WORK/alice" -j map show pinned /sys/fs/bpf/alice_maps/ct_map_tcp4 |
    sed -n 's/.*"id":\([0-9]*\).*/\1/p')
prog=$("$WORK/alice" -j prog show pinned /sys/fs/bpf/alice_prog |
    sed -n 's/.*"id":\([0-9]*\),.*/\1/p')
succeeds "alice updates her map" "$WORK/alice" map update id "$id" \
    key 1 0 0 0 value 1 0 0 0

denied "eve loads" "$WORK/eve" prog load "$OBJECTS/xdp.o" /sys/fs/bpf/eve
line "eve's exec" "pod: eve op: exec action: BPFDenied signer: - reason: unsigned"
denied "eve makes a map" "$WORK/eve" map create /sys/fs/bpf/eve_map \
    type hash key 4 value 4 entries 4 name eve_map
line "eve's map" "pod: eve op: create type: hash"
denied "eve dumps alice's map by id" "$WORK/eve" map dump id "$id"
denied "eve updates alice's map by id" "$WORK/eve" map update id "$id" key 1 0 0 0 value 2 0 0 0
line "eve's open" "pod: eve op: open type: hash name: ct_map_tcp4 action: BPFDenied"
denied "eve dumps alice's map by pin" "$WORK/eve" map dump pinned /sys/fs/bpf/alice_maps/ct_map_tcp4
denied "eve updates alice's map by pin" "$WORK/eve" map update pinned \
    /sys/fs/bpf/alice_maps/ct_map_tcp4 key 1 0 0 0 value 2 0 0 0
line "eve's open of a pin" "pod: eve op: open name: ct_map_tcp4 action: BPFDenied"
denied "eve reads alice's program" "$WORK/eve" prog dump xlated id "$prog"
line "eve's open of a program" "pod: eve op: open type: xdp name: from_netdev action: BPFDenied"
says '"value": 1' "alice's map is as she left it" "$WORK/alice" map dump id "$id"

kill -9 "$WATCHER"
wait "$WATCHER" 2>/dev/null
denied "eve after SIGKILL of the control process" "$WORK/eve" map list
exits 1 "root's genuine watchbpf stop is refused" watchbpf stop
order stop
succeeds "an order of the control signer ends it" watchbpf stop --order "$WORK/stop.order"
succeeds "afterwards eve may again" "$WORK/eve" map list
unpin /sys/fs/bpf/alice_prog /sys/fs/bpf/alice_maps
