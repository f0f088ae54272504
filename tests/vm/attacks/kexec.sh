# Another kernel: by kexec_load(2), and by kexec_file_load(2) with an initramfs of Eve's. The kernel asks about unsigned
# images only. No guest of ours takes a signature, since the keys for that come from EFI; so that a signed image is
# refused too is shown by a file that is no image: without us it is read and found to be none, which comes before its
# signature; with us it is not read.
# hooks: locked_down kernel_read_file

prepare() {
    copy kexec "$TESTS/bin/lockdown"
    copy kexec-eve "$TESTS/bin/lockdown"
    sign kexec
    echo "an initramfs of Eve's" >"$WORK/initramfs"
}

entries() {
    echo "  kexec: {signer: acme, kernel: [kexec], unsigned-files: [/lib/modules/*, /usr/lib/modules/*, '$WORK/*']}"
}

image() {
    echo "/lib/modules/$(uname -r)/vmlinuz"
}

baseline() {
    says "kexec: allowed" "kexec_load" "$WORK/kexec-eve" kexec
    says "kexec-file: allowed" "kexec_file_load" "$WORK/kexec-eve" kexec-file "$(image)"
    says "kexec-file: allowed" "… with an initramfs" "$WORK/kexec-eve" kexec-file "$(image),$WORK/initramfs"
    says "kexec-file: ENOEXEC" "… of no image" "$WORK/kexec-eve" kexec-file "$WORK/initramfs"
}

denied() {
    says "kexec: EPERM" "kexec_load" "$WORK/kexec-eve" kexec
    line "it says so" "pod: kexec-eve op: lockdown name: kexec action: Denied signer: - reason: lockdown"
    says "kexec-file: EPERM" "kexec_file_load" "$WORK/kexec-eve" kexec-file "$(image)"
    says "kexec-file: EPERM" "… with an initramfs" "$WORK/kexec-eve" kexec-file "$(image),$WORK/initramfs"
    says "kexec-file: EPERM" "… before anybody looks what it is" "$WORK/kexec-eve" kexec-file "$WORK/initramfs"
}

control() {
    says "kexec: allowed" "the entitled program" "$WORK/kexec" kexec
    says "kexec-file: allowed" "… by file" "$WORK/kexec" kexec-file "$(image),$WORK/initramfs"
}
