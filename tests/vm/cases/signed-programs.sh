# Programs that are signed themselves, and verified by the kernel (Linux 6.18 and later): with
# `signed-programs: true` by the entry's signer and nobody else. The caller chooses the keyring.
# hooks: bpf_prog_load

cms() { # SIGNER FILE: FILE.SIGNER is its signature
    openssl cms -sign -binary -noattr -nocerts -nosmimecap -outform DER -md sha256 -in "$2" \
        -signer "$KEYS/$1.crt" -inkey "$KEYS/$1.pem" -out "$2.$1" ||
        fail "openssl cms: $2" "it failed"
}
ring() { # SIGNER: the serial of its keyring
    bpfsign keys --json | tr '{' '\n' | sed -n "s/.*\"signer\":\"$1\".*\"ring\":\([0-9]*\).*/\1/p"
}

for name in eve alice plain; do copy "$name" "$TESTS/bin/signed_load"; done
program=$WORK/program with_map=$WORK/with-map
"$WORK/eve" bytes plain >"$program"
"$WORK/eve" bytes map-contents >"$with_map"
hash=$("$WORK/eve" bytes map | sha256sum | cut -c 1-64)
cms acme "$program"
cms bob "$program"
cms acme "$with_map"
acme=$(ring acme) bob=$(ring bob)

# a keyring of eve's own, with the key of another
own=$(keyctl newring eve @u)
openssl x509 -in "$KEYS/bob.crt" -outform DER | keyctl padd asymmetric eve "$own" >/dev/null

# --- without us
succeeds "baseline: no signature" "$WORK/eve" load - 0
exits 2 "baseline: no such signature" "$WORK/eve" load "$WORK/none" "$acme"
case $("$WORK/eve" load "$program.acme" "$acme") in
*E2BIG*) kernel=none ;;
*)
    kernel=instructions
    succeeds "baseline: signed, acme's keyring" "$WORK/eve" load "$program.acme" "$acme"
    succeeds "baseline: signed by bob, bob's keyring" "$WORK/eve" load "$program.bob" "$bob"
    succeeds "baseline: signed by bob, a keyring of eve's" "$WORK/eve" load "$program.bob" "$own"
    succeeds "baseline: … found by another name" "$WORK/eve" load "$program.bob" -4
    says ENOKEY "baseline: signed by bob, acme's keyring" "$WORK/eve" load "$program.bob" "$acme"
    says EKEYREJECTED "baseline: altered" "$WORK/eve" load-altered "$program.acme" "$acme"
    says EKEYREJECTED "baseline: an altered map" \
        "$WORK/eve" load-altered-map "$with_map.acme" "$acme" "$hash"
    "$WORK/eve" load-map "$with_map.acme" "$acme" "$hash" >/dev/null && kernel=contents
    ;;
esac
case $(uname -r) in # what each is known to sign: a kernel that changed its mind must be noticed
6.12.*) expected=none ;;
6.18.*) expected=instructions ;;
*) expected=contents ;;
esac
[ "$kernel" = "$expected" ] && pass "baseline: this kernel verifies: $kernel" ||
    fail "baseline: this kernel verifies: $expected" "$kernel"
sign alice
sign plain

enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp], signed-programs: true}, unsigned-files: [/mnt/signed-programs/*]}
  plain: {signer: acme, load: {types: [xdp]}, unsigned-files: [/mnt/signed-programs/*]}
YAML

denial() { # REASON
    line "… says why" "pod: alice op: load type: xdp name: signed_program action: Denied signer: acme reason: $1"
}

succeeds "an entry that does not ask for it: no signature" "$WORK/plain" load - 0
exits 1 "alice: no signature" "$WORK/alice" load - 0
if [ "$kernel" = none ]; then
    denial no-program-signatures
    says E2BIG "alice: a signature is more than this kernel knows" \
        "$WORK/alice" load "$program.acme" "$acme"
else
    denial program-unsigned
    succeeds "alice: signed by acme" "$WORK/alice" load "$program.acme" "$acme"
    line "… says so" "pod: alice op: load type: xdp name: signed_program action: Approved signer: acme reason: ok"
    says EKEYREJECTED "alice: altered: the kernel's own answer" \
        "$WORK/alice" load-altered "$program.acme" "$acme"
    exits 1 "alice: a keyring of eve's" "$WORK/alice" load "$program.bob" "$own"
    denial program-signer
    exits 1 "alice: the same by another name" "$WORK/alice" load "$program.bob" -4
    exits 1 "alice: another signer's keyring" "$WORK/alice" load "$program.bob" "$bob"
    succeeds "an entry that does not ask for it: signed" "$WORK/plain" load "$program.acme" "$acme"
fi
if [ "$kernel" = contents ]; then
    succeeds "alice: with a map, signed by acme" \
        "$WORK/alice" load-map "$with_map.acme" "$acme" "$hash"
    says EKEYREJECTED "alice: with another map" \
        "$WORK/alice" load-altered-map "$with_map.acme" "$acme" "$hash"
fi
# a kernel that knows no signatures refuses one before it asks anybody
[ "$kernel" = none ] && signature=- || signature=$program.acme
exits 1 "eve: as signed as may be" "$WORK/eve" load "$signature" "$acme"
line "… says so" "process: eve"
keyctl unlink "$own" @u >/dev/null
