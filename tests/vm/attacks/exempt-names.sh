# Exempt names: Eve gives Alice a file of hers by a name that begins like one that need not be
# signed (`..`, a link), in a directory that every program may read and root fills, or as a
# file of the kernel's whose words root chooses.
# hooks: file_post_open
# once: who is entitled is our own decision

. "$TESTS/lib/loop.sh"

prepare() {
    copy named "$TESTS/bin/reader" && sign named
    mkdir -p "$WORK"/free/{below,fine} "$WORK/evil" /usr/lib/locale /usr/share/zoneinfo
    copy evil/evil "$TESTS/bin/loop"
    echo evil | tee "$WORK/evil/file" /usr/share/zoneinfo/evil.o /usr/lib/locale/evil.o >/dev/null
    echo fine | tee "$WORK/free/file" "$WORK/free/fine/file" >/dev/null
    echo good >"$WORK/evil/good" && sign evil/good --role collateral
    ln -sfn "$WORK/evil/file" "$WORK/free/link"
    ln -sfn "$WORK/evil" "$WORK/free/links"
    touch "$WORK/free/over"
    mount --bind "$WORK/evil/file" "$WORK/free/over"
    mount --bind "$WORK/evil" "$WORK/free/below"
}

entries() {
    echo "  named: {signer: acme, load: {types: [xdp]}, unsigned-files: [$WORK/free/*]}"
}

# Names that lead out of the directory whose files need not be signed.
leading_out=(free/../evil/file free/./../evil/file free//../evil/file free/fine/../../evil/file
    free/link free/links/file)
# Mounts below it: what is named there is not verified, however it came there.
mounted=(free/over free/below/file)
# In what everybody may read.
filled=(/usr/share/zoneinfo/evil.o /usr/lib/locale/evil.o "/usr/lib/locale/../../..$WORK/evil/file"
    "/usr/share/zoneinfo/../../..$WORK/evil/file" "/usr/lib/locale/./../../..$WORK/evil/file")

reads() { "$WORK/named" open "$1"; }

# speak: Eve's word is in files of the kernel's, whose names are in $spoken
speak() {
    local pid
    cat /proc/sys/kernel/core_pattern >"$WORK/core_pattern"
    echo evil >/proc/sys/kernel/core_pattern
    ip link set lo alias evil
    begin eve env -i A=evil "$WORK/evil/evil"
    pid=$(pid_of eve)
    spoken=(/proc/sys/kernel/core_pattern /sys/class/net/lo/ifalias "/proc/$pid/comm"
        "/proc/$pid/task/$pid/comm" "/proc/$pid/cmdline" "/proc/$pid/environ")
    mount -t cgroup -o none,name=evil evil /sys/fs/pstore && # version 1
        echo evil >/sys/fs/pstore/release_agent && spoken+=(/sys/fs/pstore/release_agent) ||
        skip "a cgroup's release_agent" "this kernel has no cgroups of version 1"
}

be_silent() {
    end eve
    cat "$WORK/core_pattern" >/proc/sys/kernel/core_pattern
    ip link set lo alias ''
    ! mountpoint -q /sys/fs/pstore || umount /sys/fs/pstore
}

# device: another one by the name of one that need not be signed
device() { over /dev/null /dev/zero reads /dev/null; }

baseline() {
    local name spoken
    for name in "${leading_out[@]}" "${mounted[@]}"; do
        says "content: evil" "$name" reads "$WORK/$name"
    done
    for name in "${filled[@]}"; do says "content: evil" "$name" reads "$name"; done
    speak
    for name in "${spoken[@]}"; do says "evil" "$name" reads "$name"; done
    be_silent
    says "content: " "/dev/zero over /dev/null" device
}

denied() {
    local name spoken
    for name in "${leading_out[@]}"; do says "open: EPERM" "$name" reads "$WORK/$name"; done
    line "it says why" \
        "pod: named op: read file: $WORK/evil/file action: Denied signer: acme reason: unsigned"
    for name in "${filled[@]}"; do says "open: EPERM" "$name" reads "$name"; done
    speak
    for name in "${spoken[@]}"; do says "open: EPERM" "$name" reads "$name"; done
    line "it says why" \
        "pod: named op: read file: /proc/sys/kernel/core_pattern action: Denied signer: acme reason: unsigned"
    be_silent
    says "open: EPERM" "/dev/zero over /dev/null" device
}

control() {
    local name
    for name in "${mounted[@]}"; do says "content: evil" "$name" reads "$WORK/$name"; done
    says "content: fine" "a file that need not be signed" reads "$WORK/free/file"
    says "content: fine" "… further below" reads "$WORK/free/fine/file"
    says "content: good" "a signed one, whatever its name" reads "$WORK/free/../evil/good"
    says "content: good" "… by a link" reads "$WORK/free/links/good"
    says "content: " "/dev/null" reads /dev/null
    says "content: " "/dev/zero" reads /dev/zero
    says "content: " "/proc/version" reads /proc/version
    says "content: " "/proc/self/status" reads /proc/self/status
    says "content: " "/sys/kernel/btf/vmlinux" reads /sys/kernel/btf/vmlinux
    umount "$WORK/free/over" "$WORK/free/below"
    rm -f /usr/share/zoneinfo/evil.o /usr/lib/locale/evil.o
}
