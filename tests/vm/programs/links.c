/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Making, obtaining and detaching links, and attaching by other roads, without any library in
 * between; output and exit status as step.h says.
 */

#include "tests/vm/lib/loading.h"

#include <fcntl.h>
#include <linux/perf_event.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>

static void pin(int fd, const char *path)
{
	union bpf_attr attr = {.pathname = pointer(path), .bpf_fd = (uint32_t)fd};

	step("pin", bpf(BPF_OBJ_PIN, &attr));
}

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

	if (!index)
		could_not_try(name);
	return index;
}

/* An XDP program with a link to INTERFACE, pinned at PIN. */
static void act_xdp(char **argument)
{
	int program = load_trivial(BPF_PROG_TYPE_XDP, BPF_XDP, "wall");
	int link = link_to(program, interface(argument[0]), BPF_XDP);

	if (argument[1])
		pin(link, argument[1]);
}

static int open_pin(const char *path)
{
	union bpf_attr attr = {.pathname = pointer(path)};

	return step("open", bpf(BPF_OBJ_GET, &attr));
}

static long detach(int link)
{
	union bpf_attr attr = {0};

	attr.link_detach.link_fd = (uint32_t)link;
	return bpf(BPF_LINK_DETACH, &attr);
}

/* open PIN */
static void act_open(char **argument)
{
	open_pin(argument[0]);
}

/* detach PIN */
static void act_detach(char **argument)
{
	step("detach", detach(open_pin(argument[0])));
}

/* detach-fd N */
static void act_detach_fd(char **argument)
{
	step("detach", detach(atoi(argument[0])));
}

/* ids: of every link there is, one in a line. */
static void act_ids(char **unused)
{
	union bpf_attr attr = {0};

	while (bpf(BPF_LINK_GET_NEXT_ID, &attr) == 0) {
		printf("%u\n", attr.next_id);
		attr.start_id = attr.next_id;
	}
}

/* detach-id ID */
static void act_detach_id(char **argument)
{
	union bpf_attr attr = {.link_id = (uint32_t)atoi(argument[0])};

	step("detach", detach(step("open", bpf(BPF_LINK_GET_FD_BY_ID, &attr))));
}

/* update PIN: puts another program into the link. */
static void act_update(char **argument)
{
	union bpf_attr attr = {0};

	attr.link_update.new_prog_fd = (uint32_t)load_trivial(BPF_PROG_TYPE_XDP, BPF_XDP, "hole");
	attr.link_update.link_fd = (uint32_t)open_pin(argument[0]);
	step("update", bpf(BPF_LINK_UPDATE, &attr));
}

/* repin PIN NEW: the link under another name. */
static void act_repin(char **argument)
{
	pin(open_pin(argument[0]), argument[1]);
}

static void *detach_in_thread(void *link)
{
	step("detach", detach((int)(intptr_t)link));
	return NULL;
}

/* thread PIN: one thread opens, another, that was there before, detaches. */
static void act_thread(char **argument)
{
	pthread_t thread;
	int link = open_pin(argument[0]);

	if (pthread_create(&thread, NULL, detach_in_thread, (void *)(intptr_t)link))
		could_not_try("pthread_create");
	pthread_join(thread, NULL);
}

static int wait_for(pid_t child)
{
	int status = 0;

	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		could_not_try("waitpid");
	return WEXITSTATUS(status);
}

/* fork PIN: the child detaches. */
static void act_fork(char **argument)
{
	int link = open_pin(argument[0]);
	pid_t child = fork();

	if (child == 0)
		step("detach", detach(link));
	else
		exit(wait_for(child));
}

/* exec PIN: opens, and executes itself to detach. */
static void act_exec(char **argument)
{
	int link = open_pin(argument[0]);
	char number[16];

	fcntl(link, F_SETFD, 0);
	sprintf(number, "%d", link);
	execl("/proc/self/exe", "links", "detach-fd", number, NULL);
	could_not_try("execl");
}

static int opened; /* by the process that shares its descriptors */

static int detach_when_opened(void *unused)
{
	char byte;

	(void)unused;
	alarm(5); /* when the open was refused, nobody writes */
	if (read(opened, &byte, 1) != 1)
		could_not_try("read");
	step("detach", detach(byte));
	return 0;
}

/* shared-files PIN: a process made before, with the same table of descriptors, detaches. */
static void act_shared_files(char **argument)
{
	static char stack[1 << 16];
	int ends[2];

	if (pipe(ends) < 0)
		could_not_try("pipe");
	opened = ends[0];
	pid_t child = clone(detach_when_opened, stack + sizeof(stack), CLONE_FILES | SIGCHLD, NULL);
	char number = (char)open_pin(argument[0]);
	if (child < 0 || write(ends[1], &number, 1) != 1)
		could_not_try("clone");
	exit(wait_for(child));
}

