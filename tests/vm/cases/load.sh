# Under load and starvation: decisions stay right, nothing leaks, what is lost is counted, and what attacks ourselves is not crowded out.
# night: a quarter of an hour of load; what it finds grows slowly
# hooks: task_alloc bpf
# once: sizes and counts are those of the maps, which every kernel makes alike

cgroups=/sys/fs/cgroup
copy alice "$TESTS/bin/bomb"
copy eve "$TESTS/bin/bomb"
copy eve-probe "$TESTS/bin/probe"
copy alice-probe "$TESTS/bin/probe"
copy many "$TESTS/bin/probe"
sign alice
sign alice-probe
bpfsign keygen many --output "$WORK/many-key" >/dev/null
bpfsign enroll "$WORK/many-key.pem" --signer many >/dev/null
sign many --key "$WORK/many-key.pem"
ring=$(ring_of many)
"$TESTS/bin/many_keys" "${ring:-0}" 999 >"$WORK/keys" 2>&1 && pass "$(cat "$WORK/keys") beside the signer's own" || fail "many keys" "$(cat "$WORK/keys")"

# kernel_memory: KiB that cannot be reclaimed
kernel_memory() {
    sync
    echo 3 >/proc/sys/vm/drop_caches
    sleep 1
    awk '/^(SUnreclaim|Percpu|VmallocUsed|KernelStack):/ { n += $2 } END { print n }' /proc/meminfo
}

# A policy of 10,000 programs, of which we need the last.
{
    for i in $(seq 9994); do echo "  p$i: {signer: acme, load: {types: [xdp]}}"; done
    cat <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
  alice-probe: {signer: acme, load: {types: [xdp]}}
  many: {signer: many, file-signers: [acme], load: {types: [xdp]}}
YAML
} | policy policy
says "policy.yaml: ok" "10,000 programs in a policy" sh -c "bpfsign policy check $WORK/policy.yaml; grep -c signer $WORK/policy.yaml"
watch --enforce "$WORK/policy.yaml"
line "enforced" "policy.yaml': 10000 programs"
exits 0 "the last but one of them" "$WORK/alice-probe" load
exits 0 "a program of the signer with 1,000 keys" "$WORK/many" load
exits 1 "eve" "$WORK/eve-probe" load
exits 1 "… by another type" "$WORK/eve-probe" load 1

# --- tasks -------------------------------------------------------------------------------------------
says "allowed 500 refused 0 other 0" "500 children of alice at once" "$WORK/alice" 500
says "allowed 0 refused 500 other 0" "500 of eve" "$WORK/eve" 500
before=$(kernel_memory)
for _ in 1 2 3 4 5 6 7 8; do
    "$WORK/alice" 1000 >>"$WORK/alice.told" 2>&1 &
    alices=$!
    "$WORK/eve" 1000 >>"$WORK/eve.told" 2>&1
    wait "$alices"
done
[ "$(grep -c 'allowed 1000 refused 0 other 0' "$WORK/alice.told")" = 8 ] && pass "8,000 children of alice beside as many of eve" || fail "children of alice" "$(cat "$WORK/alice.told")"
[ "$(grep -c 'allowed 0 refused 1000 other 0' "$WORK/eve.told")" = 8 ] && pass "… eve's are refused" || fail "children of eve" "$(cat "$WORK/eve.told")"
forgotten
grown=$(($(kernel_memory) - before)) # 16,000 tasks with 3 KiB each
[ "$grown" -lt 6000 ] && pass "nothing of 16,000 tasks is left: $grown KiB, not 48,000" || fail "storage of tasks leaks" "$grown KiB"

# --- inodes ------------------------------------------------------------------------------------------
before=$(kernel_memory)
for i in $(seq 300); do
    cp "$TESTS/bin/probe" "$WORK/inode" && sync "$WORK/inode"
    [ "$i" != 1 ] || bpfsign sign --key "$KEYS/acme.pem" --name alice-probe "$WORK/inode" >/dev/null
    [ "$i" = 1 ] || fsverity enable "$WORK/inode"
    "$WORK/inode" load >/dev/null
    rm "$WORK/inode"
