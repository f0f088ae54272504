# Eve is root and goes for the guard itself: pins, maps, programs, keyrings, memory. Each is an
# alarm in a ring of its own.
# hooks: inode_unlink inode_rmdir inode_rename sb_umount key_permission ptrace_access_check ptrace_traceme

pins=/sys/fs/bpf/bpfsign
copy alice "$TESTS/bin/probe"
copy eve "$TESTS/bin/probe"
copy eve-tool
mkdir /sys/fs/bpf/baseline
exits 0 "baseline: eve attaches to a process" "$WORK/eve" attach $$
succeeds "baseline: root removes a directory of pins" rmdir /sys/fs/bpf/baseline
"$WORK/eve-tool" map create /sys/fs/bpf/first type hash key 4 value 4 entries 4 name first
first=$(id_of "$WORK/eve-tool" map /sys/fs/bpf/first) # our own objects have the ids behind it
unpin /sys/fs/bpf/first
sign alice

cp "$TESTS/bin/preload.so" "$WORK/preload.so"
bpfsign sign --key "$KEYS/acme.pem" --role library "$WORK/preload.so" >/dev/null
enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML

denied "unlink of a pinned hook" rm "$pins/on_bpf"
line "… is an alarm" "process: rm"
line "… with its name" "op: unpin name: on_bpf action: BPFDenied signer: - reason: self-protection"
denied "unlink of a pinned map" rm "$pins/policies"
denied "rename of a pin" mv "$pins/on_bpf" "$pins/off"
denied "rename of the directory" mv "$pins" /sys/fs/bpf/elsewhere
mkdir /sys/fs/bpf/eve
denied "rename of a pin into another directory" mv "$pins/on_bpf" /sys/fs/bpf/eve/
rmdir /sys/fs/bpf/eve
exits 1 "rmdir" python3 -c 'import os, sys, errno
try: os.rmdir(sys.argv[1])
except OSError as e: sys.exit(1 if e.errno == errno.EPERM else 3)' "$pins"
denied "umount" umount /sys/fs/bpf
denied "lazy umount" umount -l /sys/fs/bpf
line "… is an alarm" "process: umount"
for name in state policies tasks orders; do
    exits 1 "eve opens the pin of '$name'" "$WORK/eve" obj-get "$pins/$name"
done
for id in $(seq 1 40) $(seq "$first" $((first + 40))); do
    "$WORK/eve" map-by-id "$id"; "$WORK/eve" prog-by-id "$id"; "$WORK/eve" link-by-id "$id"
done >"$WORK/ids" 2>&1
grep -q allowed "$WORK/ids" && fail "eve by id" "$(cat "$WORK/ids")" || pass "eve gets nothing by id"
line "one of our maps by id is an alarm" "op: open type: array_of_maps name: policies action: BPFDenied signer: - reason: self-protection"
for id in $(seq 1 40) $(seq "$first" $((first + 40))); do
    "$WORK/alice" map-by-id "$id"; "$WORK/alice" link-by-id "$id"
done >"$WORK/ids" 2>&1
grep -q allowed "$WORK/ids" && fail "alice by id" "$(cat "$WORK/ids")" ||
    pass "alice, entitled to other things, gets nothing of ours"

openssl x509 -in "$KEYS/bob.pem" -outform DER -out "$WORK/eve.der" 2>/dev/null
acme=$(ring_of acme)
[ -n "$acme" ] && pass "eve sees acme's ring" || fail "eve sees acme's ring" "not found"
for act in "padd asymmetric eve $acme" "clear $acme" "link @u $acme" "revoke $acme" \
    "setperm $acme 0x3f3f3f3f" "timeout $acme 1" "chown $acme 1" \
    "clear $(ring_of)"; do
    # shellcheck disable=SC2086
    output=$(keyctl $act <"$WORK/eve.der" 2>&1) && fail "keyctl $act" "it succeeded" ||
        case $output in
        *"Operation not permitted"* | *"Permission denied"*) pass "keyctl ${act%% *}" ;;
        *) fail "keyctl $act" "$output" ;;
        esac
done
line "… is an alarm" "process: keyctl"
line "… of its kind" 'op: keyring name: "bpfsign:acme" action: BPFDenied signer: - reason: keyring-protection'

"$WORK/alice" sleep 60 >"$WORK/pid" &
until [ -s "$WORK/pid" ]; do sleep 0.1; done
pid=$(cat "$WORK/pid")
exits 1 "eve attaches to alice" "$WORK/eve" attach "$pid"
line "… is an alarm" "pod: eve op: trace action: BPFDenied signer: - reason: memory-protection"
exits 3 "eve opens alice's memory" "$WORK/eve" open-memory "$pid"
exits 1 "eve attaches to watchbpf" "$WORK/eve" attach "$WATCHER"
exits 0 "alice attaches to alice" "$WORK/alice" attach "$pid"
exits 1 "alice lets herself be traced" "$WORK/alice" traceme
exits 0 "eve lets herself be traced" "$WORK/eve" traceme
kill "$pid"
# a library inside the genuine watchbpf: root's own is refused
preload() {
    echo "$1" >/etc/ld.so.preload
    rm -f /run/preload.out
    watchbpf status >/dev/null 2>&1
    rm -f /etc/ld.so.preload
}
cp "$TESTS/bin/preload.so" /usr/lib/preload.so
preload /usr/lib/preload.so
exits 1 "root's library is not mapped" grep '^watchbpf: it ran' /run/preload.out
line "… the line says which" "op: code file: /usr/lib/preload.so action: Denied signer: acme reason: unsigned"
# one that acme signed may look, and write nothing that decides
preload "$WORK/preload.so"
says "policies read: allowed" "baseline: the library runs as the control program" cat /run/preload.out
for name in policies state keyrings own_programs tasks sequences owners taints; do
    says "$name write: EPERM" "a library in watchbpf writes '$name'" cat /run/preload.out
done
line "… is an alarm" "process: watchbpf"
line "… of its kind" "op: open type: array_of_maps name: policies action: Denied signer: acme reason: self-protection"

exits 0 "alice after all that" "$WORK/alice" load
exits 1 "eve after all that" "$WORK/eve" load
