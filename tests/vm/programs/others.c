/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Acts on a program or link that exists and belongs to another process. PROGRAM and LINK are id:N,
 * pin:PATH, or none: the descriptor is then that of no object.
 */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/files.h"

#define NOTHING 999

static const struct bpf_insn allow[] = {SET(BPF_REG_0, 1), EXIT};
static const struct bpf_insn nothing[] = {SET(BPF_REG_0, 0), EXIT};

static uint32_t open_by(int cmd, const char *which)
{
	if (strcmp(which, "none") == 0)
		return NOTHING;
	if (strncmp(which, "id:", 3) == 0)
		return (uint32_t)step("open", open_id(cmd, (uint32_t)atoi(which + 3)));
	errno = EINVAL;
	need(strncmp(which, "pin:", 4) == 0, which);
	return (uint32_t)step("open", open_pin(which + 4));
}

static uint32_t open_program(const char *which)
{
	return open_by(BPF_PROG_GET_FD_BY_ID, which);
}

static uint32_t open_link(const char *which)
{
	return open_by(BPF_LINK_GET_FD_BY_ID, which);
}

/* --- programs ------------------------------------------------------------------------------- */

static void act_program(char **argument)
{
	open_program(argument[0]);
}

static void act_run(char **argument)
{
	step("run", run_once(open_program(argument[0])));
}

/* Loads a program onto the target's first function, whose types it takes as its own. */
static long load_onto(uint32_t target, unsigned type, unsigned attach_type)
{
	union bpf_attr attr = {.prog_type = type, .expected_attach_type = attach_type}, ask = {0};
	struct bpf_func_info function = {0};
	struct bpf_prog_info info = {.nr_func_info = 1, .func_info_rec_size = sizeof(function)};

	info.func_info = pointer(&function);
	ask.info.bpf_fd = target;
	ask.info.info_len = sizeof(info);
	ask.info.info = pointer(&info);
	set_up("its functions", bpf(BPF_OBJ_GET_INFO_BY_FD, &ask));
	attr.prog_btf_fd = (uint32_t)set_up("its BTF", open_id(BPF_BTF_GET_FD_BY_ID, info.btf_id));
	attr.func_info = pointer(&function);
	attr.func_info_cnt = 1;
	attr.func_info_rec_size = sizeof(function);
	attr.attach_prog_fd = target;
	attr.attach_btf_id = function.type_id;
	attr.insns = pointer(nothing);
	attr.insn_cnt = 2;
	attr.license = pointer("GPL");
	strcpy(attr.prog_name, "replacing");
	return bpf(BPF_PROG_LOAD, &attr);
}

static void act_freplace(char **argument)
{
	int program = step("load", load_onto(open_program(argument[0]), BPF_PROG_TYPE_EXT, 0));

	if (argument[1])
		step("pin", pin(program, argument[1]));
}

static void act_fentry(char **argument)
{
	step("load", load_onto(open_program(argument[0]), BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY));
}

static void act_fexit(char **argument)
{
	step("load", load_onto(open_program(argument[0]), BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT));
}

/* Into an array of programs, for tail calls. */
static void act_array(char **argument)
{
	uint32_t program = open_program(argument[0]);
	int calls = set_up("create", create(BPF_MAP_TYPE_PROG_ARRAY, "calls", 0, 0));

	step("update", update(calls, &program));
}

/* --- the root cgroup ------------------------------------------------------------------------ */

static unsigned attach_type(const char *word)
{
	return word[0] == 's' ? BPF_CGROUP_SYSCTL : BPF_LSM_CGROUP;
}

static int sysctl_program(void)
{
	return set_up(
		"load", LOAD(BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_CGROUP_SYSCTL, 0, "permit", allow));
}

static void act_detach(char **argument)
{
	union bpf_attr attr = {.target_fd = (uint32_t)open_directory(argument[0])};

	attr.attach_type = attach_type(argument[1]);
	attr.attach_bpf_fd = open_program(argument[2]);
	step("detach", bpf(BPF_PROG_DETACH, &attr));
}

/* A sysctl program beside the others, or in the place of PROGRAM. */
static void act_attach(char **argument)
{
	union bpf_attr attr = {.attach_type = BPF_CGROUP_SYSCTL, .attach_flags = BPF_F_ALLOW_MULTI};

	if (argument[1]) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = open_program(argument[1]);
	}
	attr.target_fd = (uint32_t)open_directory(argument[0]);
	attr.attach_bpf_fd = (uint32_t)sysctl_program();
	step("attach", bpf(BPF_PROG_ATTACH, &attr));
}

