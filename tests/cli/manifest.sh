#!/bin/sh
# Manifests: signatures made without touching the files, and applied. In the role policy, which needs extended
# attributes but no fs-verity; the rest is tried in a guest.
# shellcheck source=tests/cli/helpers
. "$(dirname "$0")/helpers"

"$bpfsign" keygen acme -a rsa2048 >/dev/null
"$bpfsign" keygen eve -a ecdsa-p256 >/dev/null
trust acme acme.crt
export SOURCE_DATE_EPOCH=1700000000
mkdir -p tree/usr/bin
cp /bin/ls tree/usr/bin/alice
printf '#!/bin/sh\n' >tree/usr/bin/run
echo text >tree/text
printf odd >"$(printf 'tree/o d\\d\n\377')"
find tree -type f -exec stat -c '%n %Y %Z' {} + | sort >before

# field N PATH MANIFEST: a field of that file's line
field() {
    awk -v n="$1" -v path="$2" '$1 == "file" && $2 == path { print $n }' "$3"
}

# --- sign --manifest ----------------------------------------------------------------------------

expect sign 0 'tree/usr/bin/alice: signed as alice, executable, sequence 1700000000' \
    sign --key acme.pem --manifest m -r tree
find tree -type f -exec stat -c '%n %Y %Z' {} + | sort >after
check files-untouched cmp before after
check header sh -c 'head -n 1 m | grep -qx "bpfsign manifest v1"'
check one-line-each test "$(grep -c '^file ' m)" = 4
check last-line sh -c 'tail -n 1 m | grep -qE "^end 4 [A-Za-z0-9+/=]+$"'
check path-escaped grep -q '^file tree/o\\x20d\\x5cd\\x0a\\xff collateral o_d_d__ ' m
check digest-is-fsveritys test "$(field 6 tree/usr/bin/alice m)" = "sha256:$(fsverity digest --compact tree/usr/bin/alice)"
field 7 tree/usr/bin/alice m | sed 's/^claim://' | base64 -d >value
dd if=value of=claim bs=160 count=1 2>/dev/null
dd if=value of=cms bs=160 skip=1 2>/dev/null
check claim-openssl openssl cms -verify -binary -inform DER -in cms -content claim \
    -certfile acme.crt -CAfile acme.crt -purpose any -out /dev/null
grep -v ^end m >all-but-end
{
    printf 'bpfsign manifest v1, all of it\0\0'
    openssl dgst -sha256 -binary all-but-end
} >sealed
sed -n 's/^end 4 //p' m | base64 -d >cms
check seal-openssl openssl cms -verify -binary -inform DER -in cms -content sealed \
    -certfile acme.crt -CAfile acme.crt -purpose any -out /dev/null
expect again-from-nothing 0 '4 signed' sign --key acme.pem --manifest m2 -r -j 3 tree
check reproducible cmp m m2
"$bpfsign" sign --key acme.pem --manifest - -r tree >m3 2>/dev/null
check standard-output cmp m m3
expect json-too 2 "want the same output" sign --key acme.pem --manifest - --json -r tree
expect second-run 0 "4 were not signed again: their digests, recomputed from their bytes (the kernel's, of sealed ones), are those in 'm'" \
    sign --key acme.pem --manifest m -r tree
check second-run-same cmp m m2
touch -r tree/text stamp
printf 'texT\n' >tree/text
touch -r stamp tree/text
expect changed-is-seen 0 'tree/text: signed' sign --key acme.pem --manifest m -r tree
expect changed-only 0 '4 already signed' sign --key acme.pem --manifest m -r tree
cp m m2
sed 's/ executable alice / executable alicf /' m2 >m
expect tampered 3 'm:4:1: the claim says something else than the line' sign --key acme.pem --manifest m -r tree
expect tampered-force 0 '4 signed' sign --key acme.pem --manifest m --force -r tree
check tampered-force-same cmp m m2
grep -v text m2 | sed 's/^end 4/end 3/' >m
expect not-sealed 0 "'m' is not this key's: everything is signed anew" sign --key acme.pem --manifest m -r tree
expect other-key 0 "'m' is not this key's" sign --key eve.pem --manifest m -r tree
echo precious >precious
expect no-manifest 3 "'precious' is no manifest: it does not begin with 'bpfsign manifest v1'; --force overwrites it" \
    sign --key acme.pem --manifest precious -r tree
