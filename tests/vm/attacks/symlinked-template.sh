# A path may exempt, it never triggers: Eve makes Alice's directory a symbolic link to hers, mounts over it,
# or leads a template to a file that is exempt under another name.
# hooks: file_post_open
# once: who is entitled is our own decision
prepare() {
    copy symlink-alice "$TESTS/bin/reader" && sign symlink-alice
    mkdir -p "$WORK/share" "$WORK/evil"
    echo good >"$WORK/share/template"
    echo evil >"$WORK/evil/template"
    bpfsign sign --key "$KEYS/acme.pem" --role collateral "$WORK/share/template" >/dev/null
    ln -sfn "$WORK/evil" "$WORK/linked"
    mkdir -p "$WORK/mounted" && mount --bind "$WORK/evil" "$WORK/mounted"
    echo "127.0.0.1 evil" >"$WORK/hosts"
    ln -sfn "$WORK/hosts" "$WORK/to-hosts"
    ln -sfn /proc/version "$WORK/to-version"
}
entries() {
    echo "  symlink-alice: {signer: acme, load: {types: [xdp]}, unsigned-files: [$WORK/hosts, $WORK/free/*]}"
}
reads() { "$WORK/symlink-alice" open "$1"; }
baseline() {
    says "content: evil" "a directory that is a link" reads "$WORK/linked/template"
    says "content: evil" "a directory that is mounted over" reads "$WORK/mounted/template"
    says "content: 127" "a template that is a link to an exempt file" reads "$WORK/to-hosts"
}
denied() {
    exits 1 "a directory that is a link" reads "$WORK/linked/template"
    line "… names the file" "op: read file: $WORK/evil/template action: Denied signer: acme reason: unsigned"
    exits 1 "a directory that is mounted over" reads "$WORK/mounted/template"
    line "… names the file" "op: read file: $WORK/mounted/template action: Denied signer: acme reason: unsigned"
    exits 1 "a template that is a link to an exempt file" reads "$WORK/to-hosts"
    line "… names the file" "op: read file: $WORK/hosts action: Denied signer: acme reason: unsigned"
    exits 1 "… or to one that is always exempt" reads "$WORK/to-version"
}
control() {
    says "content: good" "alice's own template" reads "$WORK/share/template"
    says "content: 127" "the exempt file by its name" reads "$WORK/hosts"
    says "open: allowed" "one that is always exempt" reads /proc/version
    says "open: EPERM" "one that every program does without" reads /etc/ld.so.cache
    umount "$WORK/mounted"
}
