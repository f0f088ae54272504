# The kernel opens a script, and its interpreter opens the name again: Eve puts another file there in
# between, one that the same signer has signed, or a directory, of which Python runs what is in it.
# hooks: file_post_open
prepare() {
    copy swapped-interpreter "$TESTS/bin/reader" && sign swapped-interpreter
    mkdir -p "$WORK/there" "$WORK/other"
    printf '#!%s open-later\ngood\n' "$WORK/swapped-interpreter" >"$WORK/there/swapped-tool"
    printf '#!%s open-later\nanother tool\n' "$WORK/swapped-interpreter" >"$WORK/other/swapped-tool"
    echo "a template" >"$WORK/other/template"
    chmod +x "$WORK"/*/swapped-tool
    mkdir -p "$WORK/other/swapped-run" "$WORK/near/folder" "$WORK/there/swapped-package.d/swapped-package"
    printf '#!%s run-later\n' "$WORK/swapped-interpreter" >"$WORK/there/swapped-run"
    cp "$WORK/there/swapped-run" "$WORK/near/swapped-near"
    printf '#!%s package\n' "$WORK/swapped-interpreter" >"$WORK/there/swapped-package"
    echo "another program" >"$WORK/other/swapped-run/__main__"
    cp "$WORK/other/swapped-run/__main__" "$WORK/near/folder"
    touch "$WORK/other/swapped-run.go"
    chmod +x "$WORK"/*/swapped-*
    bpfsign sign --key "$KEYS/acme.pem" "$WORK"/*/swapped-tool "$WORK/there/swapped-run" \
        "$WORK/there/swapped-package" "$WORK/near/swapped-near" >/dev/null
    bpfsign sign --key "$KEYS/acme.pem" --role collateral "$WORK"/{other/swapped-run,near/folder}/__main__ >/dev/null
    bpfsign sign --key "$KEYS/acme.pem" --role collateral "$WORK/other/template" >/dev/null
}
entries() {
    local name
    for name in tool run near package; do
        echo "  swapped-$name: {signer: acme, load: {types: [xdp]}}"
    done
}
# begun_by PID: waits for the interpreter of a script that was begun in the background
begun_by() {
    while [ "$(cat "/proc/$1/comm")" = bash ]; do sleep 0.1; done
}
# swapped FILE: runs the tool by a link that leads to FILE before its interpreter opens it
swapped() {
    local runner status=0
    rm -f "$WORK/swapped-tool.go"
    ln -sfn "$WORK/there/swapped-tool" "$WORK/swapped-tool"
    "$WORK/swapped-tool" &
    runner=$!
    begun_by "$runner"
    ln -sfn "$1" "$WORK/swapped-tool"
    touch "$WORK/swapped-tool.go"
    wait "$runner" || status=$?
    return "$status"
}
# by_way: runs the script by a way that leads elsewhere then, where the word to go on is
by_way() {
    local runner
    ln -sfn "$WORK/there" "$WORK/way"
    "$WORK/way/swapped-run" &
    runner=$!
    begun_by "$runner"
    ln -sfn "$WORK/other" "$WORK/way"
    wait "$runner"
}
# near: the same by a name without a way, whose script is moved away
near() (
    cd "$WORK/near" || exit
    ./swapped-near &
    begun_by $!
    mv swapped-near away
    mv folder swapped-near
    touch swapped-near.go
    wait $!
    rm -f swapped-near.go
    mv swapped-near folder
    mv away swapped-near
)
baseline() {
    says "content: another program" "a directory" by_way
    says "content: another program" "a directory, near" near
    says "content: #!" "another tool" swapped "$WORK/other/swapped-tool"
    says "content: a template" "a template" swapped "$WORK/other/template"
}
denied() {
    exits 1 "another tool of the same signer" swapped "$WORK/other/swapped-tool"
    line "… says so" "op: read file: $WORK/other/swapped-tool action: Denied signer: acme reason: swapped-script"
    exits 1 "a template of the same signer" swapped "$WORK/other/template"
    line "… says so" "op: read file: $WORK/other/template action: Denied signer: acme reason: swapped-script"
    says "directory: EPERM" "a directory" by_way
    line "… says so" "op: read file: $WORK/other/swapped-run action: Denied signer: acme reason: swapped-script"
    says "directory: EPERM" "a directory, near" near
    line "… says so" "op: read file: $WORK/near/swapped-near action: Denied signer: acme reason: swapped-script"
}
control() {
    says "directory: allowed" "a directory of the script's own that has its name" "$WORK/there/swapped-package"
    says "content: #!" "the script itself" swapped "$WORK/there/swapped-tool"
}
