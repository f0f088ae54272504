# The tools are Debian's, byte for byte, and so are their signed copies; bpftrace does its work.
# hooks:

info=/var/lib/dpkg/info
copy tracer /usr/bin/bpftrace
copy tool
copy unsigned-tracer /usr/bin/bpftrace
# shellcheck disable=SC2016
count=('tracepoint:raw_syscalls:sys_enter { @calls = count(); } interval:s:1 { exit(); }')
for package in bpftool bpftrace; do
    file=$(sed -n "s,.* \(usr/s\?bin/$package\)\$,/\1,p" "$info/$package.md5sums" 2>/dev/null)
    [ -n "$file" ] && grep " ${file#/}\$" "$info/$package.md5sums" | (cd / && md5sum -c --quiet) &&
        pass "$file is the package's" || fail "$package is the package's" "$(ls "$info" | head -n 3)"
done
says "@calls: " "baseline: bpftrace counts" "$WORK/tracer" -e "${count[@]}"
sign tracer
sign tool
sign_libraries /usr/bin/bpftrace
succeeds "the signed bpftrace is the package's" cmp "$WORK/tracer" /usr/bin/bpftrace
succeeds "the signed bpftool is the package's" cmp "$WORK/tool" /usr/sbin/bpftool

enforce <<'YAML'
  tracer:
    signer: acme
    load: {types: [tracepoint, kprobe, perf_event, tracing, socket_filter]}
  tool: {signer: acme, load: {types: [xdp]}}
YAML
says "@calls: " "the signed bpftrace counts" "$WORK/tracer" -e "${count[@]}"
line "… approved" "pod: tracer op: load type: tracepoint"
exits 1 "the unsigned one does not" "$WORK/unsigned-tracer" -e "${count[@]}"
line "… denied" "process: unsigned-tracer"
succeeds "the signed bpftool loads" "$WORK/tool" prog load "$OBJECTS/xdp.o" /sys/fs/bpf/x
unpin /sys/fs/bpf/x
denied "Debian's own, unsigned, does not" bpftool prog load "$OBJECTS/xdp.o" /sys/fs/bpf/x

# the claim, seen by tools that are not ours
for name in tracer tool; do
    digest=$(fsverity digest --compact "$WORK/$name")
    getfattr --only-values -n user.bpfsign "$WORK/$name" >"$WORK/value" 2>/dev/null
    head -c 160 "$WORK/value" >"$WORK/claim"
    tail -c +161 "$WORK/value" >"$WORK/cms"
    [ "$(tail -c +97 "$WORK/claim" | head -c 32 | od -An -tx1 -v | tr -d ' \n')" = "$digest" ] &&
        pass "$name: the claim holds what fsverity computes" || fail "$name: digest" "$digest"
    [ "$(tail -c +33 "$WORK/claim" | head -c 64 | tr -d '\0')" = "$name" ] &&
        pass "$name: the claim holds its name" || fail "$name: name" "another"
    openssl x509 -in "$KEYS/acme.crt" -out "$WORK/acme.crt" 2>/dev/null ||
        openssl x509 -in "$KEYS/acme.pem" -out "$WORK/acme.crt"
    succeeds "$name: openssl verifies it" openssl cms -verify -binary -inform DER -in "$WORK/cms" \
        -content "$WORK/claim" -certfile "$WORK/acme.crt" -CAfile "$WORK/acme.crt" -purpose any \
        -out /dev/null
    printf '\1' | dd of="$WORK/claim" bs=1 seek=24 conv=notrunc 2>/dev/null
    exits 4 "$name: and not another sequence" openssl cms -verify -binary -inform DER \
        -in "$WORK/cms" -content "$WORK/claim" -certfile "$WORK/acme.crt" -CAfile "$WORK/acme.crt" \
        -purpose any -out /dev/null
done
