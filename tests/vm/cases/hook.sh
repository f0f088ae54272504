# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# bpfsign-hook, as package managers call it: signatures of packages onto their files, for real. Also in the midst of an upgrade, with
# enforcement on, when a library of bpfsign's own is new: bpfsign may not run then, the hook may.
# once: signatures at rest, and the hook's own messages

hook=/usr/lib/bpfsign/bpfsign-hook
manifests=/usr/share/bpfsign/manifests
state=/var/lib/bpfsign
mkdir -p "$manifests"
rm -f "$manifests"/* "$state/unsigned"

# package NAME SEQUENCE [OPTION...] FILE...: a manifest of these, made elsewhere
package() {
    local name=$1 sequence=$2
    shift 2
    bpfsign sign --key "$KEYS/acme.pem" --root / --sequence "$sequence" --manifest "$manifests/$name.manifest" --force "$@" >"$WORK/.said" 2>&1 ||
        fail "package $name" "$(cat "$WORK/.said")"
}

# install NAME [FILE]: a new file in place of the old one, as dpkg does it
install() {
    cp "${2:-$TESTS/bin/probe}" "$WORK/$1.new" && sync "$WORK/$1.new" && mv "$WORK/$1.new" "$WORK/$1"
}

# --- it signs --------------------------------------------------------------------------------------

install alice
package alice 10 "$WORK/alice"
exits 1 "baseline: a manifest alone signs nothing" bpfsign verify "$WORK/alice"
says_nothing "where nobody is enrolled it is silent" env BPFSIGN_KEYS_DIRECTORY="$WORK/none" "$hook" dpkg
exits 1 "… and does nothing" bpfsign verify "$WORK/alice"
says 'bpfsign: 1 file signed' "it signs what a package brought" "$hook" dpkg /usr/bin
exits 0 "… so that it is signed" bpfsign verify "$WORK/alice"
says "sha256:$(fsverity digest --compact "$TESTS/bin/probe")" "… and sealed" fsverity measure "$WORK/alice"
says_nothing "a second run has nothing to do" "$hook" dpkg
mkdir -p "$WORK/tree/$manifests" "$WORK/tree/bin"
cp "$TESTS/bin/probe" "$WORK/tree/bin/carol"
bpfsign sign --key "$KEYS/acme.pem" --root "$WORK/tree" --manifest "$WORK/tree/$manifests/carol.manifest" bin/carol >/dev/null
says_nothing "a tree in which nobody is enrolled" "$hook" dpkg --root "$WORK/tree"
bpfsign enroll --root "$WORK/tree" --signer acme "$KEYS/acme.crt" >/dev/null
says 'bpfsign: 1 file signed' "another one, by its own certificates" sh -c "printf '/bin/carol\\0' | '$hook' rpm --root '$WORK/tree'"
says 'bpfsign: 1 file signed' "… as pacman tells it" sh -c "rm '$WORK/tree/bin/carol'; cp '$TESTS/bin/probe' '$WORK/tree/bin/carol'; echo bin/carol | '$hook' alpm --root '$WORK/tree'"
exits 0 "… signed" bpfsign verify "$WORK/tree/bin/carol"

# --- what could not be signed -----------------------------------------------------------------------

# logged: what syslog(3) is told meanwhile, in $WORK/log
logged() {
    python3 -c '
import os, socket, subprocess, sys
if os.path.lexists("/dev/log"): os.unlink("/dev/log")
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
status = subprocess.call(sys.argv[2:])
log.setblocking(False)
with open(sys.argv[1], "wb") as out:
    try:
        while True: out.write(log.recv(8192) + b"\n")
    except BlockingIOError:
        pass
os.unlink("/dev/log")
sys.exit(status)' "$WORK/log" "$@"
}

install bob
package bob 10 "$WORK/bob"
printf x >>"$WORK/bob"
line_of_bob="bpfsign: '${WORK#/}/bob' could not be signed: '${WORK#/}/bob' has other bytes than were signed"
says "$line_of_bob" "an altered byte is one line" logged "$hook" dpkg
exits 0 "… which ends no transaction" "$hook" dpkg
says 1 "… and no more" sh -c "'$hook' dpkg 2>&1 | wc -l"
says "'${WORK#/}/bob' could not be signed" "… and in the log" cat "$WORK/log"
exits 1 "… and it is not signed" bpfsign verify "$WORK/bob"
exits 1 "status is red" bpfsign status
says "[no]  '${WORK#/}/bob' could not be signed: '${WORK#/}/bob' has other bytes" "… and says which, and why" bpfsign status
says "\"unsigned\":[{\"what\":\"${WORK#/}/bob\"" "… in JSON as well" bpfsign status --json
rm "$WORK/bob"
says_nothing "what is gone is nobody's fault" "$hook" dpkg
says '"unsigned":[]' "… and forgotten" bpfsign status --json
rm "$manifests/bob.manifest"

# --- sets of the administrator -------------------------------------------------------------------------

mkdir -p /etc/bpfsign/sign.d
install dave
package dave 10 "$WORK/dave" "$WORK/alice"
mv "$manifests/dave.manifest" "$WORK/dave.manifest"
printf 'version: 1\nmanifest: %s\n' "$WORK/dave.manifest" >/etc/bpfsign/sign.d/60.conf
says 'bpfsign: 1 file signed' "the manifest of a set" "$hook" dpkg
rm "$WORK/dave"
says_nothing "… pruned" "$hook" dpkg
exits 1 "… of what is gone" grep -q "${WORK#/}/dave " "$WORK/dave.manifest"
install erin
printf 'version: 1\nkey: %s\npaths: [%s]\n' "$KEYS/acme.pem" "$WORK/erin" >/etc/bpfsign/sign.d/60.conf
says_nothing "a set with a key, of which nobody said that root may sign" "$hook" dpkg
exits 1 "… is not signed" bpfsign verify "$WORK/erin"
echo 'root-may-sign: true' >>/etc/bpfsign/sign.d/60.conf
says_nothing "… with root-may-sign" "$hook" dpkg
exits 0 "… it is" bpfsign verify "$WORK/erin"
rm /etc/bpfsign/sign.d/60.conf

# --- other people's directories ---------------------------------------------------------------------------

mkdir "$WORK/his"
install his/frank
package frank 10 "$WORK/his/frank"
chown 12345 "$WORK/his"
says "somebody else may lead the way to it elsewhere" "root's file in another user's directory is told" "$hook" dpkg
exits 1 "… and not signed" bpfsign verify "$WORK/his/frank"
install gina
package frank 10 "$WORK/gina"
sed -i "s,${WORK#/}/gina ,${WORK#/}/his/gina ," "$manifests/frank.manifest"
ln -s "$WORK/gina" "$WORK/his/gina"
chown -h 12345 "$WORK/his/gina"
says "somebody else may lead the way to it elsewhere" "so is a link of that user" "$hook" dpkg
exits 1 "… which leads to no seal" fsverity measure "$WORK/gina"
package frank 10 "$WORK/his/frank"
chown 12345 "$WORK/his/frank"
says 'bpfsign: 1 file signed' "the user's own file is signed" "$hook" dpkg
mv "$manifests/frank.manifest" "$WORK/his/frank.manifest"
printf 'version: 1\nmanifest: %s\n' "$WORK/his/frank.manifest" >/etc/bpfsign/sign.d/60.conf
rm "$WORK/his/frank"
says "somebody else may lead the way to it elsewhere" "a manifest there is neither applied" "$hook" dpkg
exits 0 "… nor pruned" grep -q "/his/frank " "$WORK/his/frank.manifest"
rm /etc/bpfsign/sign.d/60.conf "$WORK/his/frank.manifest"
says_nothing "… and forgotten with its set" "$hook" dpkg

# --- while enforcement is on ------------------------------------------------------------------------------

cp "$WORK/alice" "$WORK/alice-old"
old=$(claim_of alice)
set_claim alice-old "$old"
fsverity enable "$WORK/alice-old"
bpfsign settle "$WORK/alice-old" >/dev/null
says "load: allowed" "baseline: anybody loads" "$WORK/alice-old" load
# of cases before this one
rm -f /var/lib/bpfsign/sequences
enforce <<'YAML'
  alice: {signer: acme, min-sequence: latest, load: {types: [xdp]}}
YAML
says "load: allowed" "the version of before" "$WORK/alice" load
install alice
printf y >>"$WORK/alice"
package alice 11 "$WORK/alice"
says "load: EPERM" "its upgrade, unsigned" "$WORK/alice" load
refused alice unsigned
says 'bpfsign: 1 file signed' "the hook signs it" "$hook" dpkg
says "load: allowed" "… so that it may" "$WORK/alice" load
says "load: EPERM" "… and the old one no longer" "$WORK/alice-old" load
line "… which says why" "op: exec action: BPFDenied signer: acme reason: old-sequence"

# A library of bpfsign's own, and of the hook's.
library=$(realpath "$(ldd /usr/bin/bpfsign | sed -n 's/.*=> \(.*libyaml[^ ]*\) .*/\1/p')")
mkdir -p "$WORK/new${library%/*}"
cp "$library" "$WORK/new$library"
printf x >>"$WORK/new$library"
bpfsign sign --key "$KEYS/acme.pem" --root "$WORK/new" --role library --name library --sequence 11 \
    --manifest "$WORK/library.manifest" "${library#/}" >/dev/null
