# Seccomp errno: Eve executes Alice under a filter that answers open() with 0. No file is opened,
# and Alice reads what Eve has left her as descriptor 0: in the place of her template, or of her own
# script.
# hooks: bprm_committed_creds

answers=(zero stacked long computed sibling deep) # acts of tests/vm/programs/filters.c
waiting=(trace notify)                            # these answer ENOSYS until somebody comes
harmless=(log kill trap errno list)

prepare() {
    local name
    copy filtered "$TESTS/bin/reader"
    copy filtered-eve "$TESTS/bin/filters"
    copy filtered-interpreter "$TESTS/bin/interpreter"
    printf '#!%s open\nhonest\n' "$WORK/filtered-interpreter" >"$WORK/filtered-script"
    chmod +x "$WORK/filtered-script"
    for name in filtered filtered-interpreter filtered-script; do sign "$name"; done
    echo good >"$WORK/template"
    sign template --role collateral
    echo evil >"$WORK/evil"
    printf '#!\nevil\n' >"$WORK/evil-script"
}

entries() {
    echo '  filtered: {signer: acme, load: {types: [xdp]}}'
    echo '  filtered-script: {signer: acme, load: {types: [xdp]}}'
}

# reads KIND: Alice opens her template under such a filter, and makes a map at last
reads() {
    "$WORK/filtered-eve" "$1" "$WORK/filtered" then-map open "$WORK/template" <"$WORK/evil"
}

# runs KIND: her script under such a filter
runs() {
    "$WORK/filtered-eve" "$1" "$WORK/filtered-script" <"$WORK/evil-script"
}

baseline() {
    local kind
    for kind in "${answers[@]}"; do
        says "content: evil"$'\n'"then-map: allowed" "$kind: Eve's text" reads "$kind"
        says_only "evil: allowed" "$kind: Eve's script" runs "$kind"
    done
    for kind in "${waiting[@]}"; do
        says "open: ENOSYS"$'\n'"then-map: allowed" "$kind" reads "$kind"
    done
}

denied() {
    local kind
    says "then-map: EPERM" "Alice, with Eve's text" reads zero
    line "it says why" "pod: filtered op: exec action: BPFDenied signer: - reason: seccomp"
    says_only "evil: EPERM" "Alice, with Eve's script" runs zero
    line "it says why" \
        "pod: filtered-interpreter op: exec action: BPFDenied signer: - reason: seccomp"
    for kind in "${answers[@]:1}"; do
        says "then-map: EPERM" "$kind: Alice, with Eve's text" reads "$kind"
        says_only "evil: EPERM" "$kind: Alice, with Eve's script" runs "$kind"
    done
    for kind in "${waiting[@]}"; do
        says "then-map: EPERM" "$kind: whoever comes answers" reads "$kind"
    done
}

control() {
    local kind
    for kind in "${harmless[@]}"; do
        says "content: good"$'\n'"then-map: allowed" "$kind: Alice" reads "$kind"
        says_only "honest: allowed" "$kind: her script" runs "$kind"
    done
    says_only "honest: allowed" "without a filter" "$WORK/filtered-script"
}
