# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Signatures beside the claim, as kernel and other tools take them. What IMA makes of its own is in the
# cases about `require:`.
# once: signatures at rest

key=$KEYS/acme.pem
openssl x509 -in "$key" -outform DER -out "$WORK/acme.der"

signed_with() {
    bpfsign sign --key "$key" --with "$1" "${@:2}"
}

# --- the built-in signature --------------------------------------------------------------------

copy alice
says 'lacks the certificate' 'built-in, without the certificate in .fs-verity' \
    signed_with ima,builtin "$WORK/alice"
exits 1 'and the file is untouched' bpfsign verify "$WORK/alice"
succeeds 'nothing was written beside it either' sh -c "! getfattr -n security.ima '$WORK/alice' 2>/dev/null"
succeeds 'the certificate goes into .fs-verity' sh -c \
    "keyctl padd asymmetric '' %:.fs-verity <'$WORK/acme.der'"
sysctl -qw fs.verity.require_signatures=1
copy plain
denied 'an unsigned file can no longer be sealed' fsverity enable "$WORK/plain"
succeeds 'sign --with ima,builtin' signed_with ima,builtin "$WORK/alice"
says ': signed by acme as alice' 'the claim' bpfsign verify "$WORK/alice"
says ': ima: signed by acme' 'the IMA signature' bpfsign verify "$WORK/alice"
says ': builtin: signed by acme' 'the built-in signature' bpfsign verify "$WORK/alice"
exits 0 'and all is well' bpfsign verify "$WORK/alice"
succeeds 'it can be executed' "$WORK/alice" version
says 'already signed' 'a second run' signed_with ima,builtin "$WORK/alice"
succeeds 'a second signature, with another sequence' signed_with ima,builtin --force "$WORK/alice"
sysctl -qw fs.verity.require_signatures=0

{
    printf 'FSVerity\001\000\040\000'
    fsverity measure "$WORK/alice" | sed 's/sha256:\([0-9a-f]*\) .*/\1/' | tr -d '\n' | sed 's/../\\x&/g' | xargs -0 printf '%b'
} >"$WORK/formatted"
succeeds 'the kernel gives the signature back' sh -c "fsverity dump_metadata signature '$WORK/alice' >'$WORK/cms'"
succeeds 'and openssl verifies it' openssl cms -verify -binary -inform DER -in "$WORK/cms" -content "$WORK/formatted" \
    -certfile "$key" -CAfile "$key" -purpose any -out /dev/null

copy theirs
fsverity sign "$WORK/theirs" "$WORK/sig" --key="$key" --cert="$key" >/dev/null
succeeds 'what fsverity signed is sealed in' fsverity enable "$WORK/theirs" --signature="$WORK/sig"
says ': builtin: signed by acme' 'and verified' bpfsign verify "$WORK/theirs"
succeeds 'it is kept when the file is signed' signed_with builtin "$WORK/theirs"
exits 0 'and the claim is there too' bpfsign verify "$WORK/theirs"

copy late
sign late
says 'was sealed without this built-in signature; the kernel takes one when it seals only: copy the file' \
    'too late for a built-in signature' signed_with builtin "$WORK/late"
exits 0 'the signature from before is as it was' bpfsign verify "$WORK/late"
cp "$WORK/late" "$WORK/late.new" && mv "$WORK/late.new" "$WORK/late"
says ': signed as late' 'the cure: a copy' signed_with builtin "$WORK/late"

copy bobs
bpfsign sign --key "$KEYS/bob.pem" --with builtin "$WORK/bobs" >"$WORK/.sign" 2>&1
says 'lacks the certificate' "bob's certificate is not in .fs-verity" cat "$WORK/.sign"

# --- IMA's ---------------------------------------------------------------------------------------

copy old
succeeds 'sign --with ima-v2' signed_with ima-v2 "$WORK/old"
succeeds 'evmctl verifies it' evmctl ima_verify --key "$WORK/acme.der" "$WORK/old"
says ': ima-v2: signed by acme' 'so do we' bpfsign verify "$WORK/old"
succeeds 'the other kind replaces it' signed_with ima "$WORK/old"
says '"kind":"ima","verdict":"signed"' 'and is the only one' bpfsign verify --json "$WORK/old"
getfattr --only-values -n security.ima "$WORK/old" >"$WORK/value" 2>/dev/null
setfattr -n security.ima -v "0x$(od -An -tx1 -v "$WORK/value" | tr -d ' \n' | sed 's/..$/00/')" "$WORK/alice"
says ': ima: bad-signature:' "another file's signature" bpfsign verify "$WORK/alice"
exits 1 'which is an answer' bpfsign verify "$WORK/alice"
