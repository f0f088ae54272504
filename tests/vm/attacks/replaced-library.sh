# Replaced library: Eve mounts a copy of hers over a library that Alice is linked with, over the loader itself, and
# names one in /etc/ld.so.preload. Each file must be signed, wherever it is found.
# hooks: mmap_file file_post_open

elf=$(libraries_of /usr/sbin/bpftool | grep libelf)
loader=$(realpath /lib64/ld-linux-x86-64.so.2)

prepare() {
    local name
    for name in linked linked-off; do
        copy "$name" && printf "%s" "$name" >>"$WORK/$name" && sign "$name"
    done
    cp "$elf" "$WORK/elf.so" && printf x >>"$WORK/elf.so"
    cp "$loader" "$WORK/loader.so" && printf x >>"$WORK/loader.so"
    chmod +x "$WORK/loader.so"
    cp "$TESTS/bin/preload.so" "$WORK/preload.so"
}

entries() {
    echo '  linked: {signer: acme, load: {types: [xdp]}}'
    echo '  linked-off: {signer: acme, load: {types: [xdp]}, collateral: off}'
}

preload() {
    local status=0
    rm -f /run/preload.out
    echo "$WORK/preload.so" >/etc/ld.so.preload
    "$@" || status=$?
    rm -f /etc/ld.so.preload
    grep -s "^${1##*/}: it ran" /run/preload.out
    return "$status"
}

baseline() {
    says "features:" "another library" over "$elf" "$WORK/elf.so" "$WORK/linked" version
    says "features:" "another loader" over "$loader" "$WORK/loader.so" "$WORK/linked" version
    says "it ran" "/etc/ld.so.preload" preload "$WORK/linked" version
}

denied() {
    exits 127 "another library" over "$elf" "$WORK/elf.so" "$WORK/linked" version
    line "it is not even read" "pod: linked op: read file: $elf action: Denied signer: acme reason: unsigned"
    exits 127 "the same without collateral" over "$elf" "$WORK/elf.so" "$WORK/linked-off" version
    line "it is not mapped" "pod: linked-off op: code file: $elf action: Denied signer: acme reason: unsigned"
    exits 139 "another loader" over "$loader" "$WORK/loader.so" "$WORK/linked" version
    line "it says so" "pod: linked op: code file: $loader action: Denied signer: acme reason: unsigned"
    case $(preload "$WORK/linked" version 2>&1) in
    *"it ran"*) fail "/etc/ld.so.preload" "it succeeded" ;;
    *features:*) pass "/etc/ld.so.preload is nothing to her" ;;
    *) fail "/etc/ld.so.preload" "she does not run" ;;
    esac
    line "it says so" "pod: linked op: read file: /etc/ld.so.preload action: Denied signer: acme reason: unsigned"
    preload "$WORK/linked-off" version >/dev/null 2>&1
    line "nor without collateral" "pod: linked-off op: code file: $WORK/preload.so action: Denied signer: acme reason: unsigned"
}

control() {
    says "features:" "alice with her libraries" "$WORK/linked" version
    says "it ran" "eve preloads what she likes" preload /usr/sbin/bpftool version
}
