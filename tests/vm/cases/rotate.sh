# Another key for a signer; and a kill at every call with which enroll, unenroll and rotate change what is trusted.
# once: keys and files at rest

export BPFSIGN_KEYS_DIRECTORY=$WORK/keys.d
cd "$WORK" || exit 2

# key_name KEY: its certificate, as `keys` and `verify` name it
key_name() {
    openssl x509 -in "$1.crt" -outform DER | sha256sum | cut -c 1-16
}

# states: "KEY STATE," of each key of the signer
states() {
    bpfsign keys 2>/dev/null | awk '$1 == "rotor" { printf "%s %s,", $2, $NF }'
}

for key in r1 r2 r3 eve; do bpfsign keygen rotor -a ecdsa-p256 --output $key >/dev/null; done
one=$(key_name r1) two=$(key_name r2)
both=$(printf '%s active,\n' "$one" "$two" | sort | tr -d '\n')
bpfsign enroll r1.pem >/dev/null
mkdir -p tree/sub
for file in tree/a tree/sub/b tree/eves; do copy $file /bin/true; done
echo 'version: 1' >tree/p.yaml
bpfsign sign --key r1.pem --sequence 5 tree/a tree/sub/b >/dev/null
bpfsign sign --key r1.pem --sequence 6 --role policy tree/p.yaml >/dev/null
bpfsign sign --key eve.pem tree/eves >/dev/null 2>&1

chattr +i tree/sub/b
says "'rotor' keeps its old key too" "a file that cannot be signed again" bpfsign rotate rotor r2.pem -r tree
says "$both" "… both keys are trusted" states
says "key $two" "… the other files have the new one" bpfsign verify tree/a
says "key $one" "… that file the old one" bpfsign verify tree/sub/b
chattr -i tree/sub/b
says "retired: $one of 'rotor'" "rotate once more" bpfsign rotate rotor r2.pem -r tree
says "$two active," "… one key is left" states
says "1 key in keyring" "… in the ring too" keyctl list "$(ring_of rotor)"
says "as a, executable, sequence 5, key $two" "the same claim" bpfsign verify tree/a
says "as b, executable, sequence 5, key $two" "… of a file below" bpfsign verify tree/sub/b
says "as p.yaml, policy, sequence 6, key $two" "… of a policy" bpfsign verify tree/p.yaml
exits 1 "others' files stay others'" bpfsign verify tree/eves
succeeds "what was signed again runs" tree/a
says "has no other key" "again: nothing is left to do" bpfsign rotate rotor r2.pem -r tree
says "$two active," "… and nothing changed" states
says "signed as a" "--keep" bpfsign rotate --keep rotor r3.pem tree/a
says "$two active," "… keeps the old key" states
# Another certificate of the same key: nothing is signed again, and the older certificate goes.
openssl req -x509 -key r2.pem -subj /CN=rotor -days 9 -out renewed.crt 2>/dev/null
sed '/BEGIN CERT/,$d' r2.pem >renewed.pem && cat renewed.crt >>renewed.pem
bpfsign rotate rotor r2.pem tree/a >/dev/null 2>&1
says "already signed" "a renewed certificate" bpfsign rotate rotor renewed.pem tree/a
says "$(key_name renewed) active," "… is the only one" states
says "1 key in keyring" "… in the ring too" keyctl list "$(ring_of rotor)"
says "signed by rotor as a" "… and verifies" bpfsign verify tree/a
says "fsverity?" "what others than root cannot know" sh -c 'touch keys.d/rotor/fsverity; chmod -R a+rX .; setpriv --reuid 65534 --clear-groups bpfsign keys'
bpfsign unenroll rotor >/dev/null

# --- a kill at every call ------------------------------------------------------------------------

CHANGING=mkdir,write,fsync,rename,unlink,unlinkat,rmdir,add_key,fsetxattr

# changing_calls COMMAND...: "CALL:N" for each with which it changes a file, a key or a ring
changing_calls() {
    strace -o calls -e trace=$CHANGING,keyctl "$@" >/dev/null 2>&1
    awk -F'(' '$1 == "keyctl" && ++n && /LINK|CLEAR|PERM|TIMEOUT/ { print "keyctl:" n }
        $1 != "keyctl" && /^[a-z_]+[(]/ { c[$1]++ }
        $1 != "keyctl" && /^[a-z_]+[(]/ && !/^write[(][12],/ { print $1 ":" c[$1] }' calls
}

# kill_everywhere STATES RESET COMMAND...: after each kill the states are one of these; then the command ends in the last
kill_everywhere() {
    local states=$1 reset=$2 call n=0 bad=
    shift 2
    $reset
    for call in $(changing_calls "$@"); do
        $reset
        { strace -o /dev/null -e trace="${call%:*}" -e inject="${call%:*}:signal=KILL:when=${call#*:}" "$@"; } >/dev/null 2>&1
        case "|$states|" in *"|$(observed)|"*) ;; *) bad="$bad $call: $(observed);" ;; esac
        n=$((n + 1))
    done
    "$@" >/dev/null 2>&1
    [ "$(observed)" = "${states##*|}" ] || bad="$bad at the end: $(observed)"
    if [ -z "$bad" ] && [ $n -ge 4 ]; then pass "kill $2 ($n times)"; else fail "kill $2 ($n times)" "$bad"; fi
}

observed() {
    states
}
none() {
    bpfsign unenroll rotor >/dev/null 2>&1
    rm -rf keys.d
}
enrolled() {
    none
    bpfsign enroll r1.pem >/dev/null
}
signed() {
    [ "$(states)" = "$one active," ] || enrolled
    bpfsign verify tree/a | grep -q "$one" || bpfsign sign --key r1.pem --force tree/a >/dev/null 2>&1
}
kill_everywhere "|$one active," none bpfsign enroll --control r1.pem
kill_everywhere "$one active,|$one kernel,|" enrolled bpfsign unenroll rotor

# With a file that must be signed by a trusted key all the time. Between the kernel and the disk the old key is half
# retired, and nothing needs it any more.
observed() {
    printf '%s' "$(states)"
    bpfsign verify tree/a | grep -q 'signed by rotor' || printf 'unsigned'
}
half=$(printf '%s,\n' "$one kernel" "$two active" | sort | tr -d '\n')
kill_everywhere "$one active,|$both|$half|$two active," signed bpfsign rotate rotor r2.pem tree/a
bpfsign unenroll rotor >/dev/null
