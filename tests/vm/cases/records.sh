# What is printed: every field, names that try to look like something else, what was merged, what
# one takes from the others, pods; and what is not printed.
# hooks:
# once: how records are printed

uid=0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
pins=$PINS
# json CODE: what watchbpf printed, as a list of objects in `lines` (python3-minimal has no json)
json() {
    local what=$1 code=$2 output
    if output=$(python3 - "$LOG" 2>&1 <<PY
import sys
names = {"true": True, "false": False, "null": None}
lines = [eval(l, dict(names)) for l in open(sys.argv[1], encoding="utf-8") if l[0] == "{"]
def find(**wanted):
    found = [l for l in lines if all(l.get(k) == v for k, v in wanted.items())]
    assert found, "no line with %s" % wanted
    return found[0]
$code
PY
    ); then pass "$what"; else fail "$what" "$(tail -n 1 <<<"$output")"; fi
}
# in_cgroup PATH COMMAND...
in_cgroup() {
    mkdir -p "/sys/fs/cgroup/$1"
    # shellcheck disable=SC2016
    sh -c 'echo $$ >"/sys/fs/cgroup/$0/cgroup.procs" && exec "$@"' "$@"
}

copy alice "$TESTS/bin/probe"
copy tool
copy eve "$TESTS/bin/probe"
copy other "$TESTS/bin/probe"
copy bob "$TESTS/bin/probe"
printf bob >>"$WORK/bob"
exits 0 "baseline: eve" "$WORK/eve" load
sign alice
sign bob --key "$KEYS/bob.pem"
sign tool
hostile=($'new\nline action: Approved' $'\e[31mred\e[0m' $'\xff\xfe' 'two words' 'process: alice' 'quo"te\')
for name in "${hostile[@]}"; do cp "$TESTS/bin/probe" "$WORK/$name"; done

# --- text ------------------------------------------------------------------------------------
enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
  bob: {signer: bob, file-signers: [acme], load: {types: [xdp]}}
  tool: {signer: acme, load: {types: [xdp]}}
YAML
/bin/true
for name in "${hostile[@]}"; do exits 1 "denied: $(printf %q "$name")" "$WORK/$name" load; done
line "a new line is quoted" 'process: "new\nline action: Approved" pid: '
line "an escape sequence" 'process: "\x1b[31mred\x1b[0m" pid: '
line "what is no UTF-8" 'process: "\xff\xfe" pid: '
line "a space" 'process: "two words" pid: '
line "a colon" 'process: "process: alice" pid: '
line "a quote and a backslash" 'process: "quo\"te\\" pid: '
python3 - "$LOG" <<'PY' && pass "one line each, and nothing that drives a terminal" ||
import re, sys
data = open(sys.argv[1], "rb").read()
assert not re.search(rb"[\0-\x09\x0b-\x1f\x7f]", data), "control characters"
for l in data.decode("utf-8").splitlines():
    assert l.startswith(("process: ", "watchbpf: ")), l
    if "line action" in l:
        assert re.fullmatch(r'process: "new\\nline action: Approved" pid: \d+ pod: "new\\nline action: Approved" op: .* action: BPFDenied .*', l), l
PY
    fail "one line each" "see above"
exits 1 "eve calls herself watchbpf" "$WORK/eve" renamed watchbpf
line "… and is called eve" "pod: eve op: load type: xdp name: from_renamed action: BPFDenied signer: - reason: unsigned"
exits 1 "eve tries five times" "$WORK/eve" repeat 5
line "… and it is one line" "pod: eve op: load type: xdp name: again action: BPFDenied signer: - reason: unsigned ×5"
exits 0 "alice tries five times" "$WORK/alice" repeat 5
line "… which are approved" "pod: alice op: load type: xdp name: again action: Approved signer: acme reason: ok"
[ "$(grep -c 'pod: alice op: load .* name: again action: Approved' "$LOG")" = 5 ] &&
    pass "approvals are not merged" || fail "approvals are not merged" "$(grep again "$LOG")"
exits 0 "alice updates a map by its descriptor" "$WORK/alice" give-map "$WORK/alice" fd-update
in_cgroup system.slice/demo.service "$WORK/eve" load >/dev/null
line "the pod of a service" "pod: demo.service op: load"
mkdir -p "/var/log/pods/default_web-0_$uid"
in_cgroup "kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${uid//-/_}.slice/cri-containerd-$(printf %064d 7).scope" \
    "$WORK/eve" load >/dev/null
line "the pod of a container" "pod: web-0 op: load"
in_cgroup "kubepods/besteffort/pod${uid//0/1}/$(printf %064d 8)" "$WORK/eve" load >/dev/null
line "a pod that nobody named" "pod: ${uid//0/1} op: load"
in_cgroup "plain" "$WORK/eve" map-create last >/dev/null
line "a cgroup that means nothing" "pod: eve op: create type: array name: last"
no_line "an approved use by a descriptor makes no line" "op: update"
no_line "an unsigned exec without bpf() makes no line" "process: true"
rmdir /sys/fs/cgroup/plain

# --- what one takes from the others -------------------------------------------------------------

suppressed() {
    watchbpf status --json | sed -n 's/.*"suppressed_records":\([0-9]*\).*/\1/p'
}
# as_user COMMAND...: as an ordinary user
as_user() {
    setpriv --reuid 12345 --regid 12345 --clear-groups "$@"
}

chmod a+x "$WORK"
own=$("$WORK/alice" ids link | head -n 1)
before=$(suppressed)
kill -STOP "$WATCHER" # nobody reads meanwhile: what finds no room is gone
exits 1 "a user's loop of what is refused" as_user "$WORK/eve" flood 8000
exits 1 "… from many processes" as_user "$WORK/eve" flood 8000 40
exits 1 "… and root's" "$WORK/eve" flood 8000
exits 1 "a user's loop over a link of ours" as_user "$WORK/eve" alarm 8000 "$own"
exits 1 "… and root's, which is an attack" "$WORK/eve" alarm 8000 "$own"
exits 1 "another, behind them" "$WORK/other" load
denied "an attack on a pin, behind them" rm "$pins/on_bpf"
says '"lost_records":0' "none is lost" watchbpf status --json
says '"lost_alarms":0' "no alarm either" watchbpf status --json
more=$(($(suppressed) - before))
[ "$more" -gt 30000 ] && pass "status --json counts what was not recorded: $more" ||
    fail "status --json counts what was not recorded" "$(watchbpf status --json)"
kill -CONT "$WATCHER"
line "the other's line has arrived" "pod: other op: load type: xdp name: from_netdev action: BPFDenied signer: - reason: unsigned"
line "root's loop over a link has lines" "pod: eve op: open action: BPFDenied signer: - reason: self-protection ×"
line "the alarm has arrived" "process: rm"
line "… with its reason" "op: unpin name: on_bpf action: BPFDenied signer: - reason: self-protection"
line "it is said" "records of processes that had too many"
printed=$(sed -n 's/^suppressed: \([0-9]*\) records.*/\1/p' "$LOG" | awk '{ n += $1 } END { print n + 0 }')
[ "$printed" -ge "$more" ] && pass "… all of it" || fail "… all of it" "$printed, not $more"
floods=$(grep -c 'name: flood_' "$LOG")
[ "$floods" -ge 200 ] && pass "the loops have lines: $floods" || fail "the loops have lines" "$floods"
leave
gone

# --- JSON ----------------------------------------------------------------------------------------
enforce --output json <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
  bob: {signer: bob, file-signers: [acme], load: {types: [xdp]}}
  tool: {signer: acme, load: {types: [xdp]}}
YAML
"$WORK/tool" prog load "$OBJECTS/xdp.o" /sys/fs/bpf/prog pinmaps /sys/fs/bpf/maps
map=$(id_of "$WORK/tool" map /sys/fs/bpf/maps/ct_map_tcp4)
"$WORK/bob" map-by-id "$map" >/dev/null
for name in "${hostile[@]}"; do "$WORK/$name" load >/dev/null; done
"$WORK/eve" renamed watchbpf >/dev/null
"$WORK/eve" repeat 5 >/dev/null
in_cgroup system.slice/demo.service "$WORK/eve" load >/dev/null
rm "$pins/on_bpf" 2>/dev/null
"$WORK/alice" load 1 >/dev/null # socket_filter: not hers
line "the last line" '"op":"load","type":"socket_filter","name":"from_netdev","action":"Denied"'
json "every line has every key, of its type" '
assert len(lines) > 20
kinds = {"process": str, "pid": int, "pod": str, "op": str, "action": str, "reason": str, "mode": str,
    "count": int, "time_ns": int, "tid": int, "ppid": int, "uid": int, "comm": str,
    "executable": str, "cgroup": int, "alarm": bool}
some = {"type": str, "name": str, "owner": str, "program": str, "id": int, "line": int, "helper": str,
    "kfunc": str, "reads": str, "instructions": int, "maps": int}
for l in lines:
    for key, kind in kinds.items():
        assert type(l[key]) is kind, (key, l)
    assert l["signer"] is None or type(l["signer"]) is str, l
    for key in set(l) - set(kinds) - {"signer"}:
        assert type(l[key]) is some[key], (key, l)
    assert l["pid"] > 1 and l["tid"] == l["pid"] and l["ppid"] > 0 and l["uid"] == 0 and l["cgroup"] > 0, l
    assert l["executable"].startswith("/") and l["count"] >= 1 and l["mode"] == "enforce", l
assert lines[0]["time_ns"] > 10**9
for l in lines:
    assert l["alarm"] == (l["reason"] == "self-protection"), l'
json "a load" '
l = find(op="load", process="tool", name="from_netdev", action="Approved")
assert (l["type"], l["signer"], l["program"], l["reason"], l["pod"]) == ("xdp", "acme", "tool", "ok", "tool"), l
assert l["executable"] == "'"$WORK"'/tool", l'
json "a map" '
l = find(op="create", process="tool", name="ct_map_tcp4")
assert (l["type"], l["action"]) == ("hash", "Approved"), l'
json "a map of another owner" '
l = find(op="open", process="bob", name="ct_map_tcp4")
assert (l["action"], l["reason"], l["owner"], l["id"], l["signer"]) == ("Denied", "foreign-map", "tool", '"$map"', "bob"), l'
json "an exec" 'assert find(op="exec", process="tool")["action"] == "ProgApproved,MapsDenied"
assert find(op="exec", process="eve")["action"] == "BPFDenied"'
json "a forged comm" 'assert find(process="eve", name="from_renamed")["comm"] == "watchbpf"'
json "five as one" 'assert find(process="eve", name="again")["count"] == 5'
json "a pod" 'find(process="eve", pod="demo.service", op="load")'
json "an alarm" 'find(process="rm", op="unpin", name="on_bpf", alarm=True)'
json "a probe of a loader, which the text leaves out" 'find(process="tool", reason="trivial")'
json "hostile names" '
find(process="new\nline action: Approved", op="load")
find(process="\033[31mred\033[0m")
find(process="two words"); find(process="process: alice"); find(process="quo\"te\\")'
unpin /sys/fs/bpf/prog /sys/fs/bpf/maps
leave
gone

# --- every exec -------------------------------------------------------------------------------------
enforce --exec all <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
/bin/true
line "with --exec all an unsigned exec makes a line" "process: true pid: "
line "… that says so" "pod: true op: exec action: BPFDenied signer: - reason: unsigned"
exits 0 "alice" "$WORK/alice" load
exits 1 "eve" "$WORK/eve" load
line "eve's load" "pod: eve op: load"
[ "$(grep -c 'pod: eve op: exec' "$LOG")" = 1 ] && pass "one exec, one line" ||
    fail "one exec, one line" "$(grep 'pod: eve op: exec' "$LOG")"
rm -rf "/var/log/pods/default_web-0_$uid"
