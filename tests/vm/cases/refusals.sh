# Where enforcement could not hold it does not begin: each reason with its cure, and nothing is
# left behind. The kernel without bpf among its security modules: boot/no-bpf-lsm.sh.
# hooks:
# once: what watchbpf itself looks at before it begins

copy alice "$TESTS/bin/probe"
copy eve "$TESTS/bin/probe"
exits 0 "baseline: eve" "$WORK/eve" load
sign alice

# refused WHAT TEXT CURE COMMAND...: exit status 3, says both; nothing attached, nothing pinned
refused() {
    local what=$1 text=$2 cure=$3 output status=0
    shift 3
    output=$(timeout 240 "$@" 2>&1 </dev/null) || status=$?
    [ $status = 3 ] || { fail "$what" "exit status $status: $output"; return; }
    case $output in
    *"$text"*"$cure"*) ;;
    *) fail "$what" "not '$text' … '$cure' but: $output"; return ;;
    esac
    ! pinned || { fail "$what" "pins are left"; return; }
    "$WORK/eve" load >/dev/null && pass "$what" || fail "$what" "something denies: $("$WORK/eve" load)"
}
# status_shows WHAT NAME CURE: `bpfsign status` says no and how to cure it, in both forms
status_shows() {
    local what=$1 name=$2 cure=$3 output status=0
    output=$(timeout 120 bpfsign status) || status=$?
    case $status:$output in
    1:*"[no]  $name "*"cure: $cure"*) pass "$what: status" ;;
    *) fail "$what: status" "exit status $status: $output" ;;
    esac
    timeout 120 bpfsign status --json | python3 -c '
import sys # python3-minimal has no json
name, cure = sys.argv[1:]
status = eval(sys.stdin.read(), {"true": True, "false": False, "null": None})
probe = [p for p in status["system"] if p["name"] == name][0]
assert probe["result"] == "no" and probe["cure"].startswith(cure) and probe["needed"], probe
' "$name" "$cure" && pass "$what: status --json" || fail "$what: status --json" "see above"
}
good() {
    cat <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
}
good | policy good
good=$WORK/good.yaml
succeeds "status says yes to everything needed" bpfsign status
begin() { # OPTION...: it begins, and ends
    watch --enforce "$good" "$@" && exits 1 "… it begins: eve is denied" "$WORK/eve" load
    leave
    gone
}

# --- the system ---------------------------------------------------------------------------
# Kernel 6.12 disables ftrace until the next boot if the switch is turned while the hooks of an
# earlier case are being detached.
gone
if echo 0 2>/dev/null >/proc/sys/kernel/ftrace_enabled; then
    refused "kernel.ftrace_enabled=0" "kernel.ftrace_enabled is 0" "sysctl kernel.ftrace_enabled=1" \
        watchbpf --enforce "$good"
    status_shows "kernel.ftrace_enabled=0" ftrace "sysctl kernel.ftrace_enabled=1"
    echo 1 >/proc/sys/kernel/ftrace_enabled
    begin
else
    watch --enforce "$good"
    { echo 0 >/proc/sys/kernel/ftrace_enabled; } 2>/dev/null
    exits 1 "this kernel's ftrace_enabled=0 disables nothing: eve" "$WORK/eve" load
    exits 0 "… alice" "$WORK/alice" load
    { echo 1 >/proc/sys/kernel/ftrace_enabled; } 2>/dev/null
    leave
fi

hidden=$(sysctl -n kernel.kptr_restrict)
sysctl -qw kernel.kptr_restrict=2
refused "kernel.kptr_restrict=2" "kernel.kptr_restrict is 2" "sysctl kernel.kptr_restrict=1" \
    watchbpf --enforce "$good"
status_shows "kernel.kptr_restrict=2" addresses "sysctl kernel.kptr_restrict=1"
sysctl -qw kernel.kptr_restrict="$hidden"

refused "not root" "run by root" "run it as root" \
    setpriv --reuid 65534 --clear-groups watchbpf --enforce "$good"
refused "root without capabilities" "" "" \
    setpriv --bounding-set -all --inh-caps -all watchbpf --enforce "$good"

