# Script by a descriptor: a script that is executed by a descriptor is called /dev/fd/N, and perl
# takes its lines from that descriptor without opening anything. Eve puts a file of hers there once
# the kernel has read Alice's.
# hooks: bprm_creds_for_exec bprm_committed_creds

export LC_ALL=C # perl warns when it may not read another locale

makes_map() { # NAME: as perl's own system call
    cat <<PERL
my \$map = pack("LLLL x56", 2, 4, 8, 1);
print "$1: ", syscall(321, 0, \$map, 72) < 0 ? "\$!\\n" : "allowed\\n";
PERL
}

prepare() {
    copy held-program "$TESTS/bin/probe" && sign held-program
    copy held-eve "$TESTS/bin/exchange"
    bpfsign sign --key "$KEYS/acme.pem" /usr/bin/perl >/dev/null
    sign_libraries /usr/bin/perl
    { echo '#!/usr/bin/perl'; makes_map honest; } >"$WORK/held-script"
    { echo '#!/usr/bin/perl'; makes_map evil; } >"$WORK/evil"
    chmod +x "$WORK/held-script"
    sign held-script
    copy held-interpreter "$TESTS/bin/interpreter" && sign held-interpreter
    printf '#!%s open\nhonest\n' "$WORK/held-interpreter" >"$WORK/held-open"
    printf '#!%s open\nevil\n' "$WORK/held-interpreter" >"$WORK/another"
    chmod +x "$WORK/held-open" "$WORK/another"
    sign held-open
    sign another
}

entries() {
    echo '  held-program: {signer: acme, load: {types: [xdp]}}'
    echo '  held-script: {signer: acme, load: {types: [xdp]}}'
    echo '  held-open: {signer: acme, load: {types: [xdp]}}'
}

# exchanged: by execveat(2); in the middle of it another process that has the same descriptors acts
exchanged() {
    "$WORK/held-eve" descriptor /usr/bin/perl "$WORK/held-script" "$WORK/evil"
}

# opened: the same, and the interpreter opens /dev/fd/N; another script of the same signer is there
opened() {
    "$WORK/held-eve" descriptor "$WORK/held-interpreter" "$WORK/held-open" "$WORK/another"
}

# named: by the name /dev/fd/9, which leads to the script in a /dev of Eve's; descriptor 9 is her file
named() {
    # shellcheck disable=SC2016 # for the inner shell
    unshare -m bash -c 'mount -t tmpfs fd /dev && mkdir /dev/fd && ln -s "$1" /dev/fd/9 &&
        exec /dev/fd/9 9<"$2"' bash "$WORK/held-script" "$WORK/evil"
}

baseline() {
    says_only "evil: allowed" "exchanged in the middle" exchanged
    says_only "evil: allowed" "another /dev/fd" named
    says_only "evil: allowed" "exchanged, and opened" opened
}

denied() {
    says_only "evil: Operation not permitted" "exchanged in the middle" exchanged
    line "it says why" "pod: perl op: exec action: BPFDenied signer: - reason: script-options"
    says_only "evil: Operation not permitted" "another /dev/fd" named
    says ": EPERM" "exchanged, and opened" opened
}

control() {
    says_only "honest: allowed" "one that opens it" "$WORK/held-open"
    says_only "honest: allowed" "the script by its path" "$WORK/held-script"
    says "load: allowed" "an executable by a descriptor" \
        "$WORK/held-eve" execute "$WORK/held-program" load
}
