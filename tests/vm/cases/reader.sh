# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# One process reads the records and writes the pods, and the kernel side knows which. A second one is refused and says who reads;
# others follow. What a stopped reader leaves in the rings is whole, and the rest is counted. Its end frees the place at once.
# hooks: bpf

. "$TESTS/lib/pods.sh"

followers=()

# reads PID WHAT: the status says that this process reads
reads() {
    local status
    status=$(watchbpf status --json)
    case $status in
    *"\"reader\":{\"pid\":$1,"*) pass "$2" ;;
    *) fail "$2" "process $1 does not read: ${status##*\"reader\"}" ;;
    esac
}

# follows NAME [OPTION...]: a follower, whose lines are in $WORK/NAME and whose messages in $WORK/NAME.said
follows() {
    local name=$1
    shift
    watchbpf follow "$@" >"$WORK/$name" 2>"$WORK/$name.said" &
    followers+=($!)
    awaits '^watchbpf: following process ' "$WORK/$name.said"
}

# marks NAME FILE...: eve is denied a program of this name, and each of these files comes to say so
marks() {
    local name=$1 file
    shift
    "$WORK/eve" load 6 "$name" >/dev/null 2>&1
    for file; do awaits "name\"?: ?\"?$name" "$file"; done
}

# printed NAME: the lines of a follower are those that the reader has printed since
printed() {
    local n
    n=$(wc -l <"$WORK/$1")
    [ "$n" -ge 5 ] && diff <(grep -v ^watchbpf: "$LOG" | tail -n "$n") "$WORK/$1" >"$WORK/$1.diff" &&
        pass "$1: its $n lines are the reader's" || fail "$1: its lines are the reader's" "$n lines: $(head -n 6 "$WORK/$1.diff")"
}

# ended NAME PID READER: a follower has ended, with status 1 and a message
ended() {
    local status=0
    wait "$2" || status=$?
    [ $status = 1 ] && pass "$1 ends with the reader: status 1" || fail "$1 ends with the reader" "status $status"
    says "process $3 reads no more; enforcement goes on" "… and says so" cat "$WORK/$1.said"
}

# without_pods COMMAND...: in a mount namespace in which the kubelet has no pod
without_pods() {
    # shellcheck disable=SC2016 # of the inner shell
    unshare --mount sh -ec 'mount -t tmpfs none /var/log/pods; exec "$@"' without "$@"
}

mkdir "$WORK/frozen"
truncate -s 16M "$WORK/frozen.img"
mkfs.ext4 -q "$WORK/frozen.img"
modprobe loop
mount -o loop "$WORK/frozen.img" "$WORK/frozen"
for name in alice eve; do copy "$name" "$TESTS/bin/probe"; done
sign alice
pod_make prod alice-1 "$UID_1"
pod=$(pod_cgroup "$UID_1")/c1
mkdir -p "$pod"
says "load: allowed" "baseline: eve" "$WORK/eve" load
exits 1 "nothing to follow" watchbpf follow
says "nothing is enforced" "… it says so" watchbpf follow

enforce <<'YAML'
  alice: {signer: acme, pods: [prod/alice-*], load: {types: [xdp]}}
YAML
first=$WATCHER file=$WORK/policy.yaml

# --- a second one ------------------------------------------------------------------------------
reads "$first" "the first one reads"
says "read by process $first ('watchbpf'); reader 1 since the start" "… the status says so" watchbpf status
exits 4 "a second one is refused" watchbpf --enforce "$file"
says "process $first ('watchbpf') reads already; 'watchbpf follow' prints what it reads" "… and says who reads" \
    watchbpf --enforce "$file"
exits 4 "… from where there is no pod" without_pods watchbpf --enforce "$file"
exits 0 "one that does not read beside it" without_pods watchbpf --enforce "$file" --detach
says "load: allowed" "alice is in her pod still" inside "$pod" "$WORK/alice" load
says "command: EPERM" "eve's own program does not get the place" "$TESTS/bin/probe" command $((0x42505349))
reads "$first" "the first one still reads"
no_line "nobody was taken for Eve" "self-protection"

# --- followers ---------------------------------------------------------------------------------
exits 3 "an ordinary user follows nobody" setpriv --reuid 65534 --clear-groups watchbpf follow
follows text
follows json --output json
says "600 root" "the socket is root's" stat -c '%a %U' /run/bpfsign/follow
for name in one two three four; do marks "$name"; done
marks five "$WORK/text" "$WORK/json" "$LOG"
printed text
[ "$(grep -c '"op":"load","type":"xdp","name":"\(one\|two\|three\|four\|five\)","action":"BPFDenied"' "$WORK/json")" = 5 ] &&
    pass "the other one has each as JSON" || fail "the other one has each as JSON" "$(cat "$WORK/json")"
grep -qv '^{.*}$' "$WORK/json" && fail "… and nothing else" "$(grep -v '^{' "$WORK/json")" || pass "… and nothing else"

# --- the reader is stopped ---------------------------------------------------------------------
kill -STOP "$first"
exits 1 "a flood, while the reader is stopped" "$WORK/eve" flood 8000 90
says "process $first ('watchbpf'), which is stopped" "the status says that it is" watchbpf status
exits 4 "it has the place all the same" watchbpf --enforce "$file"
says "which is stopped reads already; kill -CONT $first, or kill -KILL $first to read in its place" "… the message says the cure" \
    watchbpf --enforce "$file"
