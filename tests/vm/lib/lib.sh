# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a file in tests/vm/cases or tests/vm/attacks needs. Sourced in the guest by tests/vm/lib/run,
# which has enrolled the signers acme, bob and ctl (control) and signed our own tools; $KEYS holds
# their keys, $OBJECTS the BPF objects, $WORK an empty directory on a file system with fs-verity.
#
# A denial counts only with all three: baseline (the same act succeeds without us), denied
# (the exact errno and the line), control (the entitled one still succeeds).
#
# Each check prints one line, "ok NAME: WHAT", "not ok NAME: WHAT: why" or "skip NAME: WHAT: why",
# with ": PHASE" after the name of an attack; run counts them.

# shellcheck source=tests/vm/lib/keyrings.sh
. "${BASH_SOURCE[0]%/*}/keyrings.sh"

failures=0 checked=0 lines=0 PHASE=

# The kernel thread in whose mount namespace the pins are, and the way to them of a process of
# root's that has had a descriptor there since before the start: both from run.
KEEPER=$(cat /run/keeper 2>/dev/null || pgrep -x kdevtmpfs)
# shellcheck disable=SC2034
PINS=/proc/$(cat /run/way-in 2>/dev/null)/fd/9/../bpfsign

# pinned: pins are left, where nothing is enforced
pinned() {
    [ -e "/proc/$KEEPER/root/../bpfsign" ]
}

pass() {
    printf 'ok %s: %s\n' "$CASE${PHASE:+: $PHASE}" "$1"
    checked=$((checked + 1))
}

fail() {
    printf 'not ok %s: %s: %s\n' "$CASE${PHASE:+: $PHASE}" "$1" "$2"
    failures=$((failures + 1)) checked=$((checked + 1))
    place
    [ ! -s "${LOG-}" ] || tail -n 5 "$LOG" | cut -c 1-300 | sed 's/^/#   | /'
    [ -z "${RIG_SHELL-}" ] || shell
}

# place: the line of a test that has called, through whatever helpers.
place() {
    local i
    for ((i = 1; i < ${#BASH_SOURCE[@]}; i++)); do
        case ${BASH_SOURCE[i]} in
        */lib/*.sh | lib/*.sh | */lib/run | */run | run) ;;
        *) printf '#   at tests/vm/%s:%s\n' "${BASH_SOURCE[i]##*/tests/}" "${BASH_LINENO[i - 1]}"; return ;;
        esac
    done
}

# shell: on the terminal of scripts/check --shell, with what is here; the test goes on when it is
# left.
shell() {
    [ -c /dev/hvc0 ] || return 0
    export CASE WORK KEYS TESTS LOG OBJECTS PATH
    setsid -c -w bash --rcfile <(
        echo ". '$(realpath "${BASH_SOURCE[0]}")'; cd '$WORK'; PS1='$CASE: \\w# '"
        echo "echo; echo 'a check failed: $CASE${PHASE:+: $PHASE}; exit goes on with the tests'"
    ) -i <>/dev/hvc0 >&0 2>&1
}

skip() {
    printf 'skip %s: %s: %s\n' "$CASE${PHASE:+: $PHASE}" "$1" "$2"
    checked=$((checked + 1)) lines=$((lines + 1)) # no more can be asked for
}

# attempt COMMAND...: runs it without input, and not for ever.
attempt() {
    if [ "$(type -t "$1")" = file ]; then
        timeout -k 1 600 "$@" 2>&1 </dev/null
    else
        "$@" 2>&1 </dev/null
    fi
}

# succeeds WHAT COMMAND...: exit status 0.
succeeds() {
    local what=$1 output status=0
    shift
    output=$(attempt "$@") || status=$?
    if [ "$status" = 0 ]; then pass "$what"; else fail "$what" "exit status $status: $output"; fi
}

# exits STATUS WHAT COMMAND...: exactly this exit status.
exits() {
    local expected=$1 what=$2 output status=0
    shift 2
    output=$(attempt "$@") || status=$?
    if [ "$status" = "$expected" ]; then
        pass "$what"
    else
        fail "$what" "exit status $status, not $expected: $output"
    fi
}

# says TEXT WHAT COMMAND...: the output holds TEXT, whatever the status.
says() {
    local text=$1 what=$2 output
    shift 2
    output=$(attempt "$@") || true
    case $output in
    *"$text"*) pass "$what" ;;
    *) fail "$what" "no '$text' in: $output" ;;
    esac
}

# says_only TEXT WHAT COMMAND...: the output is TEXT, whatever the status.
says_only() {
    local text=$1 what=$2 output
    shift 2
    output=$(attempt "$@") || true
    if [ "$output" = "$text" ]; then pass "$what"; else fail "$what" "not '$text', but: $output"; fi
}

# says_nothing WHAT COMMAND...: there is no output, whatever the status.
says_nothing() {
    local what=$1 output
    shift
    output=$(attempt "$@") || true
    if [ -z "$output" ]; then pass "$what"; else fail "$what" "it says: $output"; fi
}

