# Inherited program: Alice leaves a program's descriptor open, and Eve, who inherits it, gives it to what is not
# bpf(): a tracepoint, sockets (also through io_uring), tun, XDP and tc by netlink. Each door asks who she is.
# hooks: file_ioctl socket_setsockopt netlink_send

doors=(perf:tracepoint socket:socket_filter reuseport:socket_filter uring:socket_filter fanout:socket_filter
    tun-steering:socket_filter tun-filter:socket_filter xdp:xdp tc:sched_cls)

prepare() {
    local door
    modprobe -a tun cls_bpf sch_ingress
    tc qdisc add dev lo clsact
    copy giver "$TESTS/bin/doors"
    copy given-alice "$TESTS/bin/doors"
    sign giver
    sign given-alice
    copy door "$TESTS/bin/doors"
    for door in "${doors[@]}"; do ln "$WORK/door" "$WORK/door-${door%:*}"; done
}

entries() {
    echo '  giver: {signer: acme, load: {types: [tracepoint, socket_filter, xdp, sched_cls], kernel-reads: allow}}'
    echo '  given-alice: {signer: acme, programs: {"giver:*": use}}'
}

# through WHO DOOR:TYPE
through() {
    "$WORK/giver" give "${2#*:}" "$1" "${2%:*}"
}

baseline() {
    local door
    for door in "${doors[@]}"; do
        says "${door%:*}: allowed" "${door%:*}" through "$WORK/door-${door%:*}" "$door"
    done
}

denied() {
    local door
    for door in "${doors[@]}"; do
        says "${door%:*}: EPERM" "${door%:*}" through "$WORK/door-${door%:*}" "$door"
        line "it says why" "pod: door-${door%:*} op: attach "
    done
}

control() {
    local door
    for door in "${doors[@]}"; do
        says "${door%:*}: allowed" "${door%:*}, by who may use it" through "$WORK/given-alice" "$door"
    done
    tc qdisc del dev lo clsact
}
