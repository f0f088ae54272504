#!/bin/sh
# `bpfsign sign --dry-run`, `sign --role policy` and `verify`: all that needs no fs-verity.
# shellcheck source=tests/cli/helpers
. "$(dirname "$0")/helpers"

"$bpfsign" keygen acme -a ecdsa-p256 >/dev/null
"$bpfsign" keygen eve -a ecdsa-p256 >/dev/null
trust acme acme.crt
cp /bin/ls alice
echo text >template
printf '#!/bin/sh\n' >script
odd=$(printf 'ev\033il\n')
echo >"$odd"

expect no-key 2 '--key is missing' sign alice
expect bad-role 2 "--role 'order' is not executable, library" sign --key acme.pem --role order alice
expect bad-name 2 "--name 'Al' is not a name" sign --key acme.pem --name Al alice
expect bad-sequence 2 "--sequence '-1' is not a number" sign --key acme.pem --sequence -1 alice
expect dry-run 0 'alice: would be signed as alice, executable, sequence 5' \
    sign --key acme.pem --sequence 5 --dry-run alice
expect dry-run-changes-nothing 1 'alice: unsigned:' verify alice
expect role-script 0 'script, executable' sign --key acme.pem -n script
expect role-text 0 'template, collateral' sign --key acme.pem -n template
expect role-library 0 'libc.so.6, library' sign --key acme.pem -n "$(ldd /bin/ls | sed -n 's/.*=> \(.*libc.so.6\) .*/\1/p')"
expect role-given 0 'as a, library' sign --key acme.pem -n --name a --role library alice
expect odd-file-name 0 'ev\x1bil: would be signed as ev_il, collateral' sign --key acme.pem -n "$odd"
expect odd-program-name 3 'cannot name a program' sign --key acme.pem -n --role executable "$odd"
expect odd-policy-name 3 'cannot name a program' sign --key acme.pem -n --role policy "$odd"
expect odd-file-name-cured 0 'ev\x1bil: would be signed as evil' sign --key acme.pem -n --name evil "$odd"
long=L$(printf '%0100d' 0)+.so
cp template "$long"
expect long-library-name 0 "would be signed as l$(printf '%062d' 0), library" sign --key acme.pem -n --role library "$long"
cp template 'libstdc++.so.6 (copy)'
expect library-name 0 'would be signed as libstdc__.so.6__copy_, library' \
    sign --key acme.pem -n --role library 'libstdc++.so.6 (copy)'
cp alice Alice
expect upper-case-program 3 "'Alice' cannot name a program" sign --key acme.pem -n Alice

# What a program needs: the same that ldd finds, each once, and what a script needs too.
loader=$(realpath "$(readelf -l /bin/ls | sed -n 's/.*interpreter: \(.*\)]/\1/p')")
libc=$(realpath "$(ldd /bin/ls | sed -n 's/.*=> \(.*libc.so.6\) .*/\1/p')")
printf '#! /bin/sh -e\n' >script
shell=$(realpath /bin/sh)
expect libraries-program 0 'alice: would be signed as alice, executable' sign --key acme.pem -n --libraries alice
expect libraries-loader 0 "$loader: would be signed as $(basename "$loader"), library" sign --key acme.pem -n --libraries alice
expect libraries-libc 0 "$libc: would be signed as libc.so.6, library" sign --key acme.pem -n --libraries alice
"$bpfsign" sign --key acme.pem -n --libraries alice script alice | sed 's/: would.*//' | grep ^/ | sort >listed
ldd /bin/ls "$shell" | sed -n 's/^[^/]*\(\/.*\) (0x.*/\1/p' | xargs -d '\n' realpath | sort -u >wanted
echo "$shell" | sort -u - wanted >all
check libraries-are-those-of-ldd cmp listed all
expect libraries-interpreter 0 "$shell: would be signed as $(basename "$shell"), executable" \
    sign --key acme.pem -n --libraries --name tool script
expect libraries-named-too 0 "$libc: would be signed as c, library" \
    sign --key acme.pem -n --libraries --name c "$libc"
expect libraries-json 0 "{\"path\":\"$libc\",\"result\":\"would be signed\",\"name\":\"libc.so.6\",\"role\":\"library\"" \
    sign --key acme.pem -n --libraries --json alice
expect json-failed 3 '[{"path":"absent","result":"failed","message":"can'\''t open' sign --key acme.pem -n --json absent
expect libraries-changes-nothing 1 "$libc: unsigned:" verify "$libc"
expect libraries-of-text 0 'template: would be signed' sign --key acme.pem -n --libraries template
expect libraries-role 2 '--libraries is for executables' sign --key acme.pem --libraries --role library alice
sed 's|/lib64/ld-linux|/tmp64/ld-linux|g' alice >elsewhere
expect libraries-other-loader 3 "asks for the loader '/tmp64/ld-linux" sign --key acme.pem -n --libraries elsewhere
expect libraries-others-done 3 'alice: would be signed' sign --key acme.pem -n --libraries elsewhere alice
printf '#!/usr/bin/env sh\n' >indirect
expect libraries-env 0 'name the interpreter in the script' sign --key acme.pem -n --libraries indirect
expect certificate-as-key 3 'holds a certificate but no private key' sign --key acme.crt alice
expect other-certificate 3 "the certificate in 'eve.crt' is not the key's" \
    sign --key acme.pem --certificate eve.crt alice
