# Old version: an Alice with a known hole, whose signature is as good as ever. `min-sequence` says which was
# the last to be replaced.
# hooks: bprm_check_security
# once: claims are parsed and compared by us alone

prepare() {
    copy aged "$TESTS/bin/probe"
    sign aged --sequence 10
    copy aged-old "$TESTS/bin/probe"
    printf old >>"$WORK/aged-old"
    sign aged-old --name aged --sequence 9
    copy latest "$TESTS/bin/probe"
    sign latest --sequence 10
    copy latest-old "$TESTS/bin/probe"
    printf latest >>"$WORK/latest-old"
    sign latest-old --name latest --sequence 9
}

entries() {
    echo '  aged: {signer: acme, min-sequence: 10, load: {types: [xdp]}}'
    echo '  latest: {signer: acme, min-sequence: latest, load: {types: [xdp]}}'
}

baseline() {
    says "load: allowed" "an old alice" "$WORK/aged-old" load
    says "load: allowed" "another" "$WORK/latest-old" load
}

denied() {
    says "load: EPERM" "older than min-sequence" "$WORK/aged-old" load
    line "it says why" "pod: aged op: exec action: BPFDenied signer: acme reason: old-sequence"
    says "load: allowed" "the latest is seen" "$WORK/latest" load
    says "load: EPERM" "older than the latest seen" "$WORK/latest-old" load
    line "it says why" "pod: latest op: exec action: BPFDenied signer: acme reason: old-sequence"
}

control() {
    says "load: allowed" "the current one" "$WORK/aged" load
    says "load: allowed" "the latest" "$WORK/latest" load
}
