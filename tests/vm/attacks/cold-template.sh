# A file that is not in memory has no digest yet when the kernel asks lsm/file_open: the verdict is taken where
# it has one, so that Alice can read hers, and Eve gains nothing by a cold cache.
# hooks: file_post_open
cold() {
    sync
    echo 2 >/proc/sys/vm/drop_caches
}
prepare() {
    copy cold-alice "$TESTS/bin/reader" && sign cold-alice
    echo evil >"$WORK/evil"
    echo good >"$WORK/good"
    bpfsign sign --key "$KEYS/acme.pem" --role collateral "$WORK/good" >/dev/null
}
entries() {
    echo '  cold-alice: {signer: acme, load: {types: [xdp]}}'
}
baseline() {
    cold
    says "content: evil" "reading eve's" "$WORK/cold-alice" open "$WORK/evil"
}
denied() {
    cold
    exits 1 "reading eve's" "$WORK/cold-alice" open "$WORK/evil"
    line "… says so" "op: read file: $WORK/evil action: Denied signer: acme reason: unsigned"
}
control() {
    cold
    says "content: good" "reading her own" "$WORK/cold-alice" open "$WORK/good"
}
