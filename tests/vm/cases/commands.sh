# Every bpf() command, by a task without a mark: EPERM, known to this kernel or not.
# hooks: bpf bpf_map bpf_prog file_open

copy alice
copy eve "$TESTS/bin/probe"
copy giver "$TESTS/bin/probe"
sign alice
sign giver --name alice
says "allowed" "baseline: eve's map-create" "$WORK/eve" map-create
for command in 8 11 18 23 31; do
    says "command: " "baseline: the kernel looks at command $command" "$WORK/eve" command "$command"
done
"$WORK/eve" command 24 | grep -q EPERM && fail "baseline: command 24" "EPERM without us"
"$WORK/eve" give-map "$WORK/eve" fd-update >"$WORK/out" && pass "baseline: an inherited map" ||
    fail "baseline: an inherited map" "$(cat "$WORK/out")"

enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML

# *_GET_FD_BY_ID of a program (13) and a map (14) are decided where the object is known
# 65536 is a flag of 7.3 (BPF_COMMON_ATTRS), beside the number of a command
for command in $(seq 0 40) 63 64 1000 $((65536 + 5)) $((65536 + 18)); do
    case $command in 13 | 14) continue ;; esac
    exits 1 "eve's command $command" "$WORK/eve" command "$command"
done
succeeds "alice loads" "$WORK/alice" prog load "$OBJECTS/xdp.o" /sys/fs/bpf/prog \
    pinmaps /sys/fs/bpf/maps
exits 1 "eve's open of a pinned program" "$WORK/eve" obj-get /sys/fs/bpf/prog
exits 1 "eve's open of a pinned map" "$WORK/eve" obj-get /sys/fs/bpf/maps/ct_map_tcp4
denied "eve reads a pinned map with read(2)" cat /sys/fs/bpf/maps/ct_map_tcp4
line "… says so" "pod: cat op: open name: ct_map_tcp4 action: BPFDenied signer: - reason: unsigned owner: alice"
denied "she reads one of ours" cat "$PINS/state"
line "… is an alarm" "pod: cat op: open name: state action: BPFDenied signer: - reason: self-protection"
map=$(id_of "$WORK/alice" map /sys/fs/bpf/maps/ct_map_tcp4)
exits 1 "eve's open of a map by id" "$WORK/eve" map-by-id "$map"
prog=$("$WORK/alice" -j prog show pinned /sys/fs/bpf/prog | sed -n 's/.*"id":\([0-9]*\),.*/\1/p')
exits 1 "eve's open of a program by id" "$WORK/eve" prog-by-id "$prog"
line "… says so" "op: open type: xdp name: from_netdev action: BPFDenied signer: - reason: unsigned owner: alice"
exits 1 "eve's open of a link by id" "$WORK/eve" link-by-id 1
exits 1 "alice's open of a link by id" "$WORK/giver" link-by-id 1
line "… says so" "process: giver"
exits 1 "alice's BPF token" "$WORK/giver" command 36
line "… says so" "op: token action: Denied signer: acme reason: token"
exits 3 "a command that no kernel has, by alice" "$WORK/giver" command 35
says "fd-update: EPERM" "eve's update of a map she inherited from alice" \
    "$WORK/giver" give-map "$WORK/eve" fd-update
line "… says so" "pod: eve op: update action: BPFDenied signer: - reason: unsigned"
exits 0 "alice's update of the same" "$WORK/giver" give-map "$WORK/giver" fd-update
unpin /sys/fs/bpf/prog /sys/fs/bpf/maps
