#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel's own keyrings: IMA's, which it chooses once a boot, and fs-verity's. An IMA policy loads once a
# boot too, so this is a boot of its own. Run as tests/vm/lib/run is; prints the same lines.

set -u
cd "$(dirname "$0")/.." || exit 2
CASE=other-rings KEYS=$PWD/keys WORK=/mnt/other-rings LOG=/run/watchbpf.log WATCHER=
PATH=$PWD/bin:$PATH
mkdir "$WORK" || exit 2
# shellcheck source=tests/vm/lib/lib.sh
. ./lib/lib.sh

EVE=1000
rule="appraise func=FILE_CHECK mask=MAY_READ fowner=3209793536 appraise_type=imasig
appraise func=FILE_CHECK mask=MAY_READ fowner=4242 appraise_type=imasig"

# ima_file NAME KEY: a file that an appraisal concerns, signed by evmctl with this key
ima_file() {
    echo "$1" >"$WORK/$1"
    chmod 644 "$WORK/$1"
    evmctl ima_sign --hashalgo sha256 --key "$2" "$WORK/$1" >/dev/null 2>&1 || fail "evmctl $1" "it failed"
    chown 4242 "$WORK/$1"
}

# keys_say SIGNER PATTERN: in the JSON of its first key
keys_say() {
    bpfsign keys --json | tr -d '\n' | grep -q "\"signer\":\"$1\".*$2"
}

for name in acme bob eve; do
    openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=$name" -days 9 -keyout "$WORK/$name.key" \
        -out "$WORK/$name.crt" 2>/dev/null
    cat "$WORK/$name.key" "$WORK/$name.crt" >"$WORK/$name.pem"
    openssl x509 -in "$WORK/$name.crt" -outform DER -out "$WORK/$name.der"
    ima_file "by-$name" "$WORK/$name.pem"
done

# Eve, with a keyring of the right name in her session.
as_eve() {
    # shellcheck disable=SC2016  # the inner shell expands it
    setpriv --reuid $EVE --clear-groups keyctl session - sh -c '
        ring=$(keyctl newring _ima @s) && keyctl padd asymmetric "" "$ring" <"$0" >/dev/null && shift
        exec "$@"' "$WORK/eve.der" - "$@" 2>&1
}
chmod 755 "$WORK"

says "'_ima' would be made" "--dry-run" bpfsign enroll -n --ima "$WORK/acme.crt"
[ -z "$(ring_of acme)" ] && pass "… changes nothing" || fail "… changes nothing" "there is a ring"

# Before any rule: nobody has looked for the ring.
says "not looked for its keyring yet" "no rule yet" bpfsign enroll --ima "$WORK/acme.crt"
keys_say acme '"ima":{"wanted":true,"key":[1-9][0-9]*,"pinned":false}' &&
    pass "keys says that it is not pinned" || fail "keys says that it is not pinned" "$(bpfsign keys --json)"
succeeds "baseline: no rule, Eve's file is read" cat "$WORK/by-eve"

echo "$rule" >/sys/kernel/security/ima/policy || fail "the policy" "it does not load"
if [ "${1-}" = late ]; then
    # Somebody was appraised first: nothing can be claimed then.
    succeeds "Eve is appraised first" as_eve cat "$WORK/by-eve"
    exits 3 "enroll cannot pin" bpfsign enroll --ima "$WORK/bob.crt"
    says "uses another keyring '_ima'" "… and says so" bpfsign enroll --all
    keys_say acme '"pinned":false' && pass "… keys too" || fail "… keys too" "$(bpfsign keys --json)"
    says "[no]  IMA's keyring is pinned" "… status too" bpfsign status
    succeeds "Eve's key counts for everybody" cat "$WORK/by-eve"
    exits 1 "acme's does not" cat "$WORK/by-acme"
    exit $((failures > 0))
fi

says ", ima key " "enroll pins" bpfsign enroll --ima "$WORK/bob.crt"
keys_say bob '"ima":{"wanted":true,"key":[1-9][0-9]*,"pinned":true}' &&
    pass "keys says so" || fail "keys says so" "$(bpfsign keys --json)"
