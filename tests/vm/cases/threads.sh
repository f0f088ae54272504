# A Go daemon loads in several threads while its policy, the trust, its cgroup and its claim move.
# What says the same about it costs it nothing; what takes its right takes it from every thread.
# night: minutes of a Go daemon; hammered.sh moves policy and trust too
# hooks: bpf bpf_prog_load
# once: who is judged again, and when, is decided by the same code on every kernel

cgroups=/sys/fs/cgroup
copy go-threads "$TESTS/bin/threads"
copy go-eve "$TESTS/bin/threads"
sign go-threads
bpfsign keygen threads --output "$WORK/extra" >/dev/null

policy first <<'YAML'
  go-threads: {signer: acme, load: {types: [xdp]}}
YAML
policy second <<'YAML'
  another: {signer: acme, load: {types: [socket_filter]}}
  go-threads: {signer: acme, load: {types: [xdp], max-instructions: 100}}
YAML
policy narrower <<'YAML'
  go-threads: {signer: acme, load: {types: [socket_filter]}}
YAML

# begin NAME: four threads of it, in the background
begin() {
    rm -f "$WORK/stop"
    "$WORK/$1" 4 "$WORK/stop" >"$WORK/told" 2>&1 &
    loader=$!
    sleep 3 # some loads before anything moves
}

# ended: its last line, when it has ended
ended() {
    touch "$WORK/stop"
    awaits '^loaded' "$WORK/told"
    cat "$WORK/told"
}

# replace NAME: puts that policy in force
replace() {
    order policy "$WORK/$1.yaml"
    succeeds "the policy is the $1" watchbpf --enforce "$WORK/$1.yaml" --order "$WORK/policy.order" --detach
}

# trust ACT WHAT: enroll the extra key, or unenroll its signer, with an order
trust() {
    order "$1" "$2"
    succeeds "$1" bpfsign "$1" "$2" --order "$WORK/$1.order"
}

# move CGROUP: the whole process
move() {
    echo "$loader" >"$cgroups/$1/cgroup.procs"
}

begin go-eve
says "refused 0 other 0 let 4" "baseline: four threads load" ended

watch --enforce "$WORK/first.yaml"
mkdir -p "$cgroups/threads-a" "$cgroups/threads-b"
begin go-threads
for _ in 1 2; do
    replace second
    move threads-a
    trust enroll "$WORK/extra.pem"
    set_claim go-threads "$(claim_of go-threads)"
    replace first
    move threads-b
    trust unenroll threads
done
says "refused 0 other 0 let 4" "none of the four was refused meanwhile" ended
line "they were let" "process: go-threads"

begin go-threads
replace narrower
sleep 3
says "other 0 let 4" "a policy without its right: no thread does anything else" ended
says "refused" "… and they are refused" grep -E 'refused [1-9]' "$WORK/told"
line "… says why" "pod: go-threads op: load type: xdp name: threads action: Denied signer: acme reason: load-type"

begin go-eve
says "loaded 0" "eve's four threads" ended
rmdir "$cgroups/threads-a" "$cgroups/threads-b"
leave
