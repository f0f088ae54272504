#!/bin/sh
# Keys on tokens: PKCS #11 (SoftHSM) and a TPM (swtpm), both in user space. Claims are of policies, which need no
# fs-verity.
# shellcheck source=tests/cli/helpers
. "$(dirname "$0")/helpers"

echo 'version: 1' >policy.yaml
printf '123456\n' >pin
printf '999999\n' >wrong
setfattr -n user.x -v x policy.yaml 2>/dev/null && xattrs=yes || xattrs=no

# pinned PIN-FILE NAME STATUS WORD ARGUMENT…: with the PIN in that file
pinned() {
    exec 7<"$1"
    shift
    expect "$@" --passphrase-fd 7
    exec 7<&-
}

# signs NAME URI PIN-FILE: a claim by this key, which the enrolled certificate then verifies
signs() {
    [ "$xattrs" = yes ] || { echo "skip $1: no extended attributes here"; return; }
    pinned "$3" "$1" 0 'policy.yaml: signed as' sign --force --role policy --key "$2" policy.yaml
    expect "$1-verifies" 0 'signed by acme as policy.yaml, policy' verify policy.yaml
}

# --- PKCS #11 --------------------------------------------------------------------------------------

soft_token() {
    soft_hsm acme
    for key in 01/signing/EC:prime256v1 02/other/rsa:2048; do
        type=${key##*/} label=${key#*/} label=${label%/*}
        pkcs11-tool --module "$module" --token-label acme --login --pin 123456 --keypairgen \
            --key-type "$type" --label "$label" --id "${key%%/*}" >/dev/null 2>&1
    done
}

module=$(find /usr/lib/*/softhsm /usr/lib/softhsm -name libsofthsm2.so 2>/dev/null | head -n 1)
if [ -n "$module" ] && command -v pkcs11-tool >/dev/null && soft_token; then
    uri='pkcs11:token=acme;object=signing'
    expect pkcs11-no-pin 3 'run it on a terminal, or give the PIN with --passphrase-fd' \
        enroll -n --signer acme "$uri"
    pinned pin pkcs11-enroll-key 0 'made one from it' enroll -n --signer acme "$uri"
    pinned pin pkcs11-enroll-rsa 0 ': rsa2048,' enroll -n --signer acme 'pkcs11:token=acme;object=other'
    pinned wrong pkcs11-wrong-pin 3 'the token refused the PIN' enroll -n --signer acme "$uri"
    check pkcs11-wrong-pin-once test "$(grep -c 'PIN' .output)" = 1
    pinned /dev/null pkcs11-empty-fd 3 "no PIN was given" enroll -n --signer acme "$uri"
    pinned pin pkcs11-no-object 3 "no token has 'pkcs11:token=acme;object=none'" \
        enroll -n --signer acme 'pkcs11:token=acme;object=none'
    pinned pin pkcs11-no-token 3 "no token has" enroll -n --signer acme 'pkcs11:token=none;object=signing'
    expect pkcs11-pin-on-argv 3 'the URI has a PIN in it' enroll -n --signer acme "$uri?pin-value=123456"
    check pkcs11-pin-not-repeated sh -c '! grep 123456 .output'

    # A certificate of the token's key, made by it: OpenSSL's own tool by the same engine.
    openssl req -x509 -engine pkcs11 -keyform engine -key "$uri" -passin file:pin -subj /CN=acme -days 30 \
        -out acme.crt 2>/dev/null
    trust acme acme.crt
    signs pkcs11-sign "$uri" pin
    pinned wrong pkcs11-sign-wrong-pin 3 'the token refused the PIN' \
        sign --force --role policy --key "$uri" policy.yaml
    mkdir credentials
    cp pin credentials/bpfsign.passphrase
    export CREDENTIALS_DIRECTORY="$directory/credentials"
    expect pkcs11-credential 0 'would be signed' sign -n --force --role policy --key "$uri" policy.yaml
    unset CREDENTIALS_DIRECTORY
    pinned pin pkcs11-order 0 "order 'stop'" order stop --key "$uri" --nonce "$(printf '%064d' 0)"

    # A key that wants its PIN for each signature: one line at the login, one a signature.
    pkcs11-tool --module "$module" --token-label acme --login --pin 123456 --keypairgen --always-auth \
        --key-type EC:prime256v1 --label always --id 03 >/dev/null 2>&1
    for i in 1 2; do cat pin; done >two
    always='pkcs11:token=acme;object=always'
    pinned two pkcs11-always 0 'made one from it' enroll -n --signer acme --add "$always"
    pinned pin pkcs11-always-once 3 "can't make a certificate" enroll -n --signer acme "$always"

    # What the token is asked for, as OpenSC's spy writes it down: one session, one login, digests only.
    spy=$(find /usr/lib -name pkcs11-spy.so 2>/dev/null | head -n 1)
    if [ -n "$spy" ]; then
        export PKCS11SPY="$module" PKCS11SPY_OUTPUT="$directory/spied" PKCS11_MODULE_PATH="$spy"
        cp policy.yaml second.yaml
        pinned pin pkcs11-spied 0 '' sign --force --role policy --key "$uri" policy.yaml second.yaml
        called() { grep -c ": C_$1\$" spied; }
        check pkcs11-one-session test "$(called OpenSession) $(called Login)" = '1 1'
        check pkcs11-digests-only test "$(called SignUpdate) $(called DigestUpdate) $(called Digest)" = '0 0 0'
        [ $xattrs = no ] || check pkcs11-two-signatures test "$(called Sign)" = 2
        rm -f spied
        pinned wrong pkcs11-spied-wrong 3 '' sign --force --role policy --key "$uri" policy.yaml
        check pkcs11-one-try test "$(called Login)" = 1
        rm -f spied
        pinned /dev/null pkcs11-spied-none 3 '' sign --force --role policy --key "$uri" policy.yaml
        check pkcs11-no-try test "$(called Login)" = 0
        export PKCS11_MODULE_PATH="$module"
    else
        echo "skip pkcs11-spied: no pkcs11-spy.so"
    fi

    # With the certificate beside the key, no PIN is needed to see it.
    openssl x509 -in acme.crt -outform DER -out acme.der
    pkcs11-tool --module "$module" --token-label acme --login --pin 123456 --write-object acme.der \
        --type cert --label signing --id 01 >/dev/null 2>&1
    expect pkcs11-certificate 0 "would enroll 'acme'" enroll -n "$uri;type=cert"
    pinned pin pkcs11-certificate-and-key 0 "would enroll 'acme'" enroll -n "$uri"
    unset PKCS11_MODULE_PATH
    pinned pin pkcs11-by-p11-kit 0 "would enroll 'acme'" enroll -n "$uri"
    OPENSSL_ENGINES=/nowhere
    export OPENSSL_ENGINES
    pinned pin pkcs11-no-engine 3 'install pkcs11-provider, or libengine-pkcs11-openssl' enroll -n "$uri"
    unset OPENSSL_ENGINES
else
    echo 'skip pkcs11: softhsm2 or opensc is not installed'
fi

# --- TPM ---------------------------------------------------------------------------------------------

soft_tpm() {
    mkdir tpm
    # a pair of ports that nobody has
    for port in 24321 24421 24521 24621; do
        swtpm socket --tpm2 --tpmstate "dir=$directory/tpm" --server "type=tcp,port=$port" \
            --ctrl "type=tcp,port=$((port + 1))" --flags not-need-init,startup-clear --daemon \
            --pid "file=$directory/tpm/pid" 2>/dev/null && break
    done
    [ -s tpm/pid ] || return 1
    trap 'kill "$(cat "$directory/tpm/pid")"; rm -rf "$directory"' EXIT
    export TPM2TOOLS_TCTI="swtpm:port=$port" TPM2OPENSSL_TCTI="swtpm:port=$port" TSS2_LOG=all+none
    {
        tpm2_createprimary -C o -g sha256 -G ecc -c primary
        tpm2_create -C primary -g sha256 -G ecc256:ecdsa-sha256 -u public -r private -p 123456
        tpm2_flushcontext -t
        tpm2_load -C primary -u public -r private -c key
        tpm2_flushcontext -t
        tpm2_load -C primary -u public -r private -c key
        tpm2_evictcontrol -C o -c key 0x81000010
        tpm2_flushcontext -t
        openssl genpkey -provider tpm2 -provider default -algorithm EC -pkeyopt group:P-256 -out tpm.pem
    } >/dev/null 2>&1
    grep -q 'TSS2 PRIVATE KEY' tpm.pem
}

modules=$(openssl version -m | sed 's/.*"\(.*\)"/\1/')
if ! command -v swtpm >/dev/null || ! command -v tpm2_create >/dev/null || [ ! -e "$modules/tpm2.so" ]; then
    echo 'skip tpm: swtpm, tpm2-tools or tpm2-openssl is not installed'
elif soft_tpm; then
    echo 'ok tpm'
    uri='handle:0x81000010?pass'
    expect tpm-no-pin 3 'give the PIN with --passphrase-fd' enroll -n --signer acme "$uri"
    pinned pin tpm-enroll-key 0 'made one from it' enroll -n --signer acme --add "$uri"
    pinned wrong tpm-wrong-pin 3 'cannot sign' enroll -n --signer acme "$uri"
    expect tpm-no-object 3 "can't read 'handle:0x81000099'" enroll -n --signer acme handle:0x81000099
    rm -rf keys.d
    openssl req -provider tpm2 -provider default -x509 -key "$uri" -passin file:pin -subj /CN=acme -days 30 \
        -out tpm.crt 2>/dev/null
    trust acme tpm.crt
    signs tpm-sign "$uri" pin
    # its key in a file that only this TPM can use
    rm -rf keys.d
    openssl req -provider tpm2 -provider default -x509 -key tpm.pem -subj /CN=acme -days 30 \
        -out tpm.crt 2>/dev/null
    trust acme tpm.crt
    signs tpm-file-sign tpm.pem pin
    OPENSSL_MODULES=/nowhere
    export OPENSSL_MODULES
    expect tpm-no-provider 3 "is OpenSSL's provider for such URIs installed" enroll -n --signer acme "$uri"
    expect tpm-file-no-provider 3 "needs OpenSSL's provider tpm2" enroll -n --signer bob tpm.pem
    unset OPENSSL_MODULES
    expect tpm-file-enroll 0 'made one from it' enroll -n --signer bob tpm.pem
else
    echo 'not ok tpm: it does not start'
    failed=1
fi

exit $failed