lost=$(watchbpf status --json | sed -n 's/.*"lost_records":\([0-9]*\).*/\1/p')
[ "${lost:-0}" -gt 0 ] && pass "what finds no room is counted: $lost" || fail "what finds no room is counted" "$lost"
kill -CONT "$first"
line "the reader tells it when it goes on" "records found the ring full (0 of attacks on the enforcement)"
awaits "^lost: [0-9]+ records found the ring full" "$WORK/text"
[ "$(grep -h ^lost: "$WORK/text")" = "$(grep -h ^lost: "$LOG")" ] && pass "a follower is told the same" ||
    fail "a follower is told the same" "$(grep -h ^lost: "$WORK/text" "$LOG")"
marks resumed "$LOG" "$WORK/text"
missed=$(awk '/^missed: / { n += $2 } END { print n + 0 }' "$WORK/text")
got=$(grep -c 'name: flood_' "$WORK/text") read=$(grep -c 'name: flood_' "$LOG")
[ $((got + missed)) -ge "$read" ] && pass "it has what the reader had, or is told how many not: $got and $missed of $read" ||
    fail "it has what the reader had, or is told how many not" "$got and $missed of $read"

# --- a follower is stopped ---------------------------------------------------------------------
kill -STOP "${followers[1]}"
exits 1 "a flood, while a follower is stopped" "$WORK/eve" flood 8000 90
marks beside "$LOG" "$WORK/text"
log_has "name: beside" && pass "the reader goes on" || fail "the reader goes on" "$(tail -n 1 "$LOG")"
kill -CONT "${followers[1]}"
awaits '^[{]"missed":[0-9]+[}]$' "$WORK/json"
grep -q '^{"missed":[0-9]*}$' "$WORK/json" && pass "it is told what it missed: $(grep -h missed "$WORK/json" | tail -n 1)" ||
    fail "it is told what it missed" "$(tail -n 1 "$WORK/json")"
marks after "$WORK/json"
succeeds "… and goes on" grep -q '"name":"after"' "$WORK/json"

# --- the reader ends ---------------------------------------------------------------------------
kill -KILL "$first"
wait "$first" 2>/dev/null
ended text "${followers[0]}" "$first"
ended json "${followers[1]}" "$first"
exits 1 "nobody is left to follow" watchbpf follow
says "no process reads; watchbpf --enforce FILE, or start watchbpf.service" "… it says so" watchbpf follow
says "read by no process" "the status says so" watchbpf status
exits 1 "eve, while nobody reads" "$WORK/eve" load 6 unread
watch --enforce "$file"
second=$WATCHER
reads "$second" "the next one reads at once"
says "reader 2 since the start" "… the second" watchbpf status
line "what happened meanwhile is there" "name: unread action: BPFDenied"

# --- the reader is killed where it cannot end ----------------------------------------------------
kill -KILL "$WATCHER"
wait "$WATCHER" 2>/dev/null
watchbpf --enforce "$file" >"$WORK/frozen/log" 2>&1 &
stuck=$!
awaits "enforcing '" "$WORK/frozen/log"
fsfreeze --freeze "$WORK/frozen"
exits 1 "eve" "$WORK/eve" load 6 stuck
for _ in $(seq 100); do
    grep -q '^State:.*disk sleep' "/proc/$stuck/status" && break
    pause 0.2
done
kill -KILL "$stuck"
says "disk sleep" "it waits for its file system, and stays" grep State "/proc/$stuck/status"
says "read by no process" "it reads no more" watchbpf status
watch --enforce "$file"
reads "$WATCHER" "another one has its place"
fsfreeze --unfreeze "$WORK/frozen"
wait "$stuck" 2>/dev/null
reads "$WATCHER" "… and keeps it"
umount "$WORK/frozen"

# Two at once, of which one gets the place; the other waits for it.
for round in 1 2; do
    kill -KILL "$WATCHER"
    wait "$WATCHER" 2>/dev/null
    watchbpf --enforce "$file" --wait >"$WORK/a" 2>&1 &
    a=$!
    watchbpf --enforce "$file" --wait >"$WORK/b" 2>&1 &
    b=$!
    for _ in $(seq 300); do
        grep -qh "waiting until it ends" "$WORK/a" "$WORK/b" && grep -qh "enforcing '" "$WORK/a" "$WORK/b" && break
        pause 0.2
    done
    if grep -q "waiting until it ends" "$WORK/a"; then WATCHER=$b waits=$a said=$WORK/a; else WATCHER=$a waits=$b said=$WORK/b; fi
    reads "$WATCHER" "round $round: of two at once one reads"
    says "process $WATCHER ('watchbpf') reads already; waiting until it ends" "… the other one waits" cat "$said"
    kill -KILL "$WATCHER"
    wait "$WATCHER" 2>/dev/null
    WATCHER=$waits
    awaits "enforcing '" "$said"
    reads "$WATCHER" "… and reads when that has ended"
done
LOG=$said
exits 1 "eve" "$WORK/eve" load 6 last
line "it prints" "name: last action: BPFDenied"
leave
pod_remove prod alice-1 "$UID_1"
