# Whatever becomes of the mounts, the enforcement stands: copies, peers and slaves of /sys that are unmounted, /sys itself, moved
# and unmounted with all below it, another root for everybody.
# hooks: ptrace_access_check
# once: what the kernel does with mounts is the same on every kernel

copy alice "$TESTS/bin/probe"
copy eve "$TESTS/bin/probe"
sign alice
exits 0 "baseline: eve" "$WORK/eve" load
mkdir -p "$WORK/to" "$WORK/copies"
findmnt -rno TARGET,FSTYPE,SOURCE,OPTIONS -R /sys | tail -n +2 >"$WORK/below"

# restore: what was below /sys
restore() {
    mountpoint -q /sys || mount -t sysfs sysfs /sys
    while read -r where type source _; do
        mountpoint -q "$where" || mount -t "$type" "$source" "$where" || fail "restore" "$where"
    done <"$WORK/below"
}

# stands WHAT: and is found by our own programs
stands() {
    exits 0 "$1: alice" "$WORK/alice" load
    exits 1 "$1: eve" "$WORK/eve" load
    says "[yes] on" "$1: watchbpf finds it" watchbpf status
}

# copies: each is the master of the next
copies() {
    local i
    for i in $(seq 9); do
        mkdir -p "$WORK/copies/$i"
        mount --make-rshared /sys && mount --rbind /sys "$WORK/copies/$i" &&
            mount --make-rslave "$WORK/copies/$i" && mount --make-rshared "$WORK/copies/$i" || return
    done
}

uncopy() {
    local i
    for i in $(seq 9); do umount -l "$WORK/copies/$i" || return; done
}

enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
succeeds "nine copies of /sys, each a slave of the one before" copies
succeeds "… are unmounted lazily" uncopy
stands "the copies"
mount --make-rprivate /sys
succeeds "/sys is moved" mount --move /sys "$WORK/to"
mount --move "$WORK/to" /sys
stands "moved and back"
succeeds "something is mounted over /sys" mount -t tmpfs over /sys
umount /sys
succeeds "/sys is unmounted with all below it" umount -l /sys
mount -t sysfs sysfs /sys
restore
stands "unmounted"
says "pivot: allowed" "another root, and the old one unmounted with its namespace" unshare -m \
    sh -c 'mount -t tmpfs to "$1/to" && mkdir "$1/to/old" && exec mounts pivot "$1/to" "$1/to/old"' - "$WORK"
stands "another root"
says "[yes] pins" "status: there is a place for the pins" bpfsign status
leave
pinned && fail "no pin is left" "they are there" || pass "no pin is left"
exits 0 "eve afterwards" "$WORK/eve" load
