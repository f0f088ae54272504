#!/bin/sh
# Keys and signatures for real: the kernel's keyrings, fs-verity, kills at every step, and the same
# files seen by tools that we did not write. Runs in the guest as root with bpfsign in PATH.
# One line for each thing shown: ok NAME, not ok NAME: why, skip NAME: why.
# once: keys and files at rest

failed=0
signer=case10
work=$(mktemp -d /mnt/sign.XXXXXX)
export BPFSIGN_KEYS_DIRECTORY="$work/keys.d"
cd "$work" || exit 1
chmod 755 .

ok() {
    echo "ok $1"
}

not_ok() {
    echo "not ok $1: $2"
    failed=1
}

# expect NAME STATUS WORD COMMAND…: the command ends with STATUS and prints WORD (may be empty).
expect() {
    name=$1 want=$2 word=$3
    shift 3
    got=0
    "$@" >output 2>&1 </dev/null || got=$?
    if [ "$got" != "$want" ]; then
        not_ok "$name" "status $got instead of $want: $(head -c 300 output)"
    elif [ -n "$word" ] && ! grep -qF -e "$word" output; then
        not_ok "$name" "no '$word' in: $(head -c 300 output)"
    else
        ok "$name"
    fi
}

# check NAME COMMAND…: the command succeeds.
check() {
    name=$1
    shift
    if "$@" >output 2>&1 </dev/null; then
        ok "$name"
    else
        not_ok "$name" "$* failed: $(head -c 300 output)"
    fi
}

# put FILE: an unsigned program, its own inode.
put() {
    rm -f "$1"
    cp --remove-destination /usr/sbin/bpftool "$1"
}

claim_of() {
    getfattr --only-values -n user.bpfsign "$1" 2>/dev/null
}

digest_of() {
    bpfsign verify --json "$1" | sed 's/.*"digest":"\([0-9a-f]*\)".*/\1/'
}

# --- keys and rings --------------------------------------------------------------------

expect keygen 0 "certificate of '$signer'" bpfsign keygen "$signer" -a ecdsa-p256
check keygen-mode test "$(stat -c %a "$signer.pem") $(stat -c %a "$signer.crt")" = '600 644'
expect keygen-keeps 3 "'$signer.pem' exists" bpfsign keygen "$signer"
expect enroll-dry-run 0 "would enroll '$signer'" bpfsign enroll "$signer.crt" --dry-run
check enroll-dry-run-changes-nothing test ! -e keys.d
expect enroll 0 "enrolled '$signer'" bpfsign enroll "$signer.crt"
expect enroll-again 0 "enrolled '$signer'" bpfsign enroll "$signer.crt"
expect keys 0 active bpfsign keys
check one-key test "$(bpfsign keys | grep -c "^$signer ")" = 1

keyctl show %:bpfsign >rings
check keyctl-shows-ring grep -q "keyring: bpfsign:$signer\$" rings
fingerprint=$(openssl x509 -in "$signer.crt" -outform DER | sha256sum | cut -d' ' -f1)
check keyctl-shows-key grep -q "asymmetric: $fingerprint" rings
check ring-permissions grep -q " perm 3f3f0000 .*keyring *bpfsign:$signer" /proc/keys
grep "asymmetri.*$(echo "$fingerprint" | cut -c1-16)" /proc/keys >key
check key-permissions grep -q ' 3f3f0000 ' key
check key-times-out sh -c '! grep -q " perm " key'
# A session that does not reach root's user keyring, as systemd's services have them.
expect other-session-sees 0 active keyctl session - bpfsign keys
expect other-session-enrolls 0 enrolled keyctl session - bpfsign enroll "$signer.crt"

# --- sign and verify -------------------------------------------------------------------

put alice
cp alice unsealed
expect verify-unsigned 1 'alice: unsigned:' bpfsign verify alice
expect sign-dry-run 0 'alice: would be signed as alice, executable' \
    bpfsign sign --key "$signer.pem" --dry-run alice
expect sign-dry-run-changes-nothing 1 unsigned bpfsign verify alice
expect sign 0 'alice: signed as alice, executable, sequence 7' \
    bpfsign sign --key "$signer.pem" --sequence 7 alice
check sign-says-one-line test "$(wc -l <output)" = 1
expect verify 0 "signed by $signer as alice, executable, sequence 7" bpfsign verify alice
check bytes-unchanged cmp alice /usr/sbin/bpftool
check measured-as-ours test "$(fsverity measure alice)" = "sha256:$(digest_of alice) alice"
check computed-as-ours test "$(digest_of unsealed)" = "$(digest_of alice)"
check still-runs ./alice version
expect sealed 2 'Operation not permitted' sh -c 'echo x >>alice'
expect settle 0 'alice: settled' bpfsign settle alice
expect sign-again 0 'already signed as alice, executable, sequence 7' \
    bpfsign sign --key "$signer.pem" alice
claim_of alice >before
expect sign-force 0 'sequence 8' bpfsign sign --key "$signer.pem" --force --sequence 8 alice
check sign-force-replaces sh -c '! cmp -s before after' "$(claim_of alice >after)"

