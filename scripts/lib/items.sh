# shellcheck shell=bash
# shellcheck disable=SC2154 # the variables of scripts/check
# The items of a group: what NAME:ITEM may name.

names_of() {
    local file
    for file; do
        file=${file##*/}
        echo "${file%.*}"
    done
}

# items_of GROUP: their names; none for a group that has none.
items_of() {
    case $1 in
    vm) names_of tests/vm/cases/*.sh ;;
    attacks) names_of tests/vm/attacks/*.sh ;;
    boots) printf '%s\n' "${boots[@]}" ;;
    cli) names_of tests/cli/*.sh ;;
    unit) names_of tests/unit/test_*.c | sed 's/^test_//' ;;
    fuzz) names_of tests/fuzz/fuzz_*.c | sed 's/^fuzz_//' ;;
    esac
}

# near ITEM: of the names on stdin those that are like it: that hold it, are held by it, or begin
# alike.
near() {
    awk -v word="$1" 'index($0, word) || index(word, $0) || substr($0, 1, 3) == substr(word, 1, 3)' | paste -s -d ' '
}

# choose NAME[:ITEM]: into chosen and items; a name that is not known is an error, which says what
# it is like.
choose() {
    local name=${1%%:*} item='' like
    [[ $1 != *:* ]] || item=${1#*:}
    if ! declare -F "check_$name" >/dev/null; then
        like=$(printf '%s\n' "${groups[@]}" "${extra[@]}" | near "$name")
        bad_usage "there is no group '$name'; ${like:+like it: $like; }see scripts/check --list"
    fi
    [[ " ${chosen[*]} " == *" $name "* ]] || chosen+=("$name")
    [[ -n $item ]] || return 0
    if ! grep -Fxq -e "$item" <<<"$(items_of "$name")"; then
        like=$(items_of "$name" | near "$item")
        bad_usage "there is no '$item' in '$name'; ${like:+like it: $like; }see scripts/check --list"
    fi
    items+=(["$name"]="${items[$name]:+${items[$name]} }$item")
}

# wanted GROUP: the items that were named, or all; with --change, but those of the night, and of the
# attacks but a third, which is another one at the next commit.
wanted() {
    if [[ -n ${items[$1]-} ]]; then
        tr ' ' '\n' <<<"${items[$1]}"
    elif [[ $change = yes ]]; then
        items_of "$1" | grep -vxFf <(at_night "$1") |
            awk -v group="$1" -v turn="$(git rev-list --count HEAD)" \
                'group != "attacks" || NR % 3 != turn % 3'
    else
        items_of "$1"
    fi
}

# files_at_night GROUP: its cases or attacks that a change does not wait for
files_at_night() {
    case $1 in
    vm) grep -l '^# night: ' tests/vm/cases/*.sh ;;
    attacks) grep -l '^# night: ' tests/vm/attacks/*.sh ;;
    esac
}

at_night() {
    # shellcheck disable=SC2046 # no name has a space
    names_of $(files_at_night "$1")
}

# reasons_at_night GROUP: what runs each of them, and why a change does not wait for it
reasons_at_night() {
    local file
    for file in $(files_at_night "$1"); do
        printf 'scripts/check %-34s %s\n' "$1:$(names_of "$file")" \
            "$(sed -n 's/^# night: //p' "$file")"
    done
}

list_items() {
    local name found
    for name in "${groups[@]}" "${extra[@]}"; do
        found=$(items_of "$name" | paste -s -d ' ')
        printf '%s%s\n' "$name" "${found:+: $found}" | fold -s -w 100
    done
}
