# shellcheck shell=bash
# What every script of the rig shares: errors, silence, the cache outside git, and building a thing
# in it once however many runs ask for it at the same time. Knows nothing of kernels or roots.

# or a failure inside $(…) would go unnoticed
shopt -s inherit_errexit

# mke2fs and depmod are not on the path of every user
PATH=$PATH:/usr/sbin:/sbin

# Status of an error of the script itself; scripts/vm has another.
DIE_STATUS=1

# $0 names the script the user typed; the libraries speak in its voice.
note() {
        printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
        note "$@"
        exit "$DIE_STATUS"
}

require() {
        local tool
        for tool; do
                command -v "$tool" >/dev/null || die "'$tool' is not installed; run scripts/build"
        done
}

# quietly WHAT COMMAND…: runs COMMAND in silence; when it fails, what it said.
quietly() {
        local what=$1 said
        shift
        said=$("$@" 2>&1 </dev/null) && return
        printf '%s\n' "$said" | tail -n 100 >&2
        die "$what failed"
}

cache_dir() {
        printf '%s/bpfsign\n' "${XDG_CACHE_HOME:-$HOME/.cache}"
}

# cached PATH BUILDER ARG…: makes PATH by running BUILDER NEW ARG…, unless it is there already.
# NEW becomes PATH only when BUILDER has succeeded: a half-built thing is never used. Call it
# outside conditions, where errexit holds inside BUILDER.
cached() {
        local path=$1 builder=$2 lock
        shift 2
        [[ ! -e $path ]] || return 0
        mkdir -p "${path%/*}"
        exec {lock}>"$path.lock"
        flock "$lock"
        if [[ ! -e $path ]]; then
                rm -rf "$path.new"*
                "$builder" "$path.new" "$@" {lock}>&-
                mv "$path.new" "$path"
        fi
        exec {lock}>&-
}

# mkfs_ext4 IMAGE SIZE TREE|'' [OPTION...]: a sparse ext4 with fs-verity and 4096-byte blocks,
# holding TREE as root's own; options of mke2fs(8). For who is not root, fakeroot makes it so; if TREE has other owners, call it inside.
mkfs_ext4() {
        local image=$1 size=$2 tree=$3
        truncate -s "$size" "$image"
        quietly "making the file system '$image'" as_owner mke2fs -F -q -t ext4 -b 4096 -O verity -m 0 \
                -E root_owner=0:0 "${@:4}" ${tree:+-d "$tree"} "$image"
}

as_owner() {
        if [[ $(id -u) -eq 0 || -n ${FAKEROOTKEY:-} ]]; then
                "$@"
        else
                fakeroot -- "$@"
        fi
}
