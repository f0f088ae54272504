#!/bin/sh
# bpfsign-hook on a tree: when it says nothing, what it says in one line, what it keeps for `status`, and what packages, or
# whoever can write into the tree, cannot make it do. Seals and signatures themselves are tried in a guest.
# shellcheck source=tests/cli/helpers
. "$(dirname "$0")/helpers"

hook=${bpfsign%/*/*}/bpfsign-hook/bpfsign-hook
export SOURCE_DATE_EPOCH=1700000000
list=tree/var/lib/bpfsign/unsigned
manifests=tree/usr/share/bpfsign/manifests
mkdir -p tree/usr/bin "$manifests" outside
cp /bin/ls tree/usr/bin/alice
cp /bin/ls outside/alice
"$bpfsign" keygen acme -a rsa2048 >/dev/null
"$bpfsign" keygen eve -a ecdsa-p256 >/dev/null

# sign NAME FILE…: a manifest of these, as a package brings it
sign() {
    name=$1
    shift
    "$bpfsign" sign --key acme.pem --root tree --manifest "$manifests/$name.manifest" --force "$@" >/dev/null 2>.said || cat .said
}

# says NAME LINES WORD ARGUMENT…: the hook ends with 0 whatever happens, and prints that many lines, one of them with WORD
says() {
    name=$1 lines=$2 word=$3
    shift 3
    got=0
    timeout 60 "$hook" "$@" >.output 2>&1 <.input || got=$?
    if [ "$got" != 0 ]; then
        echo "not ok $name: status $got: $(head -c 300 .output)"
        failed=1
    elif [ "$(wc -l <.output)" != "$lines" ] || ! grep -qF -e "$word" .output && [ "$lines" != 0 ]; then
        echo "not ok $name: not $lines line(s) with '$word': $(head -c 300 .output)"
        failed=1
    else
        echo "ok $name"
    fi
}

# fresh: a tree with one good package
fresh() {
    rm -rf "$manifests" tree/var
    mkdir -p "$manifests"
    sign alice usr/bin/alice
}
: >.input

# can_seal: is there fs-verity here? Then nothing is left to a boot, and the guest's cases show the rest.
can_seal() {
    rm -f .seal && cp /bin/ls .seal && fsverity enable .seal 2>/dev/null
}

# --- what it is told --------------------------------------------------------------------------------

expect_usage() {
    name=$1 want=$2
    shift 2
    got=0
    "$hook" "$@" >.output 2>&1 </dev/null || got=$?
    check "$name" test "$got" = "$want"
}
expect_usage no-manager 2
expect_usage unknown-manager 2 apt
expect_usage unknown-option 2 dpkg --strict
expect_usage help 0 --help
expect_usage rpm-takes-no-names 2 rpm --root tree usr/bin/alice

# --- where nobody is set up -------------------------------------------------------------------------

fresh
for manager in dpkg rpm alpm boot; do says "not-set-up-$manager" 0 '' "$manager" --root tree; done
check not-set-up-writes-nothing test ! -e tree/var
"$bpfsign" enroll --root tree --signer acme acme.crt >/dev/null
check the-machines-own-certificates-do-not-count test ! -e keys.d

# --- no fs-verity: the first boot does it --------------------------------------------------------------

if can_seal; then
    fresh
    says applied 1 'bpfsign: 1 file signed' dpkg --root tree
    says again 0 '' dpkg --root tree
    says boot-done 0 '' boot --root tree
else
    for manager in dpkg boot; do
        fresh
        says "left-to-boot-$manager" 1 'bpfsign: no fs-verity here: signatures are applied at the first boot' "$manager" --root tree
        check "noted-$manager" test -e tree/var/lib/bpfsign/apply-at-boot
        check "no-failure-$manager" test ! -e "$list"
    done
    # what concerns nothing that changed is not looked at
    printf 'usr/bin/bob\0' >.input
    says rpm-other-files 0 '' rpm --root tree
    printf 'usr/bin/bob\0/usr/bin/alice\0' >.input
    says rpm-changed-file 1 'no fs-verity here' rpm --root tree
    printf '/usr/share/bpfsign/manifests/alice.manifest\0' >.input
    says rpm-changed-manifest 1 'no fs-verity here' rpm --root tree
    printf 'usr/bin/alice\n' >.input
    says alpm-changed-file 1 'no fs-verity here' alpm --root tree
    printf 'usr/bin/alic\nusr/bin/alice2\n\n\n' >.input
    says alpm-other-files 0 '' alpm --root tree
    head -c 3000000 /dev/urandom >.input
    says rpm-garbage 0 '' rpm --root tree
    seq 200000 | sed 's,^,usr/share/doc/,' >.input
    says alpm-many 0 '' alpm --root tree
    : >.input
fi

# --- what is gone, and what is altered --------------------------------------------------------------

fresh
mv tree/usr/bin/alice kept
says removed 0 '' dpkg --root tree
check removed-is-no-failure test ! -e "$list"
(cat kept && echo more) >tree/usr/bin/alice
says altered 1 "bpfsign: 'usr/bin/alice' could not be signed: 'usr/bin/alice' has other bytes than were signed" dpkg --root tree
check altered-is-kept grep -q "^usr/bin/alice	'usr/bin/alice' has other bytes" "$list"
check altered-list-is-roots test "$(stat -c %a "$list")" = 600
says altered-again 1 'has other bytes' dpkg --root tree
check altered-is-kept-once test "$(wc -l <"$list")" = 1
rm tree/usr/bin/alice
says gone 0 '' dpkg --root tree
check gone-is-forgotten test ! -e "$list"
mv kept tree/usr/bin/alice

cp /bin/ls tree/usr/bin/bob
fresh
sign bob usr/bin/bob
echo more >>tree/usr/bin/alice
echo more >>tree/usr/bin/bob
says two 1 "bpfsign: 2 could not be signed, the first is 'usr/bin/alice': 'usr/bin/alice' has other bytes than were signed; is it another version, or changed since?; 'bpfsign status' shows all" dpkg --root tree
check two-are-kept test "$(wc -l <"$list")" = 2
cp /bin/ls tree/usr/bin/alice
cp /bin/ls tree/usr/bin/bob

# An image's manifest of a file that a package replaced: the package's is right, and the other merely old.
fresh
mv "$manifests/alice.manifest" "$manifests/image.manifest"
echo more >>tree/usr/bin/alice
sign alice usr/bin/alice
if can_seal 2>/dev/null; then word='1 file signed'; else word='no fs-verity here'; fi
says older-manifest 1 "$word" dpkg --root tree
check older-manifest-is-no-failure test ! -e "$list"
mv "$manifests/image.manifest" "$manifests/aaa.manifest"
says older-manifest-first "$(can_seal 2>/dev/null && echo 0 || echo 1)" '' dpkg --root tree
check older-manifest-first-is-no-failure test ! -e "$list"
rm -f tree/usr/bin/alice && cp /bin/ls tree/usr/bin/alice

# --- other people's signatures ------------------------------------------------------------------------

fresh
"$bpfsign" sign --key eve.pem --root tree --manifest "$manifests/alice.manifest" --force usr/bin/alice >/dev/null 2>&1
says foreign 1 "'usr/bin/alice' could not be signed" dpkg --root tree
check foreign-writes-no-signature sh -c '! getfattr -n user.bpfsign tree/usr/bin/alice 2>/dev/null'

# --- hostile manifests --------------------------------------------------------------------------------

# hostile NAME WORD: the manifest's place has something odd: one line, soon, nothing written elsewhere
hostile() {
    says "hostile-$1" 1 "$2" dpkg --root tree
    check "hostile-$1-is-kept" test -s "$list"
    check "hostile-$1-outside" cmp outside/alice /bin/ls
}
odd='it is not a regular file that only its owner may write'
fresh && rm "$manifests/alice.manifest" && ln -s /etc/passwd "$manifests/alice.manifest" && hostile symlink "$odd"
fresh && rm "$manifests/alice.manifest" && mkfifo "$manifests/alice.manifest" && hostile fifo "$odd"
fresh && rm "$manifests/alice.manifest" && mkdir "$manifests/alice.manifest" && hostile directory "$odd"
fresh && chmod 666 "$manifests/alice.manifest" && hostile writable "$odd"
fresh && truncate -s 100G "$manifests/alice.manifest" && hostile huge "File too large"
fresh && head -c 100000 /dev/urandom >"$manifests/alice.manifest" && hostile garbage "alice.manifest' could not be signed"
fresh && : >"$manifests/alice.manifest" && hostile empty "alice.manifest' could not be signed"
fresh && truncate -s -40 "$manifests/alice.manifest" && hostile cut "alice.manifest' could not be signed"
fresh && sed -i '2s/ executable alice / executable alicf /' "$manifests/alice.manifest" && hostile edited "could not be signed"
odd_file=$(printf 'a\nb\033[31m.manifest')
fresh && mv "$manifests/alice.manifest" "$manifests/$odd_file" && echo x >>"$manifests/$odd_file" && hostile name 'a\nb\x1b[31m.manifest'
# one bad manifest does not keep the others from their work
fresh && echo garbage >"$manifests/aaa.manifest" && echo more >>tree/usr/bin/alice && hostile neighbour '2 could not be signed'
cp /bin/ls tree/usr/bin/alice

# a file name that would be other lines
odd_name=$(printf 'usr/bin/a\nbpfsign: all is well\033[0m')
cp /bin/ls "tree/$odd_name"
fresh && rm "$manifests/alice.manifest" && sign odd --name odd "$odd_name" && echo more >>"tree/$odd_name" && hostile odd-name 'usr/bin/a\nbpfsign: all is well\x1b[0m'
check odd-name-is-one-line test "$(wc -l <"$list")" = 1
check odd-name-has-no-escape sh -c "! grep -q \"\$(printf '\\033')\" .output $list"
rm "tree/$odd_name"

# --- ways out of the tree -------------------------------------------------------------------------------

# A path that climbs, or a link that leads elsewhere, ends in the tree.
for path in ../outside/alice usr/bin/link; do
    rm -rf climb && mkdir -p climb/usr/bin && cp /bin/ls outside/alice
    fresh
    mkdir -p climb/outside && cp /bin/ls climb/outside/alice && cp /bin/ls climb/usr/bin/link
    (cd climb/usr && "$bpfsign" sign --key ../../acme.pem --manifest ../../climbing --force -- \
        "$( [ "$path" = usr/bin/link ] && echo bin/link || echo "$path")" >/dev/null 2>&1)
    [ "$path" != usr/bin/link ] || sed -i 's, bin/link , usr/bin/link ,' climbing
    mv climbing "$manifests/alice.manifest"
    ln -sf "$directory/outside/alice" tree/usr/bin/link
    timeout 60 "$hook" dpkg --root tree >.output 2>&1
    check "way-out-${path##*/}-ends-well" test $? = 0
    check "way-out-${path##*/}-writes-nothing" sh -c '! getfattr -n user.bpfsign outside/alice 2>/dev/null && ! fsverity measure outside/alice 2>/dev/null'
    rm tree/usr/bin/link
