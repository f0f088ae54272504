# Another interpreter: Alice's script is executed by another signed program than the one that its
# first line means. Its name begins with that one's, or a rule of binfmt_misc names it by a link,
# passes over the first line, has it execute that program in its turn, or gives the right one other
# arguments: without the option of the first line, or with the argv[0] that execve was given.
# hooks: bprm_check_security bprm_committed_creds

formats=/proc/sys/fs/binfmt_misc

prepare() {
    { modprobe binfmt_misc && mountpoint -q $formats || mount -t binfmt_misc formats $formats; } ||
        fail "binfmt_misc" "it cannot be mounted"
    copy lead "$TESTS/bin/reader" && sign lead # it reads
    copy leader "$TESTS/bin/interpreter" && sign leader # it does what a line says
    copy lead3.11 "$TESTS/bin/interpreter" && sign lead3.11
    ln -sfn lead3.11 "$WORK/lead3"
    ln -sfn leader "$WORK/l"
    printf '#!%s open\nevil\n' "$WORK/lead" >"$WORK/led"
    printf '#!%s open\nhonest\n' "$WORK/lead3" >"$WORK/led-version"
    printf '#LED\n' >"$WORK/led-foreign"
    chmod +x "$WORK"/led*
    for name in led led-version; do sign "$name"; done
    sign led-foreign --role executable
}

entries() {
    local name
    for name in led led-version led-foreign; do
        echo "  $name: {signer: acme, load: {types: [xdp]}}"
    done
}

# under RULE COMMAND...: while binfmt_misc has that rule
under() {
    local status=0
    printf ':%s:%s' "$CASE" "$1" >$formats/register || return 3
    "${@:2}" || status=$?
    echo -1 >"$formats/$CASE"
    return "$status"
}

# mounted: what its first line names is another program
mounted() {
    over "$WORK/lead" "$WORK/leader" "$WORK/led"
}

# linked: of a foreign binary, by a link whose name is the beginning of a signed one
linked() {
    under "M::#LED::$WORK/l:" "$WORK/led-foreign" evil
}

# passed_over: a script by its first bytes, which are another rule's
passed_over() {
    under "M::#!$WORK/lead open::$WORK/leader:" "$WORK/led" evil
}

# passed_on: its interpreter is an ELF file, which is executed by another one in its turn
passed_on() {
    local entry
    entry=$(od -An -v -tx1 -j 24 -N 8 "$WORK/lead" | sed 's/ /\\x/g')
    under "M:24:$entry::$WORK/leader:" "$WORK/led" evil
}

# dropped, kept: the right interpreter takes its second word for its script's name; here it is the
# first argument, or Eve's argv[0]
dropped() {
    under "M::#!$WORK/lead3 open::$WORK/lead3:" "$WORK/led-version" evil
}

kept() {
    under "M::#!$WORK/lead3 open::$WORK/lead3:P" "$WORK/led-version" evil
}

acts=(mounted linked passed_over passed_on dropped kept)

baseline() {
    local act
    for act in "${acts[@]}"; do says "evil: allowed" "$act" "$act"; done
}

denied() {
    local act
    for act in mounted linked passed_over dropped kept; do says_only "evil: EPERM" "$act" "$act"; done
    says_only "open: EPERM" passed_on passed_on # its first word is that of the first line
    line "mounted: it says why" "pod: lead op: exec action: BPFDenied signer: - reason: interpreted"
    line "linked: it says why" \
        "pod: leader op: exec action: BPFDenied signer: - reason: interpreted"
    line "dropped: it says why" \
        "pod: lead3.11 op: exec action: BPFDenied signer: - reason: interpreted"
}

control() {
    says "content: #!" "the script by its own interpreter" "$WORK/led"
    says_only "honest: allowed" "an interpreter whose name ends in a version" "$WORK/led-version"
}