check precious-kept grep -qx precious precious
expect dry-run 0 'would be signed' sign --key acme.pem --manifest none -n -r tree
check dry-run-writes-nothing test ! -e none
expect one-bad-file 3 "can't open 'absent'" sign --key acme.pem --manifest partly tree/text absent
check one-bad-file-others grep -q '^end 1 ' partly
expect other-sequence 0 'sequence 8' sign --key acme.pem --manifest m2 --sequence 8 -r tree
expect all-kinds 0 '4 signed' sign --key acme.pem --manifest kinds --with ima,builtin -r tree
check all-kinds-are-there sh -c 'grep "^file " kinds | grep -c " claim:.* ima:.* builtin:" | grep -qx 4'
expect more-kinds 0 '4 signed' sign --key acme.pem --manifest m2 --with ima -r tree
expect same-kinds 0 '4 already' sign --key acme.pem --manifest m2 --with ima -r tree
expect with-root 0 '/usr/bin/alice: signed' sign --key acme.pem --manifest rooted --root tree -r /usr
check with-root-relative grep -q '^file usr/bin/alice executable alice ' rooted

# --- digest, sign --digests ----------------------------------------------------------------------

expect digest 0 '' digest -r tree -o digests
check digest-has-no-signature sh -c '! grep -q claim: digests && tail -n 1 digests | grep -qx "end 4"'
rm m2
mkdir empty
cd empty || exit 1
expect sign-digests 0 '4 signed' sign --key ../acme.pem --digests ../digests --manifest ../m2
cd ..
rm -f m && "$bpfsign" sign --key acme.pem --manifest m -r tree >/dev/null 2>&1
check sign-digests-same cmp m m2
expect sign-digests-ima 0 '4 signed' sign --key acme.pem --digests digests --manifest m3 --force --with ima,builtin
expect sign-digests-content 3 "content's hash of 'tree/text' is not in 'digests'; bpfsign digest --with ima-v2" \
    sign --key acme.pem --digests digests --manifest m3 --force --with ima-v2
expect digest-content 0 '' digest -r --with ima-v2 tree -o digests
check digest-content-hash grep -q " content:$(sha256sum tree/text | cut -d' ' -f1)$" digests
expect sign-digests-content-there 0 '4 signed' sign --key acme.pem --digests digests --manifest m3 --force --with ima-v2
expect digests-need-manifest 2 '--digests needs --manifest' sign --key acme.pem --digests digests
expect digests-and-files 2 'nothing else does' sign --key acme.pem --digests digests --manifest m3 tree
"$bpfsign" digest tree/text 2>/dev/null >digests
check digest-standard-output grep -q '^file tree/text collateral text 1700000000 sha256:[0-9a-f]*$' digests

# --- what is no manifest, each with its place -------------------------------------------------------

# refused NAME WORD: what is in `bad` is not applied
refused() {
    expect "bad-$1" 3 "$2" apply bad
}

sed '$d' m >bad && refused cut "'bad' is cut short"
sed 's/^end 4/end 5/' m >bad && refused count 'bad:6:5: there are 4 files, not 5'
{ cat m; echo; } >bad && refused more 'more follows after the last line'
sed 's/^file tree\/text/file  tree\/text/' m >bad && refused space 'bad:3:6: the path is missing'
sed 's/^file tree\/text/file tree\/usr\/bin\/run/' m >bad && refused twice 'bad:5:6: the path is that of line 3'
sed 's/ collateral text / colateral text /' m >bad && refused role 'bad:3:16: this is no role of a file'
sed 's/ text 17/ Text 17/' m >bad && refused name 'bad:3:27: this is no name'
sed 's/ 1700000000 / 01700000000 /' m >bad && refused number 'this is no number'
sed 's/ sha256:./ sha256:/' m >bad && refused digest 'this is not 64 hexadecimal digits'
sed 's/ claim:/ clam:/' m >bad && refused kind 'this is no kind of signature'
sed 's/ claim:./ claim:/' m >bad && refused base64 'this is no base64'
sed 's/x20/x41/' m >bad && refused escape 'the path is not escaped as it must be'
sed 's/ text 1700000000 / text 1700000001 /' m >bad && refused mismatch 'the claim says something else than the line'
printf 'bpfsign manifest v2\nend 0\n' >bad && refused version 'is no manifest'
expect bad-absent 3 "can't read 'absent'" apply absent

# --- apply ------------------------------------------------------------------------------------------

