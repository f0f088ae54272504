# Thread lived: while the policy is weaker, one thread of Alice reads and makes what Eve gives it;
# the others ask for nothing, and use it when the policy is strict again. What one thread has lived
# through, all have; and so has a process of which a child shares the memory.
# hooks: bpf
# once: who is entitled is our own decision
own_policy=1

. "$TESTS/lib/loop.sh"

names=(lived-jit lived-read lived-gone lived-quit lived-child lived-heir)

prepare() {
    local name
    for name in "${names[@]}" lived-bob lived-idle; do
        copy "$name" "$TESTS/bin/loop"
        case $name in
        *-bob) sign "$name" --key "$KEYS/bob.pem" ;;
        *) sign "$name" ;;
        esac
    done
    mkdir -p "$WORK/plug-ins"
    code make "$WORK/plug-ins/evil"
    echo evil >"$WORK/template"
    entry() { echo "  $1: {signer: ${3-acme}, load: {types: [xdp]}, unsigned-files: [$WORK/plug-ins/*]${2-}}"; }
    loose() { echo "  $1: {signer: acme, load: {types: [xdp]}, $2}"; }
    bob() { entry lived-bob ', file-signers: [acme]' bob; }
    { for name in "${names[@]}" lived-idle; do entry "$name"; done; bob; } | policy strict
    {
        loose lived-jit 'jit: allow'
        loose lived-read 'collateral: off'
        loose lived-quit 'libraries: trusted-paths, jit: allow'
        entry lived-idle
        bob
    } | policy weak
}

baseline() {
    begin alice "$WORK/lived-jit"
    says "1 jit: allowed" "one thread makes code" ask alice 1 jit
    says "0 run: 42" "… another runs it" ask alice 0 run
    says "1 read: allowed" "one reads a template" ask alice 1 read "$WORK/template"
    says "0 content: evil" "… another has it" ask alice 0 content
    says "0 map: allowed" "… and has rights" ask alice 0 map
    maps_code alice "$WORK"
    says "0 run: 42" "what a child has mapped, its parent runs" ask alice 0 run
    says "0 map: allowed" "… with rights" ask alice 0 map
    end alice
}

# maps_code NAME GO: a child that shares its memory maps code of Eve's, when GO is there
maps_code() {
    ask "$1" 0 vfork "$2" code "$WORK/plug-ins/evil" >"$WORK/vfork.said"
    [ ! -e "$2" ] || awaits '^0 code: ' "$WORK/$1.out"
}

# policy_is NAME: from now on
policy_is() {
    order policy "$WORK/$1.yaml"
    watchbpf --enforce "$WORK/$1.yaml" --order "$WORK/policy.order" --detach >"$WORK/$1.said" 2>&1 ||
        fail "the policy '$1'" "$(cat "$WORK/$1.said")"
}

# trust ACT ARGUMENT: enroll or unenroll, with an order
trust() {
    order "$1" "$2"
    bpfsign "$1" "$2" --order "$WORK/$1.order" >"$WORK/$1.said" 2>&1 || fail "$1" "$(cat "$WORK/$1.said")"
}

# used NAME: what a thread has that asked for nothing meanwhile
used() {
    ask "$1" 0 run
    ask "$1" 0 map
}

denied() {
    local name
    watch --enforce "$WORK/strict.yaml"
    for name in "${names[@]}" lived-bob lived-idle; do
        begin "$name" "$WORK/$name"
        says "0 map: allowed" "$name" ask "$name" 0 map
        says "1 map: allowed" "$name: her other thread" ask "$name" 1 map
    done
    maps_code lived-heir "$WORK/heir.go"
    policy_is weak
    maps_code lived-child "$WORK"
    touch "$WORK/heir.go"
    awaits '^0 code: ' "$WORK/lived-heir.out"
    for name in lived-child lived-heir; do
        says "0 code: allowed" "$name: code of Eve's in its memory" cat "$WORK/$name.out"
    done
    says "1 jit: allowed" "one thread makes code, as it may now" ask lived-jit 1 jit
    says "1 read: allowed" "one reads a template" ask lived-read 1 read "$WORK/template"
    ask lived-gone 1 code "$WORK/plug-ins/evil" >"$WORK/gone.said"
    says "1 jit: allowed" "one makes code" ask lived-quit 1 jit
    says "1 quit: allowed" "… and ends" ask lived-quit 1 quit
    policy_is strict
    for name in lived-child lived-heir; do
        says "0 run: 42" "$name: it is there" ask "$name" 0 run
    done
    for name in lived-jit lived-read lived-quit lived-child lived-heir; do
        says "0 map: EPERM" "$name: the other thread has no rights" used "$name"
        line "it says why" \
            "pod: $name op: create type: array name: looped action: Denied signer: acme reason: looser-before"
    done
    case $(cat "$WORK/gone.said"; used lived-gone) in
    *"1 code: EPERM"*) pass "without an entry: no code is mapped" ;;
    *"0 run: 42"*"0 map: EPERM"*) pass "without an entry: the other thread has no rights" ;;
    *"0 run: 42"*"0 map: allowed"*) fail "without an entry" "it succeeded" ;;
    *) fail "without an entry" "$(cat "$WORK/lived-gone.out")" ;;
    esac
    trust unenroll bob
    says "1 map: EPERM" "a signer who is gone" ask lived-bob 1 map
    ask lived-bob 1 code "$WORK/plug-ins/evil" >"$WORK/bob.said"
    trust enroll "$KEYS/bob.pem"
    case $(cat "$WORK/bob.said"; used lived-bob) in
    *"1 code: EPERM"*) pass "a signer who comes again: no code is mapped" ;;
    *"0 run: 42"*"0 map: EPERM"*) pass "a signer who comes again: the other thread has no rights" ;;
    *"0 run: 42"*"0 map: allowed"*) fail "a signer who comes again" "it succeeded" ;;
    *) fail "a signer who comes again" "$(cat "$WORK/lived-bob.out")" ;;
    esac
}

control() {
    local name
    says "0 map: allowed" "one that was strict all along" ask lived-idle 0 map
    says "1 map: allowed" "… her other thread" ask lived-idle 1 map
    for name in "${names[@]}" lived-bob lived-idle; do end "$name"; done
    for name in "${names[@]}" lived-bob; do
        says "0 map: allowed" "$name, started now" "$WORK/$name" 0 map
    done
}
