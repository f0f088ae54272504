/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What can be done with a program or link that exists and is somebody else's; output and exit
 * status as step.h says. PROGRAM and LINK are id:N, pin:PATH, or none: the descriptor is then one
 * of nothing.
 */

#include "tests/vm/lib/loading.h"

#include <fcntl.h>

#define NOTHING 999

static const struct bpf_insn allow[] = {SET(BPF_REG_0, 1), EXIT};
static const struct bpf_insn nothing[] = {SET(BPF_REG_0, 0), EXIT};

static uint32_t open_by(int cmd, const char *which)
{
	union bpf_attr attr = {0};

	if (strcmp(which, "none") == 0)
		return NOTHING;
	if (strncmp(which, "id:", 3) == 0) {
		attr.prog_id = (uint32_t)atoi(which + 3);
		return (uint32_t)step("open", bpf(cmd, &attr));
	}
	attr.pathname = pointer(which + 4);
	return (uint32_t)step("open", bpf(BPF_OBJ_GET, &attr));
}

static uint32_t open_program(const char *which)
{
	return open_by(BPF_PROG_GET_FD_BY_ID, which);
}

static uint32_t open_link(const char *which)
{
	return open_by(BPF_LINK_GET_FD_BY_ID, which);
}

static void pin(uint32_t fd, const char *path)
{
	union bpf_attr attr = {.pathname = pointer(path), .bpf_fd = fd};

	step("pin", bpf(BPF_OBJ_PIN, &attr));
}

/* --- programs ------------------------------------------------------------------------------- */

static void act_program(char **argument)
{
	open_program(argument[0]);
}

/* run PROGRAM */
static void act_run(char **argument)
{
	char packet[64] = {0};
	union bpf_attr attr = {0};

	attr.test.prog_fd = open_program(argument[0]);
	attr.test.data_in = pointer(packet);
	attr.test.data_size_in = sizeof(packet);
	step("run", bpf(BPF_PROG_TEST_RUN, &attr));
}

static uint32_t btf_by_id(uint32_t id)
{
	union bpf_attr attr = {.btf_id = id};

	return (uint32_t)step("btf", bpf(BPF_BTF_GET_FD_BY_ID, &attr));
}

/* Loads a program onto the target's first function, whose types it takes as its own. */
static int load_onto(uint32_t target, unsigned type, unsigned attach_type)
{
	union bpf_attr attr = {.prog_type = type, .expected_attach_type = attach_type}, ask = {0};
	struct bpf_func_info function = {0};
	struct bpf_prog_info info = {.nr_func_info = 1, .func_info_rec_size = sizeof(function)};

	info.func_info = pointer(&function);
	ask.info.bpf_fd = target;
	ask.info.info_len = sizeof(info);
	ask.info.info = pointer(&info);
	step("info", bpf(BPF_OBJ_GET_INFO_BY_FD, &ask));
	attr.prog_btf_fd = btf_by_id(info.btf_id);
	attr.func_info = pointer(&function);
	attr.func_info_cnt = 1;
	attr.func_info_rec_size = sizeof(function);
	attr.attach_prog_fd = target;
	attr.attach_btf_id = function.type_id;
	attr.insns = pointer(nothing);
	attr.insn_cnt = 2;
	attr.license = pointer("GPL");
	strcpy(attr.prog_name, "replacing");
	return step("load", bpf(BPF_PROG_LOAD, &attr));
}

/* freplace PROGRAM [PIN], fentry PROGRAM, fexit PROGRAM */
static void act_freplace(char **argument)
{
	int program = load_onto(open_program(argument[0]), BPF_PROG_TYPE_EXT, 0);

	if (argument[1])
		pin((uint32_t)program, argument[1]);
}

static void act_fentry(char **argument)
{
	load_onto(open_program(argument[0]), BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY);
}

static void act_fexit(char **argument)
{
	load_onto(open_program(argument[0]), BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT);
}

/* array PROGRAM: into an array of programs, for tail calls */
static void act_array(char **argument)
{
	uint32_t program = open_program(argument[0]), key = 0;
	union bpf_attr attr = {0};

	attr.map_fd = (uint32_t)step("create", create(BPF_MAP_TYPE_PROG_ARRAY, "calls", 0, 0));
	attr.key = pointer(&key);
	attr.value = pointer(&program);
	step("update", bpf(BPF_MAP_UPDATE_ELEM, &attr));
}

/* --- the root cgroup ------------------------------------------------------------------------ */

static uint32_t cgroup(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		could_not_try(path);
	return (uint32_t)fd;
}

static unsigned attach_type(const char *word)
{
	return word[0] == 's' ? BPF_CGROUP_SYSCTL : BPF_LSM_CGROUP;
}

static int sysctl_program(void)
{
	return LOAD(BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_CGROUP_SYSCTL, 0, "permit", allow);
}

