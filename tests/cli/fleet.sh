#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A signing service: its key is on a token, and it signs manifests, a policy and orders for several machines, of which it sees
# digests and nonces only. And what plugins/kubernetes brings to the nodes.
manifest=$(realpath "$(dirname "$0")/../../plugins/kubernetes/watchbpf.yaml")
# shellcheck source=tests/cli/helpers
. "$(dirname "$0")/helpers"

machines='m1 m2 m3'
uri='pkcs11:token=fleet;object=signing'

# --- what the nodes get -----------------------------------------------------------------------------

# the block of policy.yaml in the ConfigMap, without its indentation
awk '/^  policy.yaml: \|$/ {inside = 1; next} /^---/ {inside = 0} inside {print substr($0, 5)}' "$manifest" >policy.yaml
check configmap-has-a-policy test -s policy.yaml
expect configmap-policy 0 '' policy check policy.yaml
# the script of the DaemonSet
awk '/^            - \|$/ {inside = 1; next} inside && !/^              / {exit} inside {print substr($0, 15)}' "$manifest" >courier
check courier-is-a-script shellcheck -s sh courier
check courier-uses-the-host grep -q '^host() { nsenter -t 1 -m ' courier

# --- the service --------------------------------------------------------------------------------------

soft_token() {
    soft_hsm fleet
    pkcs11-tool --module "$module" --token-label fleet --login --pin 123456 --keypairgen \
        --key-type EC:prime256v1 --label signing --id 01 >/dev/null 2>&1
    openssl req -x509 -engine pkcs11 -keyform engine -key "$uri" -passin file:pin -subj /CN=vendor -days 30 \
        -out vendor.crt 2>/dev/null
}

# with_pin NAME STATUS WORD ARGUMENT…
with_pin() {
    exec 7<pin
    expect "$@" --passphrase-fd 7
    exec 7<&-
}

# signs_for MACHINE: its files and its order; the service reads MACHINE.digests and MACHINE.nonce only
signs_for() {
    mkdir -p "$1/usr/bin"
    printf '#!/bin/sh\necho %s\n' "$1" >"$1/usr/bin/alice"
    chmod +x "$1/usr/bin/alice"
    printf '%064d\n' "${1#m}" >"$1.nonce"
    expect "$1-digest" 0 '' digest --root "$1" -o "$1.digests" /usr/bin/alice
    mv "$1" away
    with_pin "$1-sign" 0 '' sign --key "$uri" -c vendor.crt --digests "$1.digests" --manifest "$1.manifest"
    with_pin "$1-order" 0 "order 'policy'" order policy policy.yaml --key "$uri" -c vendor.crt \
        --nonce "$(cat "$1.nonce")" -o "$1.order"
    mv away "$1"
}

# takes MACHINE: what it got is for it, and for no other
takes() {
    expect "$1-apply" 0 'would be applied as alice' apply --dry-run --root "$1" "$1.manifest"
    expect "$1-order-nonce" 0 "$(cat "$1.nonce")" order show "$1.order"
    for other in $machines; do
        [ "$other" = "$1" ] || expect "$1-not-for-$other" 1 'has other bytes than were signed' \
            apply --dry-run --root "$other" "$1.manifest"
    done
}

printf '123456\n' >pin
module=$(find /usr/lib/*/softhsm /usr/lib/softhsm -name libsofthsm2.so 2>/dev/null | head -n 1)
if [ -z "$module" ] || ! command -v pkcs11-tool >/dev/null || ! soft_token; then
    echo 'skip fleet: softhsm2 or opensc is not installed'
    exit $failed
fi
trust vendor vendor.crt && touch keys.d/vendor/control
with_pin policy-sign 0 '' sign --key "$uri" -c vendor.crt --role policy --manifest policy.yaml.manifest policy.yaml
for machine in $machines; do signs_for "$machine"; done
rm -rf tokens.away && mv tokens tokens.away
for machine in $machines; do takes "$machine"; done
expect policy-verify 0 'signed by vendor' verify --role policy policy.yaml
echo '# altered' >>policy.yaml
expect policy-altered 1 '' verify --role policy policy.yaml
mv tokens.away tokens
check key-never-extractable sh -c "pkcs11-tool --module '$module' --token-label fleet --login --pin 123456 \
    --list-objects --type privkey | grep 'Access:.*never extractable'"
check no-key-in-what-is-sent sh -c '! grep -l "PRIVATE KEY" ./*.manifest ./*.order ./*.digests'
exit $failed
