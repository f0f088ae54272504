#!/bin/sh
# `bpfsign export`, `keys`, and what `enroll --dry-run` and `rotate --dry-run` say: all that needs no keyring of the kernel.
# shellcheck source=tests/cli/helpers
. "$(dirname "$0")/helpers"

for name in old new other; do
    "$bpfsign" keygen $name -a ecdsa-p256 >/dev/null
done
openssl pkey -in new.pem -out new.key
openssl x509 -in old.crt -outform DER -out old.der
fingerprint=$(sha256sum <old.der | cut -c 1-64)

# --- what enroll would change ------------------------------------------------------------------

expect enroll-disk 0 "disk: '$directory/keys.d/acme/$fingerprint.pem' would be written" enroll -n old.crt --signer acme
expect enroll-control 0 "disk: '$directory/keys.d/acme/control' would be written" \
    enroll -n old.crt --signer acme --control
check enroll-plain-has-no-marks sh -c '! "$1" enroll -n old.crt --signer acme | grep -E "control|ima|fsverity"' - "$bpfsign"
expect enroll-key 0 "key: $(echo "$fingerprint" | cut -c 1-16) would be added" enroll -n old.crt --signer acme
expect enroll-timeout 0 "timeout: the key ends in 3155" enroll -n old.crt --signer acme
check enroll-ring sh -c '"$1" enroll -n old.crt --signer nobody-has-this-name | grep -E "  ring: (.bpfsign:nobody-has-this-name. would be made|only root)"' - "$bpfsign"
expect enroll-ima 0 'disk: '"'$directory/keys.d/acme/ima'"' would be written' enroll -n old.crt --signer acme --ima
check enroll-ima-ring sh -c '"$1" enroll -n old.crt --signer acme --ima | grep "^  ima: "' - "$bpfsign"
expect enroll-fsverity 0 'refuses files with a built-in signature unseen' enroll -n old.crt --signer acme --fsverity
expect enroll-json-disk 0 '"on_disk":false,"timeout":3155' enroll -n old.crt --signer acme --json
expect enroll-all-ima 2 '--all takes the signers as they are on disk' enroll --all --ima
expect enroll-order-ima 2 'an order enrols one certificate' enroll --order x --ima old.crt
check enroll-changes-nothing test ! -e keys.d

# --- export ------------------------------------------------------------------------------------

expect export-nobody 3 "no signer 'acme' is enrolled; bpfsign keys" export acme
mkdir -p keys.d/acme
cp old.crt "keys.d/acme/$fingerprint.pem"
touch keys.d/acme/fsverity
expect enroll-is-there 0 "$fingerprint.pem' is there already" enroll -n old.crt --signer acme
expect enroll-again 0 "would enroll 'acme'" enroll -n old.crt --signer acme
expect enroll-mark-stays 0 "fsverity' is there already" enroll -n new.crt --signer acme --add
expect enroll-beside 0 ', beside 1 other of this signer' enroll -n new.crt --signer acme --add
expect enroll-beside-json 0 '"others":1' enroll -n new.crt --signer acme --add --json

# A certificate names its signer itself, whoever made it.
joins="'acme' is enrolled already, with 1 other certificate; if this one is also its own: --signer acme --add"
"$bpfsign" keygen acme -o evil >/dev/null
expect enroll-joins 3 "$joins" enroll evil.crt
expect enroll-joins-named 3 "$joins" enroll evil.crt --signer acme
expect enroll-joins-added 3 "$joins" enroll evil.crt --add
expect enroll-joins-dry-run 3 "$joins" enroll -n evil.crt
expect enroll-joins-key 3 "$joins" enroll evil.pem
expect enroll-joins-nobody 0 "would enroll 'eve'" enroll -n evil.crt --signer eve
expect enroll-joins-all 2 '--all takes the signers as they are on disk' enroll --all --add
"$bpfsign" keygen ctl >/dev/null
"$bpfsign" keygen ctl -o evil-ctl >/dev/null
trust ctl ctl.crt && touch keys.d/ctl/control
joins="the control signer 'ctl' is enrolled already, with 1 other certificate; if this one is also its own: --signer ctl --add --control"
expect enroll-joins-control 3 "$joins" enroll evil-ctl.crt
expect enroll-joins-control-added 3 "$joins" enroll evil-ctl.crt --signer ctl --add
expect enroll-joins-control-implied 3 "$joins" enroll evil-ctl.crt --add --control
expect enroll-joins-control-ordered 3 'gets no key by an order' enroll evil-ctl.crt --add --order none
expect enroll-joins-ordered 3 'if this one is also its own: --add' enroll evil.crt --order none
expect enroll-control-again 0 "would enroll 'ctl' as the control signer" enroll -n ctl.crt
expect enroll-control-added 0 "would enroll 'ctl' as the control signer" enroll -n evil-ctl.crt --signer ctl --add --control
check enroll-joins-nothing test "$(find keys.d -name '*.pem' | wc -l)" = 2
rm -r keys.d/ctl
"$bpfsign" export acme >exported
check export-pem cmp exported old.crt
"$bpfsign" export acme --der >exported
check export-der cmp exported old.der
expect export-file 0 '' export acme -o exported.crt
check export-file-same cmp exported.crt old.crt
expect export-exists 3 "'exported.crt' exists; choose another" export acme -o exported.crt
expect export-force 0 '' export acme --force --der -o exported.crt
check export-force-same cmp exported.crt old.der
expect export-name 2 "signer '../x' is not a name" export ../x
trust acme new.crt
"$bpfsign" export acme >exported
check export-both test "$(grep -c 'BEGIN CERT' exported)" = 2
check export-openssl sh -c 'openssl crl2pkcs7 -nocrl -certfile exported | openssl pkcs7 -print_certs | grep -q CN'
expect export-der-both 3 "'acme' has 2 certificates, and DER holds one" export acme --der
check export-full-disk sh -c '"$1" export acme >/dev/full; [ $? = 3 ]' - "$bpfsign"
rm keys.d/acme/by-hand.pem

