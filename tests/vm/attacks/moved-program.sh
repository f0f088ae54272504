# Moved program: Eve has had a program's descriptor since before the start, or gets it by fork or exec from
# who has. A thread of hers moves it to and fro between two numbers while another one attaches it to a
# socket, or talks netlink: a door that looked into her table would find it at neither.
# hooks: socket_setsockopt netlink_send task_alloc bprm_committed_creds

ways=(here forked unshared)

prepare() {
    local who
    for who in "${ways[@]}" given bare closed; do copy "moved-$who" "$TESTS/bin/mover"; done
    copy moved-alice "$TESTS/bin/mover"
    sign moved-alice
}

entries() {
    echo '  moved-alice: {signer: acme, load: {types: [socket_filter]}}'
}

# begin WAY: it has its program and waits
begin() {
    rm -f "$WORK/$1.go" "$WORK/$1.ready"
    setsid "$WORK/moved-$1" "$1" "$WORK/$1.ready" "$WORK/$1.go" </dev/null >"$WORK/$1.said" 2>&1 &
    echo $! >"$WORK/$1.pid"
    until [ -e "$WORK/$1.ready" ]; do pause 0.1; done
}

# end WAY: it tries; what it says
end() {
    touch "$WORK/$1.go"
    while kill -0 "$(cat "$WORK/$1.pid")" 2>/dev/null; do pause 0.1; done
    cat "$WORK/$1.said"
}

baseline() {
    local way
    for way in "${ways[@]}"; do
        begin "$way"
        says "attached some refused 0" "$way" end "$way"
    done
    says "attached some refused 0" "given" "$WORK/moved-alice" give "$WORK/moved-given" given
}

before() {
    local way
    for way in "${ways[@]}" closed; do begin "$way"; done
}

denied() {
    local way
    for way in "${ways[@]}"; do
        end "$way" >/dev/null
        says "attached never refused 3000 other 0 of 3000" "$way: a socket" cat "$WORK/$way.said"
        says "netlink never refused 3000 other 0 of 3000" "$way: netlink" cat "$WORK/$way.said"
        line "it says why" "pod: moved-$way op: attach "
    done
    "$WORK/moved-alice" give "$WORK/moved-given" given >"$WORK/given.said" 2>&1
    says "attached never refused 3000 other 0 of 3000" "given: a socket" cat "$WORK/given.said"
    says "netlink never refused 3000 other 0 of 3000" "given: netlink" cat "$WORK/given.said"
    line "it says why" "pod: moved-given op: attach "
}

control() {
    "$WORK/moved-bare" bare >"$WORK/bare.said" 2>&1
    says "attached never refused 0 other some" "who has none: a socket" cat "$WORK/bare.said"
    says "netlink some refused 0 other 0" "… netlink" cat "$WORK/bare.said"
    says "netlink some refused 0 other 0" "who has closed it: netlink" end closed
    touch "$WORK/alice.go"
    says "attached some refused 0" "alice" "$WORK/moved-alice" here "$WORK/alice.ready" "$WORK/alice.go"
}
