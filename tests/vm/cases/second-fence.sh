# Behind the scan of a program stands the verifier: with the first fence away it refuses the helper
# itself, and says so in its log. Linux asks lsm/locked_down for it.
# hooks: locked_down

for name in alice reader; do
    copy "$name" "$TESTS/bin/probe"
    printf %s "$name" >>"$WORK/$name"
    exits 0 "baseline: $name reads the kernel" "$WORK/$name" read-kernel
    sign "$name"
done

# The verifier is asked before anybody could obtain the program, which without lsm/bpf_prog_load has
# no owner: what the verifier passes is EPERM then, what it refuses is EINVAL.
WATCHBPF=watchbpf-mutant \
    BPFSIGN_WITHOUT_HOOK=bpf_prog_load${BPFSIGN_WITHOUT_HOOK:+,$BPFSIGN_WITHOUT_HOOK} enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
  reader: {signer: acme, load: {types: [xdp], kernel-reads: allow}}
YAML
exits 3 "alice: the verifier refuses the helper" "$WORK/alice" read-kernel
says "bpf_probe_read_kernel#113" "… and names it in its log" "$WORK/alice" read-kernel
says "read-kernel: EINVAL" "… with its own errno" "$WORK/alice" read-kernel
says "read-kernel: EPERM" "reader: it is not the verifier that refuses" "$WORK/reader" read-kernel
leave

enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
  reader: {signer: acme, load: {types: [xdp], kernel-reads: allow}}
YAML
exits 1 "alice: the first fence" "$WORK/alice" read-kernel
exits 0 "reader: both let it pass" "$WORK/reader" read-kernel
