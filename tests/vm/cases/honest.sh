# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What enforcement changes for honest programs, and the cures: bpfsign-policy(5) has a row for each.
# hooks: bprm_check_security ptrace_access_check
# once: what the loader and the kernel do with AT_SECURE is the same on every kernel

mkdir "$WORK/lib" "$WORK/away"
for name in . lib; do cp "$TESTS/bin/honest_library.so" "$WORK/$name"; done
bpfsign sign --role library --name library --key "$KEYS/acme.pem" "$WORK"/honest_library.so "$WORK"/lib/* >"$WORK/.sign" 2>&1
copy origin "$TESTS/bin/honest"         # its library is beside it
copy away/searching "$TESTS/bin/honest" # it is not: LD_LIBRARY_PATH
for name in fixed stateful listed; do copy "away/$name" "$TESTS/bin/honest_path"; done # /mnt/honest/lib
for name in origin away/{searching,fixed,stateful,listed}; do
    cp "$WORK/$name" "$WORK/$name-eve"
    sign "$name"
done
echo 1 >"$WORK/state"
found="library: 42"

# given COMMAND...: what a parent gives to its child
given() {
    (ulimit -s unlimited && TMPDIR=/run exec setpriv --pdeathsig TERM "$@")
}

searched() {
    LD_LIBRARY_PATH=$WORK/lib "$@"
}

# finds WHAT DEATH STACK TMPDIR COMMAND...
finds() {
    says "death-signal: $2"$'\n'"stack: $3"$'\n'"tmpdir: $4" "$1" "${@:5}"
}

# attaches PROGRAM: strace(1), while it runs
attaches() {
    local status=0 pid
    rm -f "$WORK/pid"
    "$1" sleep >"$WORK/pid" &
    pid=$!
    awaits '^[0-9]' "$WORK/pid"
    timeout 2 strace -p "$pid" 2>&1 || status=$?
    kill -9 "$pid"
    wait "$pid" 2>/dev/null
    return "$status"
}

says "$found" "baseline: \$ORIGIN" "$WORK/origin-eve"
says "$found" "baseline: LD_LIBRARY_PATH" searched "$WORK/away/searching-eve"
finds "baseline: a signal, a stack and a variable of the parent's" 15 -1 /run given "$WORK/away/fixed-eve"
says "attached" "baseline: a debugger" attaches "$WORK/away/fixed-eve"
enforce --exec all <<'YAML'
  origin: {signer: acme, load: {types: [xdp]}}
  searching: {signer: acme, load: {types: [xdp]}}
  fixed: {signer: acme, load: {types: [xdp]}}
  stateful: {signer: acme, unsigned-files: [/mnt/honest/state], load: {types: [xdp]}}
  listed: {signer: acme, collateral: [/etc/listed/*], load: {types: [xdp]}}
YAML

says "honest_library.so: cannot open shared object file" "\$ORIGIN is not heeded" "$WORK/origin"
says "honest_library.so: cannot open shared object file" "nor LD_LIBRARY_PATH" searched "$WORK/away/searching"
says "$found" "the cure: an absolute path in the file" "$WORK/away/fixed"
says "$found" "unsigned programs are as ever: \$ORIGIN" "$WORK/origin-eve"
says "$found" "… LD_LIBRARY_PATH" searched "$WORK/away/searching-eve"

finds "a signal, a stack and a variable of the parent's" 0 8 - given "$WORK/away/fixed"
finds "the cure: its own" 15 64 - given "$WORK/away/fixed" own
finds "an unsigned program has the parent's" 15 -1 /run given "$WORK/away/fixed-eve"

says "Operation not permitted" "a debugger of a program that runs" attaches "$WORK/away/fixed"
line "… is an alarm" "op: trace action: BPFDenied signer: - reason: memory-protection"
says "$found" "the cure: under the debugger from its start" strace -qq -o "$WORK/trace" "$WORK/away/fixed"
refused fixed traced
says "attached" "… or an unsigned copy" attaches "$WORK/away/fixed-eve"

says "read-write: EPERM" "strict: its own state, to read and write" "$WORK/away/fixed" state "$WORK/state"
says "write: allowed" "… to write only" "$WORK/away/fixed" state "$WORK/state"
says "read-write: allowed" "the cure: unsigned-files" "$WORK/away/stateful" state "$WORK/state"
says "whole: allowed"$'\n'"relative: EPERM" "strict: /proc by a directory's descriptor" "$WORK/away/fixed" proc
says "relative: allowed" "the cure: collateral is a list" "$WORK/away/listed" proc
leave
