# Keyring change: Eve, root, changes a signer's keyring or the keys in it with every verb that keyctl has. `timeout KEY 0`
# makes an expiring key good for ever; to add a key of hers makes her a signer.
# hooks: key_permission

prepare() {
    bpfsign keygen ringed --output "$WORK/ringed" >/dev/null
    bpfsign enroll "$WORK/ringed.pem" >/dev/null
    copy ringed "$TESTS/bin/probe"
    sign ringed --key "$WORK/ringed.pem"
    openssl x509 -in "$WORK/ringed.crt" -outform DER -out "$WORK/der"
}

entries() {
    echo '  ringed: {signer: ringed, load: {types: [xdp]}}'
}

# What keyctl is told; RING, KEY and EVE stand for the signer's ring, its key, and a ring of Eve's.
changes=(
    "timeout KEY 0" "chgrp KEY 1" "setperm KEY 0x3f3f3f3f" "chown KEY 1" "revoke KEY" "unlink KEY RING"
    "link KEY EVE" "move KEY RING EVE" "timeout RING 900" "chgrp RING 1" "setperm RING 0x3f3f3f3f" "chown RING 1"
    "padd asymmetric evil RING" "link EVE RING" "link RING EVE" "newring evil RING" "move -f KEY EVE RING"
    "restrict_keyring RING" "clear RING" "revoke RING"
)

# change CHANGE: does it, to the rings as they are, with a new ring of Eve's
change() {
    local ring key eve status=0
    ring=$(ring_of ringed) key=$(key_of ringed) eve=$(keyctl newring eve @u)
    case $1 in *"EVE RING") keyctl link "$key" "$eve" 2>/dev/null ;; esac
    set -- "${1//KEY/$key}"
    set -- "${1//RING/$ring}"
    # shellcheck disable=SC2086
    keyctl ${1//EVE/$eve} <"$WORK/der" || status=$?
    keyctl unlink "$eve" @u >/dev/null
    return $status
}

all_changes() { # CHECK: succeeds or not_permitted
    local act
    for act in "${changes[@]}"; do
        [ "$1" != succeeds ] || fresh_rings
        "$1" "keyctl $act" change "$act"
    done
}

baseline() {
    fresh_rings
    says perm "a key that does not expire any more" eval \
        'change "timeout KEY 0"; grep "$(printf %08x "$(key_of ringed)")" /proc/keys'
    all_changes succeeds
    fresh_rings
}

denied() {
    grep -E 'bpfsign|asymmetri' /proc/keys | sort | cut -d" " -f1,5- >"$WORK/before"
    bpfsign keys >"$WORK/keys"
    all_changes not_permitted
    line "it is an alarm" "process: keyctl"
    line "of the ring" 'op: keyring name: "bpfsign:ringed" action: BPFDenied signer: - reason: keyring-protection'
    succeeds "bpfsign sees what it saw" sh -c 'bpfsign keys | diff - "$1"' - "$WORK/keys"
}

control() {
    says "load: allowed" "alice, by a key of that ring" "$WORK/ringed" load
    succeeds "keyctl changes what is no ring of ours" sh -c \
        'eve=$(keyctl newring eve @u) && keyctl clear "$eve" && keyctl timeout "$eve" 900 && keyctl unlink "$eve" @u'
    says "bpfsign:ringed" "root sees the ring" keyctl describe %:bpfsign:ringed
}
