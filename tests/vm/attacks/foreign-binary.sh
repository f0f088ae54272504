# Foreign binary: binfmt_misc hands a file to an interpreter that root names. Whether her own or one that Alice's signer
# has signed, the file did not ask for it: it gets nothing.
# hooks: bprm_check_security bprm_committed_creds
formats=/proc/sys/fs/binfmt_misc

foreign() { # NAME MAGIC: a file of that format, which makes a map by perl's own system call
    cat >"$WORK/$1" <<PERL
#$2
my \$map = pack("LLLL x56", 2, 4, 8, 1);
exit(syscall(321, 0, \$map, 72) < 0 ? \$! == 1 ? 1 : 3 : 0);
PERL
    chmod +x "$WORK/$1"
}

prepare() {
    { modprobe binfmt_misc && mountpoint -q $formats || mount -t binfmt_misc formats $formats; } ||
        fail "binfmt_misc" "it cannot be mounted"
    bpfsign sign --key "$KEYS/acme.pem" --libraries /usr/bin/perl >/dev/null
    copy perl-foreign /usr/bin/perl
    echo ':alices:M::#ALICES::/usr/bin/perl:' >$formats/register
    echo ":eves:M::#EVES::$WORK/perl-foreign:" >$formats/register
    foreign foreign-alice ALICES
    foreign foreign-copy ALICES
    foreign foreign-led EVES
    foreign foreign-script '!/usr/bin/perl'
    sign foreign-alice --role executable
    sign foreign-led --role executable
    sign foreign-script --role executable
}

entries() {
    echo '  foreign-alice: {signer: acme, load: {types: [xdp]}}'
    echo '  foreign-led: {signer: acme, load: {types: [xdp]}}'
    echo '  foreign-script: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    for name in foreign-alice foreign-copy foreign-led foreign-script; do exits 0 "$name" "$WORK/$name"; done
}

denied() {
    exits 1 "an unsigned copy" "$WORK/foreign-copy"
    line "it says why" "pod: perl op: exec action: BPFDenied signer: - reason: interpreted"
    exits 1 "alice's, by an interpreter that her signer signed" "$WORK/foreign-alice"
    line "it says why" "pod: perl op: exec action: BPFDenied signer: - reason: interpreted"
    exits 1 "led by an interpreter of eve's" "$WORK/foreign-led"
    line "it says why" "pod: perl-foreign op: exec action: BPFDenied signer: - reason: interpreted"
}

control() {
    exits 0 "the same as a script" "$WORK/foreign-script"
    line "it is approved" "pod: foreign-script op: exec action: ProgApproved,MapsDenied signer: acme reason: ok"
    for name in alices eves; do echo -1 >"$formats/$name"; done
}
