/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The request of a bpf() call, as its record shows it. */

#include "bpf/contract/abi.h"
#include "bpf/kernel/kernel.bpf.h"
#include "bpf/judge/emit.bpf.h"

/* How a command is decided. */
enum command_class {
	COMMAND_DENIED,  /* not known here, or never granted */
	COMMAND_USE,     /* by a file descriptor, or harmless: for every task that may use bpf() */
	COMMAND_MAKE,    /* PROG_LOAD, MAP_CREATE: judged again at their own hooks */
	COMMAND_BY_ID,   /* a map or program: judged at lsm/bpf_map or lsm/bpf_prog, by owner */
	COMMAND_BY_PATH, /* the same, but a link has no such hook: the unentitled stop here */
	COMMAND_ATTACH,  /* by a file descriptor, judged by its attach type */
	COMMAND_DETACH,  /* of a program, which may belong to another owner */
	COMMAND_WRITE,   /* to a map by a file descriptor: only `maps-compat` looks at which */
	COMMAND_PIN,     /* by a file descriptor: not with `map-writes: unpinned` */
	COMMAND_LINK,    /* a link by its id */
};

struct command {
	__u8 class; /* enum command_class */
	__u8 op;    /* enum bs_op */
};

/* By enum bpf_cmd. A command beyond the table or without a line is denied. */
static const struct command command_table[64] = {
#define COMMAND(name, number, class, op) [number] = {COMMAND_##class, BS_OP_##op},
#include "bpf/contract/commands.def"
#undef COMMAND
};

#define NO_COMMAND 0xffffffffU /* task_state.command outside of bpf() */

static __always_inline struct command command_find(__u32 cmd)
{
	const struct command unknown = {COMMAND_DENIED, BS_OP_QUERY};
	return cmd < 64 ? command_table[cmd] : unknown;
}

/* A bpf() call that is decided at lsm/bpf, from the kernel's copy of attr. */
static __always_inline void request_command(
	struct request *request, union bpf_attr *attr, __u32 cmd)
{
	request->op = command_find(cmd).op;
	if (cmd == BPF_PROG_LOAD) {
		request->type = attr->prog_type;
		request->flags = BS_RECORD_PROG_TYPE;
		request->object = attr->prog_name;
	} else if (cmd == BPF_MAP_CREATE) {
		request->type = attr->map_type;
		request->flags = BS_RECORD_MAP_TYPE;
		request->object = attr->map_name;
	} else if (cmd == BPF_OBJ_GET || cmd == BPF_OBJ_PIN) {
		request->flags = BS_RECORD_PIN;
		request->object = (const void *)attr->pathname;
	}
}

static __always_inline void request_map(struct request *request, struct bpf_map *map)
{
	request->type = map->map_type;
	request->flags = BS_RECORD_MAP_TYPE;
	request->id = map->id;
	request->object = map->name;
}

static __always_inline void request_prog(struct request *request, struct bpf_prog *prog)
{
	request->type = prog->type;
	request->flags = BS_RECORD_PROG_TYPE;
	request->id = peek(prog)->aux->id;
	request->object = peek(prog)->aux->name;
}
