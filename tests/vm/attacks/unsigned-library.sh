# Unsigned library: Alice maps code of Eve's, as a plug-in or as ld.so would; read-only first, shared, remapped, or
# executable because of her personality. A file must be signed as a library to be executed in her.
# hooks: mmap_file file_mprotect

acts=(file shared-file library clean-copy read-implies-exec remap)

prepare() {
    copy plugged "$TESTS/bin/code"
    sign plugged
    copy plugged-eve "$TESTS/bin/code"
    "$WORK/plugged" make "$WORK/good.so"
    cp "$WORK/good.so" "$WORK/evil.so"
    cp "$WORK/good.so" "$WORK/bob.so"
    cp "$WORK/good.so" "$WORK/read.so"
    printf bob >>"$WORK/bob.so"
    printf read >>"$WORK/read.so"
    bpfsign sign --key "$KEYS/acme.pem" --role library --name good.so "$WORK/good.so" >/dev/null
    bpfsign sign --key "$KEYS/bob.pem" --role library --name bob.so "$WORK/bob.so" >/dev/null
    bpfsign sign --key "$KEYS/acme.pem" --role collateral --name read.so "$WORK/read.so" >/dev/null
}

entries() {
    echo "  plugged: {signer: acme, load: {types: [xdp]}, unsigned-files: [$WORK/*]}"
}

baseline() {
    local act
    for act in "${acts[@]}"; do says "run: 42" "$act" "$WORK/plugged" "$act" "$WORK/evil.so"; done
    says "run: 42" "bob's library" "$WORK/plugged" file "$WORK/bob.so"
    says "run: 42" "a template" "$WORK/plugged" file "$WORK/read.so"
}

denied() {
    local act
    for act in "${acts[@]}"; do
        says ": EPERM" "unsigned: $act" "$WORK/plugged" "$act" "$WORK/evil.so"
    done
    line "it says why" "pod: plugged op: code file: $WORK/evil.so action: Denied signer: acme reason: unsigned"
    says "map: EPERM" "bob's library" "$WORK/plugged" file "$WORK/bob.so"
    line "it says why" "op: code file: $WORK/bob.so action: Denied signer: acme reason: unknown-key"
    says "map: EPERM" "a template" "$WORK/plugged" file "$WORK/read.so"
    line "it says why" "op: code file: $WORK/read.so action: Denied signer: acme reason: wrong-role"
    says "then-map: allowed" "the mark is still there" "$WORK/plugged" then-map file "$WORK/evil.so"
}

control() {
    local act
    for act in file shared-file library clean-copy read-implies-exec; do
        says "run: 42" "signed: $act" "$WORK/plugged" "$act" "$WORK/good.so"
    done
    says "run: 42" "eve maps what she likes" "$WORK/plugged-eve" file "$WORK/evil.so"
}