# not_permitted WHAT COMMAND...: a tool of Debian's fails and says "Operation not permitted"
# (EPERM).
not_permitted() {
    local what=$1 output status=0
    shift
    output=$(attempt "$@") || status=$?
    case $status:$output in
    0:*) fail "$what" "it succeeded" ;;
    *"Operation not permitted"* | *"must be superuser"*) pass "$what" ;; # the latter: umount(8)
    *) fail "$what" "exit status $status, but not EPERM: $output" ;;
    esac
}

# transaction WHAT TEXT COMMAND...: a package manager's transaction ends well, with exactly one line
# of ours that holds TEXT; none for an empty TEXT.
transaction() {
    local what=$1 text=$2 output status=0 lines
    shift 2
    output=$(attempt "$@") || status=$?
    lines=$(grep '^bpfsign' <<<"$output")
    if [ $status = 0 ] && { [ -n "$text" ] && [ "$(wc -l <<<"$lines")" = 1 ] && [[ $lines == *"$text"* ]] || [ -z "$text$lines" ]; }; then
        pass "$what"
    else
        fail "$what" "status $status: $output"
    fi
}

# Its name in the cases; in an attack it is a phase.
denied() {
    not_permitted "$@"
}

# pause SECONDS: without a process of its own, since what waits should cost the others nothing.
exec {never}<> <(:)
pause() {
    read -rt "$1" -u "$never" || true
}

# log_has TEXT: watchbpf has printed it.
log_has() {
    [[ $(<"$LOG") == *"$1"* ]]
}

# line WHAT TEXT: watchbpf prints a line that holds TEXT, within 20 seconds: several guests share a
# processor.
line() {
    local what=$1 text=$2 try
    lines=$((lines + 1))
    for ((try = 0; try < 200; try++)); do
        log_has "$text" && { pass "$what"; return; }
        pause 0.1
    done
    fail "$what" "no line with '$text' in: $(tail -n 12 "$LOG")"
}

# line_like WHAT PATTERN: the same for a line that matches the extended regular expression.
line_like() {
    local what=$1 pattern=$2 try
    lines=$((lines + 1))
    for try in $(seq 200); do
        grep -qE -- "$pattern" "$LOG" && { pass "$what"; return; }
        sleep 0.1
    done
    fail "$what" "no line like '$pattern' in: $(tail -n 12 "$LOG")"
}

# awaits TEXT FILE: what runs in the background has written it there; for a minute, so that what
# went wrong is seen by what comes next
awaits() {
    local try
    for ((try = 0; try < 600; try++)); do
        ! grep -qE -- "$1" "$2" || return 0
        pause 0.1
    done
}

# no_line WHAT TEXT: it has not printed such a line; call it after a line that came later.
no_line() {
    if grep -qF -- "$2" "$LOG"; then
        fail "$1" "$(grep -F -- "$2" "$LOG" | head -n 1)"
    else
        pass "$1"
    fi
}

# refused NAME REASON: within five seconds the exec line of $WORK/NAME says that its claim is worth
# nothing, and why.
refused() {
    local try
    lines=$((lines + 1))
    for ((try = 0; try < 50; try++)); do
        grep -q "^process: $1 pid: [0-9]* pod: .* op: exec action: BPFDenied signer: [a-z-]* reason: $2$" "$LOG" &&
            { pass "$1: $2"; return; }
        pause 0.1
    done
    fail "$1: $2" "$(grep "^process: $1 " "$LOG" || tail -n 5 "$LOG")"
}

# copy NAME [FILE]: a copy of FILE (Debian's bpftool) at $WORK/NAME, with nothing cached.
copy() {
    cp "${2:-/usr/sbin/bpftool}" "$WORK/$1"
    sync "$WORK/$1"
}

# sign NAME [OPTION...]: signs $WORK/NAME under its own name with acme's key.
sign() {
    local name=$1
    shift
    bpfsign sign --key "$KEYS/acme.pem" "$@" "$WORK/$name" >"$WORK/.sign" 2>&1 ||
        fail "sign $name" "$(cat "$WORK/.sign")"
}

# claim_of NAME: the claim of $WORK/NAME in hexadecimal; set_claim NAME HEX: as anybody may write
# it.
claim_of() {
    getfattr --only-values -n user.bpfsign "$WORK/$1" 2>/dev/null | od -An -tx1 -v | tr -d ' \n'
}

set_claim() {
    setfattr -n user.bpfsign -v "0x$2" "$WORK/$1"
}

# libraries_of FILE...: what these are linked with, the loader included; nothing for static ones.
libraries_of() {
    ldd "$@" 2>/dev/null | grep -oE '/[^ ]+ \(0x' | cut -d' ' -f1 | xargs -r realpath | sort -u
}

# sign_libraries FILE...: signs with acme's key what these are linked with. One name for all is
# enough, and in one run it takes a third of the time.
sign_libraries() {
    local libraries
    mapfile -t libraries < <(libraries_of "$@")
    bpfsign sign --role library --name library --key "$KEYS/acme.pem" "${libraries[@]}" >"$WORK/.sign" 2>&1 ||
        { fail "sign the libraries of $*" "$(cat "$WORK/.sign")"; return 1; }
}