claim_of alice >value
dd if=value of=claim bs=160 count=1 2>/dev/null
dd if=value of=cms bs=160 skip=1 2>/dev/null
check openssl-verifies openssl cms -verify -binary -inform DER -in cms -content claim \
    -certfile "$signer.crt" -CAfile "$signer.crt" -purpose any -out /dev/null

# The other direction: the same claim, signed by OpenSSL alone.
openssl cms -sign -binary -noattr -nocerts -nosmimecap -md sha256 -in claim \
    -signer "$signer.crt" -inkey "$signer.pem" -outform DER -out theirs 2>/dev/null
cat claim theirs >value
setfattr -n user.bpfsign -v "0s$(base64 -w0 value)" alice
expect verify-openssls 0 "signed by $signer as alice" bpfsign verify alice

# --- what is not right, each by its name -------------------------------------------------

cp -a alice copy
expect not-sealed 1 'copy: not-sealed:' bpfsign verify copy
echo x >>copy
expect altered 1 'copy: altered:' bpfsign verify copy
expect wrong-role 1 'alice: wrong-role:' bpfsign verify --role library alice
put bob
bpfsign keygen eve -a ecdsa-p256 >/dev/null
expect sign-by-stranger 0 'not enrolled' sh -c \
    'openssl pkey -in eve.pem -out eve.key; bpfsign sign --key eve.key bob'
expect unknown-key 1 'bob: unknown-key:' bpfsign verify bob
head -c 100 value >shorter
setfattr -n user.bpfsign -v "0s$(base64 -w0 shorter)" bob
expect bad-claim 1 'bob: bad-claim:' bpfsign verify bob
setfattr -x user.bpfsign bob
expect no-claim 1 'bob: no-claim:' bpfsign verify bob
last=$(tail -c 1 value | od -An -tu1)
head -c -1 value >twisted
printf '%b' "\\0$(printf %o $(((last + 1) % 256)))" >>twisted
check twisted-by-one-byte test "$(cmp -l value twisted | wc -l)" = 1
setfattr -n user.bpfsign -v "0s$(base64 -w0 twisted)" alice
expect bad-signature 1 'alice: bad-signature:' bpfsign verify alice
setfattr -n user.bpfsign -v "0s$(base64 -w0 value)" alice
expect absent 3 "can't open 'absent'" bpfsign verify absent alice
expect not-root 0 '"verdict":"signed"' setpriv --reuid 65534 --clear-groups \
    bpfsign verify --json alice

openssl pkcs8 -topk8 -in eve.pem -passout pass:secret -out encrypted.pem
expect encrypted 3 'encrypted key without a terminal' setsid bpfsign sign --key encrypted.pem bob
put writer
exec 9>>writer
expect open-for-writing 3 'open for writing' bpfsign sign --key "$signer.pem" writer
exec 9>&-
expect open-for-writing-untouched 1 'writer: unsigned:' bpfsign verify writer
cp alice /tmp/alice.$$
expect no-verity-here 3 "can't enable fs-verity" bpfsign sign --key "$signer.pem" --name a /tmp/alice.$$
rm -f /tmp/alice.$$
put one
put two
expect one-bad-file 3 "can't open 'absent'" bpfsign sign --key "$signer.pem" one absent two
expect one-bad-file-others-signed 0 'two: signed by' bpfsign verify one two

# --- roles -------------------------------------------------------------------------------

cp "$(ldd /usr/sbin/bpftool | sed -n 's/.*libelf.*=> \([^ ]*\).*/\1/p')" libelf.so.1
echo text >template
echo 'version: 1' >policy.yaml
expect role-library 0 'as libelf.so.1, library' bpfsign sign --key "$signer.pem" libelf.so.1
expect role-collateral 0 'as template, collateral' bpfsign sign --key "$signer.pem" template
expect role-policy 0 'as policy.yaml, policy' \
    bpfsign sign --key "$signer.pem" --role policy policy.yaml
expect verify-policy 0 'as policy.yaml, policy' bpfsign verify --role policy policy.yaml
check policy-stays-editable sh -c 'echo "# edited" >>policy.yaml'
expect edited-policy 1 'policy.yaml: altered:' bpfsign verify policy.yaml

# --- pages from before the seal ------------------------------------------------------------

cp /bin/sleep sleeper
./sleeper 1000 &
sleeper=$!
sleep 1
expect sign-running 0 'not usable until' bpfsign sign --key "$signer.pem" sleeper
expect settle-running 1 'stay in memory' bpfsign settle sleeper
kill "$sleeper"
wait "$sleeper" 2>/dev/null
expect settle-after 0 'settled' bpfsign settle sleeper
expect settle-unsealed 1 'has no fs-verity' bpfsign settle unsealed

# --- other keys -----------------------------------------------------------------------------

for algorithm in rsa2048 rsa4096 ecdsa-p384; do
    bpfsign keygen "$signer-$algorithm" -a "$algorithm" >/dev/null
    expect "enroll-$algorithm" 0 "$algorithm" bpfsign enroll "$signer-$algorithm.crt"
    put program
    bpfsign sign --key "$signer-$algorithm.pem" program >/dev/null
    expect "verify-$algorithm" 0 "signed by $signer-$algorithm" bpfsign verify program
    bpfsign unenroll "$signer-$algorithm" >/dev/null
