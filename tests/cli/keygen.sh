#!/bin/sh
# `bpfsign keygen`, and `enroll --dry-run` of what files may hold.
# shellcheck source=tests/cli/helpers
. "$(dirname "$0")/helpers"

expect dry-run 0 "would write 'acme.pem' and 'acme.crt'" keygen acme --dry-run
check dry-run-writes-nothing test ! -e acme.pem
expect keygen 0 "acme.crt: certificate of 'acme', valid until" keygen acme
check modes test "$(stat -c %a acme.pem) $(stat -c %a acme.crt)" = '600 644'
check key-and-certificate sh -c 'openssl x509 -in acme.pem && openssl pkey -in acme.pem -noout -check'
check certificate-alone sh -c '! grep -q PRIVATE acme.crt'
check self-signed openssl verify -x509_strict -check_ss_sig -CAfile acme.crt acme.crt
cp acme.pem before
expect exists 3 "'acme.pem' exists; choose another --output" keygen acme
check exists-keeps cmp before acme.pem
expect force 0 '' keygen acme --force
check force-replaces sh -c '! cmp -s before acme.pem'
check no-litter test "$(find . -name 'acme.*.*' | wc -l)" = 0
mkdir sub
expect output 0 'sub/one.crt' keygen acme --output sub/one
expect output-nowhere 3 "can't write 'absent/one.pem': No such file" keygen acme -o absent/one
expect days 0 "valid until $(date -u -d '+10 days' +%F)" keygen ten --days 10
expect days-none 2 "--days '0'" keygen x --days 0
expect days-word 2 "--days 'ten' is not a number from 0 to" keygen x --days ten
expect bad-name 2 "signer 'Acme Inc' is not a name" keygen 'Acme Inc'
expect dotted-name 2 'not beginning with' keygen ..
expect bad-algorithm 2 "unknown algorithm 'rsa248'; did you mean 'rsa2048'?" keygen x -a rsa248
expect small-algorithm 2 "unknown algorithm" keygen x -a rsa1024
for algorithm in rsa3072 ecdsa-p256 ecdsa-p384; do
    expect "algorithm-$algorithm" 0 "private key ($algorithm)" keygen "$algorithm" -a "$algorithm"
    expect "enroll-$algorithm" 0 "would enroll '$algorithm': $algorithm" \
        enroll --dry-run "$algorithm.crt"
done

openssl pkey -in acme.pem -out key.pem
openssl pkey -in acme.pem -outform DER -out key.der
openssl x509 -in acme.crt -outform DER -out crt.der
openssl pkcs8 -topk8 -in acme.pem -passout pass:secret -out encrypted.pem
expect enroll-both 0 "would enroll 'acme'" enroll --dry-run acme.pem
expect enroll-der 0 "would enroll 'acme'" enroll --dry-run crt.der
expect enroll-key 0 'made one from it' enroll --dry-run key.pem --signer bob
expect enroll-key-der 0 'made one from it' enroll --dry-run key.der --signer bob
expect enroll-key-nameless 3 'name its signer with --signer' enroll --dry-run key.pem
expect enroll-renamed 0 "would enroll 'bob'" enroll --dry-run acme.crt --signer bob
expect enroll-json 0 '"certificate_made":false,"dry_run":true' enroll --dry-run --json acme.crt
expect enroll-encrypted 3 'encrypted key without a terminal' enroll --dry-run encrypted.pem --signer b
# What OpenSSL makes, and the passphrases of it: a line of --passphrase-fd each.
echo secret >passphrase
printf 'other\n' >other
openssl pkcs12 -export -in acme.pem -passout file:passphrase -out acme.p12
openssl pkey -in acme.pem -aes256 -passout file:passphrase -traditional -out legacy.pem
openssl pkcs8 -topk8 -in acme.pem -outform DER -passout file:passphrase -out encrypted.der
for file in acme.p12 legacy.pem encrypted.pem encrypted.der; do
    expect "passphrase-$file" 0 "would enroll 'acme'" enroll -n "$file" --signer acme --passphrase-fd 7 7<passphrase
    expect "wrong-passphrase-$file" 3 "'$file': wrong passphrase" \
        enroll -n "$file" --signer acme --passphrase-fd 7 7<other
done
expect passphrase-empty 3 'no passphrase was given' enroll -n acme.p12 --passphrase-fd 7 7</dev/null
expect passphrase-closed 3 'no passphrase was given' enroll -n acme.p12 --passphrase-fd 77
expect passphrase-none 2 "--passphrase-fd 'x' is not a number" enroll -n acme.p12 --passphrase-fd x
expect passphrase-not-for-all 2 "unknown option '--passphrase-fd'" keys --passphrase-fd 7
# On a terminal it asks, and does not show what is typed. The pause: OpenSSL throws away what came before its question.
{ sleep 0.5; echo secret; sleep 0.5; } | script -qec "'$bpfsign' enroll -n acme.p12" /dev/null >terminal 2>&1
check terminal-asks grep -q "passphrase of 'acme.p12': " terminal
check terminal-enrolls grep -q "would enroll 'acme'" terminal
check terminal-hides sh -c '! grep -q secret terminal'
# shellcheck disable=SC2016  # the inner shell expands it
check no-passphrase-option sh -c '! "$1" enroll --help | grep -E -e "--(passphrase|pin|password) "' - "$bpfsign"
expect enroll-absent 3 "can't open 'absent': No such file" enroll --dry-run absent
expect enroll-directory 3 "'sub' is a directory" enroll --dry-run sub
expect enroll-junk 3 'holds no key and no certificate' enroll --dry-run /etc/hostname
expect enroll-bad-name 2 'is not a name' enroll --dry-run acme.crt --signer ../x
expect enroll-all-of-one 2 'too many' enroll --all acme.crt
check dry-runs-write-nothing test ! -e keys.d

openssl req -x509 -newkey ed25519 -nodes -subj /CN=ed -keyout ed.key -out ed.crt 2>/dev/null
expect enroll-ed25519 3 'the kernel cannot verify' enroll --dry-run ed.crt
openssl req -x509 -newkey rsa:1024 -nodes -subj /CN=small -keyout s.key -out s.crt 2>/dev/null
expect enroll-rsa1024 3 'RSA with 1024 bits; 2048 to 4096' enroll --dry-run s.crt
openssl ecparam -name prime256v1 -param_enc explicit -genkey -noout -out spelled.pem
expect enroll-explicit-curve 3 'spells out its curve instead of naming it' enroll --dry-run spelled.pem --signer x
openssl req -x509 -key key.pem -sha1 -subj /CN=sha1 -out sha1.crt
expect enroll-sha1 3 "signed by 'sha1WithRSAEncryption'" enroll --dry-run sha1.crt
openssl req -new -key key.pem -subj /CN=old 2>/dev/null |
    openssl x509 -req -key key.pem -days -1 -out old.crt 2>/dev/null
expect enroll-expired 3 'old.crt: the certificate expired on' enroll --dry-run old.crt
openssl req -x509 -key key.pem -subj '/CN=Acme Inc' -out odd.crt
expect enroll-odd-name 3 "'Acme Inc' cannot name a signer" enroll --dry-run odd.crt
expect enroll-odd-name-cured 0 "would enroll 'acme'" enroll --dry-run odd.crt --signer acme
trust other acme.crt && touch keys.d/other/control
expect one-control 3 "'other' is the control signer already" enroll --dry-run --control ten.crt

exit $failed
