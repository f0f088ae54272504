# A map that Bob writes and Alice may only read: every way that the kernel leaves her to write it.
# Each of hers is a program of its own in the policy, so that no line can be taken for another's.
# hooks: bpf bpf_map bpf_prog_load bpf_prog file_open file_receive mmap_file

pins=/sys/fs/bpf/shared
shared=$pins/shared jumps=$pins/jumps socks=$pins/socks

value() { # that bob sees
    "$WORK/bob" lookup "pin:$shared" | sed -n 's/^value: //p'
}

# make WHO: the maps, with the value 1.
make() {
    unpin "$pins"
    mkdir "$pins"
    succeeds "$1 makes maps" "$WORK/$1" create array shared "$shared"
    succeeds "… an array of programs" "$WORK/$1" create prog_array jumps "$jumps"
    succeeds "… a map of sockets" "$WORK/$1" create sockmap socks "$socks"
    succeeds "… one that no program can write" "$WORK/$1" create rdonly_array fixed "$pins/fixed"
    succeeds "$1 writes" "$WORK/$1" update "pin:$shared" 1
    map=$("$WORK/$1" id "pin:$shared" | sed -n 's/^id: //p')
}

# hand_over FROM TO VALUE: FROM sends the map through a socket, TO receives and updates it.
hand_over() {
    local sender status=0
    rm -f "$WORK/socket"
    "$WORK/$1" send "pin:$shared" "$WORK/socket" >/dev/null &
    sender=$!
    for _ in $(seq 50); do
        [ -S "$WORK/socket" ] && break
        sleep 0.1
    done
    "$WORK/$2" receive "$WORK/socket" "$3" || status=$?
    kill "$sender" 2>/dev/null
    wait "$sender" 2>/dev/null
    return "$status"
}

