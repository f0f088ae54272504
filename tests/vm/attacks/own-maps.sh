# Own maps: the policy, the marks, the owners, the rings of records and the constants of an enforcement are maps. Eve, root, and an
# Alice who may write every map and load iterators want a descriptor of one: by id, by pin, by reading the pin; with it
# they would write it, map it, name it in a program, put it into a map of maps, iterate over it, eat the records.
# hooks: bpf bpf_map file_open
# once: the hooks are those of own-links.sh

own=$PINS stand_in=/sys/fs/bpf/stand_in

# Acts of tests/vm/programs/maps.c, MAP for one of ours
acts=(
    open lookup "update 7" update-batch freeze mmap-read mmap-write program map-in-map bind iterator
)

shopt -s extglob # !(on_*): every file but these

prepare() {
    copy maps-eve "$TESTS/bin/maps"
    copy maps-alice "$TESTS/bin/maps"
    copy maps-finder "$TESTS/bin/probe"
    sign maps-alice
    sign maps-finder
}

# act WHO MAP ACT
act() {
    # shellcheck disable=SC2086
    "$WORK/$1" ${3%% *} "$2" ${3#"${3%% *}"}
}

# Constants as libbpf makes them: frozen, and read-only for programs. An iterator writes them all the same.
constants() {
    "$WORK/maps-eve" create rdonly_array constants $stand_in && "$WORK/maps-eve" freeze pin:$stand_in &&
        "$WORK/maps-eve" iterator pin:$stand_in && "$WORK/maps-eve" lookup pin:$stand_in
}

baseline() {
    local what
    for what in "${acts[@]}"; do
        unpin $stand_in
        "$WORK/maps-eve" create array stand_in $stand_in >"$WORK/created"
        exits 0 "$what" act maps-eve pin:$stand_in "$what"
    done
    says "0: " "read(2) of the pin" cat $stand_in
    unpin $stand_in
    says "value: 1702259052" "constants are rewritten" constants
    unpin $stand_in
    bpftool map create $stand_in type ringbuf key 0 value 0 entries 4096 name ring
    exits 0 "records are eaten" "$WORK/maps-eve" mmap-write pin:$stand_in
    unpin $stand_in
}

entries() {
    cat <<'YAML'
  maps-alice:
    signer: acme
    load: {types: [xdp, tracing], kernel-reads: allow, map-writes: any, map-reads: any}
    maps: {"*:*": rw}
    programs: {"*:*": replace}
  maps-finder: {signer: acme, load: {types: [xdp]}}
YAML
}

# ours: the ids of what the start has made
before() { "$WORK/maps-finder" ids map >"$WORK/before"; }
begun() { "$WORK/maps-finder" ids map | grep -vxFf "$WORK/before" >"$WORK/ours"; }
ours() { cat "$WORK/ours"; }

# by_id WHO: tries all of ours, to read and to write; prints what was not refused with EPERM
by_id() {
    local id
    for id in $(ours); do
        "$WORK/$1" open "id:$id" | grep -vx "open: EPERM"
        "$WORK/$1" open "id-ro:$id" | grep -vx "open: EPERM"
    done
    return 0
}

# by_pin WHO: by BPF_OBJ_GET, and by open(2)
by_pin() {
    local pin
    for pin in "$own"/!(on_*); do
        "$WORK/$1" open "pin:$pin" | grep -vx "open: EPERM"
        "$WORK/$1" open "pin-ro:$pin" | grep -vx "open: EPERM"
        "$WORK/$1" read "$pin" | grep -vx "open: EPERM"
    done
    return 0
}

denied() {
    local who what constants
    [ "$(ours | wc -l)" -ge 20 ] && pass "ours are found" || fail "ours are found" "$(ours)"
    constants=$(watchbpf list maps --json | tr '{' '\n' | sed -n 's/.*"id":\([0-9]*\).*"constants".*/\1/p' | head -n 1)
    for who in maps-eve maps-alice; do
        says_nothing "$who: by id" by_id $who
        says_nothing "$who: by pin" by_pin $who
        for what in "${acts[@]}"; do
            says "open: EPERM" "$who: $what" act $who "id:$constants" "$what"
            says "open: EPERM" "$who: $what by pin" act $who pin:$own/records "$what"
        done
    done
    line "eve's is an alarm" "pod: maps-eve op: open type: ringbuf name: records action: BPFDenied signer: - reason: self-protection"
    line "alice's too: the constants" "pod: maps-alice op: open type: array name: enforce.rodata action: Denied signer: acme reason: self-protection"
    line "the policy in force" "pod: maps-alice op: open type: hash name: policy action: Denied signer: acme reason: self-protection"
    line "a pin that is read" "pod: maps-alice op: open name: state action: Denied signer: acme reason: self-protection"
}

control() {
    succeeds "alice makes a map" "$WORK/maps-alice" create array hers $stand_in
    succeeds "… iterates over it" "$WORK/maps-alice" iterator pin:$stand_in
    unpin $stand_in
    says '"mode":"enforce"' "watchbpf reads ours" watchbpf status --json
}
