# shellcheck shell=bash
# shellcheck disable=SC2154 # the variables of scripts/check
# The groups that need no guest: man pages, scripts, units, unit tests, the command line, fuzzers,
# packages. check_image boots images, in guests of its own.

# Every command and option has its place in a man page, and each page can be read.
check_man() {
    local page
    for page in docs/man/*.scd; do
        counted "${page##*/} is a man page" man_page "$page"
    done
    counted 'bpfsign(1) names every command and option' documented bpfsign docs/man/bpfsign.1.scd
    counted 'watchbpf(8) names every command and option' documented watchbpf docs/man/watchbpf.8.scd
    counted 'bpfsign-hook(8) names every manager and option' documented bpfsign-hook docs/man/bpfsign-hook.8.scd
}

# Pages may hold words that docs/words.awk fills in.
man_page() {
    awk -f docs/words.awk bpf/contract/{reasons,ops,lockdown}.def src/record/fields.def "$1" | scdoc >/dev/null
}

documented() {
    local program=$1 page=$2 command word missing=
    for command in '' $("build/src/$program/$program" --help | sed -n 's/^  \([a-z-]\+\) .*/\1/p'); do
        [[ -z $command ]] || grep -qw "$command" "$page" || missing+=" $command"
        # shellcheck disable=SC2086
        for word in $("build/src/$program/$program" $command --help | grep -oE '^ +(-., )?--[a-z0-9-]+' | grep -oE '[a-z0-9-]{3,}$'); do
            grep -q -- "--${word#--}" "$page" || missing+=" $command:$word"
        done
    done
    [[ -z $missing ]] || { echo "not in $page:$missing"; return 1; }
}

check_shell() {
    counted 'shellcheck' shellcheck -x scripts/build scripts/check scripts/vm scripts/demo scripts/lib/*.sh \
        tests/vm/lib/run tests/vm/lib/boots tests/vm/lib/initrd tests/vm/lib/guest-init tests/vm/boot/ima-log.sh tests/cli/fleet.sh tests/packages/*.sh \
        tests/image/image.sh tests/image/repository scripts/image scripts/package plugins/pkg/deb/bpfsign-deb \
        plugins/pkg/deb/debian/bpfsign.postinst plugins/pkg/deb/debian/bpfsign.postrm plugins/pkg/pacman/PKGBUILD
    # what they source belongs to others
    counted 'shellcheck plugins' shellcheck -x -e SC1091 plugins/image/initrd-start plugins/image/initramfs-tools/* \
        plugins/image/dracut/* plugins/image/sign-tree plugins/image/ext4/* plugins/image/mmdebstrap/* plugins/image/mkosi/mkosi.finalize
    # what they set is for who sources them, what they quote is for the guest
    counted 'shellcheck image' shellcheck -s bash -S warning -e SC2034,SC2154 tests/image/*.sh
    # what they set is for who sources them
    counted 'shellcheck attacks' shellcheck -x -s bash -S warning -e SC2034 tests/vm/lib/lib.sh tests/vm/attacks/*.sh
}

# systemd reads the units; what they name is taken from the build.
check_units() {
    local work unit
    work=$(mktemp -d)
    for unit in bpfsign-apply bpfsign-enroll watchbpf; do
        sed -E "s,/usr/(bin|lib/bpfsign)/([a-z-]+),$PWD/build/src/\2/\2," "build/plugins/$unit.service" >"$work/$unit.service"
    done
    for unit in bpfsign-apply bpfsign-enroll watchbpf; do
        counted "$unit.service" systemd-analyze verify --man=no "$work/$unit.service"
    done
    counted 'watchbpf.service comes after bpfsign-enroll.service' grep -q '^After=.*bpfsign-enroll.service' \
        "$work/watchbpf.service"
    rm -rf "$work"
}

# none_relocated OBJECT: libbpf relocates code only, an address in .rodata would be 0.
none_relocated() {
    ! readelf -SW "$1" | grep -F .rel.rodata
}

# The unit tests run with the sanitizers: they find all that a build without would find.
check_unit() {
    local name
    counted 'no address is a constant of the BPF object' none_relocated build/bpf/enforce.bpf.o
    counted 'build with sanitizers' sanitized
    while read -r name; do
        {
            echo "# item $name"
            counted "unit $name" meson test -C build-sanitize --no-rebuild \
                --timeout-multiplier 20 --print-errorlogs "$name"
        } | with_origin unit
    done < <(wanted unit)
    # a test that no list names would never run
    counted 'meson knows every unit test' diff <(items_of unit | sort) \
        <(meson test -C build-sanitize --no-rebuild --list 2>/dev/null | sed 's/.* //' | sort)
}

check_cli() {
    local name
    while read -r name; do
        {
            echo "# item $name"
            bash "tests/cli/$name.sh" build/src/bpfsign/bpfsign 2>&1 || true
        } | with_origin cli
    done < <(wanted cli)
}

# The Debian packages, in trees of Debian 12 and 13.
check_packages() {
    bash tests/packages/deb.sh
}

# Images of Debian 13, built and booted.
check_image() {
    bash tests/image/image.sh 2>&1 | with_origin image
}

# sanitized: the build of the unit tests and the fuzzers beside build/, made once and kept up to date.
sanitized() {
    [[ -e build-sanitize/build.ninja ]] || CC=clang-14 meson setup build-sanitize -Dfuzz=true \
        -Db_sanitize=address,undefined -Db_lundef=false >/dev/null
    ninja --quiet -C build-sanitize
}

# fuzz NAME: its corpus and, from a fixed seed, a fixed number of inputs; with --seconds, as long as
# that.
fuzz() {
    local work status=0 limit=(-runs=2000 -seed=1)
    [[ -z $fuzz_seconds ]] || limit=(-max_total_time="$fuzz_seconds")
    work=$(mktemp -d)
    cp -r tests/fuzz/corpus/"$1"/. "$work" 2>/dev/null || true
    "build-sanitize/tests/fuzz/fuzz_$1" "${limit[@]}" -rss_limit_mb=2048 -artifact_prefix="$work/" "$work" 2>&1 | tail -n 25 || status=$?
    rm -rf "$work"
    return "$status"
}

check_fuzz() {
    local name fuzzers=()
    # one that no longer builds must not pass
    find build-sanitize/tests/fuzz -maxdepth 1 -type f -name 'fuzz_*' -delete 2>/dev/null || true
    counted 'build the fuzzers' sanitized
    while read -r name; do
        { echo "# item $name"; counted "fuzz $name" fuzz "$name"; } | with_origin fuzz &
        fuzzers+=($!)
    done < <(wanted fuzz)
    wait "${fuzzers[@]}"
}
