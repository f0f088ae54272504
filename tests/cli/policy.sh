#!/bin/sh
# `bpfsign policy check` and `show`: what is said of a file that is in order, and of one that is not.
# shellcheck source=tests/cli/helpers
. "$(dirname "$0")/helpers"

cat >alice.yaml <<EOF
version: 1
programs:
  watchbpf: {signer: acme}
  bpfsign: {signer: acme}
  alice: {signer: acme, unsigned-files: [/var/lib/alice/*], file-signers: [debian]}
EOF
sed 's/signer: acme, /&jit: allow, collateral: off, /' alice.yaml >weak.yaml
sed 's/unsigned-files: ./&relative, /' alice.yaml >bad.yaml

expect check 0 'alice.yaml: ok, 3 programs' policy check alice.yaml
expect check-default 0 'alice.yaml: bpfsign: collateral: off, its default' policy check alice.yaml
expect check-json 0 '"findings":[],"ok":true,"programs":3,"collateral_off_by_default":["watchbpf","bpfsign"]' \
    policy check --json alice.yaml
expect weak-collateral 0 "weak.yaml:5:37: warning: 'alice' may read any file unsigned" policy check weak.yaml
expect weak-jit 0 "weak.yaml:5:25: warning: 'alice' may execute memory that is no signed file" policy check weak.yaml
expect weak-no-effect 0 "warning: 'unsigned-files' has no effect" policy check weak.yaml
expect bad 1 "bad.yaml:5:42: path 'relative' is not absolute; write the path that the program asks for" \
    policy check bad.yaml
expect bad-json 1 '"ok":false,"programs":0,"collateral_off_by_default":[]' policy check --json bad.yaml
expect show 0 'unsigned-files: ["/var/lib/alice/*"]' policy show alice.yaml
expect show-default 0 '# collateral: off (by default: it verifies what it reads)' policy show alice.yaml
"$bpfsign" policy show weak.yaml >shown.yaml
"$bpfsign" policy show shown.yaml >again.yaml
check show-again cmp shown.yaml again.yaml
expect check-shown 0 'shown.yaml: ok, 3 programs' policy check shown.yaml
expect absent 3 "can't read 'absent'" policy check absent

exit $failed
