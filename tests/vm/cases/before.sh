# What was loaded before the start: its owner is before-enforcement, a policy can grant it by name, and the start tells of it.
# hooks: bpf_map bpf_prog
# once: the hooks are those of every map and program

copy granted "$TESTS/bin/probe"
copy other "$TESTS/bin/probe"
copy eve-tool
copy holder "$TESTS/bin/probe"
sign granted
sign other
pin=/sys/fs/bpf/older
"$WORK/eve-tool" map create "$pin" type hash key 4 value 4 entries 4 name older
"$WORK/eve-tool" prog load "$OBJECTS/xdp.o" /sys/fs/bpf/older_prog
map=$(id_of "$WORK/eve-tool" map "$pin") prog=$(id_of "$WORK/eve-tool" prog /sys/fs/bpf/older_prog)
exits 0 "baseline: eve obtains the map" "$WORK/holder" map-by-id "$map"

enforce <<'YAML'
  granted: {signer: acme, maps: {"before-enforcement:older": rw}, programs: {"before-enforcement:*": use}}
  other: {signer: acme, load: {types: [xdp]}}
YAML
line "the start says how many there are" "maps were loaded before: owner 'before-enforcement'"
no_line "nothing is accepted" "--adopt"
says "\"owner\":\"before-enforcement\"" "it is listed" sh -c "watchbpf list maps --json | tr '{' '\n' | grep '\"id\":$map,'"
says "\"name\":\"older\"" "… with its name" sh -c "watchbpf list maps --json | tr '{' '\n' | grep '\"id\":$map,'"
says "\"owner\":\"before-enforcement\"" "a program too" sh -c "watchbpf list programs --json | tr '{' '\n' | grep '\"id\":$prog,'"
exits 0 "who is granted it obtains it" "$WORK/granted" map-by-id "$map"
exits 0 "… and the program" "$WORK/granted" prog-by-id "$prog"
exits 1 "another one does not" "$WORK/other" map-by-id "$map"
line "… the line says so" "type: hash name: older action: Denied signer: acme reason: foreign-map"
exits 1 "… nor the program" "$WORK/other" prog-by-id "$prog"
exits 1 "nor eve, who made it" "$WORK/holder" map-by-id "$map"
unpin "$pin" /sys/fs/bpf/older_prog
leave

# a foreign LSM program: the start refuses, unless it is accepted by its number, which stays to be seen
"$WORK/eve-tool" prog load "$OBJECTS/lsm.o" /sys/fs/bpf/older_lsm
lsm=$(id_of "$WORK/eve-tool" prog /sys/fs/bpf/older_lsm)
says "could outvote the enforcement" "a foreign LSM program" watchbpf --enforce "$WORK/policy.yaml"
watch --enforce "$WORK/policy.yaml" --adopt "$lsm"
line "accepted" "program $lsm is accepted by --adopt, and could outvote the enforcement"
says "foreign programs that --adopt accepted: 1" "status shows it" watchbpf status
says "\"adopted_programs\":1" "… in JSON" watchbpf status --json
unpin /sys/fs/bpf/older_lsm
leave
