# Option as an argument: some interpreters look for options behind the script's name too, as
# getopt(3) does. Eve executes Alice's script by its path and gives it code as such an argument.
# hooks: bprm_creds_for_exec bprm_committed_creds

evil='interval:s:1 { printf("evil %d\n", 6 * 7); exit(); }'

prepare() {
    copy option-interpreter "$TESTS/bin/interpreter" && sign option-interpreter
    printf '#!%s options\nhonest\n' "$WORK/option-interpreter" >"$WORK/option-script"
    copy bpftrace /usr/bin/bpftrace && sign bpftrace
    sign_libraries /usr/bin/bpftrace
    printf '#!%s\ninterval:s:1 { printf("honest %%d\\n", 6 * 7); exit(); }\n' "$WORK/bpftrace" \
        >"$WORK/option-trace"
    chmod +x "$WORK"/option-{script,trace}
    sign option-script
    sign option-trace
}

entries() {
    echo '  option-script: {signer: acme, load: {types: [xdp]}}'
    echo '  option-trace: {signer: acme, load: {types: [tracepoint, kprobe, perf_event]}}'
}

baseline() {
    says_only "evil: allowed" "-e LINE" "$WORK/option-script" -e evil
    says_only "evil: allowed" "-eLINE" "$WORK/option-script" -eevil
    says_only "evil: allowed" "behind another argument" "$WORK/option-script" word -e evil
    says "evil 42" "bpftrace's -e" "$WORK/option-trace" -e "$evil"
}

denied() {
    says_only "evil: EPERM" "-e LINE" "$WORK/option-script" -e evil
    line "it says why" \
        "pod: option-script op: exec action: BPFDenied signer: acme reason: script-options"
    says_only "evil: EPERM" "-eLINE" "$WORK/option-script" -eevil
    says_only "evil: EPERM" "behind another argument" "$WORK/option-script" word -e evil
    exits 1 "bpftrace's -e" "$WORK/option-trace" -e "$evil"
    line "it says why" "pod: option-trace op: exec action: BPFDenied signer: acme reason: script-options"
}

control() {
    says_only "honest: allowed" "the script" "$WORK/option-script"
    says_only "honest: allowed" "with words" "$WORK/option-script" word e=evil
    says "honest 42" "bpftrace's" "$WORK/option-trace"
    says "honest 42" "bpftrace's with a word" "$WORK/option-trace" word
}
