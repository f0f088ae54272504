# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Who is trusted and the policy change all the time, and our own programs look into keyrings and at the pins meanwhile: none is
# denied, none is taken for Eve. Hooks that cannot sleep answer EBUSY to a control program whose mark is old. Eve gets none.
# hooks: key_permission ptrace_access_check

. "$TESTS/lib/loop.sh"

bpfsign keygen good --output "$WORK/good" >/dev/null
for name in bpfsign alice eve; do copy "$name" "$TESTS/bin/moved"; done
sign bpfsign && sign alice # the first is a control program, by its name
policy first <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
policy second <<'YAML'
  alice: {signer: acme, load: {types: [xdp, socket_filter]}}
YAML

# replace NAME: puts that policy in force; enroll, unenroll: a signer more, or less
replace() {
    order policy "$WORK/$1.yaml" && watchbpf --enforce "$WORK/$1.yaml" --order "$WORK/policy.order" --detach
}

first() {
    replace first
}

second() {
    replace second
}

enroll() {
    order enroll "$WORK/good.pem" && bpfsign enroll "$WORK/good.pem" --order "$WORK/enroll.order"
}

unenroll() {
    order unenroll good && bpfsign unenroll good --order "$WORK/unenroll.order"
}

# answers TEXT WHAT NAME ACT [WORD...]: what a program that runs says
answers() {
    says ": $1" "$2" ask "$3" 0 "${@:4}"
}

# alarms: the lines so far about what our own programs look at, but for those of this program
alarms() {
    grep -E 'op: (keyring|trace|open) .* reason: (keyring-|memory-|self-|place-)' "$LOG" | grep -v "^process: ${1-none} "
}

others() {
    alarms keyctl | tail -n "+$((n + 1))"
}

# looks NAME COMMAND...: again and again, until the movers have ended; a line for each that fails
looks() {
    local file=$1 output n=0
    shift
    while [ ! -e "$WORK/stop" ]; do
        output=$("$@" 2>&1) || echo "status $?: $output"
        n=$((n + 1))
    done >"$WORK/$file.failed"
    echo "$n" >"$WORK/$file.n"
}

keys() {
    local output
    output=$(bpfsign keys)
    [ "$(grep -cE '^(acme|bob|ctl) .*active' <<<"$output")" = 3 ] || { echo "$output"; return 1; }
}

status() {
    local output
    output=$(bpfsign status --json)
    [[ $output == *'"mode":"enforce"'* ]] &&
        [ "$(grep -oE '"signer":"(acme|bob|ctl)"[^}]*"usable":"yes"' <<<"$output" | wc -l)" = 3 ] || { echo "$output"; return 1; }
}

list() {
    watchbpf list --json
}

watch --enforce "$WORK/first.yaml"
ring=$(ring_of acme) key=$(openssl x509 -in "$KEYS/acme.pem" -outform DER | sha256sum | cut -d" " -f1)
keeper=/proc/$KEEPER/root/..

# one after the other
for name in bpfsign alice eve; do begin "$name" "$WORK/$name"; done
answers allowed "a control program searches a ring" bpfsign search "$ring" "$key"
succeeds "another policy" second
answers allowed "a search, at once" bpfsign search "$ring" "$key"
succeeds "another policy" first
answers allowed "a look at the pins' keeper, at once" bpfsign stat "$keeper"
for move in enroll unenroll; do
    succeeds "$move" "$move"
    answers EBUSY "a search is asked to come again" bpfsign search "$ring" "$key"
    answers EBUSY "… a read too" bpfsign read "$ring"
    answers EACCES "… and a look at the keeper" bpfsign stat "$keeper"
    answers ECANCELED "a call that may sleep" bpfsign control
    answers allowed "a search" bpfsign search "$ring" "$key"
    answers allowed "a read" bpfsign read "$ring"
    answers allowed "a look at the keeper" bpfsign stat "$keeper"
done
says_nothing "no alarm of it" alarms
answers EPERM "a write without an order is no look" bpfsign clear "$ring"
line "… and an alarm" 'op: keyring name: "bpfsign:acme" action: Denied signer: acme reason: keyring-protection'
succeeds "enroll, once more" enroll
for name in alice eve; do
    answers EPERM "$name, whose mark is old or none, searches" "$name" search "$ring" "$key"
    answers EPERM "… reads" "$name" read "$ring"
    answers EACCES "… looks at the keeper" "$name" stat "$keeper"
    line_like "… is an alarm" "^process: $name pid: $(pid_of "$name") .*op: keyring .* reason: keyring-protection"
    line_like "… and a line" "^process: $name pid: $(pid_of "$name") .*op: trace .* reason: place-of-pins"
done
for name in bpfsign alice eve; do end "$name" 2>/dev/null; done
succeeds "unenroll, once more" unenroll

# all at once
n=$(alarms | wc -l)
rm -f "$WORK/stop"
looks keys keys &
lookers=($!)
looks status status &
lookers+=($!)
looks list list &
lookers+=($!)
moves=0 end=$((SECONDS + 15))
while [ $SECONDS -lt $end ]; do
    for move in second enroll first unenroll; do
        if "$move" >"$WORK/move" 2>&1; then moves=$((moves + 1)); else fail "$move" "$(cat "$WORK/move")"; fi
    done
done
touch "$WORK/stop"
wait "${lookers[@]}"
[ "$moves" -ge 4 ] && pass "policy and signers moved $moves times" || fail "they moved" "$moves times"
for name in keys status list; do
    [ "$(cat "$WORK/$name.n")" -ge 5 ] && [ ! -s "$WORK/$name.failed" ] &&
        pass "$name: none of $(cat "$WORK/$name.n") was denied" ||
        fail "$name: none of $(cat "$WORK/$name.n") is denied" "$(head -c 600 "$WORK/$name.failed")"
done
not_permitted "eve searches" keyctl search "$ring" asymmetric "$key"
line_like "… is an alarm" '^process: keyctl pid: .*op: keyring .* reason: keyring-protection'
says_nothing "and nobody else's" others
says active "all is well" bpfsign keys
leave
