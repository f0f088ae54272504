/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Making, obtaining and detaching links, and attaching by other roads. */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/kernel_btf.h"
#include "tests/vm/lib/perf.h"

#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>

static int link_to(int program, uint32_t target, unsigned attach_type)
{
	union bpf_attr attr = {0};

	attr.link_create.prog_fd = (uint32_t)program;
	attr.link_create.target_fd = target; /* also the interface's index */
	attr.link_create.attach_type = attach_type;
	return step("link", bpf(BPF_LINK_CREATE, &attr));
}

static uint32_t interface(const char *name)
{
	uint32_t index = if_nametoindex(name);

	need(index != 0, name);
	return index;
}

/* An XDP program with a link to INTERFACE, pinned at PIN. */
static void act_xdp(char **argument)
{
	int program = step("load", load_constant(1, BPF_PROG_TYPE_XDP, BPF_XDP, "wall"));
	int link = link_to(program, interface(argument[0]), BPF_XDP);

	if (argument[1])
		step("pin", pin(link, argument[1]));
}

static int open_in_step(const char *path)
{
	return step("open", open_pin(path));
}

static long detach(int link)
{
	union bpf_attr attr = {0};

	attr.link_detach.link_fd = (uint32_t)link;
	return bpf(BPF_LINK_DETACH, &attr);
}

static void act_open(char **argument)
{
	open_in_step(argument[0]);
}

static void act_detach(char **argument)
{
	step("detach", detach(open_in_step(argument[0])));
}

static void act_detach_fd(char **argument)
{
	step("detach", detach(atoi(argument[0])));
}

/* Of every link there is, one in a line. */
static void act_ids(char **argument)
{
	for (uint32_t id = 0; (id = next_id(BPF_LINK_GET_NEXT_ID, id)) != 0;)
		printf("%u\n", id);
}

static void act_detach_id(char **argument)
{
	uint32_t id = (uint32_t)atoi(argument[0]);

	step("detach", detach(step("open", open_id(BPF_LINK_GET_FD_BY_ID, id))));
}

/* Puts another program into the link. */
static void act_update(char **argument)
{
	union bpf_attr attr = {0};

	attr.link_update.new_prog_fd =
		(uint32_t)set_up("load", load_constant(1, BPF_PROG_TYPE_XDP, BPF_XDP, "hole"));
	attr.link_update.link_fd = (uint32_t)open_in_step(argument[0]);
	step("update", bpf(BPF_LINK_UPDATE, &attr));
}

/* The link under another name. */
static void act_repin(char **argument)
{
	step("pin", pin(open_in_step(argument[0]), argument[1]));
}

static void *detach_in_thread(void *link)
{
	step("detach", detach((int)(intptr_t)link));
	return NULL;
}

/* One thread opens, another detaches. */
static void act_thread(char **argument)
{
	pthread_t thread;
	int link = open_in_step(argument[0]);

	need(pthread_create(&thread, NULL, detach_in_thread, (void *)(intptr_t)link) == 0,
		"pthread_create");
	need(pthread_join(thread, NULL) == 0, "pthread_join");
}

/* The child detaches. */
static void act_fork(char **argument)
{
	int link = open_in_step(argument[0]);
	pid_t child = fork();

	if (child == 0)
		step("detach", detach(link));
	else
		exit(wait_for(child));
}

/* Opens, and executes itself to detach. */
static void act_exec(char **argument)
{
	int link = open_in_step(argument[0]);
	char number[16];

	set_up("F_SETFD", fcntl(link, F_SETFD, 0));
	sprintf(number, "%d", link);
	execl("/proc/self/exe", "links", "detach-fd", number, NULL);
	could_not_try("execl");
}

static int opened; /* by the process that shares its descriptors */

static int detach_when_opened(void *unused)
{
	char byte;

	alarm(5); /* when the open was refused, no byte comes */
	need(read(opened, &byte, 1) == 1, "read");
	step("detach", detach(byte));
	return 0;
}

/* A process made before, with the same table of descriptors, detaches. */
static void act_shared_files(char **argument)
{
	static char stack[1 << 16];
	int ends[2];

	set_up("pipe", pipe(ends));
	opened = ends[0];
	pid_t child = clone(detach_when_opened, stack + sizeof(stack), CLONE_FILES | SIGCHLD, NULL);
	char number = (char)open_in_step(argument[0]);
	need(write(ends[1], &number, 1) == 1, "write");
	exit(wait_for(child));
}

/* Alone, which replaces the program that is there, or (multi) beside others. */
static void act_prog_attach(char **argument)
{
	union bpf_attr attr = {.attach_type = BPF_CGROUP_INET_EGRESS};

	attr.target_fd = (uint32_t)open_directory(argument[0]);
	attr.attach_flags = argument[1] ? BPF_F_ALLOW_MULTI : 0;
	attr.attach_bpf_fd = (uint32_t)set_up(
		"load", load_constant(1, BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, "gate"));
	step("prog-attach", bpf(BPF_PROG_ATTACH, &attr));
}

