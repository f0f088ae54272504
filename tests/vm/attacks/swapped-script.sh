# The kernel opens a script, and its interpreter opens the name again: Eve puts another file there in between,
# one that the same signer has signed.
# hooks: file_post_open
prepare() {
    copy swapped-interpreter "$TESTS/bin/reader" && sign swapped-interpreter
    mkdir -p "$WORK/there" "$WORK/other"
    printf '#!%s open-later\ngood\n' "$WORK/swapped-interpreter" >"$WORK/there/swapped-tool"
    printf '#!%s open-later\nanother tool\n' "$WORK/swapped-interpreter" >"$WORK/other/swapped-tool"
    echo "a template" >"$WORK/other/template"
    chmod +x "$WORK"/*/swapped-tool
    bpfsign sign --key "$KEYS/acme.pem" "$WORK"/*/swapped-tool >/dev/null
    bpfsign sign --key "$KEYS/acme.pem" --role collateral "$WORK/other/template" >/dev/null
}
entries() {
    echo '  swapped-tool: {signer: acme, load: {types: [xdp]}}'
}
# swapped FILE: runs the tool by a link that leads to FILE before its interpreter opens it
swapped() {
    local runner status=0
    rm -f "$WORK/swapped-tool.go"
    ln -sfn "$WORK/there/swapped-tool" "$WORK/swapped-tool"
    "$WORK/swapped-tool" &
    runner=$!
    while [ "$(cat "/proc/$runner/comm")" = bash ]; do sleep 0.1; done
    ln -sfn "$1" "$WORK/swapped-tool"
    touch "$WORK/swapped-tool.go"
    wait "$runner" || status=$?
    return "$status"
}
baseline() {
    says "content: #!" "another tool" swapped "$WORK/other/swapped-tool"
    says "content: a template" "a template" swapped "$WORK/other/template"
}
denied() {
    exits 1 "another tool of the same signer" swapped "$WORK/other/swapped-tool"
    line "… says so" "op: read file: $WORK/other/swapped-tool action: Denied signer: acme reason: swapped-script"
    exits 1 "a template of the same signer" swapped "$WORK/other/template"
    line "… says so" "op: read file: $WORK/other/template action: Denied signer: acme reason: swapped-script"
}
control() {
    says "content: #!" "the script itself" swapped "$WORK/there/swapped-tool"
}
