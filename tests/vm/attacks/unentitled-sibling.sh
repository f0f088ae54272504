# Unentitled sibling: a process with Alice's own signed name that has no rights: executed by another
# path, too old, without what `require:` asks for, in another cgroup. Eve has it load a library of
# hers, and reaches from there into an Alice who has rights.
# hooks: mmap_file ptrace_access_check

. "$TESTS/lib/pods.sh"
. "$TESTS/lib/loop.sh"

kinds=(path aged required housed)
acts=(attach process-vm pidfd-getfd)
house=$CGROUPS/siblings.slice

# vouch: fs-verity's own keyring takes acme's key
vouch() {
    local ring
    openssl x509 -in "$KEYS/acme.crt" -outform DER -out "$WORK/acme.der"
    for ring in $(awk '$9 == ".fs-verity:" { print "0x" $1 }' /proc/keys); do
        keyctl padd asymmetric '' "$ring" <"$WORK/acme.der" >/dev/null
    done
}

prepare() {
    local kind new old
    mkdir -p "$WORK/home" "$house"
    vouch
    for kind in "${kinds[@]}"; do
        new=() old=()
        case $kind in
        aged) new=(--sequence 10) old=(--sequence 9) ;;
        required) new=(--with builtin) ;;
        esac
        copy "home/sibling-$kind" "$TESTS/bin/loop" && sign "home/sibling-$kind" "${new[@]}"
        copy "loop-$kind" "$TESTS/bin/loop" && sign "loop-$kind" --name "sibling-$kind" "${old[@]}"
        copy "probe-$kind" "$TESTS/bin/probe" && sign "probe-$kind" --name "sibling-$kind" "${old[@]}"
    done
    cp "$TESTS/bin/intruder.so" "$WORK/evil.so"
    copy good.so "$TESTS/bin/plug_in.so" && sign good.so --role library
}

entries() {
    local begin="{signer: acme, load: {types: [xdp]}, unsigned-files: [$WORK/*]"
    echo "  sibling-path: $begin, exec: $WORK/home/sibling-path}"
    echo "  sibling-aged: $begin, min-sequence: 10}"
    echo "  sibling-required: $begin, require: [builtin]}"
    echo "  sibling-housed: $begin, cgroup: /siblings.slice}"
}

# as_alice KIND, as_sibling KIND COMMAND...: where it has rights, and where not
as_alice() {
    case $1 in
    housed) inside "$house" "$WORK/home/sibling-$1" ;;
    *) "$WORK/home/sibling-$1" ;;
    esac
}

as_sibling() {
    case $1 in
    housed) inside "$CGROUPS" "${@:2}" ;;
    *) "${@:2}" ;;
    esac
}

# intrude KIND: a sibling loads Eve's library, which writes 13 to $address of $pid
intrude() {
    as_sibling "$1" env "EVE=$pid:$address" "$WORK/loop-$1" 0 load "$WORK/evil.so"
}

# alice KIND: one that runs
alice() {
    local words
    begin alice as_alice "$1"
    words=$(ask alice 0 address)
    read -r pid address <<<"${words#*: }"
}

# wander: one that had rights where it was, and is moved away
wander() {
    begin wanderer as_alice housed
    says "map: allowed" "where it is at first" ask wanderer 0 map
    pid_of wanderer >"$CGROUPS/cgroup.procs"
}

baseline() {
    local kind act pid address
    for kind in "${kinds[@]}"; do
        alice "$kind"
        says "it ran in loop-$kind" "$kind: eve's library" intrude "$kind"
        says "value: 13" "… has written to alice" ask alice 0 value
        for act in "${acts[@]}" open-memory; do
            says "$act: allowed" "$kind: $act" as_sibling "$kind" "$WORK/probe-$kind" "$act" "$pid"
        done
        end alice
    done
    alice housed
    wander
    says "poke: allowed" "one that was moved" ask wanderer 0 poke "$pid" "$address"
    says "load: 13" "… loads eve's library" ask wanderer 0 load "$WORK/evil.so"
    end wanderer
    end alice
}

# evict: what is in memory of files that nobody uses, so that fs-verity verifies them again
evict() {
    sync
    echo 3 >/proc/sys/vm/drop_caches
}

denied() {
    local kind act pid address
    evict
    for kind in "${kinds[@]}"; do
        alice "$kind"
        says "map: allowed" "$kind: alice has rights" ask alice 0 map
        says "load: not mapped" "$kind: eve's library" intrude "$kind"
        line_like "it says why" \
            "^process: loop-$kind .* op: code file: $WORK/evil.so action: Denied signer: acme reason: unsigned"
        for act in "${acts[@]}"; do
            says "$act: EPERM" "$kind: $act" as_sibling "$kind" "$WORK/probe-$kind" "$act" "$pid"
        done
        says "open-memory: EACCES" "$kind: open-memory" \
            as_sibling "$kind" "$WORK/probe-$kind" open-memory "$pid"
        line_like "it says why" \
            "^process: probe-$kind .* op: trace action: Denied signer: acme reason: memory-protection"
        says "value: 42" "$kind: nobody has written to alice" ask alice 0 value
        end alice
    done
    alice housed
    wander
    says "poke: EPERM" "one that was moved" ask wanderer 0 poke "$pid" "$address"
    says "load: not mapped" "… loads eve's library" ask wanderer 0 load "$WORK/evil.so"
    line_like "it says why" \
        "^process: sibling-housed .* op: code file: $WORK/evil.so action: Denied signer: acme reason: unsigned"
    end wanderer
    end alice
}

control() {
    local kind pid address
    for kind in "${kinds[@]}"; do
        alice "$kind"
        begin other as_alice "$kind"
        says "poke: allowed" "$kind: alice reaches into alice" ask other 0 poke "$pid" "$address"
        says "load: 42" "… and loads a library of hers" ask other 0 load "$WORK/good.so"
        says "map: allowed" "… and has rights" ask other 0 map
        end other
        end alice
        says "load: 42" "$kind: so does a sibling" \
            as_sibling "$kind" "$WORK/loop-$kind" 0 load "$WORK/good.so"
    done
    rmdir "$house"
}
