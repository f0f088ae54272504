# A real tool of BCC's, syncsnoop-bpfcc of Debian's bpfcc-tools, unmodified: a Python script with clang inside, which
# compiles its C with the kernel's headers when it starts. It is itself by its path only, and neither a module nor a
# header of Eve's gets into it.
# night: BCC compiles with clang, minutes in emulation
# hooks: file_post_open bprm_committed_creds
# once: the hooks of an exec are those of script.sh

MODULES=/usr/lib/python3/dist-packages

# able_to WHAT: can BCC compile here? Else it says why not, once in each phase.
able_to() {
    if [ -n "${BPFSIGN_WITHOUT_HOOK-}" ]; then
        skip "$1" "other attacks miss these hooks sooner"
    elif [ -z "$(headers_disk)" ]; then
        skip "$1" "Debian has no package of the headers of Linux $(uname -r)"
    else
        return 0
    fi
    return 1
}

headers_disk() {
    local disk serial
    for disk in /sys/block/vd*; do
        read -r serial <"$disk/serial"
        [ "$serial" != headers ] || echo "/dev/${disk##*/}"
    done
}

mount_headers() {
    local release modules
    release=$(uname -r)
    modules=/lib/modules/$release
    mountpoint -q /usr/src && return
    mount "$(headers_disk)" /usr/src &&
        mount -t overlay headers -o "lowerdir=/usr/src/modules/$release:$modules" "$modules" ||
        fail "mount the headers" "see above"
}

# snoops COMMAND...: a sync() now and then, until the tool has told of one or has ended. Emulated it takes
# clang 10 s, on a busy host 30.
snoops() {
    local try
    : >"$WORK/said"
    timeout -k 1 400 "$@" >"$WORK/said" 2>&1 </dev/null &
    for try in $(seq 800); do
        grep -q 'sync()' "$WORK/said" && break
        kill -0 $! 2>/dev/null || break
        sync
        sleep 0.5
    done
    pkill -x 'bcc-.*|python3'
    wait $!
    ! grep -q 'sync()' "$WORK/said" || echo "snoop: allowed"
    grep -v -e warning: -e '^extern' -e '^ ' -e ' included from' -e ' note: ' "$WORK/said"
}

# sign_what_it_opened: some 190 files, by the paths that strace saw. Of the headers nearly all are asked for by a
# relative name, which `unsigned-files` cannot say; and whoever writes a header writes the program.
sign_what_it_opened() {
    sed -n 's/.* = [0-9]*<\(.*\)>$/\1/p' "$WORK/trace" | sort -u | grep -vE '^/(proc|sys|dev)/|^/etc/ld.so.cache' |
        while read -r file; do [ ! -f "$file" ] || echo "$file"; done >"$WORK/opened"
    grep -v '\.so' "$WORK/opened" | grep -vxF "$WORK/bcc-tool" |
        xargs bpfsign sign --role collateral --name bcc --key "$KEYS/acme.pem" >"$WORK/.sign" 2>&1 &&
        grep '\.so' "$WORK/opened" |
        xargs bpfsign sign --role library --name library --key "$KEYS/acme.pem" >"$WORK/.sign" 2>&1 ||
        fail "sign what it opens" "$(cat "$WORK/.sign")"
}

# Eve's module, which makes a map and says so.
eves_module() {
    cat >"$1" <<'PYTHON'
import ctypes, os, struct, sys
r = ctypes.CDLL(None, use_errno=True).syscall(321, 0, struct.pack("IIII56x", 2, 4, 8, 1), 72)
print("eve:", "allowed" if r >= 0 else os.strerror(ctypes.get_errno()))
sys.exit(r < 0)
PYTHON
}

# covered FILE BY COMMAND...: with BY in the place of FILE
covered() {
    mount --bind "$2" "$1" || return
    attempt "${@:3}"
    umount "$1"
}

# beside_it COMMAND...: with Eve's module where Python looks first, in the script's own folder
beside_it() {
    cp "$WORK/eve/bcc.py" "$WORK/bcc.py"
    attempt "$@"
    rm -rf "$WORK/bcc.py" "$WORK/__pycache__"
}

prepare() {
    able_to "the tool" >/dev/null || return
    mount_headers
    copy bcc-tool /usr/sbin/syncsnoop-bpfcc
    copy bcc-copy /usr/sbin/syncsnoop-bpfcc
    mkdir "$WORK/eve"
    eves_module "$WORK/eve/bcc.py"
    echo '#error a header of Eve' >"$WORK/eve/kconfig.h"
}

entries() {
    # jit: what the tool gives libbcc to call is made by libffi, in memory
    echo '  bcc-tool: {signer: acme, load: {types: [kprobe]}, jit: allow}'
}

makes_map=(python3 -c 'import ctypes, os; from bcc import libbcc
fd = libbcc.lib.bcc_create_map(2, b"eve", 4, 8, 1, 0)
print("map:", "allowed" if fd >= 0 else os.strerror(ctypes.get_errno()))')

baseline() {
    able_to "the tool" || return
    says "snoop: allowed" "the tool" snoops strace -f -qq -y -e trace=open,openat -o "$WORK/trace" "$WORK/bcc-tool"
    says "map: allowed" "python3 with bcc" "${makes_map[@]}"
    says "eve: allowed" "a module by PYTHONPATH" env PYTHONPATH="$WORK/eve" "$WORK/bcc-tool"
    says "eve: allowed" "a module beside it" beside_it "$WORK/bcc-tool"
    says "eve: allowed" "a module in the place of BCC's" \
        covered $MODULES/bcc/__init__.py "$WORK/eve/bcc.py" "$WORK/bcc-tool"
    says "header of Eve" "a header" covered "$(header)" "$WORK/eve/kconfig.h" "$WORK/bcc-tool"
    sign bcc-tool --libraries
    sign_what_it_opened
}

header() {
    realpath "/lib/modules/$(uname -r)/source/include/linux/kconfig.h"
}

denied() {
    able_to "the tool" || return
    says "Operation not permitted" "an unsigned copy" snoops "$WORK/bcc-copy"
    line "… says so" "pod: python3.11 op: exec action: BPFDenied signer: - reason: interpreted"
    says "Operation not permitted" "python3 told to read it" snoops python3 "$WORK/bcc-tool"
    line "… says so" "pod: python3.11 op: exec action: BPFDenied signer: - reason: not-in-policy"
    says "map: Operation not permitted" "python3 with bcc" "${makes_map[@]}"
    says "eve: Operation not permitted" "a module by PYTHONPATH" env PYTHONPATH="$WORK/eve" "$WORK/bcc-tool"
    line "… says so" "variable: PYTHONPATH"
    says "PermissionError: [Errno 1]" "a module beside it" beside_it "$WORK/bcc-tool"
    line "… says so" "op: read file: $WORK/bcc.py action: Denied"
    says "PermissionError: [Errno 1]" "a module in the place of BCC's" \
        covered $MODULES/bcc/__init__.py "$WORK/eve/bcc.py" "$WORK/bcc-tool"
    line "… says so" "op: read file: $MODULES/bcc/__init__.py action: Denied"
    says "kconfig.h': Operation not permitted" "a header" covered "$(header)" "$WORK/eve/kconfig.h" "$WORK/bcc-tool"
    line "… says so" "op: read file: $(header) action: Denied"
}

control() {
    able_to "the tool" || return
    says "snoop: allowed" "the tool by its path" snoops "$WORK/bcc-tool"
    line "… its program is approved" \
        "pod: bcc-tool op: load type: kprobe name: syscall__sync action: Approved signer: acme"
    umount "/lib/modules/$(uname -r)" /usr/src
}
