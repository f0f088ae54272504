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

# --- a manifest, made without privileges and applied ---------------------------------------------

mkdir "$WORK/build" "$WORK/build/lib" "$WORK/root"
cp /usr/sbin/bpftool "$WORK/build/alice"
cp /bin/true "$WORK/build/bob"
echo template >"$WORK/build/lib/template"
cp "$key" "$WORK/key.pem"
chown -R 65534 "$WORK/build" "$WORK/key.pem"
succeeds 'sign --manifest, as nobody' setpriv --reuid 65534 --clear-groups bpfsign sign --key "$WORK/key.pem" \
    --with ima,builtin --root "$WORK/build" --manifest "$WORK/build/m" --exclude m -r /
manifest=$WORK/m
mv "$WORK/build/m" "$manifest"
exits 1 'the files are untouched' bpfsign verify -r "$WORK/build"

# fresh: the files of the build, unsigned, below $WORK/root
fresh() {
    rm -rf "$WORK/root"
    cp -r "$WORK/build" "$WORK/root"
}

apply() {
    bpfsign apply --root "$WORK/root" "$@" "$manifest"
}

fresh
says 'alice: would be applied as alice, executable' 'apply --dry-run' apply --dry-run
exits 1 'which changes nothing' bpfsign verify -r "$WORK/root"
succeeds 'apply' apply
exits 0 'every file and signature is right' bpfsign verify -r "$WORK/root"
succeeds 'with all three kinds' sh -c "[ \"\$(bpfsign verify -r '$WORK/root' 2>/dev/null | grep -c ': signed by acme')\" = 9 ]"
says '3 already applied' 'a second time' apply
succeeds 'the program runs' "$WORK/root/alice" version
bpfsign sign --key "$key" --force --with ima,builtin --sequence 9999999999 "$WORK/root/alice" >/dev/null
says '3 already applied' 'a later sequence is kept' apply
says 'sequence 9999999999' 'as it was' bpfsign verify "$WORK/root/alice"
fresh
printf 'x' >>"$WORK/root/bob"
exits 1 'apply with a file that differs' apply
says "'bob' has other bytes than were signed" 'says which' apply
exits 0 'and does the others' bpfsign verify "$WORK/root/alice" "$WORK/root/lib/template"
fresh
cp "$WORK/late" "$WORK/root/bob.sealed"
bpfsign sign --key "$KEYS/bob.pem" "$WORK/root/bob" >/dev/null
says "'bob' was sealed without this built-in signature" 'a file sealed before' apply

# --- killed, and run again ----------------------------------------------------------------------------

# is_sane: every file below the root has its bytes, and is either rightly signed or as if nothing had been
is_sane() {
    diff -r "$WORK/build" "$WORK/root" >/dev/null && ! bpfsign verify -r "$WORK/root" 2>&1 | grep -qE 'bad-|altered|unknown'
}

kill_at() {
    local steps bad='' killed=0 status
    for steps; do
        fresh
        status=0
        strace -f -o /dev/null -e trace="${steps%:*}" -e inject="${steps%:*}:signal=KILL:when=${steps#*:}" \
            bpfsign apply --jobs 1 --root "$WORK/root" "$manifest" >/dev/null 2>&1 || status=$?
        [ $status != 137 ] || killed=$((killed + 1))
        is_sane || bad="$bad $steps:insane"
        apply >/dev/null 2>&1 && bpfsign verify -r "$WORK/root" >/dev/null 2>&1 || bad="$bad $steps:not-resumed"
    done
    if [ -z "$bad" ] && [ $killed = $# ]; then
        pass "apply killed at $killed steps, and resumed"
    else
        fail "apply killed at steps, and resumed" "$killed of $# killed;$bad"
    fi
}
kill_at ioctl:2 fsync:1 fsetxattr:1 fsetxattr:2 fadvise64:1
