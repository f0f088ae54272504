# shellcheck shell=bash
# What became of each attack on each kernel, out of the lines of a run: for the terminal and for
# docs/threat-model.md. Needs kernels=(...).
# shellcheck disable=SC2154

# outcome LOG KERNEL ATTACK: three words: does the act work without us, is it refused, does the
# control work; "-": not tried.
outcome() {
    awk -v which=" $2 $3: " 'index($0, which) && match($0, /^(not )?ok |^skip /) && RLENGTH == index($0, which) {
            for (phase in phases) if (index($0, which phase ": ")) {
                if (/^not ok/ && /(exit status 0,|it succeeded|: allowed)/) wrong[phase] = "SUCCEEDED"
                else if (/^not ok/ && !wrong[phase]) wrong[phase] = "FAILED"
                else if (/^ok/) seen[phase]
            }
        }
        function word(phase, good) { return wrong[phase] ? wrong[phase] : phase in seen ? good : "-" }
        BEGIN { phases["baseline"]; phases["denied"]; phases["control"] }
        END { print word("baseline", "works"), word("denied", "refused"), word("control", "works") }' "$1"
}

attack_names() {
    local file
    for file in tests/vm/attacks/*.sh; do
        basename "$file" .sh
    done
}

# matrix LOG: as a table for people.
matrix() {
    local name kernel
    printf '\n%-24s' 'without us, with us, control'
    printf ' %-22s' "${kernels[@]}"
    while read -r name; do
        printf '\n%-28s' "$name"
        for kernel in "${kernels[@]}"; do
            printf ' %-22s' "$(outcome "$1" "$kernel" "$name")"
        done
    done < <(attack_names)
    echo
}

# matrix_rows LOG: the same in Markdown.
matrix_rows() {
    local name kernel
    printf '| attack |'
    printf ' %s |' "${kernels[@]}"
    printf '\n|---|'
    printf -- '---|%.0s' "${kernels[@]}"
    while read -r name; do
        printf '\n| %s |' "$name"
        for kernel in "${kernels[@]}"; do
            printf ' %s |' "$(outcome "$1" "$kernel" "$name" | sed 's/ / · /g')"
        done
    done < <(attack_names)
    echo
}

# write_matrix LOG: in the place of what stands between the marks in docs/threat-model.md.
write_matrix() {
    local rows page=docs/threat-model.md
    rows=$(mktemp)
    matrix_rows "$1" >"$rows"
    awk -v rows="$rows" '/^<!-- matrix -->/ { print; print ""; while ((getline line < rows) > 0) print line; print ""; skip = 1 }
        /^<!-- end of matrix -->/ { skip = 0 } !skip && !/^<!-- matrix -->/' "$page" >"$rows.page"
    cp "$rows.page" "$page"
    rm -f "$rows" "$rows.page"
}
