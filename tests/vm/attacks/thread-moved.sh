# Thread moved: Eve moves one thread of Alice into a cgroup where it has no rights. It loads code of
# Eve's there, which the threads that stayed then run.
# hooks: mmap_file file_post_open

. "$TESTS/lib/pods.sh"
. "$TESTS/lib/loop.sh"

slice=$CGROUPS/threads.slice

prepare() {
    copy threads "$TESTS/bin/loop" && sign threads
    mkdir -p "$slice/in" "$slice/out" "$WORK/plug-ins"
    echo threaded >"$slice/in/cgroup.type"
    echo threaded >"$slice/out/cgroup.type"
    code make "$WORK/plug-ins/evil"
    copy plug-ins/good "$WORK/plug-ins/evil" && printf good >>"$WORK/plug-ins/good"
    bpfsign sign --key "$KEYS/acme.pem" --role library --name good "$WORK/plug-ins/good" >/dev/null
    cp "$TESTS/bin/intruder.so" "$WORK/plug-ins/evil.so"
    echo evil >"$WORK/template"
}

entries() {
    echo "  threads: {signer: acme, cgroup: /threads.slice/in, load: {types: [xdp]}, unsigned-files: [$WORK/plug-ins/*]}"
}

# moved THREAD: an alice of whom one thread is moved
moved() {
    begin alice inside "$slice/in" "$WORK/threads"
    says "map: allowed" "alice where she was" ask alice 0 map
    says "map: allowed" "… her other thread" ask alice 1 map
    tid_of alice "$1" >"$slice/out/cgroup.threads"
}

baseline() {
    moved 1
    says "1 code: allowed" "the moved thread maps code" ask alice 1 code "$WORK/plug-ins/evil"
    says "0 run: 42" "… the other runs it" ask alice 0 run
    says "0 map: allowed" "… and has rights" ask alice 0 map
    says "1 load: 13" "it loads a library" ask alice 1 load "$WORK/plug-ins/evil.so"
    says "1 jit: allowed" "it makes code" ask alice 1 jit
    says "1 read: allowed" "it reads a template" ask alice 1 read "$WORK/template"
    says "0 content: evil" "… which the other has" ask alice 0 content
    says "1 spawn: allowed" "a thread that it makes" ask alice 1 spawn 2
    says "2 code: allowed" "… maps code" ask alice 2 code "$WORK/plug-ins/evil"
    end alice
    moved 0
    says "0 code: allowed" "the first thread maps code" ask alice 0 code "$WORK/plug-ins/evil"
    says "1 run: 42" "… the other runs it" ask alice 1 run
    end alice
}

# used THREAD: it runs what another one has mapped, and uses its rights
used() {
    ask alice "$1" run
    ask alice "$1" map
}

# none_left: nothing of Eve's is in alice, whoever looks
none_left() {
    says "0 run: nothing" "no code is there" used 0
    says "1 run: nothing" "… whoever looks" used 1
}

denied() {
    moved 1
    says "1 code: EPERM" "the moved thread maps code" ask alice 1 code "$WORK/plug-ins/evil"
    line "it says why" \
        "op: code file: $WORK/plug-ins/evil action: Denied signer: acme reason: unsigned"
    says "1 map: EPERM" "it has no rights" ask alice 1 map
    says "1 code: EPERM" "it maps code when it knows that" ask alice 1 code "$WORK/plug-ins/evil"
    says "1 load: not mapped" "it loads a library" ask alice 1 load "$WORK/plug-ins/evil.so"
    line "it says why" \
        "op: code file: $WORK/plug-ins/evil.so action: Denied signer: acme reason: unsigned"
    says "1 jit: EPERM" "it makes code" ask alice 1 jit
    says "1 read: EPERM" "it reads a template" ask alice 1 read "$WORK/template"
    line "it says why" "op: read file: $WORK/template action: Denied signer: acme reason: unsigned"
    says "1 spawn: allowed" "a thread that it makes" ask alice 1 spawn 2
    says "2 code: EPERM" "… maps code" ask alice 2 code "$WORK/plug-ins/evil"
    none_left
    end alice
    moved 0
    says "0 code: EPERM" "the first thread maps code" ask alice 0 code "$WORK/plug-ins/evil"
    none_left
    end alice
}

control() {
    begin alice inside "$slice/in" "$WORK/threads"
    says "1 code: allowed" "a thread maps a signed library" ask alice 1 code "$WORK/plug-ins/good"
    says "0 run: 42" "… the other runs it" ask alice 0 run
    says "0 map: allowed" "… and has rights" ask alice 0 map
    says "0 end: allowed" "the first thread ends" ask alice 0 end 1
    says "1 map: allowed" "… the other still has rights" ask alice 1 map
    says "2 map: allowed" "… and a new one" ask alice 2 map
    says "0 map: allowed" "a thread executes alice again" ask alice 2 exec "$WORK/threads" 0 map
    begin alice inside "$slice/in" "$WORK/threads"
    pid_of alice >"$slice/out/cgroup.procs"
    says "0 map: EPERM" "all of her is moved" ask alice 0 map
    end alice
    rmdir "$slice/in" "$slice/out" "$slice"
}
