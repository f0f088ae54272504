# Received descriptor: who has a map, a program, a link, an iterator or BTF of Alice's hands it to Eve: by SCM_RIGHTS, by
# pidfd_getfd, by a seccomp listener (ADDFD). She gets what she could have opened herself: nothing.
# hooks: file_receive ptrace_access_check

kinds=(map program link iterator btf)

prepare() {
    copy handing "$TESTS/bin/received"
    copy handed-eve "$TESTS/bin/received"
    sign handing
}

entries() {
    echo '  handing: {signer: acme, load: {types: [xdp, tracing], kernel-reads: allow}}'
}

# from_holder KIND COMMAND...: with the pid of an alice who has one in the place of HOLDER
from_holder() {
    local kind=$1 holder status=0
    shift
    rm -f "$WORK/socket" "$WORK/ready"
    "$WORK/handing" hold "$kind" "$WORK/socket" >"$WORK/ready" 2>&1 &
    holder=$!
    until grep -q ready "$WORK/ready" || ! kill -0 "$holder"; do sleep 0.1; done
    "${@//HOLDER/$holder}" || status=$?
    kill "$holder"
    wait "$holder" 2>/dev/null
    return $status
}

baseline() {
    local kind
    for kind in "${kinds[@]}"; do
        says "by-socket: allowed" "a $kind by socket" from_holder "$kind" \
            "$WORK/handed-eve" by-socket "$WORK/socket"
        says "by-pidfd: allowed" "a $kind by pidfd" from_holder "$kind" "$WORK/handed-eve" by-pidfd HOLDER
        says "asked: allowed" "a $kind by listener" \
            "$WORK/handing" listen "$kind" "$WORK/handed-eve" asked
    done
}

denied() {
    local kind
    for kind in "${kinds[@]}"; do
        says "by-socket: EPERM" "a $kind by socket" from_holder "$kind" \
            "$WORK/handed-eve" by-socket "$WORK/socket"
        says "by-pidfd: EPERM" "a $kind by pidfd" from_holder "$kind" "$WORK/handed-eve" by-pidfd HOLDER
        says "asked: EPERM" "a $kind by listener" \
            "$WORK/handing" listen "$kind" "$WORK/handed-eve" asked
    done
    line "it says why: the map" "pod: handed-eve op: open type: array name: handed action: BPFDenied signer: - reason: unsigned owner: handing"
    line "the program" "pod: handed-eve op: open type: xdp name: handed action: BPFDenied signer: - reason: unsigned owner: handing"
    line "the link" "pod: handed-eve op: open action: BPFDenied signer: - reason: unsigned owner: handing"
    line "the pidfd" "pod: handed-eve op: trace action: BPFDenied signer: - reason: memory-protection"
}

control() {
    local kind
    for kind in "${kinds[@]}"; do
        says "by-socket: allowed" "alice gets her $kind" from_holder "$kind" \
            "$WORK/handing" by-socket "$WORK/socket"
    done
}
