# Executable as a script: by a rule of binfmt_misc Eve has Alice's ELF file executed by another
# signed program, which does what her arguments say, with Alice's rights. By the file's first bytes,
# or by the ending of a link's name.
# hooks: bprm_check_security bprm_committed_creds

formats=/proc/sys/fs/binfmt_misc

# A link's name: an option of perl's with its code, which ends as a rule wants it
# shellcheck disable=SC2016 # perl's variables
code='-e$_=pack("LLLLx56",2,4,8,1);print syscall(321,0,$_,72)<0?"$!\n":"allowed\n"#.alices'

prepare() {
    { modprobe binfmt_misc && mountpoint -q $formats || mount -t binfmt_misc formats $formats; } ||
        fail "binfmt_misc" "it cannot be mounted"
    copy elf-alice "$TESTS/bin/reader" && sign elf-alice
    copy elf-runner "$TESTS/bin/interpreter" && sign elf-runner
    copy elf-eve "$TESTS/bin/probe"
    ln -sfn "$WORK/elf-alice" "$WORK/link.alices"
    ln -sfn "$WORK/elf-alice" "$WORK/$code"
    bpfsign sign --key "$KEYS/acme.pem" /usr/bin/perl >/dev/null
    sign_libraries /usr/bin/perl
}

entries() {
    echo '  elf-alice: {signer: acme, load: {types: [xdp]}}'
}

# under RULE COMMAND...: while binfmt_misc has that rule
under() {
    local status=0
    printf ':%s:%s' "$CASE" "$1" >$formats/register || return 3
    "${@:2}" || status=$?
    echo -1 >"$formats/$CASE"
    return "$status"
}

# by_entry FLAGS: by the address at which Alice's code begins
by_entry() {
    local entry
    entry=$(od -An -v -tx1 -j 24 -N 8 "$WORK/elf-alice" | sed 's/ /\\x/g')
    under "M:24:$entry::$WORK/elf-runner:$1" "$WORK/elf-alice" evil
}

by_ending() {
    under "E::alices::$WORK/elf-runner:" "$WORK/link.alices" evil
}

by_name() {
    cd "$WORK" && under "E::alices::/usr/bin/perl:" "$WORK/elf-eve" exec "$code"
}

baseline() {
    local flags
    for flags in '' F OC; do
        says_only "evil: allowed" "by its first bytes, flags '$flags'" by_entry "$flags"
    done
    says_only "evil: allowed" "by the ending of its name" by_ending
    says_only "allowed" "by a name that is code" by_name
}

denied() {
    local flags
    for flags in '' F OC; do
        says_only "evil: EPERM" "by its first bytes, flags '$flags'" by_entry "$flags"
    done
    line "it says why" "pod: elf-runner op: exec action: BPFDenied signer: - reason: interpreted"
    says_only "evil: EPERM" "by the ending of its name" by_ending
    says_only "Operation not permitted" "by a name that is code" by_name
    line "it says why" "pod: perl op: exec action: BPFDenied signer: - reason: "
}

control() {
    says "then-map: allowed" "alice" "$WORK/elf-alice" then-map directory "$WORK"
    says "then-map: allowed" "by a link" "$WORK/link.alices" then-map directory "$WORK"
}