# --- others' programs ---------------------------------------------------------------------
bpftool prog load "$OBJECTS/lsm.o" /sys/fs/bpf/foreign
id=$(id_of bpftool prog /sys/fs/bpf/foreign)
id=${id:-$(bpftool -j prog show pinned /sys/fs/bpf/foreign | sed -n 's/.*"id":\([0-9]*\),.*/\1/p')}
refused "a foreign LSM program" "a foreign lsm program 'foreign_lsm' (id $id)" "--adopt $id" \
    watchbpf --enforce "$good"
says "'foreign_lsm', id $id" "a foreign LSM program: status" bpfsign status
refused "another one adopted" "a foreign lsm program 'foreign_lsm' (id $id)" "--adopt $id" \
    watchbpf --enforce "$good" --adopt $((id + 1000))
watch --enforce "$good" --adopt "$id" && exits 1 "adopted, it begins: eve is denied" "$WORK/eve" load
leave
rm /sys/fs/bpf/foreign
gone
bpftool prog load "$OBJECTS/fmod_ret_other.o" /sys/fs/bpf/foreign
watch --enforce "$good" && pass "a fmod_ret that is loaded only does no harm"
leave
gone
if "$WORK/eve" attach-pinned /sys/fs/bpf/foreign /sys/fs/bpf/foreign-link >"$WORK/.out"; then
    id=$(bpftool -j prog | sed -n 's/.*"id":\([0-9]*\),"type":"tracing","name":"foreign_fmod".*/\1/p')
    refused "a foreign attached fmod_ret" "a foreign fmod_ret program 'foreign_fmod' (id $id)" \
        "--adopt $id" watchbpf --enforce "$good"
    watch --enforce "$good" --adopt "$id" && exits 1 "adopted, it begins: eve is denied" "$WORK/eve" load
    leave
    rm /sys/fs/bpf/foreign /sys/fs/bpf/foreign-link
else
    fail "attach a fmod_ret" "$(cat "$WORK/.out")"
fi
gone

# --- the policy ---------------------------------------------------------------------------
refused "no such policy" "can't read '/nowhere.yaml'" "" watchbpf --enforce /nowhere.yaml
cp "$good" "$WORK/plain.yaml"
cure="bpfsign sign --role policy --key KEY"
refused "an unsigned policy" "plain.yaml" "$cure" watchbpf --enforce "$WORK/plain.yaml"
bpfsign sign --role policy --key "$KEYS/acme.pem" "$WORK/plain.yaml" >/dev/null
refused "a policy signed by another than the control signer" \
    "is signed by 'acme', not by the control signer 'ctl'" "$cure" watchbpf --enforce "$WORK/plain.yaml"
cp "$good" "$WORK/role.yaml"
bpfsign sign --role collateral --key "$KEYS/ctl.pem" "$WORK/role.yaml" >/dev/null
refused "a policy signed in another role" "is signed in the role 'collateral'" "$cure" \
    watchbpf --enforce "$WORK/role.yaml"
cp -a "$good" "$WORK/altered.yaml"
echo '  eve: {signer: acme, load: {types: [xdp]}}' >>"$WORK/altered.yaml"
refused "a policy altered after its signature" "is for other bytes" "$cure" \
    watchbpf --enforce "$WORK/altered.yaml"
policy mistake <<'YAML'
  alice: {signer: acme, laod: {types: [xdp]}}
YAML
refused "a mistake" "mistake.yaml:6:25: unknown key 'laod'" "load" watchbpf --enforce "$WORK/mistake.yaml"

# whole NAME: a policy of standard input alone, signed
whole() {
    cat >"$WORK/$1.yaml"
    bpfsign sign --role policy --key "$KEYS/ctl.pem" "$WORK/$1.yaml" >/dev/null
}
whole locked <<'YAML'
version: 1
programs:
  alice: {signer: acme, load: {types: [xdp]}}
YAML
refused "a policy without watchbpf" "watchbpf" "" watchbpf --enforce "$WORK/locked.yaml"
whole other <<'YAML'
version: 1
programs:
  watchbpf: {signer: bob}
  bpfsign: {signer: acme}
YAML
refused "watchbpf of another signer" "the policy would lock out watchbpf itself" \
    "bpfsign sign --name watchbpf" watchbpf --enforce "$WORK/other.yaml"
