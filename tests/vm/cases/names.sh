# Each name of the running kernel that a policy, a decision or a line may use is known: types, commands, functions. A kernel
# that has more makes this fail. Its additions are then judged, and get a line in the tables: docs/architecture.md.

for what in attach-types program-types map-types commands helpers kfuncs lockdown-reasons; do
    succeeds "the kernel's $what are known" names "$what"
done
echo "# the commands and how each is decided, others are denied: $(names commands | grep ': [A-Z_]*$' | paste -s -d ' ')"
