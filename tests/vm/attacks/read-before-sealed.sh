# Read before it was sealed: Alice, or the kernel for her, has read a header of Eve's from a library, or the ELF interpreter; then the file becomes
# a signed one, and is mapped. Code and digest are genuine then, and entered where Eve said.
# hooks: mmap_file

. "$TESTS/lib/overlay.sh"

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

# late NAME: Alice reads Eve's header of $WORK/NAME, which then becomes the library, settled
late() {
    local status=0
    rm -f "$WORK/$1" "$WORK/$1.go"
    cp "$WORK/library" "$WORK/$1"
    printf '\x10' | dd of="$WORK/$1" bs=1 seek=32 conv=notrunc status=none
    "$WORK/early" read-before "$WORK/$1" >"$WORK/read" 2>&1 &
    awaits read "$WORK/read"
    cat "$WORK/library" >"$WORK/$1"
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
    with_loader timeout 60 mid_exec "$WORK/pod.lower/loader" "$WORK/genuine" "$WORK/genuine.claim" "$WORK/pod/loader" "$WORK/linked" version
}

# with_loader COMMAND...: with the ELF interpreter of the overlay in place of the machine's
with_loader() {
    unshare --mount sh -c 'mount --bind "$0" "$1"; shift; exec "$@"' "$WORK/pod/loader" "$loader" "$@"
}

baseline() {
    says "run: 13" "a library" late one
    says_only "mid_exec: done" "the interpreter exits at once" interpreter
}

denied() {
    says "map: EPERM" "a library" late two
    line "it says why" "op: code file: $WORK/two action: Denied signer: acme reason: verity-while-cached"
    says "mid_exec: done, signal" "the interpreter" interpreter
    line "it says why" "op: code file: $loader action: Denied signer: acme reason: verity-while-cached"
}

control() {
    says "run: 42" "alice, started when it was settled" "$WORK/early" file "$WORK/two"
    succeeds "… and the interpreter" bpfsign settle "$WORK/pod.lower/loader"
    says "features:" "alice, started when it was settled" with_loader "$WORK/linked" version
    umount "$WORK/pod"
}
