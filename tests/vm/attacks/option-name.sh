# Option as a name: the kernel puts the name that was given to execve behind a script's interpreter.
# Eve gives Alice's script a name that is an option to it, and the argument behind it is code that
# runs with Alice's rights.
# hooks: bprm_creds_for_exec bprm_committed_creds

# What the code reads: a map that was there before, and that Alice's scripts alone may read.
pin=/sys/fs/bpf/option-name

in_shell="while read -r line; do echo \"\$line\"; done <$pin"
in_perl="open my \$f, '<', '$pin' or die \"\$!\\n\"; print <\$f>;"
in_python="print(open('$pin').read())"

# SCRIPT NAME CODE: the names that its interpreter takes for an option with code behind it
roads() {
    printf '%s\t%s\t%s\n' option-sh -c "$in_shell" option-bash -c "$in_shell" \
        option-perl -e "$in_perl" option-python -c "$in_python" \
        option-sh +c "$in_shell" option-bash +c "$in_shell" option-perl -we "$in_perl" \
        option-python -Bc "$in_python"
}

script() { # NAME INTERPRETER CODE
    printf '#!%s\n%s\n' "$2" "$3" >"$WORK/$1"
    chmod +x "$WORK/$1"
    sign "$1"
}

prepare() {
    unpin $pin
    copy option-name-eve "$TESTS/bin/probe"
    copy sh /bin/sh && sign sh
    copy bash /bin/bash && sign bash
    bpfsign sign --key "$KEYS/acme.pem" /usr/bin/perl /usr/bin/python3.11 >/dev/null
    sign_libraries /bin/sh /bin/bash /usr/bin/perl /usr/bin/python3.11
    script option-sh "$WORK/sh" "$in_shell"
    script option-bash "$WORK/bash" "$in_shell"
    script option-perl /usr/bin/perl "$in_perl"
    script option-python /usr/bin/python3 "$in_python"
    mkdir -p "$WORK/links" "$WORK/d"
    maps create array option_name $pin >/dev/null && maps update pin:$pin 4711 >/dev/null ||
        fail "the map" "it cannot be made"
}

entries() {
    local name
    for name in sh bash perl python; do
        echo "  option-$name:"
        echo '    signer: acme'
        echo '    maps: {"before-enforcement:option_name": ro}'
        echo '    unsigned-files: [/usr/lib/python3*, /etc/python3*]'
    done
}

# as NAME SCRIPT [ARGUMENT...]: Eve executes it by a link of that name
as() {
    ln -sfn "$WORK/$2" "$WORK/links/$1"
    cd "$WORK/links" && "$WORK/option-name-eve" exec "$1" "${@:3}"
}

# told SCRIPT CODE: as `-`, which is standard input
told() {
    as - "$1" <<<"$2"
}

baseline() {
    local script name code
    while IFS=$'\t' read -r script name code; do
        says "0: 4711" "$script by the name $name" as "$name" "$script" "$code"
    done < <(roads)
    says "0: 4711" "option-sh by the name -" told option-sh "$in_shell"
    says "0: 4711" "option-perl by the name -" told option-perl "$in_perl"
    says "0: 4711" "option-python by the name -" told option-python "$in_python"
}

denied() {
    local script name code
    while IFS=$'\t' read -r script name code; do
        not_permitted "$script by the name $name" as "$name" "$script" "$code"
    done < <(roads)
    not_permitted "option-sh by the name -" told option-sh "$in_shell"
    not_permitted "option-perl by the name -" told option-perl "$in_perl"
    not_permitted "option-python by the name -" told option-python "$in_python"
    for name in sh bash perl python3.11; do
        line "it says why: $name" \
            "pod: $name op: exec action: BPFDenied signer: - reason: script-options"
    done
}

# from_path SCRIPT: found by a shell in PATH
from_path() {
    PATH=$WORK:$PATH /bin/sh -c "$1"
}

# in_folder FOLDER NAME
in_folder() {
    cd "$WORK/$1" && "$WORK/option-name-eve" exec "$2"
}

control() {
    local name
    for name in sh bash perl python; do
        says "0: 4711" "option-$name by its path" "$WORK/option-$name"
        says "0: 4711" "./option-$name" in_folder . "./option-$name"
        says "0: 4711" "../links/../option-$name" in_folder d "../links/../option-$name"
        says "0: 4711" "option-$name from PATH" from_path "option-$name"
        says "0: 4711" "./-e, which is no option" as ./-e "option-$name"
        says "0: 4711" "with arguments that look like options" \
            "$WORK/option-$name" -e "exit 9" -c "exit 9" --
    done
    unpin $pin
}
