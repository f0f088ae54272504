# A script is who its own signature says, when it is run by its path: not a copy, not what an interpreter is
# told to read, not under an interpreter of Eve's.
# hooks: bprm_check_security bprm_committed_creds
script() { # NAME INTERPRETER: makes a map, by perl's own system call
    cat >"$WORK/$1" <<PERL
#!$2
my \$map = pack("LLLL x56", 2, 4, 8, 1);
my \$r = syscall(321, 0, \$map, 72);
print \$r < 0 ? "map: " . (\$! + 0) . "\n" : "map: allowed\n";
exit(\$r < 0 ? \$! == 1 ? 1 : 3 : 0);
PERL
    chmod +x "$WORK/$1"
}
prepare() {
    bpfsign sign --key "$KEYS/acme.pem" /usr/bin/perl >/dev/null
    sign_libraries /usr/bin/perl
    copy perl-eve /usr/bin/perl
    for name in script-tool script-copy script-off; do script "$name" /usr/bin/perl; done
    script script-mine "$WORK/perl-eve"
    for name in script-tool script-off script-mine; do sign "$name"; done
    copy other-program "$TESTS/bin/probe" && sign other-program
    copy interpreter "$TESTS/bin/probe" && sign interpreter
    printf '#!%s who\n' "$WORK/interpreter" >"$WORK/script-other" && chmod +x "$WORK/script-other"
    sign script-other
}
entries() {
    echo '  script-tool: {signer: acme, load: {types: [xdp]}}'
    echo '  script-off: {signer: acme, load: {types: [xdp]}, collateral: off}'
    echo '  script-other: {signer: acme, load: {types: [xdp]}}'
    echo '  script-mine: {signer: acme, load: {types: [xdp]}}'
}
baseline() {
    for name in script-tool script-copy script-off script-mine; do exits 0 "$name" "$WORK/$name"; done
    exits 0 "perl told to read it" perl "$WORK/script-tool"
    exits 0 "another program in its interpreter's place" over "$WORK/interpreter" "$WORK/other-program" \
        "$WORK/script-other"
}
denied() {
    exits 1 "an unsigned copy" "$WORK/script-copy"
    exits 1 "perl told to read it" perl "$WORK/script-tool"
    line "… says so" "process: perl"
    line "… and why" "pod: perl op: exec action: BPFDenied signer: - reason: not-in-policy"
    exits 1 "the same by sh" sh -c "exec perl '$WORK/script-tool'"
    exits 1 "an interpreter that is not signed" "$WORK/script-mine"
    line "… says so" "process: perl-eve"
    line "… and why" "pod: perl-eve op: exec action: BPFDenied signer: - reason: interpreted"
    exits 1 "another program of the signer's in its interpreter's place" \
        over "$WORK/interpreter" "$WORK/other-program" "$WORK/script-other"
    line "… says so" "pod: interpreter op: exec action: BPFDenied signer: - reason: interpreted"
    exits 1 "under a weaker collateral" "$WORK/script-off"
    line "… says so" "reason: not-strict"
}
control() {
    exits 0 "the script by its path" "$WORK/script-tool"
    exits 0 "the other with its own interpreter" "$WORK/script-other"
    exits 0 "by a relative path" sh -c "cd '$WORK' && ./script-tool"
    line "… it is approved" "action: ProgApproved,MapsDenied signer: acme reason: ok"
}
