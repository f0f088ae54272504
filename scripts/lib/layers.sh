# shellcheck shell=bash
# The layers of the tree; docs/architecture.md has the reasons. Needs counted.sh and a build in build/.

# The rooms of user space with their ranks: an include goes to a lower rank or stays in its room, and so does a symbol.
ranks() {
    cat <<'RANKS'
0 bpf/contract
1 src/base
2 keyring src/yaml src/names
3 plugins/sign src/policy src/record src/command
4 src/image src/inspect src/files
5 src/enforcer src/manifest
6 src/sign
7 src/apply
8 src/sets
9 src/status
10 src/trust
11 src/bpfsign src/bpfsign-hook src/watchbpf
RANKS
}

# none WHAT PATTERN FILE...: no line of these files matches.
none() {
    local what=$1 pattern=$2 found
    shift 2
    found=$(grep -nE -- "$pattern" "$@") || true
    report "$what" "$found"
}

# report WHAT LINES: ok when there are no lines.
report() {
    if [[ -z $2 ]]; then echo "ok $1"; else printf '%s\nnot ok %s\n' "$2" "$1"; fi
}

# code [PATTERN]: the tracked C files of user space, without those that match.
code() {
    git ls-files 'src/*.[ch]' 'keyring/*.[ch]' 'plugins/sign/*.[ch]' | grep -vE "${1-^$}"
}

# climbing_includes: each include that leads to a room of the same or a higher rank, or to nowhere below the root.
climbing_includes() {
    code | xargs grep -nE '^#include "' | awk -v FS='[:"]' '
        FNR == NR { split($0, word, " "); for (i = 2; i in word; i++) rank[word[i]] = word[1]; next }
        { from = $1; sub("/[^/]*$", "", from); to = $4; sub("/[^/]*$", "", to)
          if (to == "bpf" && from == "src/enforcer") next # the skeleton, which the build makes
          if (from != to && (!(to in rank) || rank[to] + 0 >= rank[from] + 0)) print }
    ' <(ranks) -
}

# symbols: "OBJECT ROOM T|U SYMBOL" of every object in build/; the mutant is the enforcer again.
symbols() {
    find build/src build/keyring build/plugins -name '*.c.o' ! -path '*mutant*' ! -path '*/bpfsign.so.p/*' -print0 |
        xargs -0 nm -A | sed -nE 's/^build\/([^:]*):[^ ]* +([A-Z]) ([^ ]*)$/\1 \2 \3/p' |
        awk '{ room = $1; sub("^plugins/.*/sign_", "plugins/sign/", room); sub("/[^/]*[.]p/", "/", room)
               object = room; sub("/[^/]*$", "", room); print object, room, $2 == "U" ? "U" : "T", $3 }'
}

# climbing_symbols: each symbol that an object needs of a room of the same or a higher rank.
climbing_symbols() {
    symbols | awk '
        FNR == NR { for (i = 2; i <= NF; i++) rank[$i] = $1; next }
        $3 == "T" && $4 != "main" { room[$4] = $2 }
        $3 == "U" { object[++n] = $1; from[n] = $2; needs[n] = $4 }
        END { for (i = 1; i <= n; i++) { to = room[needs[i]]
              if (to && to != from[i] && rank[to] + 0 >= rank[from[i]] + 0)
                  print object[i] " needs " needs[i] " of " to } }
    ' <(ranks) -
}

# circles: the objects that need one another, over however many others.
circles() {
    symbols | awk '
        $3 == "T" && $4 != "main" { object[$4] = $1 }
        $3 == "U" { from[++n] = $1; needs[n] = $4 }
        END { for (i = 1; i <= n; i++) if (object[needs[i]] && object[needs[i]] != from[i]) print from[i], object[needs[i]] }
    ' | sort -u | tsort 2>&1 >/dev/null | grep -v "contains a loop" || true
}

# odd_names: exported functions that begin neither like their room nor like their file. src/base is for all rooms, and
# src/names and the programs' commands are named by what they name, and src/bpfsign-hook has one struct: the transaction.
odd_names() {
    symbols | awk '$3 == "T" && $4 != "main" && $2 !~ /^src\/(base|names)$/ && $4 !~ /^cmd_|_options$/ && ($2 $4) !~ /^src\/bpfsign-hooktransaction_/ {
        room = $2; sub(".*/", "", room); file = $1; sub(".*/", "", file); sub("[.]c[.]o$", "", file)
        first = file; sub("_.*", "", first); gsub("-", "_", room)
        if (index($4, room) != 1 && index($4, file) != 1 && index($4, first) != 1) print $1 ": " $4 }'
}

