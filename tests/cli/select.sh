#!/bin/sh
# Which files `sign` and `verify` take, in which order, and how they tell. In the role policy, which needs extended attributes
# but no fs-verity, or with --dry-run.
# shellcheck source=tests/cli/helpers
. "$(dirname "$0")/helpers"

"$bpfsign" keygen acme -a ecdsa-p256 >/dev/null
trust acme acme.crt
mkdir -p tree/b/deep tree/a tree/doc outside
cp /bin/ls tree/b/alice
printf '#!/bin/sh\n' >tree/b/deep/run
for name in a/one b/two doc/text a/x.conf; do echo "$name" >"tree/$name"; done
ln -s /bin/cat tree/a/link
ln -s ../outside tree/b/elsewhere
echo secret >outside/secret
mkfifo tree/a/fifo
odd=$(printf 'tree/a/new\nline \377')
echo odd >"$odd"

# paths ARGUMENT…: the files of a dry run, in order
paths() {
    "$bpfsign" sign --key acme.pem --role collateral -n "$@" 2>/dev/null | sed 's/: would be .*//'
}

# same NAME FILE ARGUMENT…: the paths are the lines of FILE
same() {
    name=$1 list=$2
    shift 2
    paths "$@" >got
    check "$name" cmp got "$list"
}

cat >all <<'END'
tree/a/new\nline \xff
tree/a/one
tree/a/x.conf
tree/b/alice
tree/b/deep/run
tree/b/two
tree/doc/text
END
same tree all -r tree
same tree-slash all -r tree/
same jobs-1 all -r -j 1 tree
same jobs-8 all -r --jobs 8 tree
printf '%s\n' tree/b/deep/run tree/a/one >some
same order some tree/b/deep/run tree/a/one
grep -v -e doc -e conf all >without
same exclude without -r --exclude 'doc' --exclude '*.conf' tree
grep -e /b/ all >only
same include-with-slash only -r --include '*/b/*' tree
printf '%s\n' tree/a/x.conf >conf
same include conf -r --include '*.conf' tree
printf '%s\n' tree/b/alice tree/b/deep/run >programs
same programs programs -r --programs tree
printf 'tree/doc/text\0tree/a/one\0' >list
printf '%s\n' tree/doc/text tree/a/one >listed
same from0 listed --from0 list
paths --from0 - <list >got
check from0-stdin cmp got listed
printf '%s\n' tree/b/two tree/doc/text tree/a/one >listed
same from0-and-operand listed --from0 list tree/b/two
printf 'tree/a\0' >list
grep /a/ all >only
same from0-directory only --from0 list -r
printf 'tree/a/one' >list
expect from0-unended 3 "the list 'list' does not end with NUL" sign --key acme.pem -n --from0 list
printf 'tree/a/one\0\0' >list
expect from0-empty-path 3 "has an empty path at byte 11" sign --key acme.pem -n --from0 list
expect from0-absent 3 "can't read the list 'absent'" sign --key acme.pem -n --from0 absent
: >list
expect from0-nothing 0 '' sign --key acme.pem -n --from0 list
expect jobs-bad 2 "--jobs '1000' is not a number" sign --key acme.pem -n -j 1000 tree/a/one
expect directory 3 "'tree' is not a regular file; --recursive" sign --key acme.pem -n tree
printf '%s\n' tree/a/link >link
same link-that-is-named link tree/a/link

# No path leads out of --root, be it by "..", an absolute link or a link in between.
ln -s /outside/secret tree/absolute
ln -s ../../../../../outside tree/up
mkdir -p tree/outside
echo inside >tree/outside/secret
printf '%s\n' /absolute ../up/secret >rooted
same root rooted --root tree /absolute ../up/secret
"$bpfsign" verify --json --root tree /absolute | sed 's/.*"digest":"\([^"]*\).*/\1/' >got
fsverity digest --compact tree/outside/secret >inside
check root-is-root cmp got inside
grep '/b/' all | sed 's/^tree//' >below
same root-recursive below --root tree -r /b
expect root-absent 3 "can't open 'nowhere'" sign --key acme.pem -n --root nowhere a
expect root-libraries 2 "--libraries asks this machine's loader" sign --key acme.pem -n --root tree --libraries b/alice
rm -r tree/absolute tree/up tree/outside

# Many files, one of which is bad: the others are done, and the last lines say which.
mkdir many
i=0
while [ $i -lt 600 ]; do
    echo $i >many/f$i
    i=$((i + 1))
done
expect many 0 '600 would be signed in' sign --key acme.pem -n -r many
"$bpfsign" sign --key acme.pem -n -r many 2>/dev/null | sed 's/: .*//' >got
(find many -type f | LC_ALL=C sort) >sorted
check many-in-order cmp got sorted
expect bad-one 3 'bpfsign: 2 would be signed, 1 failed in' sign --key acme.pem -n many/f1 many/absent many/f2
tail -n 1 .output >last
check bad-one-is-last grep -qx 'bpfsign: not good: many/absent' last
expect one-has-no-summary 0 '' sign --key acme.pem -n many/f1
check one-has-one-line test "$(wc -l <.output)" = 1
"$bpfsign" sign --key acme.pem -n --json -r many 2>/dev/null >json
check json python3 -c 'import json; assert [x["path"] for x in json.load(open("json"))] == open("sorted").read().split()'
"$bpfsign" verify --json -r "tree/a" >json 2>/dev/null
check json-odd python3 -c 'import json; assert json.load(open("json"))[0]["path"] == "tree/a/new\nline \u00ff"'
expect no-progress-here 0 '' sign --key acme.pem -n -r many
cp .output said
check no-progress sh -c 'grep -q "would be signed in" said && ! grep -q "signing:" said'
expect verify-many 1 '600 not good in' verify -r many
expect verify-programs 1 'not good, 5 passed over in' verify -r --programs tree

if [ "$(id -u)" = 0 ] && setpriv --help >/dev/null 2>&1; then
    chmod 755 . && mkdir -m 700 tree/closed && echo >tree/closed/file && chmod 600 tree/a/one
    chmod -R a+rX keys.d
    # as nobody: verify SUFFIX
    setpriv --reuid 65534 --clear-groups "$bpfsign" verify -r tree >got 2>&1
    echo $? >status
    check unprivileged-status grep -qx 3 status
    check unprivileged-directory grep -q "can't open 'tree/closed': Permission denied" got
    check unprivileged-file grep -q "can't open 'tree/a/one': Permission denied" got
    check unprivileged-others grep -q 'tree/b/alice: unsigned' got
fi

# SIGINT: what is under way ends, the rest is said not to have been looked at.
i=0
while [ $i -lt 40 ]; do
    head -c 20000000 /dev/zero >many/big$i
    i=$((i + 1))
done
python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' "$bpfsign" sign --key acme.pem -n --role collateral -r -j 1 many >got
check progress-on-a-terminal grep -qE 'signing: [0-9]+ of 640, [0-9]+/s, [0-9]+ s left' got
"$bpfsign" sign --key acme.pem -n --role collateral -r -j 2 many >got 2>err &
while [ "$(find /proc/$!/task -maxdepth 1 | wc -l)" -eq 2 ]; do sleep 0.01; done # its workers
sleep 0.05
kill -INT $!
wait $!
echo $? >status
check interrupted-status grep -qx 3 status
check interrupted-summary grep -qE 'interrupted: [0-9]+ of 640 were not looked at' err
check interrupted-is-in-order sh -c 'find many -type f | LC_ALL=C sort >sorted; sed "s/: .*//" got >names; head -n "$(wc -l <names)" sorted | cmp - names'

exit $failed
