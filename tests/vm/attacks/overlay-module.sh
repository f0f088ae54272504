# overlay.ko late or again: what we know of overlayfs was found when we were loaded. Without the module then,
# nothing on an overlay counts; another instance of it is another module, or the same.
# hooks: bprm_creds_for_exec

own_policy=1

. "$TESTS/lib/overlay.sh"

prepare() {
    layer pod modular
    sign pod.lower/modular
}

there() { overlay pod; }

# away: the module is not loaded, and nobody can cause it
away() {
    local try
    umount "$WORK/pod" 2>/dev/null
    for try in $(seq 50); do
        modprobe -r overlay 2>/dev/null || umount -a -t overlay 2>/dev/null
        [ ! -d /sys/module/overlay ] && return
        sleep 0.2
    done
    fail "overlay.ko is unloaded" "$(grep overlay /proc/modules /proc/mounts)"
}

# module_at: what we know it by (bpf/facts/overlay.bpf.h)
module_at() {
    awk '$3 == "ovl_file_operations" { print $1 }' /proc/kallsyms
}

baseline() {
    there
    says "load: allowed" "alice on an overlay" "$WORK/pod/modular" load
    umount "$WORK/pod"
}

begin() {
    gone
    enforce <<'YAML'
  modular: {signer: acme, load: {types: [xdp]}}
YAML
}

denied() {
    local helper before answer name
    helper=$(sysctl -n kernel.modprobe)
    away
    sysctl -q kernel.modprobe=/bin/false
    begin
    sysctl -q kernel.modprobe="$helper"
    says "files on overlayfs: not verified" "status says so" bpfsign status
    there
    says "load: EPERM" "alice, the module having come late" "$WORK/pod/modular" load
    line "it says why" "pod: modular op: exec action: BPFDenied signer: - reason: overlayfs"
    leave

    begin
    says "load: allowed" "control: with the module at the start" "$WORK/pod/modular" load
    umount "$WORK/pod"
    before=$(module_at)
    away
    for name in loop dm-mod btrfs; do modprobe "$name"; done # one may take its place
    there
    # at another address it is unknown; at the same one it is the same, so what it says is true
    if [ "$(module_at)" = "$before" ]; then answer=allowed; else answer=EPERM; fi
    says "load: $answer" "alice, the module having come again: $answer" "$WORK/pod/modular" load
    chmod 700 "$WORK/pod/modular"
    says "load: EPERM" "what is copied up then is nothing" "$WORK/pod/modular" load
    leave
}

control() {
    begin
    umount "$WORK/pod"
    rm -rf "$WORK"/pod.{upper,work}
    there
    says "load: allowed" "alice, after a start with it" "$WORK/pod/modular" load
    umount "$WORK/pod"
}
