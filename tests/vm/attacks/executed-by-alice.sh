# Executed by Alice: Eve has Alice execute her, and hopes to keep Alice's mark. Every exec begins anew.
# hooks: bprm_committed_creds

prepare() {
    copy executor "$TESTS/bin/probe"
    copy executed-eve "$TESTS/bin/probe"
    sign executor
}

entries() {
    echo '  executor: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    says "load: allowed" "eve, executed by alice" "$WORK/executor" exec "$WORK/executed-eve" load
}

denied() {
    says "load: EPERM" "eve, executed by alice" "$WORK/executor" exec "$WORK/executed-eve" load
    line "it says why" "pod: executed-eve op: load type: xdp name: from_netdev action: BPFDenied signer: - reason: unsigned"
}

control() {
    local sleeper
    says "load: allowed" "alice, executed by eve" "$WORK/executed-eve" exec "$WORK/executor" load
    "$WORK/executor" sleep 60 >"$WORK/pid" &
    sleeper=$!
    until [ -s "$WORK/pid" ]; do sleep 0.1; done
    says "load: allowed" "alice again, while another alice sleeps" "$WORK/executor" load
    kill "$sleeper"
}
