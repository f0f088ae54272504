#!/bin/sh
# `bpfsign order`: what it refuses, and that an order says what was asked for.
# shellcheck source=tests/cli/helpers
. "$(dirname "$0")/helpers"

"$bpfsign" keygen control -a ecdsa-p256 >/dev/null
"$bpfsign" keygen acme -a ecdsa-p256 >/dev/null
trust control control.crt && touch keys.d/control/control
nonce=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
zeroes=0000000000000000000000000000000000000000000000000000000000000000
echo 'version: 1' >alice.yaml

expect unknown-verb 2 "unknown verb 'stpo'; did you mean 'stop'?" order stpo
expect no-nonce 2 '--nonce is missing' order stop --key control.pem
expect no-key 2 '--key is missing' order stop --nonce $nonce
expect short-nonce 2 'not 64 hexadecimal digits' order stop --nonce abcd --key control.pem
expect no-argument 2 "'policy' needs a FILE" order policy --nonce $nonce --key control.pem
expect an-argument 2 "'stop' takes no argument" order stop now --nonce $nonce --key control.pem
expect dry-run 0 "would write 'stop.order'" order stop --nonce $nonce --key control.pem --dry-run
check dry-run-writes-nothing test ! -e stop.order
expect stop 0 "stop.order: order 'stop'" order stop --nonce $nonce --key control.pem --counter 9
expect unseal 0 "unseal.order: order 'unseal'" order unseal --nonce $nonce --key control.pem
expect unseal-argument 2 "'unseal' takes no argument" order unseal now --nonce $nonce --key control.pem
expect show 0 'counter:  9' order show stop.order
expect show-json 0 '"verb":"stop","counter":9,"argument":"'$zeroes'","nonce":"'$nonce'"' \
    order show --json stop.order

# digest NAME VERB ARGUMENT DIGEST: the order's argument is this digest.
digest() {
    "$bpfsign" order "$2" "$3" --nonce $nonce --key control.pem --output one.order >/dev/null
    expect "$1" 0 "argument: $4" order show one.order
}
digest policy policy alice.yaml "$(fsverity digest --compact alice.yaml)"
digest enroll enroll acme.crt "$(openssl x509 -in acme.crt -outform DER | sha256sum | cut -d' ' -f1)"
digest unenroll unenroll acme "$(printf acme | sha256sum | cut -d' ' -f1)"
expect unenroll-bad-name 3 'cannot name a signer' order unenroll .. --nonce $nonce --key control.pem
expect policy-absent 3 "can't read policy 'absent'" order policy absent --nonce $nonce --key control.pem

dd if=stop.order of=claim bs=160 count=1 2>/dev/null
dd if=stop.order of=cms bs=160 skip=1 2>/dev/null
check openssl openssl cms -verify -binary -inform DER -in cms -content claim \
    -certfile control.crt -CAfile control.crt -purpose any -out /dev/null
expect stranger 0 '' order stop --nonce $nonce --key acme.pem --output acme.order
expect show-stranger 1 'signer:   unknown' order show acme.order
trust acme acme.crt
expect show-not-control 1 'who is not the control signer' order show acme.order
head -c 170 stop.order >cut.order
expect show-truncated 3 "cut.order: the claim's signature is truncated" order show cut.order
expect show-absent 3 "can't read order 'absent'" order show absent

exit $failed
