# Restarted: a call of Alice's ends with an error of the kernel's own, which has it take up a sleep that
# was interrupted before the exec. Its result is 0: Alice's open() has opened nothing, and she reads
# what Eve has left her as descriptor 0. Or it writes where its time was to go, in Alice's memory.
# hooks: bprm_committed_creds file_open

prepare() {
    copy restarted "$TESTS/bin/reader"
    sign restarted
    copy restart-eve "$TESTS/bin/restart"
    mkdir -p "$WORK/mounted"
    echo good >"$WORK/template"
    sign template --role collateral
    echo evil >"$WORK/evil"
    modprobe autofs4
}

entries() {
    echo '  restarted: {signer: acme, load: {types: [xdp]}}'
}

# reads NUMBER: openat(2) is answered with that errno
reads() {
    "$WORK/restart-eve" errno "$1" "$WORK/restarted" then-map open "$WORK/template" <"$WORK/evil"
}

# walks: a directory on the way to the template is answered so
walks() {
    "$WORK/restart-eve" autofs "$WORK/mounted" "$WORK/restarted" then-map open "$WORK/mounted/template" <"$WORK/evil"
}

filtered() {
    "$WORK/restart-eve" filter "$1" "$WORK/restarted" then-map open "$WORK/template" <"$WORK/evil"
}

plain() {
    "$WORK/restart-eve" plain "$WORK/restarted" then-map open "$WORK/template" <"$WORK/evil"
}

# in_time: the signal has to come while the filter runs
in_time() {
    local try output
    for try in $(seq 20); do
        output=$(reads 516)
        case $output in *"content: evil"*) break ;; esac
    done
    echo "$output, try $try"
}

baseline() {
    says "content: evil"$'\n'"then-map: allowed" "by a filter" in_time
    says "content: evil"$'\n'"then-map: allowed" "by autofs" walks
    says "content: good"$'\n'"then-map: allowed" "an interrupted sleep alone" plain
}

denied() {
    says "then-map: EPERM" "by a filter" reads 516
    says "then-map: EPERM" "an interrupted sleep alone" plain
    line "it says why" "pod: restarted op: exec action: BPFDenied signer: - reason: interrupted-call"
    says "then-map: EPERM" "the filter alone" filtered 516
    line "it says why" "pod: restarted op: exec action: BPFDenied signer: - reason: seccomp-filter"
    says "then-map: EPERM" "the first errno of the kernel's own" filtered 512
    says "autofs: EPERM" "by autofs" walks
    line "it says so" "pod: restart-eve op: lockdown name: autofs action: Denied signer: - reason: lockdown"
}

control() {
    says "then-map: allowed" "the last errno that a program is told" filtered 511
    says "content: good"$'\n'"then-map: allowed" "alice" "$WORK/restarted" then-map open "$WORK/template"
    says "then-map: allowed" "alice, whose caller slept" sh -c 'sleep 0.1; exec "$@"' - "$WORK/restarted" then-map open "$WORK/template"
}
