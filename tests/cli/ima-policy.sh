#!/bin/sh
# `bpfsign ima-policy`: rules for where the programs that need them are, and when there are none to print.
# shellcheck source=tests/cli/helpers
. "$(dirname "$0")/helpers"

cat >policy.yaml <<EOF
version: 1
programs:
  watchbpf: {signer: acme}
  alice: {signer: acme, exec: [$PWD/alice], require: [ima, builtin]}
  bob: {signer: acme, require: [builtin]}
EOF
touch alice
grep -v alice policy.yaml >none.yaml
sed 's,/alice],/absent],' policy.yaml >absent.yaml
sed 's/ima, builtin/tpm/' policy.yaml >bad.yaml

rule=' digest_type=verity appraise_type=sigv3'
expect rule 0 "$rule" ima-policy policy.yaml
expect names-it 0 "#   alice: $PWD/alice" ima-policy policy.yaml
expect pinning 0 'appraise func=FILE_CHECK mask=MAY_READ fowner=3209793536 appraise_type=imasig' ima-policy policy.yaml
expect group 0 "appraise func=BPRM_CHECK fgroup=77$rule" ima-policy --group 77 absent.yaml
expect no-policy 0 "$rule" ima-policy
"$bpfsign" ima-policy policy.yaml >rules
check one-rule test "$(grep -cE '^appraise func=BPRM_CHECK fs(uuid=[0-9a-f-]{36}|magic=0x[0-9a-f]+) ' rules)" = 1
check comments-else test "$(grep -cv '^#' rules)" = 2
expect none 1 "no entry of 'none.yaml' has 'require: [ima]'" ima-policy none.yaml
expect absent 3 "can't tell the file system of '$PWD/absent'" ima-policy absent.yaml
expect bad 1 "bad.yaml:4:" ima-policy bad.yaml
expect no-file 3 "can't read 'nowhere'" ima-policy nowhere
expect bad-group 2 "'wheel'" ima-policy --group wheel
expect two 2 'ima-policy' ima-policy policy.yaml none.yaml

exit $failed
