# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# libraries: revoke. An unsigned library is mapped, and the program has lost its rights; where another thread, or another process with the same
# memory, would keep a mark beside that code, it is refused as ever.

for name in plugged strict; do
    copy "$name" "$TESTS/bin/code"
    sign "$name"
done
"$WORK/plugged" make "$WORK/good.so"
cp "$WORK/good.so" "$WORK/evil.so"
bpfsign sign --key "$KEYS/acme.pem" --role library --name good.so "$WORK/good.so" >/dev/null
says "then-map: allowed" "baseline: with a library of anybody's" "$WORK/plugged" then-map file "$WORK/evil.so"

enforce <<YAML
  plugged: {signer: acme, load: {types: [xdp]}, unsigned-files: [$WORK/*], libraries: revoke}
  strict: {signer: acme, load: {types: [xdp]}, unsigned-files: [$WORK/*]}
YAML
says "map: EPERM" "with 'signed' it is refused" "$WORK/strict" file "$WORK/evil.so"
says "then-map: allowed" "… and the rights stay" "$WORK/strict" then-map file "$WORK/evil.so"
for act in file shared-file library remap; do
    says "run: 42" "with 'revoke' it runs: $act" "$WORK/plugged" "$act" "$WORK/evil.so"
    says "then-map: EPERM" "… without rights: $act" "$WORK/plugged" then-map "$act" "$WORK/evil.so"
done
line "it says why" "pod: plugged op: code file: $WORK/evil.so action: Denied signer: acme reason: unsigned"
line "and why bpf() is refused then" "pod: plugged op: create type: array action: BPFDenied signer: - reason: unsigned"
says "then-map: allowed" "executed again, with a signed one, it has its rights" "$WORK/plugged" then-map file "$WORK/good.so"
says ": EPERM" "beside another thread it is refused" "$WORK/plugged" thread file "$WORK/evil.so"
says ": EPERM" "in memory that another process has too" "$WORK/plugged" shared-memory file "$WORK/evil.so"
leave
