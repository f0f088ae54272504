# shellcheck shell=bash
# Boots an image in QEMU, as it is, and runs a command in it when the system is up: by a unit that
# systemd takes from the kernel command line, a disk with what it needs, and two ports for what it
# says.

# image_unit: what runs in the guest.
image_unit() {
        cat <<'UNIT'
[Unit]
After=multi-user.target
[Service]
Type=exec
ExecStart=/bin/sh -c "mkdir -p /run/payload; mount -o ro /dev/disk/by-id/virtio-payload /run/payload; cd /run/payload; bash ./run >/dev/virtio-ports/out 2>&1; echo $$? >/dev/virtio-ports/status; systemctl --no-block poweroff"
UNIT
}

image_boot() {
        local append='' add='' memory=2048 timeout=900 initrd='' kernel='' until='' directory=${1:-}
        [[ -e $directory/image.img ]] || die "no image in '$directory'; see scripts/image --help"
        shift
        while [[ $# -gt 0 && $1 != -- ]]; do
                [[ $# -ge 2 ]] || die "'$1' needs a value; see scripts/image --help"
                case $1 in
                --append) append=$2 ;;
                --add) add=$2 ;;
                --initrd) initrd=$2 ;;
                --kernel) kernel=$2 ;;
                --memory) memory=$2 ;;
                --timeout) timeout=$2 ;;
                --until) until=$2 ;;
                *) die "'$1' is not an option; see scripts/image --help" ;;
                esac
                shift 2
        done
        [[ $# -ge 2 ]] || die 'no COMMAND given; see scripts/image --help'
        run=$(mktemp -d -t bpfsign-image.XXXXXX)
        trap 'rm -rf "$run"' EXIT
        image_payload "$add" "${@:2}"
        image_machine "$directory" "$append"
        image_verdict "$directory"
}

# image_payload DIR COMMAND…: the disk $run/payload.
image_payload() {
        mkdir "$run/tree"
        [[ -z $1 ]] || cp -aH "$1"/. "$run/tree"
        printf '%q ' "${@:2}" >"$run/tree/run"
        mkfs_ext4 "$run/payload" "$(($(du -sm "$run/tree" | cut -f 1) * 5 / 4 + 16))M" "$run/tree"
}

# Runs to its end; what the command says appears meanwhile.
image_machine() {
        local directory=$1 append=$2 unit qemu
        emulator
        unit=$(image_unit | base64 -w 0)
        : >"$run/status"
        : >"$run/out"
        : >"$directory/console"
        ended=0
        TMPDIR=$run setpriv --pdeathsig TERM timeout --kill-after=5 "$timeout" "${qemu[@]}" \
                -smp 1 -m "$memory" -kernel "${kernel:-$directory/vmlinuz}" \
                -initrd "${initrd:-$directory/initrd.img}" \
                -append "root=LABEL=bpfsign ro console=ttyS0 panic=-1 mitigations=off init_on_alloc=0 lsm=landlock,lockdown,yama,integrity,apparmor,bpf $append systemd.set_credential_binary=systemd.extra-unit.payload.service:$unit systemd.wants=payload.service" \
                -chardev "file,id=console,path=${directory//,/,,}/console" -serial chardev:console -device virtio-serial-pci \
                -chardev "file,id=out,path=${run//,/,,}/out" -device virtserialport,chardev=out,name=out \
                -chardev "file,id=status,path=${run//,/,,}/status" -device virtserialport,chardev=status,name=status \
                -drive "if=none,id=root,file=${directory//,/,,}/image.img,format=raw,cache=unsafe,snapshot=on" \
                -device virtio-blk-pci,drive=root,serial=root \
                -drive "if=none,id=payload,file=${run//,/,,}/payload,format=raw,cache=unsafe,snapshot=on" \
                -device virtio-blk-pci,drive=payload,serial=payload </dev/null >"$run/qemu" 2>&1 &
        qemu_pid=$!
        [[ -z $until ]] || image_until "$qemu_pid" "$directory/console" "$until" &
        tail --lines=+1 --follow --sleep-interval=0.5 --pid="$qemu_pid" "$run/out"
        wait "$qemu_pid" || ended=$?
}

# image_until PID CONSOLE TEXT: ends the guest 15 seconds after its console has said TEXT; a system
# that went on would report a status by then.
image_until() {
        while kill -0 "$1" 2>/dev/null; do
                if grep -qaF -- "$3" "$2"; then
                        sleep 15
                        echo said >"$run/until"
                        kill "$1" 2>/dev/null || true
                        return
                fi
                sleep 0.5
        done
}

image_verdict() {
        local said
        if IFS= read -r said <"$run/status" && [[ $said =~ ^[0-9]{1,3}$ ]]; then
                exit "$said"
        fi
        [[ ! -e $run/until ]] || exit 0
        tail -n 5 "$run/qemu" >&2
        tail -n 30 "$1/console" >&2
        note "the guest ended without a status ($ended)"
        exit 125
}