/* A sysctl program that suffers no other. */
static void act_alone(char **argument)
{
	union bpf_attr attr = {.attach_type = BPF_CGROUP_SYSCTL};

	attr.target_fd = (uint32_t)open_directory(argument[0]);
	attr.attach_bpf_fd = (uint32_t)sysctl_program();
	step("attach", bpf(BPF_PROG_ATTACH, &attr));
}

static void print_attached(uint32_t target, unsigned type)
{
	uint32_t ids[64], flags[64];
	union bpf_attr attr = {0};

	attr.query.target_fd = target;
	attr.query.attach_type = type;
	attr.query.prog_ids = pointer(ids);
	attr.query.prog_attach_flags = pointer(flags);
	attr.query.prog_cnt = 64;
	set_up("BPF_PROG_QUERY", bpf(BPF_PROG_QUERY, &attr));
	for (uint32_t i = 0; i < attr.query.prog_cnt; i++)
		printf("%u\n", ids[i]);
}

/* The ids of the programs that are attached, sysctl and LSM. */
static void act_query(char **argument)
{
	print_attached((uint32_t)open_directory(argument[0]), BPF_CGROUP_SYSCTL);
	print_attached((uint32_t)open_directory(argument[0]), BPF_LSM_CGROUP);
}

static int outvoter(void)
{
	static const struct bpf_insn yes[] = {SET(BPF_REG_1, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_set_retval), SET(BPF_REG_0, 1), EXIT};

	return step(
		"load", LOAD(BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_CGROUP_SYSCTL, 0, "outvote", yes));
}

/* A sysctl program that takes back the verdict of those before it; PROGRAM, if it is given. */
static void act_outvote(char **argument)
{
	union bpf_attr attr = {.attach_type = BPF_CGROUP_SYSCTL, .attach_flags = BPF_F_ALLOW_MULTI};

	attr.attach_bpf_fd = argument[1] ? open_program(argument[1]) : (uint32_t)outvoter();
	attr.target_fd = (uint32_t)open_directory(argument[0]);
	step("attach", bpf(BPF_PROG_ATTACH, &attr));
}

/* The same program, pinned for later. */
static void act_plant(char **argument)
{
	step("pin", pin(outvoter(), argument[0]));
}

/* --- links ---------------------------------------------------------------------------------- */

static void act_link(char **argument)
{
	open_link(argument[0]);
}

static void act_link_detach(char **argument)
{
	union bpf_attr attr = {0};

	attr.link_detach.link_fd = open_link(argument[0]);
	step("detach", bpf(BPF_LINK_DETACH, &attr));
}

/* An XDP program into it. */
static void act_link_update(char **argument)
{
	union bpf_attr attr = {0};

	attr.link_update.link_fd = open_link(argument[0]);
	attr.link_update.new_prog_fd =
		(uint32_t)set_up("load", load_constant(0, BPF_PROG_TYPE_XDP, BPF_XDP, "hole"));
	step("update", bpf(BPF_LINK_UPDATE, &attr));
}

/* Under another name, which keeps it. */
static void act_link_pin(char **argument)
{
	step("pin", pin((int)open_link(argument[0]), argument[1]));
}

static const struct act acts[] = {
	{"program", 1, act_program, "PROGRAM"},
	{"run", 1, act_run, "PROGRAM"},
	{"freplace", 1, act_freplace, "PROGRAM [PIN]"},
	{"fentry", 1, act_fentry, "PROGRAM"},
	{"fexit", 1, act_fexit, "PROGRAM"},
	{"array", 1, act_array, "PROGRAM"},
	{"detach", 3, act_detach, "CGROUP sysctl|lsm PROGRAM"},
	{"attach", 1, act_attach, "CGROUP [PROGRAM]"},
	{"alone", 1, act_alone, "CGROUP"},
	{"query", 1, act_query, "CGROUP"},
	{"outvote", 1, act_outvote, "CGROUP [PROGRAM]"},
	{"plant", 1, act_plant, "PIN"},
	{"link", 1, act_link, "LINK"},
	{"link-detach", 1, act_link_detach, "LINK"},
	{"link-update", 1, act_link_update, "LINK"},
	{"link-pin", 2, act_link_pin, "LINK PATH"},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
