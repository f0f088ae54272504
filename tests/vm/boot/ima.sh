#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `require: [ima]` under a real policy of IMA's, which can be loaded once in a boot, as its keyring is found once. The guest is
# booted with ima_appraise=log: IMA lets everything run and remembers what it thinks of it, so that it is we who refuse. Run as
# tests/vm/lib/run is; prints the same lines. WITHOUT=HOOK leaves out a hook.
# hooks: bprm_creds_from_file key_permission

set -u
cd "$(dirname "$0")/.." || exit 2
CASE=ima TESTS=$PWD KEYS=$PWD/keys WORK=/mnt/ima LOG=/run/watchbpf.log WATCHER=
PATH=$PWD/bin:$PATH
mkdir "$WORK" || exit 2
# shellcheck source=tests/vm/lib/lib.sh
. ./lib/lib.sh

bpfsign enroll "$KEYS/acme.pem" --signer acme >/dev/null
bpfsign enroll "$KEYS/ctl.pem" --signer ctl --control >/dev/null
bpfsign sign --key "$KEYS/acme.pem" /usr/bin/bpfsign /usr/bin/watchbpf >/dev/null 2>&1
bpfsign sign --key "$KEYS/acme.pem" --name watchbpf "$PWD/bin/watchbpf-mutant" >/dev/null 2>&1
sign_libraries /usr/bin/bpfsign /usr/bin/watchbpf
[ -z "${WITHOUT-}" ] || export BPFSIGN_WITHOUT_HOOK=$WITHOUT WATCHBPF=watchbpf-mutant

# --- who is there: each is a program of the policy by its claim ---------------------------------------------

digest_of() { fsverity digest --compact "$WORK/$1"; }
set_ima() { setfattr -n security.ima -v "$2" "$WORK/$1"; }

# take_ima FROM TO: another file's signature of IMA's, as anybody may copy it
take_ima() { set_ima "$2" "0x$(getfattr --only-values -n security.ima "$WORK/$1" 2>/dev/null | od -An -tx1 -v | tr -d ' \n')"; }

for name in alice fresh mixed; do copy "$name" "$TESTS/bin/probe" && sign "$name" --name alice --with ima; done
for name in unsigned hash verity-hash other-key other-file altered; do
    copy "$name" "$TESTS/bin/probe" && sign "$name" --name alice
done
copy version-2 "$TESTS/bin/probe" && sign version-2 --name alice --with ima-v2
copy bobs "$TESTS/bin/probe" && bpfsign sign --key "$KEYS/bob.pem" --with ima "$WORK/bobs" >/dev/null
copy another /bin/true && sign another --with ima
take_ima bobs other-key
take_ima another other-file
take_ima alice altered
set_ima hash "0x0404$(sha256sum <"$WORK/hash" | cut -d' ' -f1)"
set_ima verity-hash "0x0404$(digest_of verity-hash)"
set_ima mixed "0x0404$(digest_of mixed)" && chown 4711 "$WORK/mixed"
# both: also a built-in signature, by fs-verity's keyring
openssl x509 -in "$KEYS/acme.crt" -outform DER | keyctl padd asymmetric "" %:.fs-verity >/dev/null
for name in both both-ima both-builtin; do copy "$name" "$TESTS/bin/probe"; done
sign both --with ima,builtin && sign both-ima --name both --with ima && sign both-builtin --name both --with builtin
# evms: a plain hash, for which eve's own key vouches by EVM
bpfsign keygen eve --output "$WORK/eve" >/dev/null
copy evms "$TESTS/bin/probe" && sign evms --name alice
set_ima evms "0x0404$(digest_of evms)"
evmctl sign --portable --uuid=- -a sha256 --key "$WORK/eve.pem" "$WORK/evms" >/dev/null 2>&1
openssl x509 -in "$WORK/eve.crt" -outform DER | keyctl padd asymmetric "" "$(keyctl newring _evm @u)" >/dev/null
others="evms unsigned hash verity-hash version-2 other-key other-file mixed"
for name in late late-signed; do copy "$name" "$TESTS/bin/reader"; done
sign late && sign late-signed --with ima
copy interpreter "$TESTS/bin/probe" && sign interpreter
for name in script script-unsigned; do
    printf '#!%s who\n' "$WORK/interpreter" >"$WORK/$name" && chmod +x "$WORK/$name"
done
sign script --with ima && sign script-unsigned --name script

entry() { echo "  $1: {signer: acme, load: {types: [xdp]}${2-}}"; }
for name in alice both script late late-signed; do entry "$name"; done | policy claims
{
    for name in alice script late late-signed; do entry "$name" ", require: [ima]"; done
    entry both ", require: [ima, builtin]"
} | policy ima
entry alice ", exec: [$WORK/alice], require: [ima]" | policy rules

# --- IMA's keyring and policy ----------------------------------------------------------------------------------

# In the user keyring that holds the signers' rings, and root's for the moment in which IMA looks for it.
ring=$(keyctl newring _ima @u)
keyctl setperm "$ring" 0x3f3f0000
key=$(openssl x509 -in "$KEYS/acme.crt" -outform DER | keyctl padd asymmetric "" "$ring")
keyctl setperm "$key" 0x3f3f0000
keyctl restrict_keyring "$ring"
keyctl link "$ring" @s
as_holder keyctl link "$ring" @u

