# Header swapped on an overlay: while a fanotify permission event holds the kernel's first or second read, Eve copies Alice's file up and
# writes the header, or the program headers, above. What is mapped is Alice's file below, sealed; where it is entered is Eve's word.
# hooks: bprm_committed_creds

. "$TESTS/lib/overlay.sh"

# before_each OVERLAY [OPTIONS]: nothing is copied up yet
before_each() {
    umount "$WORK/$1" 2>/dev/null
    rm -rf "$WORK/$1.upper" "$WORK/$1.work"
    overlay "$@"
}

prepare() {
    layer pod swapped
    sign pod.lower/swapped
    layer pod eve
}

entries() {
    echo '  swapped: {signer: acme, load: {types: [xdp]}}'
}

meta() { echo "lowerdir=$WORK/pod.lower,upperdir=$WORK/meta.upper,metacopy=on"; }

# swap WHAT OVERLAY FILE
swap() {
    timeout 60 overlay_exec "$1" "$WORK/$2/$3" "$WORK/$2.upper/$3"
}

baseline() {
    before_each pod
    says "other-door: allowed" "the header" swap entry pod eve
    before_each pod
    says "overlay_exec: done" "… when the kernel had begun" swap entry pod swapped
    before_each pod
    says "alice: allowed" "the program headers" swap stack pod swapped
    before_each meta "$(meta)"
    case $(swap entry meta swapped) in
    "other-door: allowed"*) pass "the header, after metadata only" ;;
    *"overlay_exec: ETXTBSY"*) pass "the header, after metadata only: this kernel refuses the writing" ;;
    *) fail "the header, after metadata only" "it does not come to its end" ;;
    esac
}

denied() {
    before_each pod
    says "other-door: EPERM" "the header" swap entry pod swapped
    line "it says why" "pod: swapped op: exec action: BPFDenied signer: - reason: copied-up"
    before_each pod
    says "alice: EPERM" "the program headers" swap stack pod swapped
    before_each meta "$(meta)"
    case $(swap entry meta swapped) in
    "other-door: EPERM"* | *"overlay_exec: ETXTBSY"*) pass "the header, after metadata only" ;;
    *) fail "the header, after metadata only" "it succeeded" ;;
    esac
}

control() {
    before_each pod
    before_each meta "$(meta)"
    says "alice: allowed" "alice, not touched" "$WORK/pod/swapped" who
    says "alice: allowed" "alice, with metacopy" "$WORK/meta/swapped" who
    umount "$WORK/pod" "$WORK/meta"
}
