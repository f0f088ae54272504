# programs: what an entry may do with others' programs: none, use, replace; by owner and by name.
# hooks: bpf_prog bpf_prog_load

for name in bob user named replacer stranger; do copy "$name"; done
pin=/sys/fs/bpf/bob
succeeds "baseline: anybody opens it" "$WORK/bob" prog load "$OBJECTS/xdp.o" "$pin"
succeeds "baseline: … and shows it" "$WORK/stranger" prog show pinned "$pin"
rm -f "$pin"
for name in bob user named replacer stranger; do sign "$name"; done

enforce <<'YAML'
  bob: {signer: acme, load: {types: [xdp]}}
  user: {signer: acme, programs: {"bob:*": use}}
  named: {signer: acme, programs: {"bob:other": use, "bob:from_netdev": none, "*:*": use}}
  replacer: {signer: acme, programs: {"bob:from_*": replace}}
  stranger: {signer: acme, programs: {"alice:*": replace}}
YAML
succeeds "bob loads" "$WORK/bob" prog load "$OBJECTS/xdp.o" "$pin"
id=$(id_of "$WORK/bob" prog "$pin")
for name in user replacer; do
    succeeds "$name opens it by its pin" "$WORK/$name" prog show pinned "$pin"
    line "… approved" "pod: $name op: open type: xdp name: from_netdev action: Approved signer: acme reason: ok owner: bob rule: "
    succeeds "$name opens it by id" "$WORK/$name" prog show id "$id"
done
for name in named stranger; do
    denied "$name does not" "$WORK/$name" prog show id "$id"
    line "… says why" "pod: $name op: open type: xdp name: from_netdev action: Denied signer: acme reason: foreign-program owner: bob"
done
rm -f "$pin" 2>/dev/null && fail "eve does not remove its pin" "she did" ||
    pass "eve does not remove its pin"

says '"owner":"bob"' "watchbpf list knows whose it is" watchbpf list programs --json
says "from_netdev" "… and what it is called" watchbpf list
says '"owner":"watchbpf"' "… and which links are ours" watchbpf list links --json
unpin "$pin"