whole path <<'YAML'
version: 1
programs:
  watchbpf: {signer: acme, exec: /opt/watchbpf}
  bpfsign: {signer: acme}
YAML
refused "watchbpf by another path" "the policy would lock out watchbpf itself" "" \
    watchbpf --enforce "$WORK/path.yaml"
whole old <<'YAML'
version: 1
programs:
  watchbpf: {signer: acme, min-sequence: 99999999999}
  bpfsign: {signer: acme}
YAML
refused "watchbpf too old" "the policy would lock out watchbpf itself" "" \
    watchbpf --enforce "$WORK/old.yaml"
copy bobs /usr/bin/watchbpf
bpfsign sign --name watchbpf --key "$KEYS/bob.pem" "$WORK/bobs" >/dev/null
whole bobs <<'YAML'
version: 1
programs:
  watchbpf: {signer: bob}
  bpfsign: {signer: acme}
YAML
refused "watchbpf whose libraries another signed" "would not get its libraries" \
    "bpfsign sign --libraries" "$WORK/bobs" --enforce "$WORK/bobs.yaml"
copy unsigned-watchbpf /usr/bin/watchbpf
refused "an unsigned copy of watchbpf" "the policy would lock out watchbpf itself" \
    "bpfsign sign --name watchbpf" "$WORK/unsigned-watchbpf" --enforce "$good"
copy renamed /usr/bin/watchbpf
sign renamed
refused "watchbpf signed as another program" "the policy would lock out watchbpf itself" \
    "bpfsign sign --name watchbpf" "$WORK/renamed" --enforce "$good"

# --- the signers --------------------------------------------------------------------------
policy stranger <<'YAML'
  alice: {signer: nobody, load: {types: [xdp]}}
YAML
refused "a signer never enrolled" "nobody" "bpfsign enroll" watchbpf --enforce "$WORK/stranger.yaml"
bpfsign keygen gone --output "$WORK/gone" --days 1 >/dev/null
bpfsign enroll "$WORK/gone.pem" --signer gone >/dev/null
policy gone <<'YAML'
  alice: {signer: gone, load: {types: [xdp]}}
YAML
date -s '+2 days' >/dev/null
refused "its key has expired" "the keyring of signer 'gone' has no usable key" \
    "bpfsign enroll KEY --signer gone" watchbpf --enforce "$WORK/gone.yaml"
says '"signer":"gone"' "… status --json names the signer" bpfsign status --json
says "[no]  gone " "… status shows it" bpfsign status
date -s '-2 days' >/dev/null
ring=$(ring_of gone)
bpfsign enroll "$WORK/gone.pem" --signer gone >/dev/null
watch --enforce "$WORK/gone.yaml" && pass "enrolled again: it begins"
leave
gone
keyctl clear "$ring"
refused "its keyring is empty" "the keyring of signer 'gone' has no usable key" \
    "bpfsign enroll KEY --signer gone" watchbpf --enforce "$WORK/gone.yaml"
bpfsign unenroll gone >/dev/null
refused "unenrolled" "gone" "bpfsign enroll" watchbpf --enforce "$WORK/gone.yaml"

# --- signing ------------------------------------------------------------------------------
cp "$TESTS/bin/probe" /tmp/alice
refused "sign where there is no fs-verity" "can't enable fs-verity on '/tmp/alice'" \
    "it needs ext4, f2fs or btrfs" bpfsign sign --key "$KEYS/acme.pem" /tmp/alice
rm /tmp/alice
openssl pkcs8 -topk8 -in "$KEYS/acme.pem" -passout pass:secret -out "$WORK/locked.pem"
refused "an encrypted key without a terminal" "encrypted key without a terminal" "" \
    setsid -w bpfsign sign --key "$WORK/locked.pem" "$WORK/eve"
openssl req -x509 -newkey ed25519 -nodes -subj /CN=ed -keyout "$WORK/ed.key" -out "$WORK/ed.crt" 2>/dev/null
refused "a key that the kernel cannot verify" "cannot verify" "" bpfsign enroll "$WORK/ed.crt"
refused "a file without a key in it" "" "" bpfsign enroll "$good"
begin
