# Alice's objects are Alice's: Bob, as signed as she is, gets none of them.
# hooks: bpf_map bpf_prog bpf_map_create bpf_map_free bpf_prog_free

copy alice
copy bob
copy before
printf bob >>"$WORK/bob"
sign alice
sign bob --key "$KEYS/bob.pem"
succeeds "baseline: a map from before" "$WORK/before" map create /sys/fs/bpf/old \
    type hash key 4 value 4 entries 4 name old_map
succeeds "baseline: bob opens it" "$WORK/bob" map dump pinned /sys/fs/bpf/old

enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
  bob: {signer: bob, file-signers: [acme], load: {types: [xdp]}}
YAML

for who in alice bob; do
    succeeds "$who loads" "$WORK/$who" prog load "$OBJECTS/xdp.o" "/sys/fs/bpf/$who" \
        pinmaps "/sys/fs/bpf/$who-maps"
    succeeds "$who opens the program" "$WORK/$who" prog show pinned "/sys/fs/bpf/$who"
done
map=$(id_of "$WORK/alice" map /sys/fs/bpf/alice-maps/ct_map_tcp4)
prog=$("$WORK/alice" -j prog show pinned /sys/fs/bpf/alice | sed -n 's/.*"id":\([0-9]*\),.*/\1/p')
succeeds "alice opens her map by id" "$WORK/alice" map dump id "$map"
succeeds "alice opens her program by id" "$WORK/alice" prog dump xlated id "$prog"
denied "bob opens alice's map by id" "$WORK/bob" map dump id "$map"
line "… says so" "process: bob"
line "… and why" "op: open type: hash name: ct_map_tcp4 action: Denied signer: bob reason: foreign-map owner: alice"
denied "bob updates alice's map by pin" "$WORK/bob" map update pinned \
    /sys/fs/bpf/alice-maps/ct_map_tcp4 key 1 0 0 0 value 1 0 0 0
denied "bob opens alice's program by id" "$WORK/bob" prog dump xlated id "$prog"
line "… says why" "op: open type: xdp name: from_netdev action: Denied signer: bob reason: foreign-program owner: alice"
denied "alice opens a map from before" "$WORK/alice" map dump pinned /sys/fs/bpf/old
line "… says why" "name: old_map action: Denied signer: acme reason: foreign-map"

unpin /sys/fs/bpf/alice* /sys/fs/bpf/bob* /sys/fs/bpf/old
forgotten
