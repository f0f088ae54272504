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

mkdir -p usr/bin && ln -s usr/bin bin && touch usr/bin/alice
here=$(realpath .)
cat >links.yaml <<EOF
version: 1
programs:
  watchbpf: {signer: acme}
  alice: {signer: acme, exec: [$here/usr/bin/alice, $here/bin/alice]}
  bob: {signer: acme, exec: [$here/absent/bob], unsigned-files: [$here/bin/a*, $here/bin/alice]}
  carol: {signer: acme, unsigned-files: [$here/bin/*, $here/usr/*]}
EOF
expect links-exec 0 "links.yaml:4:$((48 + ${#here})): warning: '$here/bin/alice' is behind a symbolic link, here: 'exec' is compared with where it leads; write '$here/usr/bin/alice'" \
    policy check links.yaml
expect links-files 0 "'$here/bin/a*' is behind a symbolic link, here: 'unsigned-files' must name where it leads too; add '$here/usr/bin/a*'" \
    policy check links.yaml
expect links-json 0 "\"message\":\"'$here/bin/alice' is behind a symbolic link" policy check --json links.yaml
check links-number test "$("$bpfsign" policy check links.yaml 2>&1 | grep -c 'symbolic link')" = 3

cat >pods.yaml <<EOF
version: 1
programs:
  watchbpf: {signer: acme}
  alice: {signer: acme, pods: [kube-system/alice-*, "*/*"], cgroup: /kubepods.slice, user-namespace: any}
EOF
sed 's,kube-system/alice-\*,kube-system,' pods.yaml >no-name.yaml
sed 's,"\*/\*",*/node-exporter,' pods.yaml >no-quotes.yaml
sed 's,/kubepods.slice,/,' pods.yaml >root.yaml
sed 's,watchbpf: {,&pods: [a/b]\, cgroup: /a\, user-namespace: any\, ,' pods.yaml >control.yaml
expect pods 0 'pods.yaml: ok, 2 programs' policy check pods.yaml
expect pods-any 0 "pods.yaml:4:53: warning: '*/*' in 'pods' is any pod, but no process of the host" policy check pods.yaml
expect pods-any-json 0 '"kind":"warning","line":4,"column":53' policy check --json pods.yaml
expect pods-no-name 1 "no-name.yaml:4:32: pod 'kube-system' is not NAMESPACE/NAME; write 'kube-system/*'" policy check no-name.yaml
expect pods-no-quotes 1 "put a text that begins with '*' in quotes" policy check no-quotes.yaml
expect cgroup-root 1 "root.yaml:4:69: cgroup '/' is every cgroup; remove 'cgroup'" policy check root.yaml
expect control-pods 1 "control.yaml:3:14: 'pods' is not allowed for the control program 'watchbpf'" policy check control.yaml
expect control-cgroup 1 "control.yaml:3:27: 'cgroup' is not allowed" policy check control.yaml
expect control-namespace 1 "control.yaml:3:39: 'user-namespace: any' is not allowed" policy check control.yaml
expect show-pods 0 'pods: ["kube-system/alice-*", "*/*"]' policy show pods.yaml
expect show-cgroup 0 'cgroup: /kubepods.slice' policy show pods.yaml
expect show-namespace 0 'user-namespace: any' policy show pods.yaml

"$bpfsign" policy show weak.yaml >shown.yaml
"$bpfsign" policy show shown.yaml >again.yaml
check show-again cmp shown.yaml again.yaml
expect check-shown 0 'shown.yaml: ok, 3 programs' policy check shown.yaml
expect absent 3 "can't read 'absent'" policy check absent

exit $failed
