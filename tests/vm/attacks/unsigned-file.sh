# Unsigned file: Eve puts her own program under Alice's name, or a copy of Alice; with fs-verity but no claim; or
# one that was signed, of which the policy has nothing. The name of a file never matters.
# hooks: bprm_check_security
# once: claims are parsed and compared by us alone

prepare() {
    local name
    mkdir -p "$WORK/elsewhere"
    for name in known unclaimed stranger; do
        copy "$name" "$TESTS/bin/probe"
        printf '%s' "$name" >>"$WORK/$name"
    done
    sign known
    sign stranger
    fsverity enable "$WORK/unclaimed"
    sync
    echo 3 >/proc/sys/vm/drop_caches
    cp "$WORK/known" "$WORK/elsewhere/known"
    ln "$WORK/known" "$WORK/renamed"
}

entries() {
    echo '  known: {signer: acme, load: {types: [xdp]}}'
}

imposters=(elsewhere/known unclaimed stranger)

baseline() {
    local file
    for file in "${imposters[@]}"; do says "load: allowed" "$file" "$WORK/$file" load; done
}

denied() {
    local file
    for file in "${imposters[@]}"; do says "load: EPERM" "$file" "$WORK/$file" load; done
    line "it says why: a copy" "pod: known op: exec action: BPFDenied signer: - reason: unsigned"
    line "without a claim" "pod: unclaimed op: exec action: BPFDenied signer: - reason: no-claim"
    line "not in the policy" "pod: stranger op: exec action: BPFDenied signer: - reason: not-in-policy"
}

control() {
    says "load: allowed" "alice" "$WORK/known" load
    says "load: allowed" "alice by another name" "$WORK/renamed" load
}
