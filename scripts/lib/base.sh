# shellcheck shell=bash
# Debian trees as tar archives, made once from unmodified packages: what packages are tried in, and
# what images are made of.

# base_tar SUITE PACKAGE…: prints the path of a tar of bookworm or trixie with these packages.
base_tar() {
        local path
        path=$(cache_dir)/base-$1-$(printf '%s\n' "$@" | cat - "${BASH_SOURCE[0]}" | sha256sum | cut -c 1-12).tar
        cached "$path" base_build "$@" >&2
        printf '%s\n' "$path"
}

base_build() {
        local new=$1 suite=$2 packages
        packages=$(IFS=,; echo "${*:3}")
        note "building a tree of $suite (once)"
        if [[ $suite == trixie ]]; then suite_sources trixie; else host_sources; fi >"$new.list"
        quietly mmdebstrap mmdebstrap --variant=minbase --include="$packages" --format=tar \
                --aptopt='APT::Install-Recommends "false"' \
                --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
                --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
                "$suite" "$new" "$new.list"
        rm -f "$new.list"
}
