# Who wears the mark: threads and forks do, a child that shares the memory does not, every
# exec begins anew; a traced exec, a shared root directory and a user namespace earn none.
# hooks: bprm_creds_for_exec bprm_check_security bprm_committed_creds task_alloc

copy alice "$TESTS/bin/probe"
copy eve "$TESTS/bin/probe"
for act in load fork thread clone-vm; do
    exits 0 "baseline: eve's $act" "$WORK/eve" "$act"
done
sign alice

enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML

exits 0 "alice" "$WORK/alice" load
exits 0 "alice's thread" "$WORK/alice" thread
exits 0 "alice's fork" "$WORK/alice" fork
exits 1 "a child that shares alice's memory" "$WORK/alice" clone-vm
line "… says so" "name: from_clone action: Denied signer: acme reason: shared-memory"
exits 1 "eve, executed by alice" "$WORK/alice" exec "$WORK/eve" load
exits 0 "alice, executed by eve" "$WORK/eve" exec "$WORK/alice" load
exits 1 "eve" "$WORK/eve" load

exits 1 "alice, traced from her exec on" "$WORK/eve" traced-exec "$WORK/alice" load
line "… says so" "pod: alice op: exec action: BPFDenied signer: - reason: traced"
exits 1 "alice, sharing her root directory" "$WORK/eve" shared-fs-exec "$WORK/alice" load
line "… says so" "reason: shared-filesystem-context"
exits 1 "alice in a user namespace" "$WORK/eve" user-namespace-exec "$WORK/alice" load
line "… says so" "reason: user-namespace"

exits 1 "alice under a seccomp listener" "$WORK/eve" seccomp-exec "$WORK/alice" load
line "… says so" "pod: alice op: exec action: BPFDenied signer: - reason: seccomp-filter"

printf '#!%s load\n' "$WORK/alice" >"$WORK/script"
chmod +x "$WORK/script"
exits 1 "alice as the interpreter of a script" "$WORK/script"
line "… says so" "pod: alice op: exec action: BPFDenied signer: - reason: interpreted"

# a verified program starts with AT_SECURE: the loader forgets LD_PRELOAD, LD_AUDIT and the like
copy tool
printf tool >>"$WORK/tool"
says "cannot be preloaded" "baseline: the loader heeds LD_PRELOAD" \
    env LD_PRELOAD="$WORK/evil.so" "$WORK/tool" version
sign tool --name alice
output=$(LD_PRELOAD="$WORK/evil.so" "$WORK/tool" version 2>&1)
case $output in
*preload*) fail "alice ignores LD_PRELOAD" "$output" ;;
*features:*) pass "alice ignores LD_PRELOAD" ;;
*) fail "alice ignores LD_PRELOAD" "$output" ;;
esac

"$WORK/alice" sleep 60 >"$WORK/pid" &
sleeper=$!
until [ -s "$WORK/pid" ]; do sleep 0.1; done
exits 0 "alice again, while another alice sleeps" "$WORK/alice" load
kill "$sleeper"
