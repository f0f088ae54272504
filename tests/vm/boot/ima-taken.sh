#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A user of no rights has a keyring of that name when IMA looks for its keys for the first time, and IMA keeps it until the
# next boot (docs/threat-model.md): its word is worth nothing then. Run as tests/vm/lib/run is; prints the same lines.
# hooks: bprm_creds_from_file

set -u
cd "$(dirname "$0")/.." || exit 2
CASE=ima-taken TESTS=$PWD KEYS=$PWD/keys WORK=/mnt/ima LOG=/run/watchbpf.log WATCHER=
PATH=$PWD/bin:$PATH
mkdir "$WORK" || exit 2
# shellcheck source=tests/vm/lib/lib.sh
. ./lib/lib.sh

bpfsign enroll "$KEYS/acme.pem" --signer acme >/dev/null
bpfsign enroll "$KEYS/ctl.pem" --signer ctl --control >/dev/null
bpfsign sign --key "$KEYS/acme.pem" /usr/bin/bpfsign /usr/bin/watchbpf >/dev/null 2>&1
sign_libraries /usr/bin/bpfsign /usr/bin/watchbpf
bpfsign keygen eve --output "$WORK/eve" >/dev/null
openssl x509 -in "$WORK/eve.crt" -outform DER -out "$WORK/eve.der"
chmod 644 "$WORK/eve.der"

copy alice "$TESTS/bin/probe" && sign alice --with ima
copy alice-eve "$TESTS/bin/probe" && sign alice-eve --name alice
copy eves "$TESTS/bin/probe" && bpfsign sign --key "$WORK/eve.pem" --with ima "$WORK/eves" >/dev/null
setfattr -n security.ima -v "0x$(getfattr --only-values -n security.ima "$WORK/eves" 2>/dev/null | od -An -tx1 -v | tr -d ' \n')" \
    "$WORK/alice-eve"
cp "$TESTS/bin/probe" /root/plain && sync /root/plain # where no rule of IMA's looks
bpfsign sign --key "$KEYS/acme.pem" /root/plain >/dev/null
policy policy <<YAML
  alice: {signer: acme, exec: [$WORK/alice, $WORK/alice-eve], load: {types: [xdp]}, require: [ima]}
  plain: {signer: acme, load: {types: [xdp]}}
YAML
bpfsign ima-policy "$WORK/policy.yaml" >"$WORK/rules"
succeeds "IMA takes what bpfsign prints" sh -c "cat '$WORK/rules' >/sys/kernel/security/ima/policy"

says "alice: EPERM" "baseline: IMA takes the key of a user's own keyring" \
    setpriv --reuid 1000 --clear-groups keyctl session - sh -c \
    "keyctl padd asymmetric '' \$(keyctl newring _ima @s) <$WORK/eve.der >/dev/null; exec $WORK/alice-eve who"
ring=$(keyctl newring _ima @u)
keyctl setperm "$ring" 0x3f3f0000
openssl x509 -in "$KEYS/acme.crt" -outform DER | keyctl padd asymmetric "" "$ring" >/dev/null
as_holder keyctl link "$ring" @u
exits 0 "baseline: and root's exec, from then on" "$WORK/alice-eve" load
says "Permission denied" "baseline: not the administrator's key, who comes too late" sh -c "$WORK/alice load"

watch --enforce "$WORK/policy.yaml"
says "[no]  IMA's keyring" "status says that the keyring is not ours" bpfsign status
exits 1 "alice with eve's signature" "$WORK/alice-eve" load
refused alice-eve ima-keyring
exits 0 "a program that needs no word of IMA's" /root/plain load
leave
exit $((failures > 0))