/* NUMBER: a descriptor of no program, or 0 for none. */
static void act_prog_detach(char **argument)
{
	union bpf_attr attr = {.attach_type = BPF_CGROUP_INET_EGRESS};

	attr.target_fd = (uint32_t)open_directory(argument[0]);
	attr.attach_bpf_fd = (uint32_t)atoi(argument[1]);
	step("prog-detach", bpf(BPF_PROG_DETACH, &attr));
}

/* A link whose target is another function than that of the load; of no program. */
static void act_retarget(char **argument)
{
	union bpf_attr attr = {0};

	attr.link_create.prog_fd = 999;
	attr.link_create.attach_type = BPF_TRACE_FENTRY;
	attr.link_create.target_btf_id = 1;
	step("retarget", bpf(BPF_LINK_CREATE, &attr));
}

/* A program that was loaded for ingress, at egress. */
static void act_cgroup(char **argument)
{
	int program = set_up("load",
		load_constant(1, BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS, "gate"));

	link_to(program, (uint32_t)open_directory(argument[0]), BPF_CGROUP_INET_EGRESS);
}

/* A program of type tracing for that attach type at FUNCTION, as fentry and fsession are. */
static void act_function(char **argument)
{
	unsigned attach_type = (unsigned)atoi(argument[0]);
	const struct bpf_insn insns[] = {SET(BPF_REG_0, 0), EXIT};
	int program = step("load", LOAD(BPF_PROG_TYPE_TRACING, attach_type,
					   btf_function(argument[1]), "function", insns));

	link_to(program, 0, attach_type);
}

/* The same for an attach type whose link is to many functions; FUNCTION is the only one. */
static void act_functions(char **argument)
{
	unsigned attach_type = (unsigned)atoi(argument[0]);
	int program =
		step("load", load_constant(0, BPF_PROG_TYPE_TRACING, attach_type, "functions"));
	const uint32_t id = btf_function(argument[1]);
	/* Of union bpf_attr: link_create with its tracing_multi. */
	const struct {
		uint32_t program, unused, attach_type, flags;
		uint64_t ids, cookies;
		uint32_t n;
	} link = {.program = (uint32_t)program,
		.attach_type = attach_type,
		.ids = pointer(&id),
		.n = 1};
	union bpf_attr attr = {0};

	memcpy(&attr, &link, sizeof(link));
	step("link", bpf(BPF_LINK_CREATE, &attr));
}

/* A program of type kprobe for an attach type whose link is to many functions. */
static void act_kprobes(char **argument)
{
	unsigned attach_type = (unsigned)atoi(argument[0]);
	const uint64_t symbol = pointer(argument[1]);
	union bpf_attr attr = {0};

	attr.link_create.prog_fd = (uint32_t)step(
		"load", load_constant(0, BPF_PROG_TYPE_KPROBE, attach_type, "kprobes"));
	attr.link_create.attach_type = attach_type;
	attr.link_create.kprobe_multi.syms = pointer(&symbol);
	attr.link_create.kprobe_multi.cnt = 1;
	step("link", bpf(BPF_LINK_CREATE, &attr));
}

static int tracer(void)
{
	return set_up("load", load_constant(1, BPF_PROG_TYPE_TRACEPOINT, 0, "trace"));
}

/* As every kernel since 4.7 can. */
static void act_tracepoint(char **argument)
{
	int program = tracer();

	step("ioctl", ioctl(tracepoint_event(argument[0]), PERF_EVENT_IOC_SET_BPF, program));
}

/* By a link. */
static void act_tracepoint_link(char **argument)
{
	int program = tracer();

	link_to(program, (uint32_t)tracepoint_event(argument[0]), BPF_PERF_EVENT);
}

static const struct act acts[] = {
	{"xdp", 1, act_xdp, "INTERFACE [PIN]"},
	{"open", 1, act_open, "PIN"},
	{"detach", 1, act_detach, "PIN"},
	{"detach-fd", 1, act_detach_fd, "N"},
	{"ids", 0, act_ids, NULL},
	{"detach-id", 1, act_detach_id, "ID"},
	{"update", 1, act_update, "PIN"},
	{"repin", 2, act_repin, "PIN NEW"},
	{"thread", 1, act_thread, "PIN"},
	{"fork", 1, act_fork, "PIN"},
	{"exec", 1, act_exec, "PIN"},
	{"shared-files", 1, act_shared_files, "PIN"},
	{"prog-attach", 1, act_prog_attach, "CGROUP [multi]"},
	{"prog-detach", 2, act_prog_detach, "CGROUP NUMBER"},
	{"retarget", 0, act_retarget, NULL},
	{"cgroup", 1, act_cgroup, "CGROUP"},
	{"function", 2, act_function, "ATTACH-TYPE FUNCTION"},
	{"functions", 2, act_functions, "ATTACH-TYPE FUNCTION"},
	{"kprobes", 2, act_kprobes, "ATTACH-TYPE FUNCTION"},
	{"tracepoint", 1, act_tracepoint, "SYSTEM/NAME"},
	{"tracepoint-link", 1, act_tracepoint_link, "SYSTEM/NAME"},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
