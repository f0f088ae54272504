# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the variables of scripts/vm
# The machine that QEMU emulates: disks, channels, kernel command line.

# drive NAME FILE OPTION: a disk that the guest knows by its serial number NAME.
drive() {
        qemu+=(-drive "if=none,id=$1,file=${2//,/,,},format=raw,cache=unsafe,$3"
                -device "virtio-blk-pci,drive=$1,serial=$1")
}

# port NAME: a virtio-serial port NAME in the guest that leads to the run's file of this name.
port() {
        qemu+=(-chardev "file,id=$1,path=${run//,/,,}/$1"
                -device "virtserialport,chardev=$1,name=$1")
}

# parameters: the kernel's command line. Mitigations protect nothing on an emulated processor, and
# take time; where guests share a processor, the kernel finds its TSC unstable and reads the slower
# HPET instead. scripts/bench measures a kernel without these changes. --append overrides them.
parameters() {
        local fast='mitigations=off init_on_alloc=0 rcupdate.rcu_expedited=1 tsc=reliable'
        [[ $icount == no ]] || fast=''
        printf '%s' "console=ttyS0 panic=-1 oops=panic quiet loglevel=4 $fast $append"
}

# machine: sets the array qemu.
machine() {
        local kernel headers initrd root mnt
        kernel=$(kernel_dir "$series")
        headers=$(headers_image "$series")
        initrd=$(initrd "$kernel")
        if [[ -n $more_initrd ]]; then
                initrd_with "$initrd" "$more_initrd" >"$run/initrd"
                initrd=$run/initrd
        fi
        root=$(root_image)
        mnt=$(mnt_image)
        emulator
        qemu+=(-smp "$smp" -m "$memory" -kernel "$kernel/vmlinuz" -initrd "$initrd"
                -append "$(parameters)"
                -chardev "file,id=console,path=${run//,/,,}/console" -serial chardev:console
                -device virtio-serial-pci)
        port out
        port status
        if [[ $shell == yes ]]; then
                qemu+=(-chardev 'stdio,id=shell,signal=off'
                        -device 'virtconsole,chardev=shell,name=shell')
        fi
        drive root "$root" snapshot=on
        drive mnt "$mnt" snapshot=on
        drive modules "$kernel/modules.img" readonly=on
        drive payload "$payload" readonly=on
        drive argv "$run/argv" readonly=on
        # nothing mounts it but the test that needs it
        if [[ -s $headers ]]; then drive headers "$headers" snapshot=on; fi
}