exits 0 "bpfsign runs" bpfsign --version
cp "$WORK/new$library" "$library.dpkg-new"
sync "$library.dpkg-new"
mv "$library.dpkg-new" "$library"
mv "$WORK/library.manifest" "$manifests"
exits 127 "in the midst of an upgrade of its library, bpfsign does not run" bpfsign --version
says 'bpfsign: 1 file signed' "the hook does" "$hook" dpkg
exits 0 "… so that bpfsign runs again" bpfsign --version
exits 0 "… with the library's bytes" cmp "$library" "$WORK/new$library"
says "644 0 0" "… and its mode and owner" stat -c '%a %u %g' "$library"
succeeds "… and nothing else is left there" sh -c "! ls -A ${library%/*} | grep -F bpfsign-new"
says_nothing "… once" "$hook" dpkg

install his/ours /bin/sleep
printf z >>"$WORK/his/ours"
package ours 11 "$WORK/his/ours"
chown 12345 "$WORK/his/ours"
"$WORK/his/ours" 600 &
ours=$!
sleep 0.5
says "'$WORK/his/ours' is in memory, and its directory is not root's alone" "nothing is replaced in another user's directory" "$hook" dpkg
succeeds "… and nothing is left there" sh -c "! ls -A '$WORK/his' | grep -F bpfsign-new"
kill "$ours"
wait "$ours" 2>/dev/null
rm "$manifests/ours.manifest"

