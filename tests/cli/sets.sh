#!/bin/sh
# /etc/bpfsign/sign.d: `sign --all`, `verify --all`, `prune`, and what `status` says of it. In the role policy, which
# needs extended attributes but no fs-verity.
# shellcheck source=tests/cli/helpers
. "$(dirname "$0")/helpers"

export BPFSIGN_SIGN_DIRECTORY="$directory/sign.d"
"$bpfsign" keygen acme -a ecdsa-p256 >/dev/null
trust acme acme.crt
umask 022
chmod 755 .

expect none 0 "there is nothing in '$directory/sign.d'" sign --all
expect none-verified 0 'there is nothing in' verify --all
mkdir -p sign.d files/sub
for name in one two sub/three; do echo "version: 1 # $name" >"files/$name.yaml"; done
echo text >files/other

# set NAME: a set from standard input
set_of() {
    cat >"sign.d/$1.conf"
}

# --- what is no set -------------------------------------------------------------------------------

# refused NAME WORD: the set on standard input
refused() {
    set_of bad
    expect "bad-$1" 3 "$2" sign --all
    rm sign.d/bad.conf
}
refused key "bad.conf:2:1: unknown key 'kye' in the set; did you mean 'key'?" <<'END'
version: 1
kye: acme.pem
END
refused neither "bad.conf: a set has either 'manifest' or 'key'" <<'END'
version: 1
END
refused both "a set has either 'manifest' or 'key'" <<'END'
version: 1
key: acme.pem
manifest: m
paths: [/usr]
END
refused no-paths "a set with 'key' has no 'paths'" <<'END'
version: 1
key: acme.pem
END
refused relative "bad.conf:3:9: 'usr' is no absolute path; write it in full" <<'END'
version: 1
key: acme.pem
paths: [usr]
END
refused kinds "'ima' and 'ima-v2' are both in security.ima: a file has one of them; remove one" <<'END'
version: 1
key: acme.pem
paths: [/usr]
with: [ima, ima-v2]
END
refused role "did you mean 'policy'?" <<'END'
version: 1
key: acme.pem
paths: [/usr]
role: polcy
END
refused name "'Alice' is not a name" <<'END'
version: 1
key: acme.pem
paths: [/usr]
name: Alice
END
refused more-than-manifest "with 'manifest' there is no other key but 'version'" <<'END'
version: 1
manifest: m
role: policy
END
refused version "version '2' is not known" <<'END'
version: 2
END
echo 'version: 1' >sign.d/open.conf && chmod 666 sign.d/open.conf
expect bad-writable 3 "others may write '$directory/sign.d/open.conf'" sign --all
rm sign.d/open.conf

# --- a key on this machine ------------------------------------------------------------------------

set_of 10-policies <<END
version: 1
key: $directory/acme.pem
certificate: $directory/acme.crt
paths: [$directory/files]
include: ["*.yaml"]
exclude: [sub]
role: policy
END
expect no-key-option 2 '--all says which files, and how' sign --all --key acme.pem
expect no-files 2 '--all says which files; nothing else does' sign --all files
expect may-not-sign 3 "with the key of '$directory/sign.d/10-policies.conf' on this machine, root can sign anything" sign --all
expect may-not-sign-did-not 1 '2 not good' verify --all
expect dry-run 0 '2 would be signed' sign --all --dry-run
expect status-red 1 "10-policies.conf: the key is on this machine, so root can sign anything (only with --root-may-sign)" status
if setfattr -n user.try -v x files/other 2>/dev/null; then
    expect may-sign 0 '2 signed' sign --all --root-may-sign
    expect verified 0 '2 good' verify --all
    echo 'root-may-sign: true' >>sign.d/10-policies.conf
    expect unchanged 0 '2 already signed' sign --all
    echo '# changed' >>files/one.yaml
    expect changed-verify 1 'one.yaml: altered' verify --all
    expect changed 0 '1 signed, 1 already signed' sign --all
    setfattr -x user.bpfsign files/two.yaml
    expect xattr-lost 0 '1 signed, 1 already signed' sign --all
    expect excluded 1 'unsigned' verify files/sub/three.yaml
    expect status-may-sign 1 '10-policies.conf: the key is on this machine, so root can sign anything' status

    # --- a manifest, signed elsewhere ---------------------------------------------------------------

    cp -r files elsewhere
    "$bpfsign" sign --key acme.pem --role policy --root / --manifest m -r "$directory/files/sub" "$directory/files/one.yaml" >/dev/null 2>&1
    setfattr -x user.bpfsign files/one.yaml
    set_of 10-policies <<END
version: 1
manifest: $directory/m
END
    expect manifest-verify 1 '2 not good' verify --all
    expect manifest 0 '2 applied' sign --all
    expect manifest-again 0 '2 already applied' sign --all
    expect manifest-verified 0 '2 good' verify --all
    expect manifest-json 0 "[{\"set\":\"$directory/sign.d/10-policies.conf\",\"files\":[{\"path\":" sign --all --json
    "$bpfsign" verify --all --json >json
    check manifest-json-is-json python3 -c 'import json; assert len(json.load(open("json"))[0]["files"]) == 2'
    expect manifest-status 1 '10-policies.conf: signed elsewhere' status
    rm files/one.yaml
    expect vanished 3 "one.yaml': No such file" sign --all
    cp m before
    expect prune-dry-run 0 'files/one.yaml: would be pruned from' prune --all --dry-run
    check prune-dry-run-changes-nothing cmp m before
    expect prune 0 "files/one.yaml: pruned from $directory/m" prune --all
    expect pruned 0 'already applied' sign --all
    expect prune-again 0 '' prune --all
    cp before m
    expect prune-one 0 '{"manifest":"m","path":' prune --root / --json m
    expect prune-absent 3 "can't read 'absent'" prune absent
    expect prune-nothing 2 'is missing' prune
else
    echo 'skip sets: no extended attributes here'
fi

exit $failed
