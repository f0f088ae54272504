# Data library: Eve puts a library without code in the place of Alice's. None of its mappings is
# executable, but the loader relocates it and calls its constructors, which are Alice's own C
# library's functions, as Eve chose them.
# hooks: mmap_file

. "$TESTS/lib/loop.sh"

elf=$(libraries_of /usr/sbin/bpftool | grep libelf)
proof="Arena 0:" # of the constructor

prepare() {
    local name
    for name in fed fed-off fed-list; do
        copy "$name" && printf "%s" "$name" >>"$WORK/$name" && sign "$name"
    done
    copy fed-loop "$TESTS/bin/loop" && sign fed-loop
    copy fed-eve "$TESTS/bin/loop"
    copy plug-in.so "$TESTS/bin/plug_in.so" && sign plug-in.so --role library
    cp "$TESTS/bin/data_only.so" "$WORK/evil.so"
    for name in library collateral executable; do
        copy "$name.so" "$WORK/evil.so" && printf "%s" "$name" >>"$WORK/$name.so"
        sign "$name.so" --role "$name"
    done
    mkdir -p "$WORK/share"
}

entries() {
    echo '  fed: {signer: acme, load: {types: [xdp]}}'
    echo '  fed-off: {signer: acme, load: {types: [xdp]}, collateral: off}'
    echo "  fed-list: {signer: acme, load: {types: [xdp]}, collateral: ['$WORK/share/*']}"
    echo '  fed-loop: {signer: acme, load: {types: [xdp]}, collateral: off}'
}

# with INSTEAD WHO: alice is started with another libelf
with() {
    over "$elf" "$WORK/$1" "$WORK/$2" version
}

# loads INSTEAD: she loads a plug-in while she runs
loads() {
    over "$WORK/plug-in.so" "$WORK/$1" "$WORK/fed-loop" 0 load "$WORK/plug-in.so"
}

# lead: the plug-in's path is a link to memory of Eve's
lead() {
    local words pid fd
    begin eve "$WORK/fed-eve"
    words=$(ask eve 0 share memfd)
    read -r pid fd <<<"${words#*: }"
    cat "$WORK/evil.so" >"/proc/$pid/fd/$fd"
    ln -sfn "/proc/$pid/fd/$fd" "$WORK/link.so"
}

baseline() {
    local who
    for who in fed-off fed-list; do says "$proof" "$who" with evil.so "$who"; done
    says "$proof" "signed as a template" with collateral.so fed
    says "$proof" "signed as an executable" with executable.so fed
    says "$proof" "a plug-in" loads evil.so
    says "$proof" "/etc/ld.so.preload" preloading "$WORK/evil.so" "$WORK/fed-off" version
    lead
    says "$proof" "a link to memory" "$WORK/fed-loop" 0 load "$WORK/link.so"
    end eve
}

denied() {
    local who role
    for who in fed-off fed-list; do
        exits 127 "$who" with evil.so "$who"
        line "it says why" \
            "pod: $who op: code file: $elf action: Denied signer: acme reason: unsigned"
    done
    for role in collateral executable; do
        exits 127 "signed as $role" with "$role.so" fed
    done
    line "it says why" "pod: fed op: code file: $elf action: Denied signer: acme reason: wrong-role"
    says "load: not mapped" "a plug-in" loads evil.so
    line "it says why" \
        "pod: fed-loop op: code file: $WORK/plug-in.so action: Denied signer: acme reason: unsigned"
    case $(preloading "$WORK/evil.so" "$WORK/fed-off" version 2>&1) in
    *"$proof"*) fail "/etc/ld.so.preload" "it succeeded" ;;
    *features:*) pass "/etc/ld.so.preload is nothing to her" ;;
    *) fail "/etc/ld.so.preload" "she does not run" ;;
    esac
    line "it says why" \
        "pod: fed-off op: code file: $WORK/evil.so action: Denied signer: acme reason: unsigned"
    lead
    says "load: not mapped" "a link to memory" "$WORK/fed-loop" 0 load "$WORK/link.so"
    line_like "it says so" \
        "pod: fed-loop op: code file: .*memfd.* action: Denied signer: acme reason: "
    end eve
}

control() {
    local who
    for who in fed fed-off fed-list; do
        says "$proof" "$who: a signed library without code" with library.so "$who"
        says "features:" "$who with her libraries" "$WORK/$who" version
    done
    says "load: 42" "a signed plug-in" "$WORK/fed-loop" 0 load "$WORK/plug-in.so"
    says "read: allowed" "data that nobody signed, without collateral" \
        "$WORK/fed-loop" 0 read "$WORK/evil.so"
    says "$proof" "eve loads what she likes" "$WORK/fed-eve" 0 load "$WORK/evil.so"
}
