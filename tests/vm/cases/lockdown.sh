# Lockdown by policy: its levels, who is excepted and when that changes; what the machine has by itself; and that our own
# programs lock their memory.
# hooks:

knob=/sys/kernel/tracing/tracing_on
for name in alice bob; do
    copy "$name" "$TESTS/bin/lockdown"
    sign "$name"
done
copy eve "$TESTS/bin/lockdown"
copy unsigned.ko "/lib/modules/$(uname -r)/kernel/drivers/net/dummy.ko"
"$WORK/eve" strip "$WORK/unsigned.ko" >/dev/null
rmmod dummy 2>/dev/null # another case may have needed it

# status NAME ANSWER WHAT: what both forms of status say of it
status() {
    local answer='[yes]'
    [ "$2" = yes ] || answer='[no] '
    says "$answer $1 " "$3" bpfsign status
    says "{\"name\":\"$1\",\"result\":\"$2\"" "… in JSON" bpfsign status --json
}
status secure-boot no "no Secure Boot"
status module-sigs no "modules need no signature"
status lockdown no "no lockdown of the kernel's"
status kexec no "other kernels can be loaded"
status kexec-image yes "none is loaded"
succeeds "none of this is needed" bpfsign status

# --- observed, begun late ---------------------------------------------------------------------
says "kexec: allowed" "baseline: another kernel, which stays" "$WORK/eve" kexec-stays
status kexec-image no "one is loaded"
policy observed </dev/null
watch --observe "$WORK/observed.yaml"
line "the start warns of it" "watchbpf: warning: another kernel is loaded already (kexec_loaded is 1)"
says "unload: allowed" "it can be unloaded" "$WORK/eve" kexec-unload
line "… which is seen" "pod: eve op: lockdown name: kexec action: Denied signer: - reason: lockdown mode: observe"
says "write: allowed" "eve writes to tracefs" "$WORK/eve" trace-write $knob
line "… which is seen" "op: lockdown name: tracefs action: Denied signer: - reason: lockdown mode: observe"

# --- our own memory ------------------------------------------------------------------------------
locked() { # in kB
    sed -n 's/^VmLck:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$WATCHER/status"
}
[ "$(locked)" -gt 1000 ] && pass "watchbpf has locked its memory: $(locked) kB" || fail "locked memory" "$(locked) kB"
says "Max core file size        0" "… and leaves no core dump" cat "/proc/$WATCHER/limits"
succeeds "an ordinary user may not lock, and goes on" setpriv --reuid 1000 --regid 1000 --clear-groups bpfsign keys
leave
gone

# --- nothing is refused ----------------------------------------------------------------------------
enforce <<'YAML'
kernel: {lockdown: "off"}
YAML
says "write: allowed" "off: eve writes to tracefs" "$WORK/eve" trace-write $knob
says "kcore: allowed" "… and reads memory" "$WORK/eve" kcore
no_line "… and no line" "op: lockdown"
leave
gone

# --- the policy moves while a program runs -----------------------------------------------------------
policy first <<'YAML'
  alice: {signer: acme, kernel: [tracefs]}
  bob: {signer: acme, kernel: [modules], collateral: "off"}
unsigned: {kernel: [kcore]}
YAML
policy second <<'YAML'
  alice: {signer: acme, kernel: [kcore]}
  bob: {signer: acme, kernel: [modules], collateral: "off"}
YAML
# waiter NAME ACT...: starts what waits for $WORK/go
waiter() {
    local name=$1
    shift
    "$WORK/$name" wait "$WORK/go" "$@" >"$WORK/$name.out" 2>&1 &
    awaits waiting "$WORK/$name.out"
}
go() {
    : >"$WORK/go"
    wait "$@"
    rm "$WORK/go"
}
replaced() { # POLICY
    order policy "$WORK/$1.yaml"
    succeeds "the policy is replaced by $1" \
        watchbpf --enforce "$WORK/$1.yaml" --order "$WORK/policy.order" --detach
}
watch --enforce "$WORK/first.yaml"
says "kcore: allowed" "unsigned: eve reads memory" "$WORK/eve" kcore
says "tracefs: EPERM" "… and writes to no tracefs" "$WORK/eve" trace-write $knob
waiter alice trace-write $knob
taken=$!
replaced second
go $taken
says "tracefs: EPERM" "alice, who runs, has lost tracefs" cat "$WORK/alice.out"
says "kcore: EPERM" "eve has lost the memory" "$WORK/eve" kcore
line "… says so" "pod: eve op: lockdown name: kcore action: Denied signer: - reason: lockdown"
waiter alice trace-write $knob
given=$!
replaced first
go $given
says "write: allowed" "alice, who runs, has tracefs again" cat "$WORK/alice.out"

# Who is trusted moves: a mark must be verified again, which is done when a file is opened.
bpfsign keygen extra --output "$WORK/extra" >/dev/null
waiter bob insert "$WORK/unsigned.ko"
given=$!
order enroll "$WORK/extra.pem"
succeeds "a signer is enrolled by an order" bpfsign enroll "$WORK/extra.pem" --order "$WORK/enroll.order"
go $given
says "module: allowed" "bob, who runs, still loads a module" cat "$WORK/bob.out"
rmmod dummy
order unenroll extra
bpfsign unenroll extra --order "$WORK/unenroll.order" >/dev/null
