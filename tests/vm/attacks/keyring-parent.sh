# Keyring parent: nothing is done to a signer's ring, but to those that hold it: the ring `bpfsign`, and the user keyring of a uid
# that nobody has. To clear one takes all signers away; to put a ring of the same name there displaces the real one.
# hooks: key_permission
# once: the hook is that of keyring-change.sh

prepare() {
    bpfsign keygen held --output "$WORK/held" >/dev/null
    bpfsign enroll "$WORK/held.pem" >/dev/null
    copy held "$TESTS/bin/probe"
    sign held --key "$WORK/held.pem"
}

entries() {
    echo '  held: {signer: held, load: {types: [xdp]}}'
}

# What keyctl is told; PARENT is the ring of rings, RING the signer's, EVE one of Eve's, HOLDER the user keyring that
# holds the ring of rings.
changes=(
    "clear PARENT" "unlink RING PARENT" "newring bpfsign:held PARENT" "link EVE PARENT" "move RING PARENT EVE"
    "timeout PARENT 900" "setperm PARENT 0x3f3f3f3f" "chown PARENT 1" "chgrp PARENT 1" "restrict_keyring PARENT"
    "link PARENT EVE" "revoke PARENT"
)
owner_changes=(
    "clear HOLDER" "unlink PARENT HOLDER" "newring bpfsign HOLDER" "add user evil evil HOLDER" "link HOLDER EVE"
    "link EVE HOLDER" "timeout HOLDER 900" "timeout HOLDER 0" "setperm HOLDER 0x3f3f0000"
)

# change CHANGE [AS]: does it, to the rings as they are, with a new ring of Eve's
change() {
    local act=$1 eve status=0
    eve=$(keyctl newring eve @u)
    keyctl setperm "$eve" 0x3f3f3f3f
    act=${act//PARENT/$(ring_of)}
    act=${act//RING/$(ring_of held)}
    act=${act//HOLDER/$(holder)}
    # shellcheck disable=SC2086
    ${2-} keyctl ${act//EVE/$eve} || status=$?
    keyctl unlink "$eve" @u >/dev/null
    return $status
}

all_changes() { # CHECK: succeeds or not_permitted
    local act
    for act in "${changes[@]}"; do
        [ "$1" != succeeds ] || fresh_rings
        "$1" "keyctl $act" change "$act"
    done
    for act in "${owner_changes[@]}"; do
        [ "$1" != succeeds ] || fresh_rings
        "$1" "keyctl $act" change "$act" as_owner
    done
}

baseline() {
    all_changes succeeds
    fresh_rings
    keyctl clear "$(ring_of)"
    says "not in kernel" "the ring of rings is cleared: the signer is gone" sh -c 'bpfsign keys | grep ^held'
    fresh_rings
    succeeds "root clears the user keyring" as_holder keyctl clear @u
    says "not in kernel" "the user keyring is cleared" sh -c 'bpfsign keys | grep ^held'
    fresh_rings
}

denied() {
    bpfsign keys >"$WORK/keys"
    all_changes not_permitted
    says "Required key not available" "root clears the user keyring" as_holder keyctl clear @u
    line "it is an alarm" "op: keyring name: bpfsign action: BPFDenied signer: - reason: keyring-protection"
    line "of the user keyring" "op: keyring name: _uid.3209793536 action: BPFDenied"
    succeeds "all of them are there" sh -c 'bpfsign keys | diff - "$1"' - "$WORK/keys"
    says "Permission denied" "the kernel's own list of user keyrings" keyctl clear \
        "0x$(awk '$9 == ".user_reg:" { print $1; exit }' /proc/keys)"
}

control() {
    says "load: allowed" "alice, by a key of that signer" "$WORK/held" load
    succeeds "root's own user keyring is root's" sh -c 'keyctl newring eve @u && keyctl clear @u'
    says "load: allowed" "… which holds none of ours" "$WORK/held" load
    says "active" "bpfsign finds them in another session" sh -c 'keyctl session - bpfsign keys | grep ^held'
}