mkdir place
for name in one two three; do echo "version: 1 # $name" >place/$name.yaml; done
"$bpfsign" sign --key acme.pem --role policy --manifest policies --root place -r / >/dev/null 2>&1
cp -r place target
expect apply-unsealable 3 "can't enable fs-verity" apply m
if setfattr -n user.try -v x text 2>/dev/null || setfattr -n user.try -v x m 2>/dev/null; then
    expect apply-dry-run 0 'one.yaml: would be applied as one.yaml, policy' apply --root target -n policies
    expect apply-dry-run-writes-nothing 1 'unsigned' verify target/one.yaml
    expect apply 0 'three.yaml: applied as three.yaml, policy, sequence 1700000000' apply --root target policies
    expect apply-verifies 0 '3 good' verify -r target
    expect apply-again 0 '3 already applied' apply --root target policies
    expect apply-json 0 '[{"path":"one.yaml","result":"already applied","name":"one.yaml","role":"policy","sequence":1700000000,"message":"","hint":""},' \
        apply --root target --json policies
    rm -r target && cp -r place target
    echo '# changed' >>target/three.yaml
    expect apply-other-bytes 1 "'three.yaml' has other bytes than were signed" apply --root target policies
    expect apply-others-done 1 '2 good, 1 not good' verify -r target
    rm target/three.yaml
    expect apply-absent 3 "can't open 'three.yaml'" apply --root target policies
    rm -r target && cp -r place target
    mv keys.d/acme .acme
    expect apply-unknown-key 1 "no known key made the signature; enroll its certificate, or apply it --unverified" \
        apply --root target policies
    expect apply-unknown-key-writes-nothing 1 'one.yaml: unsigned' verify target/one.yaml
    expect apply-unverified 0 '3 applied' apply --root target --unverified policies
    mv .acme keys.d/acme
    expect apply-unverified-verifies 0 '3 good' verify -r target
    "$bpfsign" sign --key acme.pem --role policy --sequence 1700000001 target/one.yaml >/dev/null
    expect apply-keeps-later 0 'already applied' apply --root target policies
    expect apply-kept-later 0 'sequence 1700000001' verify target/one.yaml
    expect apply-force 0 '1 applied, 2 already' apply --root target --force policies
    expect apply-forced 0 'sequence 1700000000' verify target/one.yaml
    mkdir outside && mv target/one.yaml outside && ln -s ../outside/one.yaml target/one.yaml
    setfattr -x user.bpfsign outside/one.yaml
    expect apply-not-out-of-root 3 "can't open 'one.yaml'" apply --root target policies
    expect apply-not-out-of-root-indeed 1 'unsigned' verify outside/one.yaml
    expect apply-digests 3 "has digests only, no signatures, in line 2" apply digests
    sed 's/ policy one.yaml / policy onf.yaml /' policies >bad
    expect apply-forged 3 'the claim says something else' apply --root target bad
    "$bpfsign" sign --key eve.pem --role policy --manifest eves --root place -r / >/dev/null 2>&1
    rm -r target && cp -r place target
    expect apply-eves 1 "'one.yaml': no known key made the signature" apply --root target eves
else
    echo 'skip apply: no extended attributes here'
fi

# --- a policy whose file cannot hold its signature -------------------------------------------------

printf 'version: 1\nprograms:\n  watchbpf: {signer: acme}\n' >policy.yaml
expect policy-beside 0 'policy.yaml: signed as policy.yaml, policy' \
    sign --role policy --key acme.pem --manifest policy.yaml.manifest policy.yaml
expect policy-beside-verified 0 'policy.yaml: signed by acme as policy.yaml, policy' verify --role policy policy.yaml
cp policy.yaml other.yaml
cp policy.yaml.manifest other.yaml.manifest
expect policy-beside-any-path 0 'other.yaml: signed by acme as policy.yaml, policy' verify --role policy other.yaml
echo '# altered' >>other.yaml
expect policy-beside-altered 1 "the policy's signature in 'other.yaml.manifest' is for other bytes" verify --role policy other.yaml
"$bpfsign" sign --role policy --key eve.pem --manifest other.yaml.manifest --force other.yaml >/dev/null
expect policy-beside-foreign 1 'other.yaml: ' verify --role policy other.yaml
cp m other.yaml.manifest
expect no-policy-beside 1 'other.yaml: unsigned: it has no claim' verify --role policy other.yaml
echo garbage >other.yaml.manifest
expect garbage-beside 1 "bad-claim: 'other.yaml.manifest' is no manifest" verify --role policy other.yaml

"$bpfsign" sign --role policy --key acme.pem policy.yaml >/dev/null
rm policy.yaml.manifest
expect claims 0 'policy.yaml: read as policy.yaml, policy' digest --claims --output policy.yaml.manifest policy.yaml
cp policy.yaml bare.yaml
cp policy.yaml.manifest bare.yaml.manifest
expect claims-travel 0 'bare.yaml: signed by acme as policy.yaml, policy' verify --role policy bare.yaml
expect claims-none 3 "'tree/text' has no claim" digest --claims tree/text
echo '# altered' >>policy.yaml
expect claims-altered 3 "the claim of 'policy.yaml' is for other bytes" digest --claims policy.yaml

exit $failed
