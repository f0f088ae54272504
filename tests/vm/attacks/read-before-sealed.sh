# Read before it was sealed: Alice, or the kernel for her, has read a header of Eve's from a library, or the ELF interpreter; then the file becomes
# a signed one, and is mapped. What was read is still Eve's; here it is the same bytes, since it is the order that counts.
# hooks: mmap_file

. "$TESTS/overlay.sh"

loader=$(realpath /lib64/ld-linux-x86-64.so.2)

prepare() {
    copy early "$TESTS/bin/code" && sign early
    copy linked && printf early >>"$WORK/linked" && sign linked --name early
    "$TESTS/bin/code" make "$WORK/library"
    sign library --role library --name library
    claim_of library >"$WORK/library.hex"
    cp "$loader" "$WORK/genuine" && printf early >>"$WORK/genuine" && chmod 755 "$WORK/genuine"
    sign genuine --role library --name library
    getfattr --only-values -n user.bpfsign "$WORK/genuine" >"$WORK/genuine.claim" 2>/dev/null
}

entries() {
    echo '  early: {signer: acme, load: {types: [xdp]}, collateral: off}'
}

# late NAME: Alice reads $WORK/NAME, which then becomes the library, settled
late() {
    local status=0
    rm -f "$WORK/$1" "$WORK/$1.go"
    cp "$WORK/library" "$WORK/$1"
    "$WORK/early" read-before "$WORK/$1" >"$WORK/read" 2>&1 &
    until grep -q read "$WORK/read"; do sleep 0.1; done
    fsverity enable "$WORK/$1"
    set_claim "$1" "$(<"$WORK/library.hex")"
    bpfsign settle "$WORK/$1" || echo "not settled"
    touch "$WORK/$1.go"
    wait $! || status=$?
    cat "$WORK/read"
    return $status
}

# interpreter: the same of the ELF interpreter, on an overlay, where nobody keeps the file below from being written
interpreter() {
    umount "$WORK/pod" 2>/dev/null
    rm -rf "$WORK"/pod.{upper,work,lower}
    mkdir -p "$WORK/pod.lower"
    cp "$WORK/genuine" "$WORK/pod.lower/loader"
    overlay pod
    unshare --mount sh -c 'mount --bind "$1/pod/loader" "$2"
        exec timeout 60 mid_exec "$1/pod.lower/loader" "$1/genuine" "$1/genuine.claim" "$1/pod/loader" "$1/linked" version' \
        interpreter "$WORK" "$loader"
}

baseline() {
    says "run: 42" "a library" late one
    says "features:" "the interpreter" interpreter
    says "mid_exec: done" "… which was sealed in the middle" interpreter
}

denied() {
    says "map: EPERM" "a library" late two
    line "it says why" "op: code file: $WORK/two action: Denied signer: acme reason: verity-while-cached"
    says "mid_exec: done, signal" "the interpreter" interpreter
    line "it says why" "op: code file: $loader action: Denied signer: acme reason: verity-while-cached"
}

control() {
    says "run: 42" "alice, started when it was settled" "$WORK/early" file "$WORK/two"
    umount "$WORK/pod"
}