says "ima " "… in its table" bpfsign keys
says "[yes] IMA's keyring is pinned" "… status too" bpfsign status
succeeds "a file of bob's is read" cat "$WORK/by-bob"
succeeds "and of acme's, who was enrolled before" cat "$WORK/by-acme"
says "Permission denied" "not one of Eve's, by root" cat "$WORK/by-eve"
says "Permission denied" "nor by Eve with her own _ima" as_eve cat "$WORK/by-eve"
succeeds "control: Eve reads bob's" as_eve cat "$WORK/by-bob"
[ "$(find /etc/bpfsign/keys.d -name '.probe*' | wc -l)" = 0 ] && pass "no probe is left" || fail "no probe is left" ""

ring=$(as_holder keyctl search @u keyring _ima)
[ -n "$ring" ] && pass "the ring is in the holder's" || fail "the ring is in the holder's" "not found"
# shellcheck disable=SC2016  # the inner shell expands it
says "Operation not permitted" "root adds no key to it" sh -c 'keyctl padd asymmetric "" "$1" <"$2"' - "$ring" "$WORK/eve.der"
says "it was closed when it was pinned" "nor does enroll" bpfsign enroll --ima "$WORK/eve.crt"
says "closed; it would be added at the next boot" "… as --dry-run says" bpfsign enroll -n --ima "$WORK/eve.crt"
bpfsign unenroll eve >/dev/null
bpfsign keygen acme --output "$WORK/second" >/dev/null
says "both keys are enrolled; reboot" "rotate waits for the next boot" bpfsign rotate acme "$WORK/second.pem" "$WORK/by-acme"
[ "$(bpfsign keys | grep -c '^acme .* active')" = 2 ] && pass "… with both keys" || fail "… with both keys" "$(bpfsign keys)"
rm "/etc/bpfsign/keys.d/acme/$(openssl x509 -in "$WORK/second.crt" -outform DER | sha256sum | cut -c 1-64).pem"
exits 0 "enroll --all again" bpfsign enroll --all
succeeds "unenroll takes the key out" bpfsign unenroll bob
ima_file by-bob-2 "$WORK/bob.pem"
says "Permission denied" "… and bob's files do not count" cat "$WORK/by-bob-2"
ima_file by-acme-2 "$WORK/acme.pem"
succeeds "control: acme's do" cat "$WORK/by-acme-2"

# --- .fs-verity ---------------------------------------------------------------------------------

# built_in NAME: sealed with a built-in signature by this key
built_in() {
    echo "$1" >"$WORK/sealed-$1"
    fsverity sign "$WORK/sealed-$1" "$WORK/$1.sig" --key="$WORK/$1.key" --cert="$WORK/$1.crt" >/dev/null &&
        fsverity enable "$WORK/sealed-$1" --signature="$WORK/$1.sig"
}
# cold FILE: opened when nothing of it is in memory
cold() {
    sync
    echo 3 >/proc/sys/vm/drop_caches
    cat "$1"
}
says "Required key not available" "baseline: an empty ring refuses every built-in signature" built_in acme
says "refuses files with a built-in signature unseen" "a warning" bpfsign enroll --fsverity "$WORK/acme.crt"
keys_say acme '"fsverity":{"wanted":true,"key":[1-9][0-9]*}' &&
    pass "keys says that it is there" || fail "keys says that it is there" "$(bpfsign keys --json)"
succeeds "acme's file is sealed" built_in acme
succeeds "… and opens" cold "$WORK/sealed-acme"
says "Required key not available" "one by Eve's key is not" built_in eve
keyctl clear "%:.fs-verity"
says "Required key not available" "with the ring emptied it does not open" cold "$WORK/sealed-acme"
says "(fsverity)" "a key that is gone shows" bpfsign keys
succeeds "enroll --all puts it back" bpfsign enroll --all
succeeds "… and acme's file opens" cold "$WORK/sealed-acme"
succeeds "unenroll" bpfsign unenroll acme
[ -z "$(keyctl list %:.fs-verity | grep asymmetric)" ] && pass "… takes it out" ||
    fail "… takes it out" "$(keyctl list %:.fs-verity)"
exit $((failures > 0))
