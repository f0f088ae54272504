# Files of the kernel's are exempt by the name that Alice asks for: through a link of Eve's they hold Eve's
# words (an environment, a command line, a pipe, a terminal).
# hooks: file_post_open
prepare() {
    copy pseudo-alice "$TESTS/bin/reader" && sign pseudo-alice
    ln -sfn /proc/self/environ "$WORK/environ"
    ln -sfn /proc/sys/kernel/hostname "$WORK/hostname"
    ln -sfn /dev/zero "$WORK/zero"
    ln -sfn /proc/self/fd/0 "$WORK/stdin"
}
entries() {
    echo '  pseudo-alice: {signer: acme, load: {types: [xdp]}}'
}
reads() { "$WORK/pseudo-alice" open "$1"; }
piped() { echo evil | "$WORK/pseudo-alice" open "$1"; }
baseline() {
    says "A=evil" "an environment" env -i A=evil "$WORK/pseudo-alice" open "$WORK/environ"
    says "content:" "a name of the kernel's" reads "$WORK/hostname"
    says "content: evil" "a pipe" piped "$WORK/stdin"
    says "open: allowed" "a device" reads "$WORK/zero"
}
denied() {
    exits 1 "an environment" reads "$WORK/environ"
    line "… says so" "process: pseudo-alice"
    line "… and which" "pod: pseudo-alice op: read file: /proc/"
    exits 1 "an environment by its own name" reads /proc/self/environ
    exits 1 "a command line by its own name" reads /proc/self/cmdline
    exits 1 "a name of the kernel's" reads "$WORK/hostname"
    exits 1 "a pipe" piped "$WORK/stdin"
    exits 1 "a pipe by its usual name" piped /dev/stdin
    exits 1 "a device" reads "$WORK/zero"
}
control() {
    says "content: " "/proc/version" reads /proc/version
    says "content: " "/proc/self/status" reads /proc/self/status
    says "content: " "/sys/kernel/btf/vmlinux" reads /sys/kernel/btf/vmlinux
    says "open: allowed" "/dev/null" reads /dev/null
    says "open: allowed" "/dev/urandom" reads /dev/urandom
}
