# Listed digest: `digests:` names bytes, which need no claim; other bytes are not the program, whatever their claim says, nor
# are the same when the policy lists them no more.
# hooks: bprm_check_security
own_policy=1

digest_of() { fsverity digest --compact "$WORK/$1"; }

# made NAME FROM: a copy with bytes of its own, since other tests have the same programs
made() {
    { cat "$TESTS/bin/$2"; echo "$1"; } >"$WORK/$1" && chmod +x "$WORK/$1" && sync "$WORK/$1"
}

prepare() {
    made listed probe && made listed-signed probe && made listed-reader reader && made other probe
    for name in listed listed-reader; do fsverity enable "$WORK/$name"; done
    sign listed-signed --name watchbpf
    sign other --name listed
    copy interpreter "$TESTS/bin/probe" && sign interpreter
    printf '#!%s who\n' "$WORK/interpreter" >"$WORK/listed-script" && chmod +x "$WORK/listed-script"
    fsverity enable "$WORK/listed-script"
    echo signed >"$WORK/signed" && sign signed && echo evil >"$WORK/evil"
    list "listed listed-signed listed-script" | policy first
    list "listed-signed listed-script" | policy second
}

# list NAMES: the entries, with the digests of these
list() {
    local name names=
    for name in $1; do names+="${names:+, }\"sha256:$(digest_of "$name")\""; done
    echo "  listed: {digests: [$names], load: {types: [xdp]}, file-signers: [acme], measure: true}"
    echo "  reading: {digests: [\"sha256:$(digest_of listed-reader)\"], load: {types: [xdp]}, file-signers: [acme]}"
}

baseline() {
    for name in listed listed-signed other; do exits 0 "$name" "$WORK/$name" load; done
    exits 0 "the script" "$WORK/listed-script"
    succeeds "what it reads" "$WORK/listed-reader" open "$WORK/evil"
}

denied() {
    watch --enforce "$WORK/first.yaml"
    exits 1 "other bytes with a claim of that name" "$WORK/other" load
    refused other unknown-key
    says "open: EPERM" "it opens an unsigned file" "$WORK/listed-reader" open "$WORK/evil"
    line "… says so" "op: read file: $WORK/evil action: Denied signer: - reason: unsigned"
}

control() {
    exits 0 "the bytes that are listed" "$WORK/listed" load
    line "… with IMA's hash" "process: listed pid"
    line "… of its bytes" "action: ProgApproved,MapsDenied signer: - reason: ok measured: sha256:$(sha256sum <"$WORK/listed" | cut -d' ' -f1)"
    exits 0 "whatever their claim" "$WORK/listed-signed" load
    exits 0 "a script, whose interpreter is signed by a file signer" "$WORK/listed-script"
    succeeds "it opens a file of its file signer's" "$WORK/listed-reader" open "$WORK/signed"
    order policy "$WORK/second.yaml"
    watchbpf --enforce "$WORK/second.yaml" --order "$WORK/policy.order" --detach >/dev/null 2>&1
    exits 1 "what is listed no more" "$WORK/listed" load
    exits 0 "and the others as before" "$WORK/listed-signed" load
}
