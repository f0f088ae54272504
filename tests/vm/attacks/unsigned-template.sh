# Eve puts a template of hers where Alice reads one: every road of open(2) leads to the same verdict.
# hooks: file_post_open file_open
acts=(open open-write relative openat2 handle self-fd uring uring-worker)

prepare() {
    copy template-alice "$TESTS/bin/reader" && sign template-alice
    copy template-eve "$TESTS/bin/reader"
    echo evil >"$WORK/evil"
    echo good >"$WORK/good"
    bpfsign sign --key "$KEYS/acme.pem" --role collateral "$WORK/good" >/dev/null
    echo bob >"$WORK/bob"
    bpfsign sign --key "$KEYS/bob.pem" --role collateral "$WORK/bob" >/dev/null
    mkfifo "$WORK/fifo"
}
entries() {
    echo '  template-alice: {signer: acme, load: {types: [xdp]}}'
}
baseline() {
    for act in "${acts[@]}"; do
        says "content: evil" "$act" "$WORK/template-alice" "$act" "$WORK/evil"
    done
    says "content:" "a file without a name" "$WORK/template-alice" tmpfile "$WORK"
    succeeds "a fifo" "$WORK/template-alice" fifo "$WORK/fifo"
}
denied() {
    for act in "${acts[@]}"; do
        exits 1 "$act" "$WORK/template-alice" "$act" "$WORK/evil"
    done
    line "… says so" "process: template-alice"
    line "… and which" "pod: template-alice op: read file: $WORK/evil action: Denied signer: acme reason: unsigned"
    exits 1 "a file without a name" "$WORK/template-alice" tmpfile "$WORK"
    exits 1 "a fifo" "$WORK/template-alice" fifo "$WORK/fifo"
    exits 1 "one that bob signed" "$WORK/template-alice" open "$WORK/bob"
    line "… says so" "op: read file: $WORK/bob action: Denied signer: acme reason: unknown-key"
}
control() {
    for act in "${acts[@]}"; do
        [ "$act" = open-write ] || says "content: good" "$act" "$WORK/template-alice" "$act" "$WORK/good"
    done
    says "content: evil" "eve reads what she likes" "$WORK/template-eve" open "$WORK/evil"
    succeeds "a directory" "$WORK/template-alice" directory "$WORK"
    succeeds "the mark is still there" "$WORK/template-alice" then-map open "$WORK/good"
}