# over FILE INSTEAD COMMAND...: while INSTEAD is mounted over FILE
over() {
    local file=$1 status=0
    mount --bind "$2" "$file"
    "${@:3}" || status=$?
    umount -l "$file"
    return "$status"
}

# alone FILE INSTEAD COMMAND...: the same where only this one command sees it; nothing else is
# started there
alone() {
    # shellcheck disable=SC2016 # of the inner shell
    unshare --mount sh -ec 'mount --bind "$2" "$1"; shift 2; exec "$@"' alone "$@"
}

# preloading FILE COMMAND...: with that library in /etc/ld.so.preload, for this command only
preloading() {
    local status=0
    : >/etc/ld.so.preload
    echo "$1" >"$WORK/preload"
    alone /etc/ld.so.preload "$WORK/preload" "${@:2}" || status=$?
    rm -f /etc/ld.so.preload
    return "$status"
}

# unpin PIN...: removes pins, whoever made them, by a copy of rm that the policy lets do it; without
# enforcement anybody may.
unpin() {
    [ -e "$WORK/unpin" ] || { copy unpin /bin/rm && sign unpin; }
    "$WORK/unpin" -rf "$@"
}

# policy NAME: writes $WORK/NAME.yaml, the programs every policy of a test needs and then
# standard input (indented by two), and signs it with the control key.
policy() {
    local file=$WORK/$1.yaml
    rm -f "$file"
    {
        printf 'version: 1\nprograms:\n'
        printf '  watchbpf: {signer: acme}\n  bpfsign: {signer: acme}\n'
        printf '  unpin: {signer: acme, maps: {"*:*": rw}, programs: {"*:*": replace}}\n'
        cat
    } >"$file"
    bpfsign sign --role policy --key "$KEYS/ctl.pem" "$file" >/dev/null ||
        fail "sign $file" "bpfsign sign failed"
}

# watch OPTION...: runs watchbpf in the background, its output in $LOG, until it is ready or has
# ended: how long a start takes says nothing about it where guests share a processor.
watch() {
    local begun=$'\n''watchbpf[a-z-]*: (enforcing|observing)'
    : >"$LOG"
    "${WATCHBPF:-watchbpf}" "$@" >"$LOG" 2>&1 &
    WATCHER=$!
    while kill -0 "$WATCHER" 2>/dev/null; do
        [[ $'\n'$(<"$LOG") =~ $begun ]] && return 0
        pause 0.2
    done
    fail "watchbpf $*" "$(cat "$LOG")"
    leave
    exit 1 # the rest of the case would only repeat it
}

# enforce [OPTION...]: enforces the policy on standard input.
enforce() {
    policy policy
    watch --enforce "$WORK/policy.yaml" "$@"
}

nonce() {
    watchbpf status --json | sed -n 's/.*"nonce":"\([0-9a-f]*\)".*/\1/p'
}

# order VERB [ARGUMENT]: makes $WORK/VERB.order for the running enforcement.
order() {
    rm -f "$WORK/$1.order"
    bpfsign order "$@" --nonce "$(nonce)" --key "$KEYS/ctl.pem" --output "$WORK/$1.order" \
        >/dev/null
}

# attached: the hook on bpf() answers BS_COMMAND_ALIVE, or the last fence does
attached() {
    probe command $((0x42505343)) | grep -qE 'ECANCELED|EPERM'
}

# leave: ends the enforcement with an order, as every case that began it must.
leave() {
    attached || return 0
    order stop && watchbpf stop --order "$WORK/stop.order" >/dev/null 2>&1 ||
        fail "leave" "$(watchbpf stop --order "$WORK/stop.order" 2>&1)"
    ! attached || kill -9 "$WATCHER" 2>/dev/null
    wait "$WATCHER" 2>/dev/null
    WATCHER=
}

# gone [ID]: what was attached is freed only after a grace period, and would look foreign until
# then; but for this one
gone() {
    local left
    left=$(unloaded "$@") || fail "nothing is left of what was attached" "$left"
}

# owned: how many maps and programs have an owner, before-enforcement among them
owned() {
    watchbpf status --json | sed -n 's/.*"owned_objects":\([0-9]*\).*/\1/p'
}

# older: how many of those are before-enforcement's; a program counts twice
older() {
    watchbpf list --json | tr '{' '\n' |
        awk '/"owner":"before-enforcement"/ && !/"type":null/ { n += /"kind":"program"/ ? 2 : 1 } END { print n + 0 }'
}

# forgotten: of what was freed no owner is left but those that were there at the start; the kernel
# frees some time later.
forgotten() {
    local try n
    for try in $(seq 50); do
        n=$(owned)
        [ "$n" = "$(older)" ] && { pass "owners of freed objects are forgotten"; return; }
        sleep 0.2
    done
    fail "owners of freed objects are forgotten" "$n are left"
}

# id_of map|prog PIN: the id of a pinned object, asked by a tool that may.
id_of() {
    "$1" -j "$2" show pinned "$3" 2>/dev/null | sed -n 's/.*"id":\([0-9]*\).*/\1/p'
}
