# Who is trusted changes while enforcement is on: only by an order, and running programs feel it.
# hooks: key_permission

copy carol "$TESTS/bin/probe"
copy dave "$TESTS/bin/probe"
printf carol >>"$WORK/carol"
printf dave >>"$WORK/dave"
bpfsign keygen vendor --output "$WORK/vendor" >/dev/null
bpfsign keygen evil --output "$WORK/evil" >/dev/null
bpfsign enroll "$WORK/vendor.pem" >/dev/null
sign carol --key "$WORK/vendor.pem"
sign dave
enforce <<'YAML'
  carol: {signer: vendor, load: {types: [xdp]}}
  dave: {signer: acme, load: {types: [xdp]}}
YAML

exits 0 "carol, signed by vendor" "$WORK/carol" load
exits 3 "enroll without an order" bpfsign enroll "$WORK/evil.pem"
exits 3 "unenroll without an order" bpfsign unenroll vendor
exits 0 "carol still" "$WORK/carol" load

mkfifo "$WORK/go"
"$WORK/carol" on-line <"$WORK/go" >"$WORK/carol.out" 2>&1 &
carol=$!
exec 7>"$WORK/go"
echo >&7
awaits . "$WORK/carol.out"
says "allowed" "a running carol" cat "$WORK/carol.out"

order unenroll vendor
exits 3 "an order for another signer" bpfsign unenroll bob --order "$WORK/unenroll.order"
succeeds "an order to unenroll" bpfsign unenroll vendor --order "$WORK/unenroll.order"
exits 1 "carol, executed afterwards" "$WORK/carol" load
line "… says why" "op: exec action: BPFDenied signer: - reason: unknown-key"
echo >&7
exec 7>&-
wait "$carol"
says "EPERM" "the running carol afterwards" cat "$WORK/carol.out"
exits 0 "dave, of another signer" "$WORK/dave" load

order enroll "$WORK/vendor.pem"
exits 2 "an order names the signer itself" bpfsign enroll "$WORK/vendor.pem" --signer acme \
    --order "$WORK/enroll.order"
exits 3 "an order for another certificate" bpfsign enroll "$WORK/evil.pem" \
    --order "$WORK/enroll.order"
succeeds "an order to enroll" bpfsign enroll "$WORK/vendor.pem" --order "$WORK/enroll.order"
exits 0 "carol again" "$WORK/carol" load
exits 3 "the order, replayed" bpfsign enroll "$WORK/vendor.pem" --order "$WORK/enroll.order"

# Another key for vendor, by one order: it comes, carol is signed again, and the old one goes.
bpfsign keygen vendor --output "$WORK/second" >/dev/null
exits 3 "rotate without an order" bpfsign rotate vendor "$WORK/second.pem" "$WORK/carol"
order enroll "$WORK/second.pem"
says "retired: " "rotate by an order" bpfsign rotate vendor "$WORK/second.pem" --order "$WORK/enroll.order" "$WORK/carol"
exits 0 "carol, signed by the new key" "$WORK/carol" load
says "$(openssl x509 -in "$WORK/second.crt" -outform DER | sha256sum | cut -c 1-16)" "… and by no other" bpfsign verify "$WORK/carol"
[ "$(bpfsign keys | grep -c '^vendor .* active')" = 1 ] && pass "one key is left" || fail "one key is left" "$(bpfsign keys)"