# The first rules are Eve's, about a file of hers: another user's exec is content with a hash, and root's finds it appraised.
{
    echo "measure func=BPRM_CHECK fowner=4711 digest_type=verity template=ima-ngv2"
    echo "appraise func=BPRM_CHECK fowner=4711 uid=1000"
    bpfsign ima-policy "$WORK/rules.yaml"
} >"$WORK/rules"
succeeds "IMA takes what bpfsign prints" sh -c "cat '$WORK/rules' >/sys/kernel/security/ima/policy"
for name in $others alice altered; do exits 0 "baseline: $name" "$WORK/$name" load; done
for name in script script-unsigned; do exits 0 "baseline: $name" "$WORK/$name"; done
setpriv --reuid 1000 --clear-groups "$WORK/mixed" who >/dev/null 2>&1
keyctl unlink "$ring" @u
keyctl unlink "$ring" @s 2>/dev/null
succeeds "baseline: eve finds IMA's keyring" keyctl describe "$ring"

# --- enforced ----------------------------------------------------------------------------------------------------

watch --enforce "$WORK/claims.yaml"
says "[yes] IMA's keyring: pinned" "status says that the keyring is ours" bpfsign status
for name in $others; do exits 0 "without require: $name" "$WORK/$name" load; done
for name in late late-signed; do
    "$WORK/$name" then-map wait "$WORK/$name" >"$WORK/$name.out" 2>&1 &
done
sleep 1
order policy "$WORK/ima.yaml"
watchbpf --enforce "$WORK/ima.yaml" --order "$WORK/policy.order" --detach >/dev/null 2>&1 ||
    fail "the second policy" "it is refused"
for name in late late-signed; do touch "$WORK/$name.go"; done

exits 0 "alice" "$WORK/alice" load
line "… is approved" "process: alice"
exits 0 "what IMA had not seen before: the kernel may search" "$WORK/fresh" load
for name in $others; do
    exits 1 "$name" "$WORK/$name" load
    refused "$name" ima
done
exits 0 "one with alice's signature, being her bytes" "$WORK/altered" load
take_ima bobs altered
exits 1 "… and with bob's, now" "$WORK/altered" load
refused altered ima
exits 0 "a script" "$WORK/script"
exits 1 "one that IMA's key has not signed" "$WORK/script-unsigned"
refused interpreter ima

sync && echo 3 >/proc/sys/vm/drop_caches # a built-in signature is seen when a file is opened afresh
exits 0 "both kinds of signature" "$WORK/both" load
exits 1 "IMA's alone" "$WORK/both-ima" load
refused both-ima builtin
exits 1 "a built-in one alone" "$WORK/both-builtin" load
refused both-builtin ima

# outcome NAME: what the waiting one printed in the end
outcome() {
    for _ in $(seq 100); do grep -q '^then-map: ' "$WORK/$1.out" && break; sleep 0.1; done
    cat "$WORK/$1.out"
}
says "then-map: EPERM" "a program that runs since before it was required" outcome late
line "… says why" "pod: late op: create type: array action: Denied signer: acme reason: ima"
says "then-map: allowed" "one that IMA passed then" outcome late-signed

# --- the keyring -------------------------------------------------------------------------------------------------

eve=$(keyctl newring eve @u)
not_permitted "eve invalidates it" keyctl invalidate "$ring"
not_permitted "eve invalidates the key" keyctl invalidate "$key"
not_permitted "eve revokes it" keyctl revoke "$ring"
not_permitted "eve clears it" keyctl clear "$ring"
not_permitted "eve reads it" keyctl read "$ring"
not_permitted "eve searches it" keyctl search "$ring" asymmetric id:00
not_permitted "eve links a ring of hers into it" keyctl link "$eve" "$ring"
not_permitted "eve unlinks the key" keyctl unlink "$key" "$ring"
line "… an alarm" 'op: keyring name: _ima action: BPFDenied signer: - reason: keyring-protection'
exits 0 "alice, after all that" "$WORK/alice" load

# --- EVM, whose keyring is found like IMA's, could pass a plain hash -----------------------------------------------

# complaints: how often IMA has found fault with evms
complaints() { dmesg | grep -c "op=appraise_data .* name=\"$WORK/evms\""; }
exits 1 "a hash with a signature of EVM's by eve, while EVM is off" "$WORK/evms" load
before=$(complaints)
[ "$before" -gt 0 ] && pass "baseline: IMA finds fault with it" || fail "baseline: IMA finds fault with it" "$(dmesg | tail -n 3)"
echo 2 >/sys/kernel/security/evm
exits 1 "… and when EVM is on" "$WORK/evms" load
refused evms evm
[ "$(complaints)" = "$before" ] && pass "baseline: IMA finds none any more" || fail "baseline: IMA finds none any more" "$(dmesg | tail -n 3)"
exits 1 "alice, when EVM is switched on" "$WORK/alice" load
refused alice evm
says "EVM has keys" "status says so" bpfsign status
leave
exit $((failures > 0))
