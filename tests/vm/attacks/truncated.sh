# Truncated: Eve, root, writes zeros into memory that Alice shares: by truncate(2) of what /proc shows, by
# an open that truncates, by a descriptor of her own that was a look.
# hooks: inode_setattr inode_follow_link file_open

# shellcheck source=tests/vm/lib/loop.sh
. "$TESTS/lib/loop.sh"

hows=(named opened looked pointed)

prepare() {
    copy truncated "$TESTS/bin/loop"
    sign truncated
    copy truncates-eve "$TESTS/bin/truncates"
}

entries() {
    echo '  truncated: {signer: acme, load: {types: [xdp]}, collateral: off}'
}

# shared KIND: by alice; $path is what /proc shows of it
shared() {
    local words pid where start
    begin "shares-$1" "$WORK/truncated"
    words=$(ask "shares-$1" 0 share "$1")
    read -r pid where <<<"${words#*: }"
    path=/proc/$pid/fd/$where
    if [ "$1" != memfd ]; then
        words=$(ask "shares-$1" 0 address)
        start=${words##* }
        path=/proc/$pid/map_files/$(printf '%x-%x' "$start" $((start + 4096)))
    fi
}

# each TEXT VALUE: what she is told, and what alice has then
each() {
    local kind how path
    for kind in memfd segment anonymous; do
        for how in "${hows[@]}"; do
            shared $kind
            says "$1" "$kind: $how" "$WORK/truncates-eve" "$how" "$path"
            says "value: $2" "… what alice has" ask "shares-$kind" 0 value
            end "shares-$kind"
        done
    done
}

baseline() {
    each "grow: allowed" 0
    says "mode: allowed" "a file of the kernel's that nobody may write any more" "$WORK/truncates-eve" mode /sys/class/net/lo/ifalias
    chmod 0644 /sys/class/net/lo/ifalias
}

denied() {
    each EPERM 42
    line "it says so" "pod: truncates-eve op: trace action: BPFDenied signer: - reason: memory-protection"
    says "mode: EPERM" "a file of the kernel's that root has written, as if nobody could" "$WORK/truncates-eve" mode /sys/class/net/lo/ifalias
    line "it says so" "pod: truncates-eve op: lockdown name: pseudo-modes action: Denied signer: - reason: lockdown"
}

control() {
    echo text >"$WORK/file"
    says "grow: allowed" "eve truncates a file" "$WORK/truncates-eve" named "$WORK/file"
    succeeds "eve opens a file by /proc" sh -c ': >/proc/self/fd/9' 9>"$WORK/file"
    succeeds "eve gives a file away by /proc: chown(2) has the number of truncate(2) of 32 bits" \
        python3 -c 'import os; os.chown("/proc/self/fd/%d" % os.open("'"$WORK/file"'", os.O_RDONLY), 0, 0)'
    succeeds "a file of the kernel's gets another mode" chmod 0600 /sys/class/net/lo/ifalias
    chmod 0644 /sys/class/net/lo/ifalias
}
