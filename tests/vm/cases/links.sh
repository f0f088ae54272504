# Bob's firewall is a pinned link: nobody but Bob detaches it, by whatever road.
# hooks: bpf bpf_link_settle inode_permission bpf_link_free inode_unlink inode_rename inode_link inode_setattr inode_symlink sb_mount move_mount sb_umount

dir=/sys/fs/bpf/bob
wall=$dir/wall
for name in bob alice mallory heir; do copy "$name" "$TESTS/bin/links"; done

# up: the wall stands.
up() {
    mkdir -p "$dir"
    succeeds "bob puts up a wall" "$WORK/bob" xdp lo "$wall"
}
stands() {
    # an interface takes one XDP link: a second one is EBUSY while the wall stands
    says "link: EBUSY" "$1" "$WORK/bob" xdp lo
}
gone_is() {
    succeeds "$1" "$WORK/bob" xdp lo
}
link_id() { # of the wall, by trying all
    local n
    for n in $("$WORK/bob" ids); do
        "$WORK/bob" detach-id "$n" >/dev/null 2>&1 && { echo "$n"; return; }
    done
}

# --- without us
for act in detach thread fork exec shared-files; do
    up
    succeeds "baseline: $act" "$WORK/mallory" "$act" "$wall"
    rm -f "$wall"
done
up
succeeds "baseline: update" "$WORK/mallory" update "$wall"
succeeds "baseline: another pin" "$WORK/mallory" repin "$wall" "$dir/mine"
rm -rf "$dir"
gone_is "baseline: rm of the pin takes the wall down"
up
id=$(link_id)
[ -n "$id" ] && pass "baseline: by id" || fail "baseline: by id" "no link was found"
rm -rf "$dir"
for name in bob alice mallory heir; do sign "$name"; done

enforce <<'YAML'
  bob: {signer: acme, load: {types: [xdp]}}
  alice: {signer: acme, load: {types: [xdp]}}
  mallory: {signer: acme, load: {types: [xdp]}}
  heir: {signer: acme, load: {types: [xdp]}, programs: {"bob:*": replace}}
YAML
up
stands "it stands"

# --- by a descriptor of it
for act in detach thread fork exec shared-files update; do
    says "open: EPERM" "alice: $act" "$WORK/alice" "$act" "$wall"
done
line "… says why" "pod: alice op: open name: wall action: Denied signer: acme reason: foreign-link owner: bob"
says "open: EPERM" "alice: another pin" "$WORK/alice" repin "$wall" "$dir/mine"
says "open: EPERM" "alice: one of the enforcement's own" "$WORK/alice" open "$PINS/on_bpf"
stands "the wall stands"
for n in $("$WORK/mallory" ids); do
    "$WORK/mallory" detach-id "$n" >/dev/null 2>&1 && fail "mallory: by id" "link $n is detached"
done
line "mallory: by id" "pod: mallory op: open action: Denied signer: acme reason: foreign-link"
stands "the wall stands"
says "open: EPERM" "eve: nothing" "$TESTS/bin/links" detach "$wall"

# --- by the pin
denied "eve: rm" rm -f "$wall"
line "… says why" "process: rm"
line "… whose it is" "op: unpin name: wall action: BPFDenied signer: - reason: foreign-pin owner: bob"
denied "eve: rename" mv "$wall" "$dir/elsewhere"
denied "eve: rename of the directory" mv "$dir" /sys/fs/bpf/elsewhere
denied "eve: another name" ln "$wall" "$dir/elsewhere"
denied "eve: a symbolic link beside it" ln -s /tmp "$dir/elsewhere"
denied "eve: chmod" chmod 777 "$wall"
denied "eve: chown" chown 65534 "$wall"
denied "eve: chmod of the directory" chmod 0 "$dir"
says "ermission denied" "eve: a mount over it" mount --bind /tmp "$dir"
line "… says why" "process: mount"
says "copy: EPERM" "eve: the same by the newer system call" "$TESTS/bin/mounts" copy /tmp "$dir"
denied "eve: the file system unmounted" umount /sys/fs/bpf
[ -e "$wall" ] && pass "the pin is there" || fail "the pin is there" "$(ls "$dir")"
stands "the wall stands"

# --- who may
succeeds "bob opens it" "$WORK/bob" open "$wall"
succeeds "bob replaces the program" "$WORK/bob" update "$wall"
succeeds "bob's thread detaches" "$WORK/bob" thread "$wall"
unpin "$wall"
up
succeeds "heir, who may replace, detaches it" "$WORK/heir" detach "$wall"
unpin "$wall"
up
unpin "$wall"
gone_is "with its pin removed by who may, the wall is down"
unpin "$dir"
forgotten