static uint32_t directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		could_not_try(path);
	return (uint32_t)fd;
}

/* prog-attach CGROUP [multi]: alone, which replaces what is there, or beside others. */
static void act_prog_attach(char **argument)
{
	union bpf_attr attr = {.attach_type = BPF_CGROUP_INET_EGRESS};

	attr.target_fd = directory(argument[0]);
	attr.attach_flags = argument[1] ? BPF_F_ALLOW_MULTI : 0;
	attr.attach_bpf_fd =
		(uint32_t)load_trivial(BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, "gate");
	step("prog-attach", bpf(BPF_PROG_ATTACH, &attr));
}

/* prog-detach CGROUP NUMBER: a descriptor of no program, or 0 for none. */
static void act_prog_detach(char **argument)
{
	union bpf_attr attr = {.attach_type = BPF_CGROUP_INET_EGRESS};

	attr.target_fd = directory(argument[0]);
	attr.attach_bpf_fd = (uint32_t)atoi(argument[1]);
	step("prog-detach", bpf(BPF_PROG_DETACH, &attr));
}

/* retarget: a link whose target is another function than that of the load; of no program. */
static void act_retarget(char **argument)
{
	union bpf_attr attr = {0};

	(void)argument;
	attr.link_create.prog_fd = 999;
	attr.link_create.attach_type = BPF_TRACE_FENTRY;
	attr.link_create.target_btf_id = 1;
	step("retarget", bpf(BPF_LINK_CREATE, &attr));
}

/* cgroup CGROUP: an egress program, loaded for ingress. */
static void act_cgroup(char **argument)
{
	int program = load_trivial(BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS, "gate");

	link_to(program, directory(argument[0]), BPF_CGROUP_INET_EGRESS);
}

static int tracepoint(const char *name)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr)};
	char path[256], text[32] = "";

	snprintf(path, sizeof(path), "/sys/kernel/tracing/events/%s/id", name);
	int fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		could_not_try(path);
	attr.config = strtoull(text, NULL, 10);
	int event = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (event < 0)
		could_not_try("perf_event_open");
	return event;
}

/* tracepoint SYSTEM/NAME: as every kernel since 4.7 can. */
static void act_tracepoint(char **argument)
{
	int program = load_trivial(BPF_PROG_TYPE_TRACEPOINT, 0, "trace");

	step("ioctl", ioctl(tracepoint(argument[0]), PERF_EVENT_IOC_SET_BPF, program));
}

/* tracepoint-link SYSTEM/NAME: by a link. */
static void act_tracepoint_link(char **argument)
{
	int program = load_trivial(BPF_PROG_TYPE_TRACEPOINT, 0, "trace");

	link_to(program, (uint32_t)tracepoint(argument[0]), BPF_PERF_EVENT);
}

/* move-mount FROM TO: a copy of the mount FROM over TO, by the newer system calls. */
static void act_move_mount(char **argument)
{
	long tree =
		syscall(SYS_open_tree, AT_FDCWD, argument[0], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (tree < 0)
		could_not_try("open_tree");
	step("move-mount",
		syscall(SYS_move_mount, tree, "", AT_FDCWD, argument[1], MOVE_MOUNT_F_EMPTY_PATH));
}

static const struct act {
	const char *name;
	int arguments; /* needed */
	void (*run)(char **argument);
} acts[] = {
	{"xdp", 1, act_xdp},
	{"open", 1, act_open},
	{"detach", 1, act_detach},
	{"detach-fd", 1, act_detach_fd},
	{"ids", 0, act_ids},
	{"detach-id", 1, act_detach_id},
	{"update", 1, act_update},
	{"repin", 2, act_repin},
	{"thread", 1, act_thread},
	{"fork", 1, act_fork},
	{"exec", 1, act_exec},
	{"shared-files", 1, act_shared_files},
	{"prog-attach", 1, act_prog_attach},
	{"prog-detach", 2, act_prog_detach},
	{"retarget", 0, act_retarget},
	{"cgroup", 1, act_cgroup},
	{"tracepoint", 1, act_tracepoint},
	{"tracepoint-link", 1, act_tracepoint_link},
	{"move-mount", 2, act_move_mount},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (argc >= 2 + acts[i].arguments && strcmp(argv[1], acts[i].name) == 0) {
			acts[i].run(argv + 2);
			return ALLOWED;
		}
	errno = EINVAL;
	could_not_try("usage: links ACT ARGUMENT...");
}