# A program in use, with attributes of its own; and one that has other names, of which a copy would make two.
for name in served linked; do
    install "$name" /bin/sleep
    printf '%s' "$name" >>"$WORK/$name"
    [ "$name" = linked ] || head -c 16M /dev/zero >>"$WORK/$name" # its copy takes a while
    package "$name" 11 "$WORK/$name"
done
chown 1:2 "$WORK/served"
chmod 2751 "$WORK/served"
setfattr -n security.capability -v 0x0000000200040000000000000000000000000000 "$WORK/served"
# acl(5): user 3 may read and execute it, the others of the group too
setfattr -n system.posix_acl_access \
    -v 0x0200000001000700ffffffff020005000300000004000500ffffffff10000500ffffffff20000100ffffffff "$WORK/served"
# attributes: those that a copy of it keeps
attributes() {
    stat -c '%a %u %g' "$WORK/served"
    getfattr --absolute-names -d -m 'security.capability|posix_acl' -e hex "$WORK/served" 2>/dev/null
}
attributes=$(attributes)
ln "$WORK/linked" "$WORK/linked-too"
"$WORK/served" 600 &
served=$!
"$WORK/linked" 600 &
linked=$!
sleep 0.5
chmod a+x "$WORK"
# shellcheck disable=SC2016 # of the inner shell
setpriv --reuid 3 --regid 3 --clear-groups sh -c 'while :; do fsverity measure "$1"; done' measures \
    "$WORK/.served.bpfsign-new" >"$WORK/measured" 2>&1 &
measuring=$!
says "bpfsign: '$WORK/linked' could not be signed: '$WORK/linked' is in memory, and has other names that would be left behind" \
    "a program in use that has other names is told" "$hook" dpkg
exits 0 "another is replaced" bpfsign settle "$WORK/served"
kill "$measuring"
wait "$measuring" 2>/dev/null
says "Permission denied" "… by a copy that its user may not open" cat "$WORK/measured"
says_nothing "… before it is sealed" grep "No data available" "$WORK/measured"
says "$attributes" "… with what it had" attributes
exits 0 "… and who uses it goes on" kill -0 "$served"
says "is in memory" "what was told is told until it is cured" "$hook" dpkg
kill "$served" "$linked"
wait "$served" "$linked" 2>/dev/null
says_nothing "… and then no more" "$hook" dpkg
exits 0 "… being usable" bpfsign settle "$WORK/linked"
leave
rm "$manifests"/*
