# shellcheck shell=bash
# Who may know whom; docs/architecture.md says why. Needs counted.sh.

# none WHAT PATTERN FILE...: no line of these files matches.
none() {
    local what=$1 pattern=$2 found
    shift 2
    found=$(grep -nE -- "$pattern" "$@") || true
    if [[ -z $found ]]; then echo "ok $what"; else printf '%s\nnot ok %s\n' "$found" "$what"; fi
}

too_long() {
    local file lines
    while read -r file; do
        lines=$(wc -l <"$file")
        [[ $lines -le 400 ]] || echo "$file has $lines lines"
    done < <(git ls-files '*.[ch]' '*.sh' '*.def' scripts tests/vm/lib)
}

check_layers() {
    local code kernel
    mapfile -t kernel < <(git ls-files 'bpf/*.[ch]')
    mapfile -t code < <(git ls-files 'src/*.[ch]' 'keyring/*.[ch]' 'plugins/sign/*.[ch]')
    without() { printf '%s\n' "${code[@]}" | grep -vE "$1"; }
    # shellcheck disable=SC2046 # no name has a space
    {
        none 'bpf/ includes nothing of ours but bpf/' '#include "(src|keyring|plugins)/|"\.\.' "${kernel[@]}"
        none 'only src/enforcer, src/inspect and src/names know libbpf' 'skel\.h|bpf/(lib)?bpf\.h|bpf/btf\.h' \
            $(without '^src/(enforcer|inspect|names)/')
        none 'only keyring/ calls the keyrings' 'keyctl_|add_key\(' $(without '^keyring/')
        none 'libraries never print' '[^sfn]printf\(|fprintf\(std|[^f]puts\(|perror\(' \
            $(without '^src/(bpfsign|bpfsign-hook|watchbpf|command|status|files|record|base|sign|sets|apply|manifest|trust|inspect|enforcer)/')
        none 'BPF headers stay in bpf/' '#include.*\.bpf\.h' "${code[@]}"
        none 'files are opened by open_path()' '^[^*]*[^_a-z](open|openat|fopen)\(' $(without '^src/base/file.c')
    }
    counted 'no file of code has more than 400 lines' test -z "$(too_long)"
}
