# A daemon that has rights goes on after a policy was loaded that says the same about it: the first
# thing that it does then is one that a hook decides which cannot sleep. Nobody else may do the same.
# hooks: inode_unlink file_open inode_symlink ptrace_access_check

. "$TESTS/lib/loop.sh"

copy keeper "$TESTS/bin/keeper"
sign keeper
copy other "$TESTS/bin/keeper"
sign other
mkdir -p /sys/fs/bpf/kept
policy first <<'YAML'
  keeper: {signer: acme, maps: {"keeper:*": rw}}
  other: {signer: acme, maps: {"other:*": rw}}
YAML
policy second <<'YAML'
  other: {signer: acme, maps: {"other:*": rw}}
  keeper: {signer: acme, maps: {"keeper:*": rw}}
YAML

# kept ACT TEXT WHAT: a keeper of its own for each act, which is the first that it does
kept() {
    says "0 $1: $2" "$3" ask "kept-$1" 0 "$1"
}

acts=(open unlink link poke)
for act in "${acts[@]}"; do
    begin "kept-$act" "$WORK/keeper" "/sys/fs/bpf/kept/$act"
    kept "$act" "$([ "$act" = open ] && echo EIO || echo allowed)" "baseline: $act"
    end "kept-$act"
done
rm -rf /sys/fs/bpf/kept/*

watch --enforce "$WORK/first.yaml"
for act in "${acts[@]}"; do begin "kept-$act" "$WORK/keeper" "/sys/fs/bpf/kept/$act"; done
order policy "$WORK/second.yaml"
succeeds "another policy" watchbpf --enforce "$WORK/second.yaml" --order "$WORK/policy.order" --detach
kept open EIO "it opens its own pin"
kept unlink allowed "it removes its own pin"
kept link allowed "it makes a link beside it"
kept poke allowed "it writes the memory of its own child"
denied "eve removes the pin" rm /sys/fs/bpf/kept/open
not_permitted "eve opens it" cat /sys/fs/bpf/kept/open
for act in "${acts[@]}"; do
    pid=$(pgrep -P "$(pid_of "kept-$act")")
    end "kept-$act"
    kill -9 "$pid"
done
unpin /sys/fs/bpf/kept