# The ways, and how each begins: NAME WHAT ACT ARGUMENT...; @ is the map's id.
ways=(
    "by-id|by id|update id:@ 7"
    "by-pin|by pin|update pin:$shared 7"
    "by-batch|in a batch|update-batch pin:$shared"
    "by-freeze|freezing it|freeze pin:$shared"
    "by-mmap|mapped|mmap-write pin:$shared"
    "by-program|by a program that names it|program id-ro:@"
    "by-iterator|by an iterator over it|iterator id-ro:@"
    "by-outer|through a map of maps|map-in-map id-ro:@"
    "by-jumps|a program into an array|prog-array pin:$jumps"
    "by-socks|a verdict on sockets|sockmap pin-ro:$socks"
)
way() { # LINE WHO: runs it
    local arguments=${1##*|}
    # shellcheck disable=SC2086  # words
    "$WORK/$2" ${arguments//@/$map}
}

for name in bob eve alice inherit receive reader; do copy "$name" "$TESTS/bin/maps"; done
for each in "${ways[@]}"; do copy "${each%%|*}" "$TESTS/bin/maps"; done
copy tool
copy compat
copy carol

# --- without us
make bob
for each in "${ways[@]}"; do
    what=${each#*|}
    [ "${each%%|*}" = by-freeze ] && continue # for ever: at the end
    succeeds "baseline: ${what%%|*}" way "$each" eve
    case $each in
    *"prog-array"* | *"sockmap"*) ;;
    *) [ "$(value)" != 1 ] && pass "… which wrote it" || fail "… which wrote it" "the value is $(value)" ;;
    esac
    "$WORK/bob" update "pin:$shared" 1 >/dev/null
done
succeeds "baseline: an inherited descriptor" "$WORK/bob" give "pin:$shared" "$WORK/eve" update fd:9 7
succeeds "baseline: an inherited descriptor, mapped" \
    "$WORK/bob" give "pin:$shared" "$WORK/eve" mmap-write fd:9
succeeds "baseline: a received one" hand_over bob eve 8
[ "$(value)" = 8 ] && pass "… which wrote it" || fail "… which wrote it" "the value is $(value)"
says "0: 8" "baseline: read(2) of the pin" "$WORK/eve" read "$shared"
says "update: EPERM" "opened read-only, the kernel itself refuses an update" \
    "$WORK/eve" update "id-ro:$map" 7
says "update-batch: EPERM" "… a batch" "$WORK/eve" update-batch "id-ro:$map"
says "freeze: EPERM" "… to freeze it" "$WORK/eve" freeze "pin-ro:$shared"
says "mmap: EACCES" "… to map it for writing" "$WORK/eve" mmap-write "pin-ro:$shared"
says "mmap: EINVAL" "… and even for reading" "$WORK/eve" mmap-read "pin-ro:$shared"
says "value: " "with writing it can be mapped for reading" "$WORK/eve" mmap-read "pin:$shared"
succeeds "baseline: bpftool reads" "$WORK/tool" map dump pinned "$shared"
succeeds "baseline: bpftool writes" "$WORK/tool" map update pinned "$shared" key 0 0 0 0 \
    value 5 0 0 0 0 0 0 0
succeeds "baseline: bpftool loads a program that names it" "$WORK/tool" prog load \
    "$OBJECTS/shared.o" "$pins/x" map name shared pinned "$shared"
succeeds "baseline: bpftool makes an iterator over it" "$WORK/tool" iter pin \
    "$OBJECTS/iter_write.o" "$pins/iter" map pinned "$shared"
cat "$pins/iter" >/dev/null
[ "$(value)" = $((0x6576696c)) ] && pass "… which wrote it" || fail "… which wrote it" "$(value)"
succeeds "baseline: bpftool loads one that reads it" "$WORK/tool" prog load \
    "$OBJECTS/shared_reader.o" "$pins/y" map name shared pinned "$pins/fixed"
succeeds "baseline: bpftool makes an iterator that reads it" "$WORK/tool" iter pin \
    "$OBJECTS/iter_read.o" "$pins/reads" map pinned "$shared"
[ "$(tr -d '\0' <"$pins/reads")" = live ] && pass "… which read it" ||
    fail "… which read it" "$(od -c "$pins/reads")"
succeeds "baseline: bpftool registers a congestion control" "$WORK/carol" struct_ops register \
    "$OBJECTS/struct_ops.o"
succeeds "baseline: another unregisters it" "$WORK/tool" struct_ops unregister name least
succeeds "baseline: freezing it" "$WORK/eve" freeze "pin:$shared"
unpin "$pins"

# --- with us
for name in bob inherit receive reader tool compat carol; do sign "$name"; done
for each in "${ways[@]}"; do sign "${each%%|*}"; done
{
    echo '  bob: {signer: acme, load: {types: [xdp]}}'
    for name in by-id by-pin by-batch by-freeze by-mmap by-program by-iterator \
        by-outer by-jumps by-socks inherit receive reader tool; do
        echo "  $name:"
        echo '    signer: acme'
        echo '    load: {types: [xdp, tracing, sk_skb], kernel-reads: allow}'
        echo '    maps: {"bob:*": ro}'
    done
    cat <<'YAML'
  compat:
    signer: acme
    load: {types: [xdp, tracing], kernel-reads: allow}
    maps: {"bob:*": ro}
    maps-compat: true
  carol: {signer: acme, load: {types: [struct_ops], kernel-reads: allow}}
YAML
} >"$WORK/entries"
enforce <"$WORK/entries"
make bob

# WHO WHAT OP REASON COMMAND...: EPERM, a line of WHO's own, and the value is still 1.
fenced() {
    local who=$1 what=$2 op=$3 reason=$4
    shift 4
    exits 1 "$what: refused" "$@"
    line "… says why" "pod: $who op: $op action: Denied signer: acme reason: $reason"
    [ "$(value)" = 1 ] && pass "… the map is as it was" || fail "… the map is as it was" "$(value)"
}
denial() { # NAME: what the line of this way says
    case $1 in
    by-program) echo "load type: xdp name: write_named|read-only-map-in-program" ;;
    by-iterator) echo "load type: tracing name: overwrite|map-iterator" ;;
    by-outer) echo "create type: array_of_maps name: outer|map-of-maps" ;;
    by-jumps) echo "open type: prog_array name: jumps|read-only" ;;
    by-socks) echo "attach|read-only" ;;
    *) echo "open type: array name: shared|read-only" ;;
    esac
}
for each in "${ways[@]}"; do
    name=${each%%|*} what=${each#*|}
    says_so=$(denial "$name")
    fenced "$name" "${what%%|*}" "${says_so%|*}" "${says_so#*|}" way "$each" "$name"
done
says "update: EPERM" "an inherited descriptor: refused" "$WORK/bob" give "pin:$shared" "$WORK/inherit" update fd:9 7
line "… and with it all else" "pod: inherit op: update action: BPFDenied signer: - reason: inherited-descriptor"
[ "$(value)" = 1 ] && pass "… the map is as it was" || fail "… the map is as it was" "$(value)"
says "mmap: EPERM" "an inherited descriptor, mapped by eve: refused" \
    "$WORK/bob" give "pin:$shared" "$WORK/eve" mmap-write fd:9
line "… says why" "op: open type: array name: shared action: BPFDenied signer: - reason: unsigned owner: bob"
fenced receive "a received one" "open type: array name: shared" read-only hand_over bob receive 7

succeeds "she reads by pin" "$WORK/reader" lookup "pin-ro:$shared"
says "value: 1" "she reads by id" "$WORK/reader" lookup "id-ro:$map"
says "0: 1" "she reads the pin" "$WORK/reader" read "$shared"
says "open: EPERM" "eve does not" "$WORK/eve" lookup "pin-ro:$shared"
line "… says so" "process: eve"
succeeds "bob writes by pin" "$WORK/bob" update "pin:$shared" 2
succeeds "bob writes mapped" "$WORK/bob" mmap-write "pin:$shared"
succeeds "bob's own program" "$WORK/bob" program "pin:$shared"
succeeds "bob's own map of maps" "$WORK/bob" map-in-map "pin:$shared"
succeeds "bob's array of programs" "$WORK/bob" prog-array "pin:$jumps"
succeeds "bob's descriptor to himself" hand_over bob bob 1

# --- bpftool always asks for writing
denied "bpftool does not even read" "$WORK/tool" map dump pinned "$shared"
line "… says why" "pod: tool op: open type: array name: shared action: Denied signer: acme reason: read-only"
denied "bpftool loads no program that names it" "$WORK/tool" prog load "$OBJECTS/shared.o" \
    "$pins/x" map name shared pinned "$shared"
succeeds "with maps-compat it reads" "$WORK/compat" map dump pinned "$shared"
denied "… and does not write" "$WORK/compat" map update pinned "$shared" key 0 0 0 0 \
    value 5 0 0 0 0 0 0 0
line "… says that this fence is weak" "pod: compat op: update type: array name: shared action: Denied signer: acme reason: weak-fence"
denied "… nor by a program that names it" "$WORK/compat" prog load "$OBJECTS/shared.o" \
    "$pins/x" map name shared pinned "$shared"
line "… says why" "pod: compat op: load type: xdp name: write_shared action: Denied signer: acme reason: read-only-map-in-program"
denied "… nor by an iterator" "$WORK/compat" iter pin "$OBJECTS/iter_write.o" "$pins/iter" \
    map pinned "$shared"
line "… says why" "pod: compat op: load type: tracing name: overwrite action: Denied signer: acme reason: map-iterator"
denied "… nor by one that only reads: the kernel does not know that" "$WORK/compat" prog load \
    "$OBJECTS/shared_reader.o" "$pins/x" map name shared pinned "$shared"
line "… says why" "name: read_shared action: Denied signer: acme reason: read-only-map-in-program"
succeeds "a map that no program can write may be named" "$WORK/compat" prog load \
    "$OBJECTS/shared_reader.o" "$pins/y" map name shared pinned "$pins/fixed"
denied "… nor an iterator that only reads: nor that" "$WORK/compat" iter pin "$OBJECTS/iter_read.o" \
    "$pins/reads" map pinned "$shared"
line "… says why" "pod: compat op: load type: tracing name: show action: Denied signer: acme reason: map-iterator"
[ "$(value)" = 1 ] && pass "the map is as bob left it" || fail "the map is as bob left it" "$(value)"

# --- a map whose deletion unregisters what the kernel uses
least=$("$WORK/carol" struct_ops register "$OBJECTS/struct_ops.o" 2>&1 | sed -n 's/.* id \([0-9]*\)$/\1/p')
[ -n "$least" ] && pass "carol registers a congestion control" || fail "carol registers" "no id"
denied "another does not unregister it" "$WORK/tool" struct_ops unregister id "$least"
line "… says why" "pod: tool op: open type: struct_ops name: least action: Denied signer: acme reason: foreign-map"
succeeds "carol does" "$WORK/carol" struct_ops unregister id "$least"
unpin "$pins"
