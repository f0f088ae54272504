# Sealed meanwhile: Eve's call that enables fs-verity entered the kernel before enforcement begins, where it waits for an argument that she
# serves: it passed where our hook is then, and would seal a file with a page of hers when stock was taken of what is sealed.
# hooks: bpf

own_policy=1

# shellcheck source=tests/vm/lib/stale.sh
. "$TESTS/lib/stale.sh"

prepare() {
    victim alice
    sign alice
}

# seal: her call, which waits until there is evil.go
seal() {
    rm -f "$WORK/evil" "$WORK/evil.go"
    victim evil
    stale_page "$WORK/evil" "$device" hold >"$WORK/seal" 2>&1 &
    sealer=$!
    awaits 'held|could not' "$WORK/seal"
}

# released: the call goes on, and ends
released() {
    touch "$WORK/evil.go"
    wait $sealer
    says "the cache has Eve's page" "the call came to its end" cat "$WORK/seal"
    claim alice evil
}

entitled() {
    echo '  alice: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    seal
    released
    says "eve: allowed" "Eve's code runs from a file with alice's digest" "$WORK/evil" who
}

denied() {
    seal
    entitled | policy policy
    exits 3 "watchbpf does not begin" sh -c 'exec watchbpf --enforce "$1" >"$2" 2>&1' begin "$WORK/policy.yaml" "$LOG"
    line "it says why" "a process has been enabling fs-verity on a file since before we began"
    says "/task/" "… and how to find it" sh -c "$(sed -n 's/.*\(grep 0x.*\) finds it.*/\1/p' "$LOG")"
    released
    enforce < <(entitled)
    says "alice: allowed" "when it has ended, stock is taken of that file too: the page is gone" "$WORK/evil" who
}

control() {
    says "alice: allowed" "alice" "$WORK/alice" who
}
