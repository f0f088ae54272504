# Sealed before: Eve leaves a page of hers in the cache of a file with Alice's digest and claim before enforcement begins, and
# keeps it mapped, so that nobody saw the seal and nothing evicts the page. Taking stock at the start, watchbpf finds it.
# hooks: bpf

own_policy=1

. "$TESTS/lib/stale.sh"

prepare() {
    victim alice
    sign alice
    victim busy
    sign busy --name alice
}

# in_use NAME: runs until the end of the attack
in_use() {
    "$WORK/$1" sleep 600 >"$WORK/$1.pid" &
    until [ -s "$WORK/$1.pid" ]; do sleep 0.1; done
}

baseline() {
    stale evil
    says "eve: allowed" "Eve's code runs from a file with alice's digest" "$WORK/evil" who
    says "alice: allowed" "alice's does too" "$WORK/busy" who
}

denied() {
    stale evil
    in_use evil
    in_use busy
    enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
    line "watchbpf says what it found" "'$WORK/evil' counts as unsigned until it has left the memory: its cached pages do not match its digest"
    says "eve: EPERM" "Eve's code runs, unmarked" "$WORK/evil" who
    line "… says so" "pod: evil op: exec action: BPFDenied signer: - reason: verity-while-cached"
    exits 1 "it cannot be settled while it is mapped" bpfsign settle "$WORK/evil"
}

control() {
    says "alice: allowed" "what was cached, and is not in use" "$WORK/alice" who
    says "alice: allowed" "what was in use at the start, with the pages that it should have" "$WORK/busy" who
    kill "$(<"$WORK/evil.pid")" "$(<"$WORK/busy.pid")"
    sleep 1
    succeeds "the page is gone" bpfsign settle "$WORK/evil"
    says "alice: allowed" "it is alice, with alice's code" "$WORK/evil" who
}
