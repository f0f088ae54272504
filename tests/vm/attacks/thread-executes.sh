# Thread executes: a thread that is not the leader of Alice's, or of Eve's, executes a program. It
# becomes the leader, and another task then stands for the process: what the old leader was may
# neither be lost before Alice's memory is gone nor stay behind it.
# hooks: bprm_creds_for_exec

prepare() {
    local name
    for name in taker taker-bob taker-eve; do copy "$name" "$TESTS/bin/takeover"; done
    copy taker-reaches "$TESTS/bin/probe"
    sign taker
    sign taker-bob --key "$KEYS/bob.pem"
    printf 'no program' >"$WORK/none"
    chmod +x "$WORK/none"
}

entries() {
    echo '  taker: {signer: acme, load: {types: [xdp]}}'
    echo '  taker-bob: {signer: bob, load: {types: [sched_cls]}}'
}

# may XDP SCHED_CLS: what rights() says of a process of one thread
may() {
    local map=EPERM
    [[ $1$2 != *allowed* ]] || map=allowed
    printf 'threads: 1\nmap: %s\nxdp: %s\nsched_cls: %s' "$map" "$1" "$2"
}

# after NAME...: their threads execute each other in turn, each beside threads that ask for a map
# until they die; the last one says what it may do
after() {
    local words=("$WORK/${*: -1}" rights) i
    for ((i = $# - 1; i > 0; i--)); do words=("$WORK/${!i}" race 1 "${words[@]}"); done
    "${words[@]}"
}

# often NAME: ten times its own program in turn, and the answers of the threads that die
often() {
    "$WORK/$1" race 10 "$WORK/$1" rights | grep -E '^(race|then): ' | sort | uniq -c | tr -s ' '
}

# held ACT NAME: Eve reaches into Alice, whose thread executes NAME and has become the leader
held() {
    local pid job status=0
    rm -f "$WORK/held.go" "$WORK/held"
    "$WORK/taker" hold "$WORK/held" "$WORK/$2" rights >"$WORK/held" 2>&1 </dev/null &
    job=$!
    awaits '^held' "$WORK/held"
    pid=$(sed -n 's/^held //p' "$WORK/held")
    timeout 60 "$WORK/taker-reaches" "$1" "${pid:-0}" || status=$?
    : >"$WORK/held.go"
    wait "$job"
    return $status
}

# then_may NAME XDP SCHED_CLS: what was held has gone on, and is NAME
then_may() {
    says_only "$(may "$2" "$3")" "… then it is $1" grep -v '^held' "$WORK/held"
}

acts=(process-vm pidfd-getfd)

baseline() {
    local act
    says "$(may allowed allowed)" "alice, by a thread of eve's" after taker-eve taker
    says "$(may allowed allowed)" "eve, by a thread of alice's" after taker taker-eve
    says_only " 10 race: allowed" "threads that die ask for maps" often taker-eve
    for act in "${acts[@]}" open-memory; do
        says "$act: allowed" "$act, while a thread executes" held "$act" taker
        then_may alice allowed allowed
    done
}

denied() {
    local act
    for act in "${acts[@]}"; do
        says_only "$act: EPERM" "$act, while a thread executes alice" held "$act" taker
        then_may alice allowed EPERM
        says_only "$act: EPERM" "$act, while a thread executes eve" held "$act" taker-eve
        then_may eve EPERM EPERM
    done
    says_only "open-memory: EACCES" "open-memory" held open-memory taker
    line "it is an alarm" \
        "pod: taker-reaches op: trace action: BPFDenied signer: - reason: memory-protection"
    says_only "race: allowed"$'\n'"$(may EPERM EPERM)" "eve, by a thread of alice's" \
        after taker taker-eve
    line "it says why" \
        "pod: taker-eve op: load type: xdp name: taken action: BPFDenied signer: - reason: unsigned"
    says "race: EPERM"$'\n'"$(may EPERM EPERM)" "… and eve by hers" \
        after taker taker-eve taker-eve
    says_only " 10 race: EPERM" "no thread of eve's is ever allowed" often taker-eve
}

control() {
    says_only "race: EPERM"$'\n'"$(may allowed EPERM)" "alice, by a thread of eve's" \
        after taker-eve taker
    says_only "race: allowed"$'\n'"$(may allowed EPERM)" "alice, by a thread of alice's" \
        after taker taker
    says_only "race: allowed"$'\n'"$(may EPERM allowed)" "bob, by a thread of alice's" \
        after taker taker-bob
    says "race: EPERM"$'\n'"race: allowed"$'\n'"$(may allowed EPERM)" "eve, bob and alice in turn" \
        after taker taker-eve taker-bob taker
    says_only " 10 race: allowed" "no thread of alice's is ever refused" often taker
    says_only "exec: ENOEXEC"$'\n'"its thread: allowed"$'\n'"the leader: allowed" \
        "an exec that fails costs nothing" "$WORK/taker" in-vain "$WORK/none"
}
