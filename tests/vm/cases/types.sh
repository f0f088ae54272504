# load: types: is what an entitled program may load, and no more; fmod_ret never.
# hooks: bpf_prog_load

copy alice
copy bob
copy tracer "$TESTS/bin/probe"
copy mapper "$TESTS/bin/probe"
for name in bob tracer mapper; do printf %s "$name" >>"$WORK/$name"; done
for name in xdp socket; do
    succeeds "baseline: $name loads" "$WORK/alice" prog load "$OBJECTS/$name.o" /sys/fs/bpf/x
    unpin /sys/fs/bpf/x
done
succeeds "baseline: fmod_ret loads" "$WORK/alice" prog load "$OBJECTS/fmod_ret.o" /sys/fs/bpf/x
unpin /sys/fs/bpf/x
for name in alice bob tracer mapper; do sign "$name"; done

enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
  bob: {signer: acme, load: {types: [socket_filter]}}
  tracer: {signer: acme, load: {types: [tracing, lsm]}}
  mapper: {signer: acme}
YAML

succeeds "xdp by alice" "$WORK/alice" prog load "$OBJECTS/xdp.o" /sys/fs/bpf/x
unpin /sys/fs/bpf/x
denied "socket_filter by alice" "$WORK/alice" prog load "$OBJECTS/socket.o" /sys/fs/bpf/x
line "… says why" "op: load type: socket_filter name: filter action: Denied signer: acme reason: load-type"
succeeds "socket_filter by bob" "$WORK/bob" prog load "$OBJECTS/socket.o" /sys/fs/bpf/x
unpin /sys/fs/bpf/x
denied "xdp by bob" "$WORK/bob" prog load "$OBJECTS/xdp.o" /sys/fs/bpf/x
line "… says why" "op: load type: xdp name: from_netdev action: Denied signer: acme reason: load-type"
exits 1 "a load without load:" "$WORK/mapper" load
line "… says why" "reason: no-load"
exits 0 "a map without load:" "$WORK/mapper" map-create
exits 1 "fmod_ret by who may load tracing" "$WORK/tracer" fmod-ret
