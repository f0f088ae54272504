# Shared memory: a child of vfork() or clone(CLONE_VM) runs in Alice's memory, where its parent, or a bug of
# hers, may write. It has no rights until it executes something.
# hooks: task_alloc

prepare() {
    copy shared-mm "$TESTS/bin/probe"
    sign shared-mm
}

entries() {
    echo '  shared-mm: {signer: acme, load: {types: [xdp]}}'
}

baseline() {
    says "clone-vm: allowed" "a child that shares the memory" "$WORK/shared-mm" clone-vm
    says "vfork: allowed" "a child of vfork()" "$WORK/shared-mm" vfork
}

denied() {
    says "clone-vm: EPERM" "a child that shares alice's memory" "$WORK/shared-mm" clone-vm
    line "it says why" "name: from_clone action: Denied signer: acme reason: shared-memory"
    says "vfork: EPERM" "a child of vfork()" "$WORK/shared-mm" vfork
    line "it says why" "name: from_vfork action: Denied signer: acme reason: shared-memory"
}

control() {
    says "load: allowed" "alice" "$WORK/shared-mm" load
    says "thread: allowed" "her thread" "$WORK/shared-mm" thread
    says "fork: allowed" "her child of fork()" "$WORK/shared-mm" fork
    says "load: allowed" "her child of vfork() that executes her" "$WORK/shared-mm" vfork-exec "$WORK/shared-mm" load
}