done

# Where the tree's own /var leads elsewhere, nothing is written there.
fresh && ln -s "$directory/outside" tree/var
echo more >>tree/usr/bin/alice
says var-leads-out 2 'leads out of' dpkg --root tree
check var-outside-is-as-it-was test "$(ls outside)" = alice
rm tree/var && cp /bin/ls tree/usr/bin/alice
can_seal || {
    fresh && mkdir -p tree/var/lib && ln -s "$directory/outside" tree/var/lib/bpfsign
    says state-leads-out 2 'leads out of' dpkg --root tree
    check state-outside-is-as-it-was test "$(ls outside)" = alice
}

# --- other people's directories -------------------------------------------------------------------------

if can_seal; then good='1 file signed'; else good='no fs-verity here'; fi
elsewhere='somebody else may lead the way to it elsewhere'
# theirs NAME WORD: the one line that the hook says, with that word
theirs() {
    says "$1" 1 "$2" dpkg --root tree
    rm -f "$list"
}
if [ "$(id -u)" = 0 ]; then
    mkdir -p tree/srv/inner
    cp /bin/ls tree/srv/alice
    cp /bin/ls tree/srv/inner/alice
    for path in srv/alice srv/inner/alice; do
        fresh && rm "$manifests/alice.manifest" && sign his "$path"
        chown -R 12345 tree/srv
        theirs "his-own-${path#srv/}" "$good"
        rm -f "tree/$path" && cp /bin/ls "tree/$path"
        theirs "in-his-directory-${path#srv/}" "$elsewhere"
        chown -R 0 tree/srv
    done
    fresh && rm "$manifests/alice.manifest" && sign his srv/alice
    rm tree/srv/alice && ln -s ../usr/bin/alice tree/srv/alice
    theirs by-roots-link "$good"
    rm -f tree/usr/bin/alice && cp /bin/ls tree/usr/bin/alice
    chown -hR 12345 tree/srv
    theirs by-his-link "$elsewhere"
    rm tree/srv/alice && ln -s /usr/bin/alice tree/srv/alice && chown -h 12345 tree/srv/alice
    theirs by-his-absolute-link "$elsewhere"
    rm tree/srv/alice && truncate -s 4T tree/srv/alice && chown 12345 tree/srv/alice
    theirs his-holes 'more holes than bytes'
    rm tree/srv/alice && mkfifo tree/srv/alice && chown 12345 tree/srv/alice
    theirs his-fifo 'is not a regular file'
    rm -r tree/srv

    fresh && chown 12345 "$manifests/alice.manifest" && hostile his-manifest "$odd"
    fresh && chown 12345 "$manifests" && hostile his-manifests "$elsewhere"
    chown 0 "$manifests"
    fresh && chmod 777 "$manifests" && hostile open-manifests "$elsewhere"
fi
fresh && mv "$manifests" kept && ln -s "$directory/kept" "$manifests"
says manifests-lead-out 1 'no manifest is read' dpkg --root tree
rm "$manifests" && rm -r kept

fresh && mkdir -p "${list%/*}" && mkfifo "$list"
says state-is-a-fifo 1 "$good" dpkg --root tree

exit $failed
