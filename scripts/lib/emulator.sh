# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables of scripts/vm and scripts/image
# QEMU, and the processor that it emulates: Debian's backport for Debian 12, found, fetched and
# unpacked into the cache, never installed. It takes half the processor time of Debian 12's own 7.2,
# and a guest that patches its own text has died under 7.2 now and then. Its libraries are those of
# Debian 12's package.

# emulator_dir: prints its folder; fetches it the first time, after that asks no network.
emulator_dir() {
        local dir
        dir=$(cache_dir)/emulator-1
        cached "$dir" emulator_build >&2
        printf '%s\n' "$dir"
}

emulator_build() {
        local new=$1 missing
        note 'fetching QEMU (once)'
        mkdir -p "$new"
        apt_open "$new/apt" "$(host_sources; suite_sources bookworm-backports)"
        unpack "$new" \
                {qemu-system-x86,qemu-system-common,qemu-system-data,seabios}/bookworm-backports
        mv "$new/tree/usr" "$new/usr"
        rm -rf "$new/apt" "$new/debs" "$new/tree"
        missing=$(ldd "$new/usr/bin/qemu-system-x86_64" | sed -n 's/ => not found//p')
        [[ -z $missing ]] || die "QEMU needs libraries that this machine has not:"$'\n'"$missing"
}

# emulator: sets the array qemu to the command that all guests have in common. One thread emulates
# all processors: with a thread each, a boot under 7.2 took a tenth more processor time with one
# processor and a third more with two. The processor lacks what costs time when it is emulated: a
# fifth level of page tables, SMAP, SMEP, and fast string operations, which are emulated byte by
# byte: the kernel copies and clears by words instead.
emulator() {
        local dir slow_strings='erms=off,fsrm=off,fsrs=off,fzrm=off'
        dir=$(emulator_dir)
        qemu=("$dir/usr/bin/qemu-system-x86_64" -L "$dir/usr/share/qemu" -L "$dir/usr/share/seabios"
                -nodefaults -no-user-config -display none -no-reboot)
        if [[ ${BPFSIGN_ACCEL:-tcg} == kvm ]]; then
                qemu+=(-accel kvm -cpu host)
        elif [[ ${icount:-no} == yes ]]; then
                qemu+=(-accel tcg -cpu "max,$slow_strings" -icount 'shift=0,sleep=off')
        else
                qemu+=(-accel 'tcg,thread=single'
                        -cpu "max,$slow_strings,la57=off,smap=off,smep=off")
        fi
}
