# shellcheck shell=bash
# The shape of the sources: clang-format, widths, subjects of commits. Needs counted.sh.

# The first commit whose successors have subjects of this form.
SUBJECTS_SINCE=b0c857b

# wide: the files that may still be wider, and why.
wide() {
    cat <<'LIST'
README.md               written before this check; to be rewritten
docs/[cfit]*            written before this check; to be rewritten
docs/man/*              written before this check; to be rewritten
tests/*.sh              shell tests: to be wrapped when they are touched
plugins/*.sh            as the tests
scripts/[bip]*          as the tests
scripts/lib/[abciklr]*  as the tests
scripts/lib/groups.sh   as the tests
scripts/lib/matrix.sh   as the tests
*.def                   tables: an entry is a line
bpf/contract/abi.h      a table of constants
bpf/kernel/*.h          a table of constants
tests/vm/lib/bpf.h      a table of macros
LIST
}

may_be_wide() {
    local pattern
    while read -r pattern _; do
        # shellcheck disable=SC2053 # a pattern
        [[ $1 != $pattern ]] || return 0
    done < <(wide)
    return 1
}

check_format() {
    counted 'clang-format' formatted
    counted 'no line of code has more than 100 columns' narrow_code
    counted 'no line of prose has more than 80 columns' narrow_prose
    subjects
}

formatted() {
    local files
    mapfile -t files < <(git ls-files '*.[ch]')
    clang-format-14 --dry-run -Werror "${files[@]}"
}

# narrow_code: string literals apart, which clang-format does not break either.
narrow_code() {
    local file files=()
    while read -r file; do
        may_be_wide "$file" || files+=("$file")
    done < <(git ls-files '*.c' '*.h' '*.def' '*.sh' .ci scripts tests/vm/lib)
    LC_ALL=C.UTF-8 perl -CSD -lne '
        my $tabs = $_;
        1 while $tabs =~ s/^(.*?)\t/$1 . " " x (8 - length($1) % 8)/e;
        print "$ARGV:$.: ", length $tabs if length $tabs > 100 && !($ARGV =~ /\.[ch]$/ && /"/);
        $wide = 1 if length $tabs > 100 && !($ARGV =~ /\.[ch]$/ && /"/);
        close ARGV if eof;
        END { exit !!$wide }' "${files[@]}"
}

# narrow_prose: tables, blocks of code and addresses apart.
narrow_prose() {
    local file files=()
    while read -r file; do
        may_be_wide "$file" || files+=("$file")
    done < <(git ls-files '*.md' '*.scd')
    [[ ${#files[@]} -gt 0 ]] || return 0
    perl -CSD -lne '
        $code = !$code if /^```/;
        if (!$code && !/^[|\t]/ && !m,https?://, && length > 80) {
            print "$ARGV:$.: ", length;
            $wide = 1;
        }
        if (eof) { close ARGV; $code = 0 }
        END { exit !!$wide }' "${files[@]}"
}

subjects() {
    if git merge-base --is-ancestor "$SUBJECTS_SINCE" HEAD 2>/dev/null; then
        counted 'subjects of commits: area: imperative, 72 columns' good_subjects
    else
        echo "skip subjects of commits: commit $SUBJECTS_SINCE is not in this clone"
    fi
}

good_subjects() {
    git log --format='%h %s' "$SUBJECTS_SINCE..HEAD" | perl -CSD -ne '
        chomp;
        my ($commit, $subject) = split / /, $_, 2;
        BEGIN { $shape = qr,^[a-z0-9./_-]+(\, [a-z0-9./_-]+)*: ., }
        next if $subject =~ $shape && length $subject <= 72 || $subject =~ /^Merge /;
        print "$commit $subject\n";
        $bad = 1;
        END { exit !!$bad }'
}
