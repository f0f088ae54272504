# Built-in signatures: a file that fs-verity's own keyring has not vouched for, under `require: [builtin]`: without a signature; with one
# that was verified before we looked; and other bytes, sealed where a signature was verified and the sealing failed. And what
# root could do to the keyring.
# hooks: inode_setintegrity fsverity_verify_signature key_permission

prepare() {
    openssl x509 -in "$KEYS/acme.crt" -outform DER -out "$WORK/acme.der"
    openssl x509 -in "$KEYS/bob.crt" -outform DER -out "$WORK/bob.der"
    keyctl padd asymmetric '' %:.fs-verity <"$WORK/acme.der" >/dev/null
    for name in built cached; do copy "built-$name" "$TESTS/bin/probe"; sign "built-$name" --name built --with builtin; done
    copy built-plain "$TESTS/bin/probe" && sign built-plain --name built

    # a file system without room for the descriptor of a sealed file
    modprobe loop
    truncate -s 4M "$WORK/image" && mkfs.ext4 -qFb 4096 -O verity,^has_journal "$WORK/image" && mkdir -p "$WORK/small"
    mount -o loop "$WORK/image" "$WORK/small"
    cp "$TESTS/bin/probe" "$WORK/small/built-stale"
    fsverity sign "$WORK/small/built-stale" "$WORK/signature" --key="$KEYS/acme.pem" --cert="$KEYS/acme.crt" >/dev/null
    { cat "$TESTS/bin/probe"; echo other bytes; } >"$WORK/other" && chmod +x "$WORK/other" && sign other --name built
    dd if=/dev/zero of="$WORK/small/filling" bs=1k 2>/dev/null
    "$WORK/built-cached" who >/dev/null
    sleep 3600 3<"$WORK/built-cached" >/dev/null 2>&1 & # another attack may drop what nobody uses
    echo $! >"$WORK/keeper"

    # a key of eve's whose name is a line of /proc/keys: her ring would be the keyring
    awk '$9 == ".fs-verity:" { print "0x" $1 }' /proc/keys >"$WORK/ring"
    keyctl add user "$(printf 'x\n%08x I------ 1 perm 3f3f0000 0 0 keyring   .fs-verity: 1' "$(keyctl newring eves @u)")" x @u >/dev/null
}

entries() {
    echo '  built: {signer: acme, load: {types: [xdp]}, require: [builtin]}'
}

baseline() {
    local ring
    ring=$(cat "$WORK/ring")
    for name in built cached plain; do exits 0 "$name" "$WORK/built-$name" load; done
    says "No space left" "to seal with the signature fails" fsverity enable "$WORK/small/built-stale" --signature="$WORK/signature"
    succeeds "root adds a key to the keyring" sh -c "keyctl padd asymmetric '' $ring <'$WORK/bob.der' >'$WORK/bob'"
    succeeds "… and takes it out" keyctl unlink "$(cat "$WORK/bob")" "$ring"
    succeeds "root reads it" keyctl read "$ring"
    says "invalidate: allowed" "root invalidates a ring, by a number with a higher bit" keyring wide "$(keyctl newring hers @u)"
}

# evict: what is in memory of files that nobody uses
evict() {
    sync
    echo 3 >/proc/sys/vm/drop_caches
}

denied() {
    local ring
    ring=$(cat "$WORK/ring")
    exits 1 "without a signature" "$WORK/built-plain" load
    refused built-plain builtin
    exits 1 "in memory since before the start" "$WORK/built-cached" load
    refused built-cached builtin
    says "No space left" "to seal with the signature fails" fsverity enable "$WORK/small/built-stale" --signature="$WORK/signature"
    rm "$WORK/small/filling"
    echo other bytes >>"$WORK/small/built-stale"
    fsverity enable "$WORK/small/built-stale" && setfattr -n user.bpfsign -v "0x$(claim_of other)" "$WORK/small/built-stale"
    bpfsign settle "$WORK/small/built-stale" >/dev/null
    exits 1 "other bytes where a signature was verified" "$WORK/small/built-stale" load
    refused built-stale builtin
    not_permitted "root adds a key to the keyring" sh -c "keyctl padd asymmetric '' $ring <'$WORK/bob.der'"
    not_permitted "… reads it" keyctl read "$ring"
    not_permitted "… invalidates it" keyctl invalidate "$ring"
    says "invalidate: EPERM" "… by a number with a higher bit" keyring wide "$ring"
    not_permitted "… clears it" keyctl clear "$ring"
    not_permitted "… closes it" keyctl restrict_keyring "$ring"
    line "… an alarm" 'op: keyring name: .fs-verity action: BPFDenied signer: - reason: keyring-protection'
}

control() {
    kill "$(cat "$WORK/keeper")"
    evict
    exits 0 "opened afresh, it is in" "$WORK/built-built" load
    exits 0 "so is the other" "$WORK/built-cached" load
    exits 1 "and without a signature it is still out" "$WORK/built-plain" load
    copy built-new "$TESTS/bin/probe"
    succeeds "sealed now: fs-verity may search its keyring" fsverity enable "$WORK/built-new" --signature="$WORK/signature"
    setfattr -n user.bpfsign -v "0x$(claim_of built-built)" "$WORK/built-new"
    bpfsign settle "$WORK/built-new" >/dev/null
    exits 0 "… and used" "$WORK/built-new" load
    umount "$WORK/small"
}
