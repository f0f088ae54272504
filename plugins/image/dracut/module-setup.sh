#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# dracut module: certificates, policy and both programs into the initrd, where the enforcement begins.

check() {
        require_binaries bpfsign watchbpf || return 1
        [[ -e ${dracutsysrootdir-}/etc/bpfsign/policy.yaml ]] || return 255 # only when asked for
}

depends() {
        echo base
}

installkernel() {
        # how keys other than RSA are verified, where that is no part of the kernel itself
        hostonly='' instmods ecdsa_generic sha512_generic overlay
}

install() {
        local directory=/etc/bpfsign file
        inst_multiple bpfsign watchbpf mount mkdir cat sleep
        inst_simple /usr/lib/bpfsign/initrd-start
        for file in "${dracutsysrootdir-}$directory"/{policy.yaml,policy.yaml.manifest,initrd.conf} \
                "${dracutsysrootdir-}$directory"/keys.d/*/*; do
                [[ ! -e $file ]] || inst_simple "${file#"${dracutsysrootdir-}"}"
        done
        # Files in an initrd have no extended attributes: the policy's signature goes beside it.
        if [[ ! -e ${dracutsysrootdir-}$directory/policy.yaml.manifest ]]; then
                # shellcheck disable=SC2154 # dracut's
                "$initdir/usr/bin/bpfsign" digest --claims --output "$initdir$directory/policy.yaml.manifest" \
                        "${dracutsysrootdir-}$directory/policy.yaml" >/dev/null ||
                        dwarn "bpfsign: the enforcement will not begin in this initrd: '$directory/policy.yaml' is not signed"
        fi
        # shellcheck disable=SC2154 # dracut's
        inst_hook pre-pivot 61 "$moddir/pre-pivot.sh"
}
