# shellcheck shell=bash
# Stock Debian kernels: found, fetched and unpacked into the cache, never installed. One folder per
# series: vmlinuz, release (what uname -r says), initrd-modules, and modules.img (all of
# /lib/modules). Beside it the headers of the same release, which BCC compiles with.

# shellcheck disable=SC2034  # the choices of scripts/vm --kernel
KERNELS=(6.12 6.18 7.3)

# kernel_dir SERIES: prints its folder; fetches it the first time, after that asks no network.
kernel_dir() {
        local dir
        dir=$(cache_dir)/kernel-1/$1
        cached "$dir" kernel_build "$1" >&2
        printf '%s\n' "$dir"
}

kernel_build() {
        local new=$1 series=$2 release size
        note "fetching a $series kernel (once)"
        mkdir -p "$new/work"
        kernel_fetch "$new/work" "$series"
        kernel_modules "$new/work"
        release=$(ls "$new/work/modules")
        printf '%s\n' "$release" >"$new/release"
        cp "$new/work/modules/$release/vmlinuz" "$new/vmlinuz"
        initrd_modules "$new/work/modules/$release" "$new/initrd-modules"
        size=$(du -sm "$new/work/modules" | cut -f 1)
        mkfs_ext4 "$new/modules.img" "$((size + size / 8 + 16))M" "$new/work/modules"
        rm -rf "$new/work"
}

# headers_image SERIES: prints the path of a file system for /usr/src: the headers of its kernel
# and, as modules/RELEASE/build and source, the links to them that belong into /lib/modules. It is
# empty (0 bytes) where the mirror has them no more.
headers_image() {
        local kernel release image
        kernel=$(kernel_dir "$1")
        release=$(<"$kernel/release")
        image=$(cache_dir)/headers-1/$release.img
        cached "$image" headers_build "$1" "$release" >&2
        printf '%s\n' "$image"
}

headers_build() {
        local new=$1 series=$2 release=$3 work=$1.work size
        local packages=("linux-headers-$release" "linux-headers-${release/-cloud-amd64/-common}")
        note "fetching the headers of $release (once)"
        mkdir -p "$work/src/modules"
        series_apt "$work" "$series"
        if [[ -n $(papt cache search --names-only "^${packages[0]//+/\\+}\$") ]]; then
                unpack "$work" "${packages[@]}"
                mv "$work"/tree/usr/src/* "$work/src"
                headers_links "$work/tree" "$release" "$work/src/modules/$release"
                size=$(du -sm "$work/src" | cut -f 1)
                mkfs_ext4 "$new" "$((size + size / 2 + 16))M" "$work/src"
        else
                note "the mirror has no ${packages[0]}: what needs it is skipped"
                : >"$new"
        fi
        rm -rf "$work"
}

# headers_links TREE RELEASE INTO: made absolute, for the overlay that they appear in.
headers_links() {
        local link target
        mkdir "$3"
        for link in build source; do
                target=$(find "$1" -path "*/lib/modules/$2/$link" -printf %l)
                ln -s "/usr/src/${target##*/}" "$3/$link"
        done
}

# series_apt WORK SERIES: a private apt in WORK/apt that knows the series' suites.
series_apt() {
        local sources
        if [[ $2 == 6.12 ]]; then
                sources=$(host_sources)
        else
                sources=$(suite_sources trixie-backports)
        fi
        apt_open "$1/apt" "$sources"
}

# kernel_fetch WORK SERIES: WORK/tree becomes the contents of the image package and of its parts.
kernel_fetch() {
        local work=$1 series=$2 image parts
        series_apt "$work" "$series"
        if [[ $series == 6.12 ]]; then
                image=$(depends linux-image-6.12-cloud-amd64 | grep -m 1 '^linux-image-') ||
                        die "the mirror's security suite has no linux-image-6.12-cloud-amd64"
        else
                image=$(newest_image "$series")
        fi
        mapfile -t parts < <(package_parts "$image")
        unpack "$work" "${parts[@]}"
}

# newest_image SERIES: the name of its newest cloud image package.
newest_image() {
        papt cache dumpavail | sed -n 's/^Package: //p' |
                grep -E "^linux-image-${1//./\\.}\.[0-9]+\+deb[0-9]+-cloud-amd64\$" | sort -V | tail -n 1 ||
                die "the mirror's backports have no linux-image-$1.*-cloud-amd64; choose another --kernel"
}

depends() {
        papt cache depends --important "$1" | sed -n 's/^ *\(Pre\)\?Depends: //p'
}

# package_parts IMAGE: IMAGE and, since 7.x, the binary, modules and base packages of its release.
package_parts() {
        printf '%s\n' "$1"
        depends "$1" | grep -Fx "$(printf "linux-%s-${1#linux-image-}\n" binary modules base)" || true
}

# kernel_modules WORK: WORK/modules/RELEASE, decompressed (insmod and a slow guest like it so) and
# indexed, with the kernel and its config inside, where 7.x has them and before it /boot.
kernel_modules() {
        local work=$1 release file
        mkdir -p "$work/modules" "$work/depmod/lib"
        find "$work/tree" -path '*/lib/modules/*' -prune -exec cp -a -t "$work/modules" {} +
        release=$(ls "$work/modules")
        for file in vmlinuz config; do
                if [[ -e $work/tree/boot/$file-$release ]]; then
                        mv "$work/tree/boot/$file-$release" "$work/modules/$release/$file"
                fi
        done
        find "$work/modules" -name '*.ko.xz' -exec xz -dq {} +
        find "$work/modules" -name '*.ko.zst' -exec zstd -dq --rm {} +
        rm -f "$work/modules/$release"/{build,source}
        ln -s "$work/modules" "$work/depmod/lib/modules"
        depmod -b "$work/depmod" "$release"
}

# initrd_modules MODULES INTO: copies what is needed to mount the root, named in loading order.
initrd_modules() {
        local modules=$1 into=$2 name path n=100
        mkdir "$into"
        for name in virtio_pci virtio_blk virtio_console ext4; do
                module_closure "$modules" "$name"
        done | awk '!seen[$0]++' | while IFS= read -r path; do
                cp "$modules/$path" "$into/$((n++))-${path##*/}"
        done
}

# module_closure MODULES NAME: paths to load for NAME, its dependencies first; none if it is built
# in.
module_closure() {
        # modules.dep: "path: nearest dependency … farthest dependency"
        sed -n "s,^\(\(.*/\)\?${2//[-_]/[-_]}\.ko\):,\1,p" "$1/modules.dep" | tr -s ' ' '\n' | tac
}
