# Interpreter's argument: `sh -c`, `sh SCRIPT` and `python3 SCRIPT` run Alice's lines under another program's name;
# and Alice as the interpreter of Eve's script runs Eve's. Neither is Alice.
# hooks: bprm_check_security bprm_committed_creds
# once: the hooks of an exec are those of script.sh

prepare() {
    copy spoken "$TESTS/bin/probe"
    sign spoken
    copy speaker-sh /bin/sh
    sign speaker-sh
    printf '#!%s who\n' "$WORK/spoken" >"$WORK/spoken-script"
    chmod +x "$WORK/spoken-script"
    cat >"$WORK/lines.py" <<PY
import os, sys
os.execv("$WORK/unspoken", ["unspoken", "load"])
PY
    copy unspoken "$TESTS/bin/probe"
}

entries() {
    echo '  spoken: {signer: acme, load: {types: [xdp]}}'
    echo '  speaker-sh: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    says "alice: allowed" "eve's script" "$WORK/spoken-script"
    says "load: allowed" "by sh -c" sh -c "$WORK/unspoken load"
    says "load: allowed" "by python3" python3 "$WORK/lines.py"
}

denied() {
    says "alice: EPERM" "alice as the interpreter of eve's script" "$WORK/spoken-script"
    line "it says why" "pod: spoken op: exec action: BPFDenied signer: - reason: interpreted"
    says "load: EPERM" "eve by sh -c" sh -c "$WORK/unspoken load"
    says "load: EPERM" "eve by python3" python3 "$WORK/lines.py"
    line "it says why" "pod: unspoken op: exec action: BPFDenied signer: - reason: unsigned"
    says "load: EPERM" "eve by a signed shell" "$WORK/speaker-sh" -c "exec $WORK/unspoken load"
}

control() {
    says "load: allowed" "alice by sh -c" sh -c "$WORK/spoken load"
    says "load: allowed" "alice by a signed shell" "$WORK/speaker-sh" -c "exec $WORK/spoken load"
}
