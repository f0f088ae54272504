#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a verifier of IMA's log sees of `bpfsign sign --with ima`: the signature of a program that was executed, which openssl verifies by
# the log and the exported certificate alone. A policy of IMA's can be loaded once in a boot. Run as tests/vm/lib/run is;
# prints the same lines.

set -u
cd "$(dirname "$0")/.." || exit 2
CASE=ima-log TESTS=$PWD KEYS=$PWD/keys WORK=/mnt/ima-log LOG=/run/watchbpf.log
PATH=$PWD/bin:$PATH
mkdir "$WORK" || exit 2
# shellcheck source=tests/vm/lib/lib.sh
. ./lib/lib.sh
list=/sys/kernel/security/ima/ascii_runtime_measurements

bpfsign enroll "$KEYS/acme.pem" --signer acme >/dev/null
bpfsign export acme >"$WORK/acme.crt"
openssl x509 -in "$WORK/acme.crt" -noout -pubkey >"$WORK/acme.pub"
for name in alice before; do copy "$name" "$TESTS/bin/probe" && sign "$name" --name "$name" --with ima; done
copy content "$TESTS/bin/probe" && chown 4712 "$WORK/content" && sign content --name content --with ima-v2
copy plain "$TESTS/bin/probe" && sign plain --name plain

# logged NAME: its last line in the log
logged() { grep -F " $WORK/$1" "$list" | tail -n 1; }
# bytes HEX
bytes() { printf '%b' "$(printf '%s' "$1" | sed 's/../\\x&/g')"; }

"$WORK/before" who >/dev/null 2>&1
exits 1 "baseline: without a rule nothing is logged" grep -qF " $WORK/before" "$list"
{
    echo 'measure func=FILE_CHECK mask=MAY_READ fowner=4712'
    echo 'measure func=BPRM_CHECK digest_type=verity template=ima-sigv2'
} >"$WORK/rules"
succeeds "IMA takes the rule" sh -c "cat '$WORK/rules' >/sys/kernel/security/ima/policy"
for name in alice plain; do "$WORK/$name" who >/dev/null 2>&1; done
echo "# $(logged alice)"

read -r pcr _ template digest _ signature <<<"$(logged alice)"
succeeds "the log has alice's line, in PCR 10" test "$pcr $template" = '10 ima-sigv2'
succeeds "with her fs-verity digest" test "$digest" = "verity:sha256:$(fsverity digest --compact "$WORK/alice")"
succeeds "with the signature of her security.ima" test "$signature" = \
    "$(getfattr --only-values -n security.ima "$WORK/alice" 2>/dev/null | od -An -tx1 -v | tr -d ' \n')"
succeeds "of type 6, version 3, SHA-256" test "${signature:0:6}" = 060304
bytes "0604${digest##*:}" >"$WORK/signed"
bytes "${signature:18}" >"$WORK/signature"
succeeds "openssl verifies it by the log alone" openssl dgst -sha256 -verify "$WORK/acme.pub" \
    -signature "$WORK/signature" "$WORK/signed"
read -r _ _ _ other _ none <<<"$(logged plain)"
succeeds "a file without IMA's signature has none there" test "${other%%:*}-$none" = verity-
bytes "0604$(printf '%064d' 0)" >"$WORK/signed"
says 'Verification failure' "and alice's is not good for another digest" openssl dgst -sha256 -verify "$WORK/acme.pub" \
    -signature "$WORK/signature" "$WORK/signed"

# by the rule without a template: that of the command line, and a signature over the content
cat "$WORK/content" >/dev/null
read -r _ _ template digest _ signature <<<"$(logged content)"
succeeds "ima_template=ima-sig: the content's hash" test "$template $digest" = \
    "ima-sig sha256:$(sha256sum <"$WORK/content" | cut -d' ' -f1)"
bytes "${signature:18}" >"$WORK/signature"
succeeds "with the signature of --with ima-v2, which openssl verifies" openssl dgst -sha256 -verify "$WORK/acme.pub" \
    -signature "$WORK/signature" "$WORK/content"
exit $((failures > 0))
