# Writable roads: Eve opens memory that Alice shares, by what /proc shows of her, by its number or
# its name, and writes there. The kernel asks about such an open as if it were a look.
# hooks: file_open mmap_file

. "$TESTS/lib/loop.sh"

fds=(fd fd-write-only task-fd again place handle)

prepare() {
    copy shares "$TESTS/bin/loop" && sign shares
    copy shares-eve "$TESTS/bin/roads"
    copy shares-alice "$TESTS/bin/roads" && sign shares-alice --name shares
}

entries() {
    echo '  shares: {signer: acme, load: {types: [xdp]}, unsigned-files: [/dev/shm/shares]}'
}

# shared KIND: an alice that shares memory of that kind; $pid and $where
shared() {
    local words
    begin alice "$WORK/shares"
    words=$(ask alice 0 share "$1")
    read -r pid where <<<"${words#*: }"
}

# roads_to KIND: the acts of roads
roads_to() {
    case $1 in
    memfd) echo "${fds[*]} map-files" ;;
    segment) echo segment map-files ;;
    anonymous) echo map-files ;;
    /*) echo path root fd map-files ;;
    esac
}

kinds=(memfd segment anonymous /dev/shm/shares)

# range: of the shared memory in alice
range() {
    local words
    words=$(ask alice 0 address)
    printf '%x-%x' "${words##* }" $((${words##* } + 4096))
}

# road ACT KIND WHO: WHO goes it
road() {
    local at=$where
    case $1 in
    map-files) at=$(range) ;;
    path | root) at=$2 ;;
    esac
    "$WORK/$3" "$1" "$pid" "$at"
}

baseline() {
    local kind act pid where
    for kind in "${kinds[@]}"; do
        for act in $(roads_to "$kind"); do
            shared "$kind"
            says "$act: allowed" "$kind: $act" road "$act" "$kind" shares-eve
            says "value: 13" "… and alice has it" ask alice 0 value
            end alice
        done
    done
}

denied() {
    local kind act pid where
    for kind in memfd segment anonymous; do
        for act in $(roads_to "$kind"); do
            shared "$kind"
            says "$act: EPERM" "$kind: $act" road "$act" "$kind" shares-eve
            says "value: 42" "… alice has what was hers" ask alice 0 value
            end alice
        done
    done
    line_like "it is an alarm" \
        "pod: shares-eve op: trace .*action: BPFDenied signer: - reason: memory-protection"
}

control() {
    local pid where
    shared memfd
    says "fd-write-only: allowed" "alice reaches into alice" road fd-write-only memfd shares-alice
    says "value: 13" "… and has it" ask alice 0 value
    says "memfd:shared" "what she has open is seen" readlink "/proc/$pid/fd/$where"
    says "memfd:shared" "… and what she maps" cat "/proc/$pid/maps"
    end alice
    shared /dev/shm/shares
    says "path: allowed" "what the policy calls unsigned is a file" road path /dev/shm/shares shares-eve
    end alice
    begin alice "$TESTS/bin/loop"
    read -r pid where <<<"$(ask alice 0 share memfd | sed 's/.*: //')"
    says "fd: allowed" "eve writes to one that nobody signed" road fd memfd shares-eve
    end alice
    rm -f /dev/shm/shares
}
