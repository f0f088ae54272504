# Own code: Alice, or a bug of hers that Eve leads, gets code that nobody signed without making any
# memory executable: in a BPF map of hers that she maps, or by /proc/self/mem over her own text.
# hooks: mmap_file file_open

maps=(map-any map-updated map-ring map-arena)
texts=(self-mem self-mem-both thread-mem relative-mem place-mem parent-mem
    traced-mem)

prepare() {
    local name
    for name in own-map own-text own-jit; do copy "$name" "$TESTS/bin/code" && sign "$name"; done
}

entries() {
    echo '  own-map: {signer: acme, load: {types: [xdp]}}'
    echo '  own-text: {signer: acme, load: {types: [xdp]}, collateral: off}'
    echo '  own-jit: {signer: acme, load: {types: [xdp]}, collateral: off, jit: allow}'
}

# of_kernel ACT: what the kernel itself makes of it
of_kernel() {
    case $(uname -r):$1 in
    6.12.*:* | *:traced-mem) echo "run: 42" ;;
    *:map-*) echo "map: EPERM" ;;
    6.*) echo "run: 42" ;;
    *) echo "write: EIO" ;;
    esac
}

baseline() {
    local act
    for act in "${maps[@]}"; do says "$(of_kernel "$act")" "$act" "$WORK/own-map" "$act"; done
    for act in "${texts[@]}"; do says "$(of_kernel "$act")" "$act" "$WORK/own-text" "$act"; done
}

denied() {
    local act
    for act in "${maps[@]}"; do says ": EPERM" "$act" "$WORK/own-map" "$act"; done
    line_like "it says why" "pod: own-map op: code .*action: Denied signer: acme reason: jit"
    for act in "${texts[@]}"; do says "open: EPERM" "$act" "$WORK/own-text" "$act"; done
    line_like "it says why" "pod: own-text op: code .*action: Denied signer: acme reason: jit"
    says "then-map: allowed" "the mark is still there" "$WORK/own-map" then-map map-any
}

control() {
    local act
    says "map: allowed" "a map that is written to" "$WORK/own-map" map-written
    for act in "${maps[@]}" "${texts[@]}"; do
        says "$(of_kernel "$act")" "with jit: allow: $act" "$WORK/own-jit" "$act"
    done
}
