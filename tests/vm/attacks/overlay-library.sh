# Libraries on an overlay: Eve copies up the library that Alice is linked with, libc, and the loader, by a chmod and by a write. Below they are
# signed; above they are whatever she likes.
# hooks: mmap_file

. "$TESTS/lib/overlay.sh"

elf=$(libraries_of /usr/sbin/bpftool | grep libelf)
libc=$(libraries_of /usr/sbin/bpftool | grep '/libc[.-]')
loader=$(realpath /lib64/ld-linux-x86-64.so.2)
libraries=${libc%/*}

prepare() {
    local name
    for name in shelved shelved-off; do copy "$name" && printf "%s" "$name" >>"$WORK/$name" && sign "$name"; done
}

entries() {
    echo '  shelved: {signer: acme, load: {types: [xdp]}}'
    echo '  shelved-off: {signer: acme, load: {types: [xdp]}, collateral: off}'
}

# version NAME HOW [FILE]: in a mount namespace where all libraries are on an overlay, and FILE is changed there first
version() {
    rm -rf "$WORK"/{upper,work}
    mkdir "$WORK"/{upper,work}
    unshare --mount sh -c '
        mount -t overlay libraries "$3" -o "lowerdir=$3,upperdir=$4/upper,workdir=$4/work" || exit 9
        case $1 in
        chmod) chmod 700 "$5" ;;
        write) printf x >>"$5" ;;
        esac
        [ -z "$5" ] || [ -e "$4/upper/${5##*/}" ] || exit 9
        exec "$4/$2" version' version "$2" "$1" "$libraries" "$WORK" "${3-}"
}

baseline() {
    says "features:" "a library, by a write" version shelved write "$elf"
    says "features:" "libc, by a chmod" version shelved chmod "$libc"
    says "features:" "the loader, by a write" version shelved write "$loader"
}

denied() {
    exits 127 "a library, by a write" version shelved write "$elf"
    line "it is not even read" "pod: shelved op: read file: $elf action: Denied signer: acme reason: copied-up"
    exits 127 "a library, by a chmod, without collateral" version shelved-off chmod "$elf"
    line "it is not mapped" "pod: shelved-off op: code file: $elf action: Denied signer: acme reason: copied-up"
    exits 127 "libc, by a chmod" version shelved-off chmod "$libc"
    line "it says so" "op: code file: $libc action: Denied signer: acme reason: copied-up"
    exits 139 "the loader, by a write" version shelved write "$loader"
    line "it says so" "pod: shelved op: code file: $loader action: Denied signer: acme reason: copied-up"
}

control() {
    says "features:" "alice with all her libraries on an overlay" version shelved nothing
    says "features:" "… without collateral" version shelved-off nothing
}
