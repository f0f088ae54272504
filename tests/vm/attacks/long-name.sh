# Long name: the interpreter of Alice's script makes its name absolute, and in a deep folder that is
# longer than what is looked at. Eve exchanges the script for another one of the same signer, once
# the kernel has read it.
# hooks: file_post_open

part=$(printf '%0100d' 0)
deep=$WORK/$part/$part/$part # more than 255 bytes
way=$WORK/links/$(printf './%.0s' {1..130})long-way # the same, of a short name
pin=/sys/fs/bpf/long-name

prepare() {
    local name
    mkdir -p "$deep" "$WORK/links" "$WORK/other"
    unpin $pin
    copy long-eve "$TESTS/bin/exchange"
    copy long-interpreter "$TESTS/bin/interpreter" && sign long-interpreter
    bpfsign sign --key "$KEYS/acme.pem" /usr/bin/python3.11 >/dev/null
    sign_libraries /usr/bin/python3.11
    printf '#!%s absolute\nhonest\n' "$WORK/long-interpreter" >"$WORK/long-script"
    sed s/honest/another/ "$WORK/long-script" >"$WORK/other/long-script"
    printf '#!%s resolved\nhonest\n' "$WORK/long-interpreter" >"$WORK/long-way"
    sed s/honest/another/ "$WORK/long-way" >"$WORK/other/long-way"
    printf '#!/usr/bin/python3\nprint("honest", open("%s").read())\n' $pin >"$WORK/long-python"
    sed s/honest/another/ "$WORK/long-python" >"$WORK/other/long-python"
    chmod +x "$WORK"/long-* "$WORK"/other/*
    for name in long-{script,python,way}; do
        sign "$name"
        sign "other/$name"
    done
    maps create array long_name $pin >/dev/null || fail "the map" "it cannot be made"
}

entries() {
    echo '  long-script: {signer: acme, load: {types: [xdp]}}'
    echo '  long-way: {signer: acme, load: {types: [xdp]}}'
    echo '  long-python:'
    echo '    signer: acme'
    echo '    maps: {"before-enforcement:long_name": ro}'
    echo '    unsigned-files: [/usr/lib/python3*, /etc/python3*]'
}

# exchanged FOLDER NAME SCRIPT INTERPRETER: executes NAME in the folder, where the link SCRIPT comes to
# lead to another one
exchanged() {
    ln -sfn "$WORK/$3" "$1/$3"
    cd "$1" && "$WORK/long-eve" link "$4" "$1/$3" "$WORK/other/$3" "$2"
}

baseline() {
    local folder
    for folder in "$WORK/links" "$deep"; do
        says_only "another: allowed" "a script in ${#folder} bytes" \
            exchanged "$folder" ./long-script long-script "$WORK/long-interpreter"
        says "another " "a script of Python's there" \
            exchanged "$folder" ./long-python long-python /usr/bin/python3.11
    done
    says "another " "by its whole name" \
        exchanged "$deep" "$deep/long-python" long-python /usr/bin/python3.11
    says_only "another: allowed" "by a long way, which the interpreter makes short" \
        exchanged "$WORK/links" "$way" long-way "$WORK/long-interpreter"
}

denied() {
    local folder name
    for folder in "$WORK/links" "$deep"; do
        says_only "open: EPERM" "a script in ${#folder} bytes" \
            exchanged "$folder" ./long-script long-script "$WORK/long-interpreter"
        says "Operation not permitted" "a script of Python's there" \
            exchanged "$folder" ./long-python long-python /usr/bin/python3.11
    done
    says_only "open: EPERM" "by a long way, which the interpreter makes short" \
        exchanged "$WORK/links" "$way" long-way "$WORK/long-interpreter"
    for name in long-script long-python long-way; do
        line "it says why: $name" "pod: $name op: read file: $WORK/other/$name action: Denied \
signer: acme reason: swapped-script"
    done
    says "Operation not permitted" "by its whole name" \
        exchanged "$deep" "$deep/long-python" long-python /usr/bin/python3.11
}

# in_folder FOLDER NAME SCRIPT
in_folder() {
    ln -sfn "$WORK/$3" "$1/$3"
    cd "$1" && "$2"
}

control() {
    says_only "honest: allowed" "the script" in_folder "$WORK/links" ./long-script long-script
    says_only "honest: allowed" "in a deep folder" in_folder "$deep" ./long-script long-script
    says_only "honest: allowed" "by a long way" in_folder "$WORK/links" "$way" long-way
    says "honest " "Python's there" in_folder "$deep" ./long-python long-python
    says "honest " "Python's by its whole name" in_folder "$deep" "$deep/long-python" long-python
    unpin $pin
}
