# A library in watchbpf: root writes /etc/ld.so.preload, so that a library of hers runs inside the genuine watchbpf, which has
# descriptors of our maps. An unsigned one is not mapped; one that a signer of ours has signed may look, and writes nothing that decides.
# It gets no ring of records either, and no place of its own to read them, while another watchbpf reads.
# hooks: mmap_file bpf_map
# once: the hooks are those of unsigned-library.sh and memory-of-alice.sh

prepare() {
    cp "$TESTS/bin/preload.so" "$WORK/signed.so"
    cp "$TESTS/bin/preload.so" /usr/lib/preload.so
    bpfsign sign --key "$KEYS/acme.pem" --role library "$WORK/signed.so" >/dev/null
    copy in-watchbpf "$TESTS/bin/probe"
    sign in-watchbpf
    entries | policy policy
}

entries() {
    echo '  in-watchbpf: {signer: acme, load: {types: [xdp]}}'
}

# preload LIBRARY: what it has tried inside watchbpf
preload() {
    rm -f /run/preload.out
    echo "$1" >/etc/ld.so.preload
    watchbpf status >/dev/null 2>&1
    rm -f /etc/ld.so.preload
    cat /run/preload.out
}

deciding=(policies state keyrings own_programs own_maps tasks sequences owners taints records alarms pods)

baseline() {
    local name
    says "watchbpf: it ran" "a library of root's" preload /usr/lib/preload.so
    watch --observe "$WORK/policy.yaml"
    preload "$WORK/signed.so" >"$WORK/out"
    for name in policies keyrings sequences records alarms pods; do
        says "$name write: allowed" "it writes '$name'" cat "$WORK/out"
    done
    leave
    gone
}

denied() {
    local name
    preload /usr/lib/preload.so >"$WORK/out" 2>&1
    exits 1 "root's library is not mapped" grep '^watchbpf: it ran' "$WORK/out"
    line "the line says which" "op: code file: /usr/lib/preload.so action: Denied signer: acme reason: unsigned"
    preload "$WORK/signed.so" >"$WORK/out"
    for name in "${deciding[@]}"; do
        says "$name write: EPERM" "a signed one writes '$name'" cat "$WORK/out"
    done
    says "to read: EBUSY" "it does not get the reader's place" cat "$WORK/out"
    line "an alarm" "process: watchbpf"
    line "… for a ring of records" "op: open type: ringbuf name: alarms action: Denied signer: acme reason: self-protection"
    line "of its kind" "op: open type: array_of_maps name: policies action: Denied signer: acme reason: self-protection"
}

control() {
    says "policies read: allowed" "it runs as the control program, which reads" cat "$WORK/out"
    says "load: allowed" "alice" "$WORK/in-watchbpf" load
    rm -f /usr/lib/preload.so
}