/* detach CGROUP sysctl|lsm PROGRAM */
static void act_detach(char **argument)
{
	union bpf_attr attr = {.target_fd = cgroup(argument[0])};

	attr.attach_type = attach_type(argument[1]);
	attr.attach_bpf_fd = open_program(argument[2]);
	step("detach", bpf(BPF_PROG_DETACH, &attr));
}

/* attach CGROUP [PROGRAM]: a sysctl program beside the others, or in the place of one */
static void act_attach(char **argument)
{
	union bpf_attr attr = {.attach_type = BPF_CGROUP_SYSCTL, .attach_flags = BPF_F_ALLOW_MULTI};

	if (argument[1]) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = open_program(argument[1]);
	}
	attr.target_fd = cgroup(argument[0]);
	attr.attach_bpf_fd = (uint32_t)sysctl_program();
	step("attach", bpf(BPF_PROG_ATTACH, &attr));
}

/* alone CGROUP: a sysctl program that suffers no other */
static void act_alone(char **argument)
{
	union bpf_attr attr = {.attach_type = BPF_CGROUP_SYSCTL};

	attr.target_fd = cgroup(argument[0]);
	attr.attach_bpf_fd = (uint32_t)sysctl_program();
	step("attach", bpf(BPF_PROG_ATTACH, &attr));
}

static void show(uint32_t target, unsigned type)
{
	uint32_t ids[64], flags[64];
	union bpf_attr attr = {0};

	attr.query.target_fd = target;
	attr.query.attach_type = type;
	attr.query.prog_ids = pointer(ids);
	attr.query.prog_attach_flags = pointer(flags);
	attr.query.prog_cnt = 64;
	if (bpf(BPF_PROG_QUERY, &attr) < 0)
		could_not_try("BPF_PROG_QUERY");
	for (uint32_t i = 0; i < attr.query.prog_cnt; i++)
		printf("%u\n", ids[i]);
}

/* query CGROUP: the ids of what is attached, sysctl and LSM */
static void act_query(char **argument)
{
	show(cgroup(argument[0]), BPF_CGROUP_SYSCTL);
	show(cgroup(argument[0]), BPF_LSM_CGROUP);
}

static int outvoter(void)
{
	static const struct bpf_insn yes[] = {SET(BPF_REG_1, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_set_retval), SET(BPF_REG_0, 1), EXIT};

	return LOAD(BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_CGROUP_SYSCTL, 0, "outvote", yes);
}

/*
 * outvote CGROUP [PROGRAM]: a sysctl program that takes back what those before it have said, or
 * that one
 */
static void act_outvote(char **argument)
{
	union bpf_attr attr = {.attach_type = BPF_CGROUP_SYSCTL, .attach_flags = BPF_F_ALLOW_MULTI};

	attr.attach_bpf_fd = argument[1] ? open_program(argument[1]) : (uint32_t)outvoter();
	attr.target_fd = cgroup(argument[0]);
	step("attach", bpf(BPF_PROG_ATTACH, &attr));
}

/* plant PIN: the same, for later */
static void act_plant(char **argument)
{
	pin((uint32_t)outvoter(), argument[0]);
}

/* --- links ---------------------------------------------------------------------------------- */

static void act_link(char **argument)
{
	open_link(argument[0]);
}

/* link-detach LINK */
static void act_link_detach(char **argument)
{
	union bpf_attr attr = {0};

	attr.link_detach.link_fd = open_link(argument[0]);
	step("detach", bpf(BPF_LINK_DETACH, &attr));
}

/* link-update LINK: an XDP program into it */
static void act_link_update(char **argument)
{
	union bpf_attr attr = {0};

	attr.link_update.link_fd = open_link(argument[0]);
	attr.link_update.new_prog_fd =
		(uint32_t)LOAD(BPF_PROG_TYPE_XDP, BPF_XDP, 0, "hole", nothing);
	step("update", bpf(BPF_LINK_UPDATE, &attr));
}

/* link-pin LINK PATH: under another name, which keeps it */
static void act_link_pin(char **argument)
{
	pin(open_link(argument[0]), argument[1]);
}

static const struct act {
	const char *name;
	int arguments; /* needed */
	void (*run)(char **argument);
} acts[] = {
	{"program", 1, act_program},
	{"run", 1, act_run},
	{"freplace", 1, act_freplace},
	{"fentry", 1, act_fentry},
	{"fexit", 1, act_fexit},
	{"array", 1, act_array},
	{"detach", 3, act_detach},
	{"attach", 1, act_attach},
	{"alone", 1, act_alone},
	{"query", 1, act_query},
	{"outvote", 1, act_outvote},
	{"plant", 1, act_plant},
	{"link", 1, act_link},
	{"link-detach", 1, act_link_detach},
	{"link-update", 1, act_link_update},
	{"link-pin", 2, act_link_pin},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (argc >= 2 + acts[i].arguments && strcmp(argv[1], acts[i].name) == 0) {
			acts[i].run(argv + 2);
			return ALLOWED;
		}
	errno = EINVAL;
	could_not_try("usage: others ACT ARGUMENT...");
}
