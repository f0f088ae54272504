# `collateral: [...]` and `off` let in what `strict` does not: what they still promise holds, for the name that
# was asked for and for the path that it led to.
# hooks: file_post_open
# once: who is entitled is our own decision
prepare() {
    for name in listed off; do copy "$name-alice" "$TESTS/bin/reader" && sign "$name-alice"; done
    mkdir -p "$WORK/share"
    echo evil >"$WORK/share/evil"
    echo evil >"$WORK/else"
    ln -sfn "$WORK/else" "$WORK/share/linked"
    ln -sfn "$WORK/share/evil" "$WORK/to-share"
}
entries() {
    echo "  listed-alice: {signer: acme, load: {types: [xdp]}, collateral: ['$WORK/share/*']}"
    echo "  off-alice: {signer: acme, load: {types: [xdp]}, collateral: off}"
}
reads() { "$WORK/listed-alice" open "$1"; }
baseline() {
    for file in share/evil share/linked to-share; do says "content: evil" "$file" reads "$WORK/$file"; done
}
denied() {
    exits 1 "a listed file" reads "$WORK/share/evil"
    line "… says so" "pod: listed-alice op: read file: $WORK/share/evil action: Denied signer: acme reason: unsigned"
    exits 1 "a listed name that leads elsewhere" reads "$WORK/share/linked"
    exits 1 "another name that leads to a listed file" reads "$WORK/to-share"
}
control() {
    says "content: evil" "what is not listed is not looked at" reads "$WORK/else"
    says "content: evil" "off: nothing is" "$WORK/off-alice" open "$WORK/share/evil"
}
