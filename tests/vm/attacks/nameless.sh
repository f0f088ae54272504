# Nameless: Eve writes into pipes between processes of Alice, and into memory that Alice has made and
# not mapped yet, or maps privately, by what /proc shows of her.
# hooks: file_open inode_alloc_security mmap_file

. "$TESTS/lib/loop.sh"

prepare() {
    copy nameless-alice "$TESTS/bin/nameless" && sign nameless-alice --name nameless
    copy nameless-friend "$TESTS/bin/roads" && sign nameless-friend --name nameless
    copy nameless-eve "$TESTS/bin/roads"
}

entries() {
    echo '  nameless: {signer: acme, load: {types: [xdp]}}'
}

# made ACT: an alice that makes it; $pid, $where and $other say where it is
made() {
    local words
    begin nameless "${2-$WORK/nameless-alice}"
    words=$(ask nameless 0 "$1")
    read -r pid where other <<<"${words#*: }"
}

eve() {
    "$WORK/nameless-eve" "$@"
}

# tried WHO: that makes each thing, lets it be written, and uses it; then says what it has
tried() {
    local act pid where other way
    for act in pipe pipe-place; do
        made pipe "$1"
        says "$act: $2" "$act: the end for reading" eve "$act" "$pid" "$where"
        says "0 take: $3" "… alice hears" ask nameless 0 take
        says "$act: $2" "$act: the end for writing" eve "$act" "$pid" "$other"
        says "0 take: $3" "… alice hears" ask nameless 0 take
        end nameless
    done
    for way in shared private; do
        for act in fd again place handle; do
            made memfd "$1"
            says "$act: $2" "a memfd, $way later: $act" eve "$act" "$pid" "$where"
            says "0 map: allowed" "… alice maps it" ask nameless 0 map "$way"
            says "0 value: $3" "… and has there" ask nameless 0 value
            end nameless
        done
    done
    made segment "$1"
    says "segment: $2" "a segment before it is attached" eve segment "$pid" "$where"
    says "0 attach: allowed" "… alice attaches it" ask nameless 0 attach
    says "0 value: ${3/42/0}" "… and has there" ask nameless 0 value
    end nameless
    made anonymous "$1"
    says "map-files: $2" "anonymous memory" eve map-files "$pid" "$where"
    says "0 value: $3" "… alice has there" ask nameless 0 value
    end nameless
}

baseline() {
    tried "$WORK/nameless-alice" allowed 13
}

denied() {
    tried "$WORK/nameless-alice" EPERM 42
    line_like "it is an alarm" \
        "pod: nameless-eve op: trace .*action: BPFDenied signer: - reason: memory-protection"
}

control() {
    local pid where other
    made pipe
    says "look: allowed" "eve looks at a pipe" eve look "$pid" "$where"
    says "0 own: allowed" "alice opens her own" ask nameless 0 own
    says "0 child: heard" "her child opens /dev/stdout, which is a pipe of hers" ask nameless 0 child
    says "pipe: allowed" "another one of the same name" "$WORK/nameless-friend" pipe "$pid" "$where"
    says "0 take: 13" "… and is heard" ask nameless 0 take
    end nameless
    tried "$TESTS/bin/nameless" allowed 13
    says_only heard "a pipe between processes that nobody signed" \
        sh -c "{ echo heard >/dev/stdout; } | cat"
}
