/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The doors that are not bpf(): the uses of a program's descriptor, inherited as number 9.
 *
 *   doors give TYPE COMMAND...   loads a program of that type and executes the command with it
 *   doors ACT                    puts it to its use; xdp and tc on the interface lo
 */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/perf.h"
#include "tests/vm/lib/uring.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define INHERITED 9

static const int inherited = INHERITED;

/* --- give ----------------------------------------------------------------------------------- */

static void act_give(char **argument)
{
	static const struct {
		const char *word;
		unsigned type, attach_type;
	} types[] = {
		{"tracepoint", BPF_PROG_TYPE_TRACEPOINT, 0},
		{"socket_filter", BPF_PROG_TYPE_SOCKET_FILTER, 0},
		{"xdp", BPF_PROG_TYPE_XDP, BPF_XDP},
		{"sched_cls", BPF_PROG_TYPE_SCHED_CLS, 0},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].word, argument[0]) == 0) {
			int program = set_up("load",
				load_constant(1, types[i].type, types[i].attach_type, "given"));
			set_up("dup2", dup2(program, INHERITED));
			execv(argument[1], argument + 1);
			could_not_try(argument[1]);
		}
	errno = EINVAL;
	could_not_try(argument[0]);
}

/* --- perf ----------------------------------------------------------------------------------- */

static void act_perf(char **argument)
{
	int event = tracepoint_event("sched/sched_switch");

	step("perf", ioctl(event, PERF_EVENT_IOC_SET_BPF, inherited));
}

/* --- sockets -------------------------------------------------------------------------------- */

static int udp(void)
{
	int fd = set_up("socket", socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	set_up("SO_REUSEPORT", setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int)));
	return fd;
}

static void act_socket(char **argument)
{
	step("socket", setsockopt(udp(), SOL_SOCKET, SO_ATTACH_BPF, &inherited, sizeof(int)));
}

static void act_reuseport(char **argument)
{
	step("reuseport",
		setsockopt(udp(), SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &inherited, sizeof(int)));
}

/* SOCKET_URING_OP_SETSOCKOPT, since 6.7; the headers here are older, so by its numbers. */
static void act_uring(char **argument)
{
	struct io_uring_sqe request = {.opcode = IORING_OP_URING_CMD, .fd = udp()};

	request.off = 3;                                           /* cmd_op */
	request.addr = SOL_SOCKET | (uint64_t)SO_ATTACH_BPF << 32; /* level, optname */
	request.file_index = sizeof(int);                          /* optlen */
	request.addr3 = pointer(&inherited);                       /* optval */
	step("uring", uring_do(&request));
}

static void act_fanout(char **argument)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex("lo")};
	int group = PACKET_FANOUT_EBPF << 16 | 42;
	int fd = set_up("socket", socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));

	set_up("bind", bind(fd, (struct sockaddr *)&address, sizeof(address)));
	set_up("PACKET_FANOUT", setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &group, sizeof(group)));
	step("fanout", setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, &inherited, sizeof(int)));
}

/* --- tun ------------------------------------------------------------------------------------ */

static int tun(void)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd = open_file("/dev/net/tun", O_RDWR);

	strcpy(request.ifr_name, "door%d");
	set_up("TUNSETIFF", ioctl(fd, TUNSETIFF, &request));
	return fd;
}

static void act_tun_steering(char **argument)
{
	step("tun-steering", ioctl(tun(), TUNSETSTEERINGEBPF, &inherited));
}

static void act_tun_filter(char **argument)
{
	step("tun-filter", ioctl(tun(), TUNSETFILTEREBPF, &inherited));
}

/* --- netlink -------------------------------------------------------------------------------- */

struct request {
	struct nlmsghdr header;
	union {
		struct ifinfomsg link;
		struct tcmsg traffic;
	} about;
	char attributes[256];
};

static void begin(struct request *request, unsigned type, unsigned flags, size_t about)
{
	*request = (struct request){
		.header = {.nlmsg_len = (uint32_t)NLMSG_LENGTH(about),
			.nlmsg_type = (uint16_t)type,
			.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags)}};
}

static struct nlattr *add(struct request *request, unsigned type, const void *data, size_t size)
{
	struct nlattr *at = (void *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));

	at->nla_type = (uint16_t)type;
	at->nla_len = (uint16_t)(NLA_HDRLEN + size);
	if (size)
		memcpy((char *)at + NLA_HDRLEN, data, size);
	request->header.nlmsg_len =
		(uint32_t)(NLMSG_ALIGN(request->header.nlmsg_len) + NLA_ALIGN(at->nla_len));
	return at;
}

static struct nlattr *open_nest(struct request *request, unsigned type)
{
	return add(request, type | NLA_F_NESTED, NULL, 0);
}

static void close_nest(struct request *request, struct nlattr *nest)
{
	nest->nla_len = (uint16_t)((char *)request + request->header.nlmsg_len - (char *)nest);
}

/* Sends the request; returns the kernel's answer as a system call does. */
static long ask(const struct request *request)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[1024];
	} answer;
	int fd = set_up("netlink", socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));

	if (send(fd, request, request->header.nlmsg_len, 0) < 0)
		return -1;
	set_up("netlink", recv(fd, &answer, sizeof(answer), 0));
	need(answer.header.nlmsg_type == NLMSG_ERROR, "netlink");
	close(fd);
	errno = -answer.error.error;
	return answer.error.error ? -1 : 0;
}

static long set_xdp(int fd)
{
	struct request request;
	struct nlattr *nest;

	begin(&request, RTM_SETLINK, 0, sizeof(struct ifinfomsg));
	request.about.link.ifi_index = (int)if_nametoindex("lo");
	nest = open_nest(&request, IFLA_XDP);
	add(&request, IFLA_XDP_FD, &fd, sizeof(fd));
	add(&request, IFLA_XDP_FLAGS, &(uint32_t){XDP_FLAGS_SKB_MODE}, sizeof(uint32_t));
	close_nest(&request, nest);
	return ask(&request);
}

static void act_xdp(char **argument)
{
	step("xdp", set_xdp(inherited));
	set_xdp(-1); /* off */
}

/* Needs a qdisc clsact. */
static void act_tc(char **argument)
{
	struct request request;
	struct nlattr *nest;

	begin(&request, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct tcmsg));
	request.about.traffic.tcm_ifindex = (int)if_nametoindex("lo");
	request.about.traffic.tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
	request.about.traffic.tcm_info = TC_H_MAKE(1 << 16, htons(ETH_P_ALL));
	add(&request, TCA_KIND, "bpf", sizeof("bpf"));
	nest = open_nest(&request, TCA_OPTIONS);
	add(&request, TCA_BPF_FD, &inherited, sizeof(int));
	add(&request, TCA_BPF_NAME, "given", sizeof("given"));
	add(&request, TCA_BPF_FLAGS, &(uint32_t){TCA_BPF_FLAG_ACT_DIRECT}, sizeof(uint32_t));
	close_nest(&request, nest);
	step("tc", ask(&request));
}

static const struct act acts[] = {
	{"give", 2, act_give, "tracepoint|socket_filter|xdp|sched_cls COMMAND..."},
	{"perf", 0, act_perf, NULL},
	{"socket", 0, act_socket, NULL},
	{"reuseport", 0, act_reuseport, NULL},
	{"uring", 0, act_uring, NULL},
	{"fanout", 0, act_fanout, NULL},
	{"tun-steering", 0, act_tun_steering, NULL},
	{"tun-filter", 0, act_tun_filter, NULL},
	{"xdp", 0, act_xdp, NULL},
	{"tc", 0, act_tc, NULL},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
