/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The doors that are not bpf(): what a program's descriptor, inherited as number 9, can be given
 * to; output and exit status as step.h says.
 *
 *   doors give TYPE COMMAND...   loads a program of that type and executes the command with it
 *   doors ACT                    puts it to its use; xdp and tc on the interface lo
 */

#include "tests/vm/lib/loading.h"
#include "tests/vm/lib/uring.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/perf_event.h>
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
		if (strcmp(types[i].word, argument[0]) == 0 &&
			dup2(load_trivial(types[i].type, types[i].attach_type, "given"),
				INHERITED) < 0)
			could_not_try("dup2");
	execv(argument[1], argument + 1);
	could_not_try(argument[1]);
}

/* --- perf ----------------------------------------------------------------------------------- */

static void act_perf(char **argument)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr)};
	const char *path = "/sys/kernel/tracing/events/sched/sched_switch/id";
	char text[32] = "";
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0 || read(file, text, sizeof(text) - 1) <= 0)
		could_not_try(path);
	attr.config = strtoull(text, NULL, 10);
	int event = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (event < 0)
		could_not_try("perf_event_open");
	step("perf", ioctl(event, PERF_EVENT_IOC_SET_BPF, inherited));
}

/* --- sockets -------------------------------------------------------------------------------- */

static int udp(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int)) < 0)
		could_not_try("socket");
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
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &group, sizeof(group)) < 0)
		could_not_try("PACKET_FANOUT");
	step("fanout", setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, &inherited, sizeof(int)));
}

/* --- tun ------------------------------------------------------------------------------------ */

static int tun(void)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	strcpy(request.ifr_name, "door%d");
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0)
		could_not_try("/dev/net/tun");
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

/* What the kernel answered, as a system call would. */
static long ask(const struct request *request)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[1024];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		could_not_try("netlink");
	if (send(fd, request, request->header.nlmsg_len, 0) < 0)
		return -1;
	if (recv(fd, &answer, sizeof(answer), 0) < 0 || answer.header.nlmsg_type != NLMSG_ERROR)
		could_not_try("netlink");
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

static const struct act {
	const char *name;
	int arguments; /* needed */
	void (*run)(char **argument);
} acts[] = {
	{"give", 2, act_give},
	{"perf", 0, act_perf},
	{"socket", 0, act_socket},
	{"reuseport", 0, act_reuseport},
	{"uring", 0, act_uring},
	{"fanout", 0, act_fanout},
	{"tun-steering", 0, act_tun_steering},
	{"tun-filter", 0, act_tun_filter},
	{"xdp", 0, act_xdp},
	{"tc", 0, act_tc},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (argc >= 2 + acts[i].arguments && strcmp(argv[1], acts[i].name) == 0) {
			acts[i].run(argv + 2);
			return ALLOWED;
		}
	errno = EINVAL;
	could_not_try("usage: doors ACT ARGUMENT...");
}
