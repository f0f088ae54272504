# bpfsign inspect says before the load what the kernel says at it: every object, four policies.
# hooks: bpf_prog_load bpf_prog
# once: one source, compiled twice: bpf/contract/rules.h

names=(least reader narrow wide)
for name in "${names[@]}"; do copy "$name"; sign "$name"; done
cat >"$WORK/entries" <<'YAML'
  least:
    signer: acme
    load: {types: [xdp, kprobe, tracepoint, tracing, lsm, struct_ops, socket_filter]}
  reader:
    signer: acme
    load:
      types: [xdp, kprobe, tracing, socket_filter]
      kernel-reads: allow
      attach: ["fentry/tcp_*", xdp, kprobe, iter, socket_filter]
      helpers: {deny: [signals]}
  narrow:
    signer: acme
    load:
      types: [xdp, kprobe, tracepoint]
      kernel-reads: allow
      user-reads: allow
      user-writes: allow
      kfuncs: {allow: [bpf_dynptr_from_xdp]}
      map-writes: none
      max-instructions: 100
      max-maps: 1
  wide:
    signer: acme
    load:
      types: [xdp, kprobe, tracepoint, tracing, struct_ops, socket_filter]
      kernel-reads: allow
      user-reads: allow
      user-writes: allow
YAML
enforce <"$WORK/entries"

# foretold NAME OBJECT: "granted", or "denied REASON PROGRAM" of the first program refused.
foretold() {
    local status=0
    bpfsign inspect "$2" --policy "$WORK/policy.yaml" --as "$1" >"$WORK/said" 2>&1 || status=$?
    case $status in
    0) echo granted ;;
    1) awk '/^program / { sub(":", "", $2); program = $2 }
        /^  verdict: denied: / { sub(":", "", $3); print "denied", $3, program; exit }' "$WORK/said" ;;
    *) echo "status $status: $(tail -n 1 "$WORK/said")" ;;
    esac
}

n=0 told=0 alike=0
for object in "$OBJECTS"/*.o; do
    for name in "${names[@]}"; do
        n=$((n + 1))
        said=$(foretold "$name" "$object")
        status=0
        output=$("$WORK/$name" prog loadall "$object" "/sys/fs/bpf/x$n" 2>&1 </dev/null) || status=$?
        case $said:$status in
        granted:0) alike=$((alike + 1)) ;;
        denied\ *:0) fail "$name: $(basename "$object")" "foretold '$said', and it loads" ;;
        denied\ *)
            # shellcheck disable=SC2086  # words
            set -- $said
            printf '%s\n' "pod: $name op: load|name: ${3:0:15} |Denied signer: acme reason: $2" \
                >>"$WORK/expected"
            told=$((told + 1)) ;;
        granted:*)
            # what the kernel itself or the loader refuses is no verdict of ours
            if grep -qE "Operation not permitted|-EPERM|: -1\$" <<<"$output"; then
                fail "$name: $(basename "$object")" "foretold granted, and it is refused: $output"
            else
                skipped="$skipped $name:$(basename "$object" .o)"
            fi ;;
        *) fail "$name: $(basename "$object")" "$said" ;;
        esac
    done
done
[ "$alike" -gt 20 ] && pass "$alike foretold grants of $n were granted" ||
    fail "foretold grants" "only $alike of $n"
sleep 2
missing=0
while IFS='|' read -r who program why; do
    grep -F -- "$who" "$LOG" | grep -F -- "$program" | grep -qF -- "$why" ||
        { fail "foretold denial" "no line with '$who' '$program' '$why'"; missing=$((missing + 1)); }
done <"$WORK/expected"
[ "$told" -gt 20 ] && [ "$missing" = 0 ] && pass "$told foretold denials of $n were denied, for the same reason" ||
    fail "foretold denials" "$missing of $told are missing"
[ -z "${skipped-}" ] || printf '# refused by the kernel or the loader, whatever the policy:%s\n' "$skipped"
unpin /sys/fs/bpf/x*
