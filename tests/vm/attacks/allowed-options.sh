# Allowed options: `options: allow` of a script's entry lets arguments through that begin with '-';
# of no other entry's, and it lets no name through that its interpreter takes for an option.
# hooks: bprm_creds_for_exec bprm_committed_creds

own_policy=1

prepare() {
    copy options-interpreter "$TESTS/bin/interpreter" && sign options-interpreter
    copy options-eve "$TESTS/bin/probe"
    for name in narrow wide; do
        printf '#!%s options\n%s\n' "$WORK/options-interpreter" $name >"$WORK/$name"
        chmod +x "$WORK/$name"
        sign $name
    done
    ln -sfn "$WORK/wide" "$WORK/-e"
}

# option: the one that is allowed them, by the name of an option
option() {
    cd "$WORK" && "$WORK/options-eve" exec -e evil
}

baseline() {
    says_only "evil: allowed" "an option to the one" "$WORK/narrow" -e evil
    says_only "evil: allowed" "an option for a name" option
}

denied() {
    enforce <<'YAML'
  narrow: {signer: acme, load: {types: [xdp]}}
  wide: {signer: acme, load: {types: [xdp]}, options: allow}
YAML
    says_only "evil: EPERM" "an option to the one" "$WORK/narrow" -e evil
    line "it says why" \
        "pod: narrow op: exec action: BPFDenied signer: acme reason: script-options"
    says_only "evil: EPERM" "an option for a name" option
}

control() {
    says_only "word: allowed" "an option to the other" "$WORK/wide" -e word
    says_only "wide: allowed" "none" "$WORK/wide"
    says_only "narrow: allowed" "none to the one" "$WORK/narrow"
}