expect absent 3 "can't open 'absent'" sign --key acme.pem -n absent alice
expect absent-others-done 3 'alice: would be signed' sign --key acme.pem -n absent alice
expect directory 3 "'keys.d' is not a regular file" sign --key acme.pem -n keys.d

expect verify-unsigned 1 "alice: unsigned: it has no claim; bpfsign sign FILE" verify alice
expect verify-absent 3 "can't open 'absent'" verify absent
expect verify-worst 3 'alice: unsigned' verify absent alice
expect verify-json 1 '"verdict":"unsigned","reason":"unsigned"' verify --json alice
expect verify-json-odd 1 'ev\u001bil' verify --json "$odd"

# A policy needs extended attributes, but no fs-verity.
echo 'version: 1' >policy.yaml
if setfattr -n user.bpfsign -v 0sAAAA template 2>/dev/null; then
    expect policy 0 'policy.yaml: signed as policy.yaml, policy' \
        sign --key acme.pem --role policy --sequence 3 policy.yaml
    expect policy-verify 0 'signed by acme as policy.yaml, policy, sequence 3, key' \
        verify --role policy policy.yaml
    expect policy-again 0 'already signed' sign --key acme.pem --role policy policy.yaml
    expect policy-new-sequence 0 'policy.yaml: signed' \
        sign --key acme.pem --role policy --sequence 4 policy.yaml
    expect policy-other-role 1 'policy.yaml: wrong-role:' verify --role executable policy.yaml
    getfattr --only-values -n user.bpfsign policy.yaml >value 2>/dev/null
    dd if=value of=claim bs=160 count=1 2>/dev/null
    dd if=value of=cms bs=160 skip=1 2>/dev/null
    check policy-openssl openssl cms -verify -binary -inform DER -in cms -content claim \
        -certfile acme.crt -CAfile acme.crt -purpose any -out /dev/null
    echo '# more' >>policy.yaml
    expect policy-edited 1 'policy.yaml: altered:' verify policy.yaml
    expect policy-by-stranger 0 '' sign --key eve.pem --role policy --force policy.yaml
    expect unknown-key 1 'policy.yaml: unknown-key:' verify policy.yaml
    setfattr -n user.bpfsign -v "0s$(base64 -w0 value)" alice
    expect claim-of-other-bytes 1 'alice: altered:' verify alice
    expect bad-claim 1 'template: bad-claim: the claim is truncated: 3 of 160 bytes' verify template
else
    echo 'skip policy: no extended attributes here'
fi

# Signatures beside the claim. Those that need a seal are tried in a guest.
expect with-unknown 2 "--with 'imma': unknown kind of signature 'imma'; did you mean 'ima'?" sign --key acme.pem --with imma alice
expect with-both 2 "'ima' and 'ima-v2' are both in security.ima" sign --key acme.pem --with ima,ima-v2 alice
expect with-unsealed 3 "a policy is not sealed, so 'ima' cannot sign it" sign --key acme.pem --role policy --with ima policy.yaml
expect with-dry-run 0 'alice: would be signed' sign --key acme.pem -n --with ima,builtin alice
if setfattr -n security.ima -v 0x0404 template 2>/dev/null; then
    expect hash-is-no-signature 1 '"beside":[]' verify --json template
    expect with-ima-v2 0 'policy.yaml: signed' sign --key acme.pem --role policy --with ima-v2 policy.yaml
    expect ima-v2-verify 0 'policy.yaml: ima-v2: signed by acme, key' verify policy.yaml
    expect ima-v2-again 0 'policy.yaml: already signed' sign --key acme.pem --role policy --with ima-v2 policy.yaml
    openssl x509 -in acme.crt -outform DER -out acme.der
    check ima-v2-evmctl evmctl ima_verify --key acme.der policy.yaml
    setfattr -x security.ima policy.yaml
    expect ima-v2-missing 0 'policy.yaml: signed' sign --key acme.pem --role policy --with ima-v2 policy.yaml
    evmctl ima_sign --key acme.pem policy.yaml >/dev/null 2>&1
    expect ima-v2-of-evmctl 0 '"beside":[{"kind":"ima-v2","verdict":"signed","message":"","signer":"acme"' verify --json policy.yaml
    evmctl ima_sign --key eve.pem policy.yaml >/dev/null 2>&1
    expect ima-v2-stranger 1 'policy.yaml: ima-v2: unknown-key: no known key' verify policy.yaml
    setfattr -n security.ima -v 0x030204ffff policy.yaml
    expect ima-v2-malformed 1 'policy.yaml: ima-v2: bad-signature: the IMA signature is truncated' verify policy.yaml
else
    echo 'skip ima-v2: only root may write security.ima'
fi
echo junk >keys.d/acme/junk.pem
expect bad-anchor 3 'keys.d/acme/junk.pem' verify alice

exit $failed
