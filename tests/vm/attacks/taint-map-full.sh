# A full map of taints: Eve has fs-verity "enabled" on as many files as the map holds. The next is not enabled, so that no
# file can get a digest unseen. A user who is not root has a share of it, and keeps nobody from signing.
# night: 66,000 files, minutes in emulation
# hooks: file_ioctl
# once: the map is ours

prepare() {
    copy sealed "$TESTS/bin/probe"
    sign sealed
    copy unsealed "$TESTS/bin/probe"
    mkdir "$WORK/many" "$WORK/others"
    install -d -o 12345 "$WORK/his" "$WORK/his/more"
    install -d -o 12346 "$WORK/hers"
    install "$TESTS/bin/verity_flood" "$WORK/flood"
    chmod a+x "$WORK"
}

# as UID COMMAND...
as() {
    setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"
}

entries() {
    echo '  sealed: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    copy free "$TESTS/bin/probe"
    succeeds "fs-verity is enabled" fsverity enable "$WORK/free"
}

denied() {
    says "verity_flood: 904 refused" "a user's share is full" as 12345 "$WORK/flood" "$WORK/his" 5000 bad
    says "verity_flood: 1 refused" "… in a user namespace too" as 12345 unshare -Ur "$WORK/flood" "$WORK/his/more" 1 bad
    exits 0 "another user has one" as 12346 "$WORK/flood" "$WORK/hers" 1 bad
    exits 0 "root too" verity_flood "$WORK/others" 100 bad
    exits 1 "every place is taken" verity_flood "$WORK/many" 66000 bad
    not_permitted "one more" fsverity enable "$WORK/unsealed"
    line "it says why" "op: verity action: BPFDenied signer: - reason: no-memory"
}

control() {
    local try
    says "load: allowed" "what was sealed before" "$WORK/sealed" load
    rm -rf "$WORK/many" "$WORK/his"
    for try in $(seq 100); do
        fsverity enable "$WORK/unsealed" 2>/dev/null && { pass "with the files gone, it is enabled"; return; }
        sync
        sleep 0.2
    done
    fail "with the files gone, it is enabled" "$(fsverity enable "$WORK/unsealed" 2>&1)"
}
