# An unsigned module: Eve cuts the signature off one of Debian's own modules, as she would load one of hers. Modules
# that the kernel trusts are loaded by whoever loads them, as before.
# hooks: locked_down

prepare() {
    copy module "$TESTS/bin/lockdown"
    copy module-eve "$TESTS/bin/lockdown"
    sign module
    copy unsigned.ko "/lib/modules/$(uname -r)/kernel/drivers/net/dummy.ko"
    "$WORK/module" strip "$WORK/unsigned.ko" >/dev/null || fail "strip" "see above"
}

entries() {
    echo "  module: {signer: acme, kernel: [modules], unsigned-files: ['$WORK/*']}"
}

# then_gone COMMAND...: and dummy is removed again
then_gone() {
    local status=0
    attempt "$@" || status=$?
    ! grep -q '^dummy ' /proc/modules || rmmod dummy
    return $status
}

baseline() {
    says "module: allowed" "by finit_module(2)" then_gone "$WORK/module-eve" insert "$WORK/unsigned.ko"
    says "module: allowed" "by init_module(2)" then_gone "$WORK/module-eve" insert-memory "$WORK/unsigned.ko"
}

denied() {
    says "module: EPERM" "by finit_module(2)" then_gone "$WORK/module-eve" insert "$WORK/unsigned.ko"
    line "it says so" "process: module-eve pid: "
    line "… and what" "pod: module-eve op: lockdown name: modules action: Denied signer: - reason: lockdown"
    says "module: EPERM" "by init_module(2)" then_gone "$WORK/module-eve" insert-memory "$WORK/unsigned.ko"
    not_permitted "by insmod" then_gone insmod "$WORK/unsigned.ko"
}

control() {
    says "module: allowed" "the entitled program" then_gone "$WORK/module" insert "$WORK/unsigned.ko"
    succeeds "Debian's module, signed, by modprobe" then_gone modprobe dummy
    succeeds "… and by insmod" then_gone insmod "/lib/modules/$(uname -r)/kernel/drivers/net/dummy.ko"
}