# odd_rooms: folders without a header of their name, or with a meson.build that is no table of contents.
odd_rooms() {
    local room
    for room in src/*/; do
        room=${room%/}
        [[ -e $room/${room##*/}.h ]] || echo "$room has no ${room##*/}.h"
        [[ $(wc -l <"$room/meson.build") -le 10 ]] || echo "$room/meson.build has more than ten lines"
    done
    git ls-files 'src/*' | grep -vE '^src/(meson.build|[a-z-]+/[^/]*)$' || true
    git ls-files 'bpf/*' | grep -vE '^bpf/(meson.build|enforce.bpf.c|command.bpf.h|[a-z]+/[^/]*)$' || true
}

# shellcheck disable=SC2016 # for the inner shell
# dependent_headers: those of bpf/ that do not compile as the first include of a translation unit.
dependent_headers() {
    git ls-files 'bpf/*.h' | xargs -P "$(nproc)" -I{} sh -c 'clang-14 -target bpf -D__TARGET_ARCH_x86 -g -O2 -Wall -Wextra \
        -Werror -Wno-unused-parameter -Wno-unused-function -Wno-unused-variable -Wno-unused-const-variable -I . \
        -idirafter "/usr/include/$(uname -m)-linux-gnu" -fsyntax-only -include {} -x c /dev/null ||
        echo "{} does not compile alone"' 2>&1
}

too_long() {
    local file lines
    while read -r file; do
        lines=$(wc -l <"$file")
        [[ $lines -le 400 ]] || echo "$file has $lines lines"
    done < <(git ls-files '*.[ch]' '*.sh' '*.def' scripts tests/vm/lib)
}

# shellcheck disable=SC2046 # no name of a file has a space
check_layers() {
    local kernel
    mapfile -t kernel < <(git ls-files 'bpf/*.[ch]')
    report '1, 2, 7: an include is written from the root, and goes down or stays in its room' "$(climbing_includes)"
    report '2: the root is the only directory that is searched for includes' "$(git grep -n 'include_directories(' -- \
        '*meson.build' | grep -vxE "meson.build:[0-9]+:from_root = \{'include_directories': include_directories\('\.'\), .*")"
    none '3: bpf/ includes nothing of ours but bpf/' '#include "(src|keyring|plugins)/' "${kernel[@]}"
    none '3: the skeleton is included in src/enforcer only' 'skel\.h' $(code '^src/enforcer/')
    none '3: SEC(" of a program stands in bpf/hooks/' 'SEC\("[^".]*[a-z][/"]' \
        $(git ls-files 'bpf/*.[ch]' | grep -vE '^bpf/(hooks/|state/maps.bpf.h|enforce.bpf.c)')
    none '4: only src/enforcer, src/inspect and src/names know libbpf' '<bpf/' $(code '^src/(enforcer|inspect|names)/')
    none '4: only keyring/ calls the keyrings' 'keyctl_|add_key\(' $(code '^keyring/')
    none '4: files are opened by open_path()' '^[^*]*[^_a-z](open|openat|fopen)\(' $(code '^src/base/file.c')
    none '5: only programs, command/, status/, files/batch.c, record/lines.c and the faults of tests print' \
        '[^sfn]printf\(|fprintf\(std|[^f]puts\(|perror\(|[^_a-z]log_[a-z_]+\(' \
        $(code '^src/(bpfsign|bpfsign-hook|watchbpf|command|status|base)/|^src/files/batch.c|^src/record/lines.c|^src/enforcer/mutation.h')
    report '3: each header of bpf/ compiles alone' "$(dependent_headers)"
    report '6: no room needs a symbol of a higher one' "$(climbing_symbols)"
    report '6: no objects need one another' "$(circles)"
    report 'an exported function bears the name of its room or file' "$(odd_names)"
    report '8: each room has a header of its name and a short meson.build' "$(odd_rooms)"
    counted '9: hooks.def is asserted against the skeleton' git grep -q 'bpf/contract/hooks.def' -- 'src/enforcer/*.[ch]'
    report 'no file of code has more than 400 lines' "$(too_long)"
}
