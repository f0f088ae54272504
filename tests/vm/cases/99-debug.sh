copy eve "$TESTS/bin/probe"
enforce <<'YAML'
  alice: {signer: acme, load: {types: [xdp]}}
YAML
$WORK/eve load
echo 0 >/proc/sys/kernel/ftrace_enabled
$WORK/eve load
sleep 2
cat $LOG
$WORK/eve load
echo 1 >/proc/sys/kernel/ftrace_enabled
$WORK/eve load
