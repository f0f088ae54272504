# Two processors: Eve wants a decision that rests on what was true a moment ago: a claim that she takes away while another
# processor verifies it; the name of a pod, while pods come, go and change theirs.
# hooks: inode_post_setxattr inode_post_removexattr

. "$TESTS/lib/pods.sh"

seconds=6

prepare() {
    copy rival-claimed "$TESTS/bin/probe"
    copy rival-placed "$TESTS/bin/rivals"
    sign rival-claimed
    sign rival-placed
    pod_make rival-no pod-0 "$UID_4"
}

entries() {
    echo '  rival-claimed: {signer: acme}'
    echo '  rival-placed: {signer: acme, pods: [rival-yes/*]}'
}

# renaming PID: until it ends, one pod has another name each time, and pods of another namespace come and go
renaming() {
    local n=0
    while kill -0 "$1" 2>/dev/null; do
        pod_make rival-yes "pod-$n" "$UID_5"
        mv "/var/log/pods/rival-no_pod-${n}_$UID_4" "/var/log/pods/rival-no_pod-$((n + 1))_$UID_4"
        pod_remove rival-yes "pod-$n" "$UID_5"
        n=$((n + 1))
    done
    mv "/var/log/pods/rival-no_pod-${n}_$UID_4" "/var/log/pods/rival-no_pod-0_$UID_4"
}

# asked WHAT COMMAND...: it says how often it asked, and that no answer was wrong
asked() {
    local told
    told=$("${@:2}" 2>&1)
    case $told in
    *"asked "[1-9]*" wrong 0"*) pass "$1: $told" ;;
    *) fail "$1" "$told" ;;
    esac
}

baseline() {
    says "claim: asked 1 wrong 1 lost 0" "a program is executed without its claim as well" \
        rivals claim "$WORK/rival-claimed" 0
    says "map-create: allowed" "a pod is any other" inside "$(pod_cgroup "$UID_4")/c1" "$WORK/rival-claimed" map-create
}

denied() {
    local asking
    asked "a claim that is away counts for nothing" rivals claim "$WORK/rival-claimed" $seconds
    line "it says why" "pod: rival-claimed op: exec action: BPFDenied signer: - reason: no-claim"
    known
    inside "$(pod_cgroup "$UID_4")/c1" "$WORK/rival-placed" never $seconds >"$WORK/told" 2>&1 &
    asking=$!
    renaming $asking
    wait $asking
    asked "another pod's name counts for nothing" cat "$WORK/told"
    line "it says why" "reason: pod"
}

control() {
    says "map-create: allowed" "with its claim" "$WORK/rival-claimed" map-create
    pod_make rival-yes pod "$UID_5"
    known
    says "never: asked 1 wrong 1" "in its pod" inside "$(pod_cgroup "$UID_5")/c1" "$WORK/rival-placed" never 0
    pod_remove rival-yes pod "$UID_5"
    pod_remove rival-no "*" "$UID_4"
}
