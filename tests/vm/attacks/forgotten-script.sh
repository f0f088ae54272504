# Forgotten script: who opens Alice's script is not who was executed, but a child, a thread or a
# worker of it, or its interpreter has tried to execute something else before. Eve has exchanged it
# for another one of the same signer.
# hooks: file_post_open task_alloc bprm_creds_for_exec

readers=(fork vfork thread worker)            # acts of tests/vm/programs/interpreter.c
failing=(nothing plain empty headless broken) # files that cannot be executed

# script NAME ACT: Alice's, and another one that has its name in another folder
script() {
    printf '#!%s %s\nhonest\n' "$WORK/forgetful" "$2" >"$WORK/honest/$1"
    printf '#!%s %s\nanother\n' "$WORK/forgetful" "$2" >"$WORK/other/$1"
    chmod +x "$WORK/honest/$1" "$WORK/other/$1"
    sign "honest/$1"
    sign "other/$1"
}

prepare() {
    local name
    mkdir -p "$WORK/honest" "$WORK/other" "$WORK/files"
    copy forgetful-eve "$TESTS/bin/exchange"
    copy forgetful "$TESTS/bin/interpreter" && sign forgetful
    for name in "${readers[@]}"; do script "by-$name" "$name"; done
    for name in "${failing[@]}"; do script "after-$name" failed; done
    script after-question asked
    echo plain >"$WORK/files/plain"
    printf '\0\0\0\0' | tee "$WORK/files/broken" >"$WORK/files/empty"
    printf '#!/nothing\n' >"$WORK/files/headless"
    chmod +x "$WORK"/files/{broken,empty,headless}
    sign files/broken --role executable
}

scripts() {
    printf '%s\n' "${readers[@]/#/by-}" "${failing[@]/#/after-}" after-question
}

entries() {
    local name
    for name in $(scripts); do echo "  $name: {signer: acme, load: {types: [xdp]}}"; done
}

# exchanged NAME [ARGUMENT...]: executes the script, whose name comes to lead to the other one
exchanged() {
    ln -sfn "$WORK/honest/$1" "$WORK/$1"
    "$WORK/forgetful-eve" link "$WORK/forgetful" "$WORK/$1" "$WORK/other/$1" "$WORK/$1" "${@:2}"
}

# each TEXT FUNCTION: the scripts by that function say the text
each() {
    local name
    for name in "${readers[@]}"; do says_only "$1" "by a $name" "$2" "by-$name"; done
    for name in "${failing[@]}"; do
        says "$1" "after an exec that failed: $name" "$2" "after-$name" "$WORK/files/$name"
    done
    says "$1" "after a question" "$2" after-question "$WORK/forgetful"
}

baseline() {
    each "another: allowed" exchanged
}

denied() {
    local name
    each "open: EPERM" exchanged
    for name in $(scripts); do
        line "$name: it says why" "pod: $name op: read file: $WORK/other/$name action: Denied \
signer: acme reason: swapped-script"
    done
}

# itself NAME [ARGUMENT...]: the script without the exchange
itself() {
    "$WORK/honest/$1" "${@:2}"
}

control() {
    each "honest: allowed" itself
}
