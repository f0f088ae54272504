# Handed file: who has the file of a pin open, a map's that is read as text or an iterator's that runs, hands it to Eve:
# by SCM_RIGHTS, by pidfd_getfd, by a seccomp listener; or a signed program inherits it. It is judged as open(2) would.
# hooks: file_receive ptrace_access_check bprm_committed_creds

kinds=(map-file iterator-file)

prepare() {
    copy hands-file "$TESTS/bin/received"
    copy keeps-file "$TESTS/bin/received"
    copy gets-file "$TESTS/bin/received"
    copy heir-of-file "$TESTS/bin/probe"
    copy heir-with-right "$TESTS/bin/probe"
    sign hands-file
    sign heir-of-file
    sign heir-with-right
}

entries() {
    echo '  hands-file: {signer: acme, load: {types: [tracing], kernel-reads: allow}}'
    echo '  heir-of-file: {signer: acme, load: {types: [xdp]}}'
    echo '  heir-with-right: {signer: acme, load: {types: [xdp]}, maps: {"hands-file:*": ro}, programs: {"hands-file:*": use}}'
}

# from WHO KIND COMMAND...: with the pid of a process in the place of HOLDER, which has one: alice, or an unsigned one
# whom she left it by an exec, so that no ptrace guard protects it
from() {
    local holding=("$WORK/hands-file" hold "$2" "$WORK/socket") holder status=0
    [ "$1" = alice ] || holding=("$WORK/hands-file" give "$2" "$WORK/keeps-file" keep "$WORK/socket")
    shift 2
    rm -f "$WORK/socket" "$WORK/ready"
    "${holding[@]}" >"$WORK/ready" 2>&1 &
    holder=$!
    until grep -q ready "$WORK/ready" || ! kill -0 "$holder"; do sleep 0.1; done
    "${@//HOLDER/$holder}" || status=$?
    kill "$holder"
    wait "$holder" 2>/dev/null
    return $status
}

# eve ANSWER: what she gets
eve() {
    local kind who
    for kind in "${kinds[@]}"; do
        for who in alice heir; do
            says "by-socket: $1" "a $kind of $who's by socket" from $who "$kind" "$WORK/gets-file" by-socket "$WORK/socket"
            says "by-pidfd: $1" "a $kind of $who's by pidfd" from $who "$kind" "$WORK/gets-file" by-pidfd HOLDER
        done
        says "asked: $1" "a $kind by listener" "$WORK/hands-file" listen "$kind" "$WORK/gets-file" asked
        says "map-create: $1" "a signed program that inherits a $kind" \
            "$WORK/hands-file" give "$kind" "$WORK/heir-of-file" map-create
    done
    says "reopened: $1" "a place, opened again" from alice place "$WORK/gets-file" reopened "$WORK/socket"
}

baseline() {
    eve allowed
}

denied() {
    eve EPERM
    line "it says why: the map" "pod: gets-file op: open name: handed-map action: BPFDenied signer: - reason: unsigned owner: hands-file"
    line "the iterator" "pod: gets-file op: open name: handed-iterator action: BPFDenied signer: - reason: unsigned owner: hands-file"
    line "the place" "pod: gets-file op: open name: handed-place action: BPFDenied signer: - reason: unsigned owner: hands-file"
    line "the guarded process" "pod: gets-file op: trace action: BPFDenied signer: - reason: memory-protection"
    line "the signed program" "pod: heir-of-file op: create type: array name: eve_map action: BPFDenied signer: - reason: inherited-descriptor"
}

control() {
    local kind
    for kind in "${kinds[@]}"; do
        says "by-socket: allowed" "alice gets her $kind" from alice "$kind" "$WORK/hands-file" by-socket "$WORK/socket"
        says "map-create: allowed" "who may open the $kind inherits it" \
            "$WORK/hands-file" give "$kind" "$WORK/heir-with-right" map-create
    done
    says "by-socket: allowed" "a place is nobody's" from alice place "$WORK/gets-file" by-socket "$WORK/socket"
}
