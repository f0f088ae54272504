# Memory, ports and registers: /dev/mem, /proc/kcore, ioperm(2), iopl(2), a register of the processor. Reading is refused
# too: keys are in there.
# hooks: locked_down

prepare() {
    copy hardware "$TESTS/bin/lockdown"
    copy hardware-eve "$TESTS/bin/lockdown"
    sign hardware
    copy hardware-mem "$TESTS/bin/lockdown"
    sign hardware-mem
    modprobe msr || fail "modprobe msr" "see above"
}

entries() {
    echo '  hardware: {signer: acme, kernel: [dev-mem, kcore, ports, msr], unsigned-files: [/dev/mem, /dev/cpu/*]}'
    echo '  hardware-mem: {signer: acme, kernel: [dev-mem], unsigned-files: [/dev/mem]}'
}

acts=(dev-mem kcore ioperm iopl msr)

baseline() {
    local act
    for act in "${acts[@]}"; do says "$act: allowed" "$act" "$WORK/hardware-eve" "$act"; done
    [ -e /dev/port ] || skip "/dev/port" "this kernel has none (CONFIG_DEVPORT)"
}

denied() {
    local act
    for act in "${acts[@]}"; do says "$act: EPERM" "$act" "$WORK/hardware-eve" "$act"; done
    for act in dev-mem kcore ports msr; do
        line "$act: it says so" "pod: hardware-eve op: lockdown name: $act action: Denied signer: - reason: lockdown"
    done
    says "kcore: EPERM" "a program that may something else" "$WORK/hardware-mem" kcore
    line "… says so" "pod: hardware-mem op: lockdown name: kcore action: Denied signer: acme reason: lockdown"
}

control() {
    local act
    for act in "${acts[@]}"; do says "$act: allowed" "the entitled program: $act" "$WORK/hardware" "$act"; done
    says "dev-mem: allowed" "one that may this and nothing else" "$WORK/hardware-mem" dev-mem
}