# --- keys --------------------------------------------------------------------------------------

"$bpfsign" keys >listed 2>/dev/null
check keys-marked grep -E '\(fsverity\)|fsverity\?' listed # the latter where we are not root
expect keys-json 0 '"fsverity":{"wanted":true,"key":' keys --json
expect keys-json-ima 0 '"ima":{"wanted":false,"key":0,"pinned":false}' keys --json
expect keys-json-more 0 '"algorithm":"ecdsa-p256","expires":"20' keys --json

# --- rotate ------------------------------------------------------------------------------------

expect rotate-what 2 "what did 'acme' sign? Name the files, or --recursive DIR" rotate acme new.pem
expect rotate-nobody 3 "no signer 'bob' is enrolled" rotate -n bob new.pem x
expect rotate-certificate 3 'holds a certificate but no private key' rotate -n acme new.crt x
expect rotate-order 3 "under its common name 'new', not 'acme'" rotate -n --order x acme new.pem x
mkdir -p tree/sub
echo text >tree/text
if setfattr -n user.x -v x tree/text 2>/dev/null; then
    for file in one sub/two; do
        echo 'version: 1' >"tree/$file"
        "$bpfsign" sign --role policy --sequence 7 --key old.pem "tree/$file" >/dev/null
    done
    cp -a tree/one tree/edited
    echo more >>tree/edited
    cp tree/text tree/other
    "$bpfsign" sign --role policy --key other.pem tree/other >/dev/null 2>&1
    ln -s ../tree tree/sub/loop
    expect rotate-key-alone 0 'made one from it' rotate -n acme new.key tree/one
    expect rotate-file 0 'tree/one: would be signed as one, policy, sequence 7' rotate -n acme new.pem tree/one
    expect rotate-tree 0 'tree/sub/two: would be signed as two, policy, sequence 7' rotate -n acme new.pem -r tree
    check rotate-tree-those-only test "$(grep -c 'would be signed' .output)" = 2
    expect rotate-retire 0 "would retire: $(echo "$fingerprint" | cut -c 1-16) of 'acme'" rotate -n acme new.pem tree/one
    expect rotate-enroll 0 "would enroll" rotate -n acme new.pem tree/one
    expect rotate-keep 0 'would be signed' rotate -n --keep acme new.pem tree/one
    check rotate-keeps sh -c '! grep retire .output'
    expect rotate-unsigned 0 "'tree/text': left alone: 'tree/text' has no claim" rotate -n acme new.pem tree/text
    expect rotate-others 0 "left alone: no known key made the signature" rotate -n acme new.pem tree/other
    expect rotate-edited 0 "left alone: the claim of 'one' is for other bytes" rotate -n acme new.pem tree/edited
    expect rotate-absent 3 "'acme' keeps its old key too" rotate -n acme new.pem tree/one absent
    expect rotate-absent-others 3 'tree/one: would be signed' rotate -n acme new.pem absent tree/one
    expect rotate-json 0 '[{"path":"tree/one","result":"would be signed","name":"one","role":"policy","sequence":7}]' \
        rotate -n --json acme new.pem tree/one
    expect rotate-changes-nothing 0 'signed by acme as one, policy, sequence 7' verify tree/one
    check rotate-changes-no-key test "$(ls keys.d/acme)" = "$fingerprint.pem
fsverity"
else
    echo 'skip rotate: no extended attributes here'
fi

# --- into an image ------------------------------------------------------------------------------

"$bpfsign" keygen images >/dev/null
mkdir image
expect enroll-root 0 "enrolled 'acme' as the control signer: " enroll --root image --control --signer acme images.crt
check enroll-root-certificate sh -c 'ls image/etc/bpfsign/keys.d/acme/*.pem'
check enroll-root-control test -e image/etc/bpfsign/keys.d/acme/control
expect enroll-root-dry-run 0 'is there already' enroll --root image --control --signer acme --dry-run images.crt
# marks without a certificate are nobody's: a stranger's certificate of that name does not get them
rm image/etc/bpfsign/keys.d/acme/*.pem
check enroll-stale-mark "$bpfsign" enroll --root image --signer acme evil.crt
check enroll-stale-mark-is-gone test ! -e image/etc/bpfsign/keys.d/acme/control
check enroll-stale-mark-is-nobodys sh -c '! BPFSIGN_KEYS_DIRECTORY=image/etc/bpfsign/keys.d "$1" keys 2>/dev/null | grep control' - "$bpfsign"
expect enroll-root-all 2 '--root is about the disk of an image' enroll --root image --all

exit $failed
