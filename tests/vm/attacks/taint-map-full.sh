# A full map of taints: Eve has fs-verity "enabled" on as many files as the map holds. The next is not enabled, so that no
# file can get a digest unseen.
# hooks: file_ioctl
# once: the map is ours

prepare() {
    copy sealed "$TESTS/bin/probe"
    sign sealed
    copy unsealed "$TESTS/bin/probe"
    mkdir "$WORK/many"
}

entries() {
    echo '  sealed: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    copy free "$TESTS/bin/probe"
    succeeds "fs-verity is enabled" fsverity enable "$WORK/free"
}

denied() {
    exits 1 "every place is taken" verity_flood "$WORK/many" 66000 bad
    not_permitted "one more" fsverity enable "$WORK/unsealed"
    line "it says why" "op: verity action: BPFDenied signer: - reason: no-memory"
}

control() {
    local try
    says "load: allowed" "what was sealed before" "$WORK/sealed" load
    rm -rf "$WORK/many"
    for try in $(seq 100); do
        fsverity enable "$WORK/unsealed" 2>/dev/null && { pass "with the files gone, it is enabled"; return; }
        sync
        sleep 0.2
    done
    fail "with the files gone, it is enabled" "$(fsverity enable "$WORK/unsealed" 2>&1)"
}