done
tainted=$(watchbpf status --json | sed -n 's/.*"unsettled_files":\([0-9]*\).*/\1/p')
echo 3 >/proc/sys/vm/drop_caches
sleep 1
tainted=$(watchbpf status --json | sed -n 's/.*"unsettled_files":\([0-9]*\).*/\1/p')
[ "${tainted:-300}" -lt 20 ] && pass "of 300 sealed files that are gone $tainted are remembered" || fail "taints of files that are gone" "$tainted"
grown=$(($(kernel_memory) - before))
[ "$grown" -lt 6000 ] && pass "nothing of 300 inodes is left: $grown KiB" || fail "storage of inodes leaks" "$grown KiB"

# --- a memory cgroup at its limit ----------------------------------------------------------------------
echo +memory >"$cgroups/cgroup.subtree_control" 2>/dev/null
if mkdir "$cgroups/starved" && [ -e "$cgroups/starved/memory.max" ]; then
    echo 3M >"$cgroups/starved/memory.max"
    echo 0 >"$cgroups/starved/memory.swap.max" 2>/dev/null
    sh -c 'echo $$ >"$1/starved/cgroup.procs"; for i in $(seq 60); do "$2" load; done' - "$cgroups" "$WORK/eve-probe" >"$WORK/starved" 2>&1
    grep -q allowed "$WORK/starved" && fail "eve, starved" "$(sort "$WORK/starved" | uniq -c)" || pass "eve, starved of memory, 60 times"
    sh -c 'echo $$ >"$1/starved/cgroup.procs"; exec "$2" 200' - "$cgroups" "$WORK/eve" >"$WORK/starved" 2>&1
    grep -q 'allowed [1-9]' "$WORK/starved" && fail "eve's children, starved" "$(cat "$WORK/starved")" || pass "… nor 200 children of hers at once"
    echo $$ >"$cgroups/cgroup.procs"
    # the watcher's own, which the maps are charged to when it made them
    sh -c 'echo $1 >"$2/starved/cgroup.procs"' - "$WATCHER" "$cgroups"
    exits 1 "eve, with watchbpf starved" "$WORK/eve-probe" load
    echo max >"$cgroups/starved/memory.max"
    sh -c 'echo $1 >"$2/cgroup.procs"' - "$WATCHER" "$cgroups" 2>/dev/null
    exits 0 "alice, afterwards" "$WORK/alice-probe" load
    # The OOM killer may have taken the reader, and never the enforcement: another one reads on.
    kill "$WATCHER" 2>/dev/null
    wait "$WATCHER" 2>/dev/null
    watch --enforce "$WORK/policy.yaml"
    rmdir "$cgroups/starved" 2>/dev/null
else
    fail "memory cgroups" "the guest has none"
fi

# --- full rings ----------------------------------------------------------------------------------------
kill -STOP "$WATCHER" # root may; the decisions do not wait for it
"$WORK/eve" 1000 >/dev/null; "$WORK/eve" 1000 >/dev/null; "$WORK/eve" 1000 >/dev/null; "$WORK/eve" 1000 >/dev/null
says "allowed 0 refused 1000 other 0" "the ring is full: eve" "$WORK/eve" 1000
exits 0 "… alice" "$WORK/alice-probe" load
not_permitted "… an attack on ourselves" rm "$PINS/on_bpf_map_free"
lost=$(watchbpf status --json | sed -n 's/.*"lost_records":\([0-9]*\).*/\1/p')
[ "$lost" -gt 0 ] && pass "$lost lost records are counted" || fail "lost records are counted" "$lost"
says '"lost_alarms":0' "… none of them of an attack on ourselves" watchbpf status --json
kill -CONT "$WATCHER"
line "the attack is printed" "op: unpin name: on_bpf_map_free action: BPFDenied signer: - reason: self-protection"
line "… and that records were lost" "lost"
leave
bpfsign unenroll many >/dev/null