done
openssl pkey -in eve.pem -outform DER -out eve.der
expect enroll-key-only 0 'made one from it' bpfsign enroll eve.der --signer "$signer-eve"
expect enroll-key-only-again 0 "enrolled '$signer-eve'" bpfsign enroll eve.der --signer "$signer-eve"
check enroll-key-only-once test "$(bpfsign keys | grep -c "^$signer-eve ")" = 1
expect enroll-nameless 3 'name its signer' bpfsign enroll eve.der
expect sign-key-only 0 'signed as bob' bpfsign sign --key eve.der --force bob
expect verify-key-only 0 "signed by $signer-eve" bpfsign verify bob
openssl req -x509 -newkey ed25519 -nodes -subj /CN=ed -keyout ed.key -out ed.crt 2>/dev/null
expect enroll-ed25519 3 'cannot verify' bpfsign enroll ed.crt
expect control 0 'as the control signer' bpfsign enroll "$signer.crt" --control
expect control-is-one 3 'control signer already' \
    bpfsign enroll eve.crt --signer "$signer-eve" --control

# --- reboot, expiry, removal -----------------------------------------------------------------

ring=$(ring_of "$signer")
keyctl clear "$ring"
expect keys-after-boot 0 'not in kernel' bpfsign keys
expect enroll-all 0 "enrolled '$signer'" bpfsign enroll --all
check enroll-all-active sh -c "bpfsign keys | grep '^$signer ' | grep -q active"
check ring-serial-stays test "$(ring_of "$signer")" = "$ring"

bpfsign keygen short -a ecdsa-p256 --days 1 >/dev/null
bpfsign enroll short.crt --signer "$signer-short" >/dev/null
put program
bpfsign sign --key short.pem program >/dev/null
date -s '+2 days' >/dev/null
expect expired-enroll 3 'expired on' bpfsign enroll short.crt --signer "$signer-short"
expect expired-sign 3 'expired on' bpfsign sign --key short.pem bob
expect expired-verify 1 'program: expired-key:' bpfsign verify program
check expired-keys sh -c "bpfsign keys | grep '^$signer-short ' | grep -q expired"
check expired-in-kernel sh -c "! keyctl list $(ring_of "$signer-short") |
    grep -q asymmetric"
date -s '-2 days' >/dev/null

expect unenroll-dry-run 0 'would remove' bpfsign unenroll "$signer-eve" --dry-run
expect unenroll 0 'unenrolled' bpfsign unenroll "$signer-eve"
expect unenroll-again 3 'no signer' bpfsign unenroll "$signer-eve"
expect unenrolled-verify 1 'bob: unknown-key:' bpfsign verify bob

# --- kill -9 -----------------------------------------------------------------------------------

# usable FILE unsigned|signed: the same bytes, rightly signed (if it was), and `sign` puts it right?
usable() {
    cmp -s "$1" /usr/sbin/bpftool || return 1
    [ "$2" = unsigned ] || bpfsign verify "$1" >/dev/null || return 1
    bpfsign sign --key "$signer.pem" "$1" >/dev/null 2>&1 && bpfsign verify "$1" >/dev/null
}

if command -v strace >/dev/null; then
    bad='' n=0 killed=0
    for step in openat:1 ioctl:1 ioctl:2 ioctl:3 ioctl:4 ioctl:5 fsync:1 fsync:2 fsync:3 fsetxattr:1 \
        fadvise64:1 cachestat:1 exit_group:1; do
        for start in unsigned signed; do
            put victim
            [ $start = unsigned ] || bpfsign sign --key "$signer.pem" victim >/dev/null
            status=0
            strace -f -o /dev/null -e trace="${step%:*}" \
                -e inject="${step%:*}:signal=KILL:when=${step#*:}" \
                bpfsign sign --key "$signer.pem" --force victim >/dev/null 2>&1 || status=$?
            [ $status != 137 ] || killed=$((killed + 1))
            usable victim $start || bad="$bad $start/$step"
            n=$((n + 1))
        done
    done
    check "kill-at-steps ($killed of $n killed)" test -z "$bad" -a $killed -ge 16
else
    echo 'skip kill-at-steps: no strace'
fi

bad='' killed=0
put victim
bpfsign sign --key "$signer.pem" victim >/dev/null
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
    put fresh
    bpfsign sign --key "$signer.pem" --force fresh victim >/dev/null 2>&1 &
    sleep "0.$(printf %02d $((n * 3)))"
    kill -9 $! 2>/dev/null && killed=$((killed + 1))
    wait $! 2>/dev/null
    usable fresh unsigned || bad="$bad fresh/$n"
    usable victim signed || bad="$bad victim/$n"
done
check "kill-at-random ($killed killed)" test -z "$bad"

bpfsign unenroll "$signer-short" >/dev/null
bpfsign unenroll "$signer" >/dev/null
cd / && rm -rf "$work"
exit $failed
