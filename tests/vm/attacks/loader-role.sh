# Loader's role: Eve mounts another program of the signer's over Alice's loader or over a library of
# hers, and it runs inside Alice. What is signed to be executed is code only where it was executed.
# hooks: mmap_file file_mprotect

elf=$(libraries_of /usr/sbin/bpftool | grep libelf)
loader=$(realpath /lib64/ld-linux-x86-64.so.2)
acts=(file shared-file library clean-copy read-implies-exec)

digest_of() {
    echo "sha256:$(fsverity digest --compact "$WORK/$1")"
}

prepare() {
    local name
    for name in roles roles-off roles-listed; do
        copy "$name" && printf "%s" "$name" >>"$WORK/$name" && sync "$WORK/$name"
    done
    sign roles && sign roles-off && fsverity enable "$WORK/roles-listed"
    copy roles-code "$TESTS/bin/code" && sign roles-code
    copy stray "$TESTS/bin/stray" && sign stray --role executable
    copy stray-listed "$TESTS/bin/stray" && printf listed >>"$WORK/stray-listed"
    sync "$WORK/stray-listed" && fsverity enable "$WORK/stray-listed"
    copy stray.so "$TESTS/bin/intruder.so" && sign stray.so --role executable
    "$WORK/roles-code" make "$WORK/stray-function" && cp "$WORK/stray-function" "$WORK/good-function"
    printf good >>"$WORK/good-function"
    sign stray-function --role executable && sign good-function --role library
}

entries() {
    echo '  roles: {signer: acme, load: {types: [xdp]}}'
    echo '  roles-off: {signer: acme, load: {types: [xdp]}, collateral: off}'
    echo '  roles-code: {signer: acme, load: {types: [xdp]}}'
    echo '  roles-listed:'
    echo "    digests: ['$(digest_of roles-listed)', '$(digest_of stray-listed)']"
    echo '    file-signers: [acme]'
    echo '    load: {types: [xdp]}'
}

baseline() {
    local act
    says "stray: allowed" "the loader" alone "$loader" "$WORK/stray" "$WORK/roles" version
    says "stray: allowed" "… of a program that is listed" \
        alone "$loader" "$WORK/stray-listed" "$WORK/roles-listed" version
    says "it ran in roles" "a library" over "$elf" "$WORK/stray.so" "$WORK/roles" version
    says "it ran in roles-off" "/etc/ld.so.preload" \
        preloading "$WORK/stray.so" "$WORK/roles-off" version
    for act in "${acts[@]}"; do says "run: 42" "$act" "$WORK/roles-code" "$act" "$WORK/stray-function"; done
}

denied() {
    local act
    exits 139 "the loader" alone "$loader" "$WORK/stray" "$WORK/roles" version
    line "it says why" \
        "pod: roles op: code file: $loader action: Denied signer: acme reason: wrong-role"
    exits 139 "another program of the same entry" \
        alone "$loader" "$WORK/stray-listed" "$WORK/roles-listed" version
    line "it says so" "pod: roles-listed op: code file: $loader action: Denied"
    exits 127 "a library" over "$elf" "$WORK/stray.so" "$WORK/roles" version
    line "it says why" \
        "pod: roles op: code file: $elf action: Denied signer: acme reason: wrong-role"
    exits 127 "the same without collateral" over "$elf" "$WORK/stray.so" "$WORK/roles-off" version
    line "it says why" \
        "pod: roles-off op: code file: $elf action: Denied signer: acme reason: wrong-role"
    case $(preloading "$WORK/stray.so" "$WORK/roles-off" version 2>&1) in
    *"it ran"*) fail "/etc/ld.so.preload" "it succeeded" ;;
    *features:*) pass "/etc/ld.so.preload is nothing to her" ;;
    *) fail "/etc/ld.so.preload" "she does not run" ;;
    esac
    line "it says why" \
        "pod: roles-off op: code file: $WORK/stray.so action: Denied signer: acme reason: wrong-role"
    for act in "${acts[@]}"; do
        says ": EPERM" "$act" "$WORK/roles-code" "$act" "$WORK/stray-function"
    done
    line "it says why" \
        "pod: roles-code op: code file: $WORK/stray-function action: Denied signer: acme reason: wrong-role"
    line "… of mprotect()" \
        "pod: roles-code op: code file: stray-function action: Denied signer: acme reason: wrong-role"
    says "then-map: allowed" "the mark is still there" \
        "$WORK/roles-code" then-map file "$WORK/stray-function"
}

control() {
    local act
    says "features:" "alice with her libraries" "$WORK/roles" version
    says "features:" "one that is listed" "$WORK/roles-listed" version
    succeeds "… and has its rights" "$WORK/roles-listed" map create /sys/fs/bpf/roles \
        type array key 4 value 4 entries 1 name roles
    unpin /sys/fs/bpf/roles
    for act in "${acts[@]}"; do
        says "run: 42" "a library: $act" "$WORK/roles-code" "$act" "$WORK/good-function"
    done
    says "stray: EPERM" "the other program, executed" "$WORK/stray"
}
