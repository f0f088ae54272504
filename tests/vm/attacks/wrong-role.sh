# Wrong role: a file that was signed to be read (a template), linked or obeyed as a policy, executed under
# Alice's name. The role is in the claim.
# hooks: bprm_check_security
# once: claims are parsed and compared by us alone

roles=(collateral library)

prepare() {
    local role
    copy roled "$TESTS/bin/probe"
    sign roled
    for role in "${roles[@]}"; do
        copy "roled-$role" "$TESTS/bin/probe"
        printf '%s' "$role" >>"$WORK/roled-$role"
        sign "roled-$role" --name roled --role "$role"
    done
}

entries() {
    echo '  roled: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    local role
    for role in "${roles[@]}"; do says "load: allowed" "signed as $role" "$WORK/roled-$role" load; done
}

denied() {
    local role
    for role in "${roles[@]}"; do
        says "load: EPERM" "signed as $role" "$WORK/roled-$role" load
        line "it says why" "pod: roled-$role op: exec action: BPFDenied signer: - reason: wrong-role"
    done
}

control() {
    says "load: allowed" "signed as executable" "$WORK/roled" load
}
