# Resolved name: the interpreter of Alice's script follows links before it opens it, as Node.js
# does, and so asks for another name than was executed. Eve exchanges the link for one to another
# script of the same signer.
# hooks: file_post_open

prepare() {
    copy resolved-eve "$TESTS/bin/exchange"
    copy resolved-interpreter "$TESTS/bin/interpreter" && sign resolved-interpreter
    printf '#!%s resolved\nhonest\n' "$WORK/resolved-interpreter" >"$WORK/resolved-tool"
    printf '#!%s resolved\nanother\n' "$WORK/resolved-interpreter" >"$WORK/another-tool"
    chmod +x "$WORK"/*-tool
    sign resolved-tool
    sign another-tool
}

entries() {
    echo '  resolved-tool: {signer: acme, load: {types: [xdp]}}'
}

exchanged() {
    ln -sfn "$WORK/resolved-tool" "$WORK/link"
    "$WORK/resolved-eve" link "$WORK/resolved-interpreter" "$WORK/link" "$WORK/another-tool" \
        "$WORK/link"
}

# linked: the same without the exchange
linked() {
    ln -sfn "$WORK/resolved-tool" "$WORK/link"
    "$WORK/link"
}

baseline() {
    says_only "another: allowed" "another tool of the same signer" exchanged
}

denied() {
    says_only "another: EPERM" "another tool of the same signer" exchanged
    line "it says why" \
        "pod: resolved-interpreter op: exec action: BPFDenied signer: - reason: script-options"
    says_only "honest: EPERM" "by a link that nobody exchanges" linked
}

control() {
    says_only "honest: allowed" "the script by its own name" "$WORK/resolved-tool"
}
