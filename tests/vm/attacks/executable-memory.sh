# Executable memory: code that is no signed file, made inside Alice: anonymous, changed copies of a signed file,
# memfd, SysV shared memory, by a personality, a key, a thread. Refused but for `jit: allow`.
# hooks: mmap_file file_mprotect

acts=(anonymous anonymous-later by-key altered-copy altered-before memfd shm "thread anonymous"
    "shared-memory anonymous")

prepare() {
    local name
    for name in coding coding-jit; do
        copy "$name" "$TESTS/bin/code"
        sign "$name"
    done
    "$WORK/coding" make "$WORK/function"
    bpfsign sign --key "$KEYS/acme.pem" --role library --name function "$WORK/function" >/dev/null
}

entries() {
    echo '  coding: {signer: acme, load: {types: [xdp]}}'
    echo '  coding-jit: {signer: acme, load: {types: [xdp]}, jit: allow}'
}

# runs WHO ACT
runs() {
    # shellcheck disable=SC2086 # words
    "$WORK/$1" $2 "$WORK/function"
}

baseline() {
    local act
    for act in "${acts[@]}"; do says "run: 42" "$act" runs coding "$act"; done
}

denied() {
    local act
    for act in "${acts[@]}"; do says ": EPERM" "$act" runs coding "$act"; done
    line "it says why" "pod: coding op: code "
    line "it says why: a copy" "reason: jit"
    says "then-map: allowed" "the mark is still there" "$WORK/coding" then-map anonymous
}

control() {
    local act
    for act in file library shared-file clean-copy read-implies-exec; do
        says "run: 42" "a signed library: $act" runs coding "$act"
    done
    for act in "${acts[@]}"; do says "run: 42" "with jit: allow: $act" runs coding-jit "$act"; done
}
