# Templates on an overlay: a descriptor that is open follows a copy-up, so Eve, who may write the overlay, copies a signed template up before
# Alice opens it, in the middle of that, and when she has it open.
# hooks: inode_copy_up file_post_open

. "$TESTS/lib/overlay.sh"

templates=(before open read after) # "open" and "read": in the middle

prepare() {
    local name
    copy templated "$TESTS/bin/reader" && sign templated
    mkdir -p "$WORK/pod.lower"
    for name in "${templates[@]}" same free; do
        echo "good $name" >"$WORK/pod.lower/$name"
        bpfsign sign --key "$KEYS/acme.pem" --role collateral "$WORK/pod.lower/$name" >/dev/null
    done
}

entries() {
    echo '  templated: {signer: acme, load: {types: [xdp]}}'
}

before_each() {
    umount "$WORK/pod" 2>/dev/null
    rm -rf "$WORK"/pod.{upper,work} "$WORK"/pod.lower/*.go
    overlay pod
}

# while_open: what Alice reads at first, and what when Eve has written the file
while_open() {
    local status=0
    rm -f "$WORK/pod/after.go"
    "$WORK/templated" open-again "$WORK/pod/after" >"$WORK/read" 2>&1 &
    awaits content "$WORK/read"
    chmod 600 "$WORK/pod/after" 2>&1 && echo evil >"$WORK/pod.upper/after" && echo "Eve has written it"
    touch "$WORK/pod/after.go"
    wait $! || status=$?
    cat "$WORK/read"
    return $status
}

# during MOMENT: Alice opens it when the kernel, copying it up, does that with the file below
during() {
    overlay_hold "$1" "$WORK/pod/$1" "$WORK/pod.lower/$1" "$WORK/templated" open "$WORK/pod/$1"
}

baseline() {
    local moment
    before_each
    echo evil >"$WORK/pod/before"
    says "content: evil" "before" "$WORK/templated" open "$WORK/pod/before"
    for moment in open read; do says "held" "when the copy-up does: $moment" during "$moment"; done
    says "again: allowed
content: evil" "after" while_open
}

denied() {
    local moment
    before_each
    echo evil >"$WORK/pod/before"
    exits 1 "before" "$WORK/templated" open "$WORK/pod/before"
    line "it says why" "op: read file: $WORK/pod/before action: Denied signer: acme reason: copied-up"
    for moment in open read; do
        exits 1 "when the copy-up does: $moment" during "$moment"
        line "it says why" "op: read file: $WORK/pod/$moment action: Denied signer: acme reason: copied-up"
    done
    says "Operation not permitted" "after" while_open
    says "again: allowed
content: good after" "… and she reads the same again" while_open
    line "it says why" "op: copy-up file: after action: BPFDenied signer: - reason: read-by-entitled"
}

control() {
    before_each
    says "good after" "alice reads what was not copied up" "$WORK/templated" open "$WORK/pod/after"
    says "good same" "… again" "$WORK/templated" open "$WORK/pod/same"
    succeeds "what nobody has read is anybody's: it is copied up" chmod 600 "$WORK/pod/free"
    succeeds "… it is there" test -e "$WORK/pod.upper/free"
    umount "$WORK/pod"
}
