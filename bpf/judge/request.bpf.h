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
	[BPF_MAP_CREATE] = {COMMAND_MAKE, BS_OP_CREATE},
	[BPF_MAP_LOOKUP_ELEM] = {COMMAND_USE, BS_OP_LOOKUP},
	[BPF_MAP_UPDATE_ELEM] = {COMMAND_WRITE, BS_OP_UPDATE},
	[BPF_MAP_DELETE_ELEM] = {COMMAND_WRITE, BS_OP_DELETE},
	[BPF_MAP_GET_NEXT_KEY] = {COMMAND_USE, BS_OP_LOOKUP},
	[BPF_PROG_LOAD] = {COMMAND_MAKE, BS_OP_LOAD},
	[BPF_OBJ_PIN] = {COMMAND_PIN, BS_OP_PIN},
	[BPF_OBJ_GET] = {COMMAND_BY_PATH, BS_OP_OPEN},
	[BPF_PROG_ATTACH] = {COMMAND_ATTACH, BS_OP_ATTACH},
	[BPF_PROG_DETACH] = {COMMAND_DETACH, BS_OP_ATTACH},
	[BPF_PROG_TEST_RUN] = {COMMAND_USE, BS_OP_ATTACH},
	[BPF_PROG_GET_NEXT_ID] = {COMMAND_USE, BS_OP_QUERY},
	[BPF_MAP_GET_NEXT_ID] = {COMMAND_USE, BS_OP_QUERY},
	[BPF_PROG_GET_FD_BY_ID] = {COMMAND_BY_ID, BS_OP_OPEN},
	[BPF_MAP_GET_FD_BY_ID] = {COMMAND_BY_ID, BS_OP_OPEN},
	[BPF_OBJ_GET_INFO_BY_FD] = {COMMAND_USE, BS_OP_QUERY},
	[BPF_PROG_QUERY] = {COMMAND_USE, BS_OP_QUERY},
	[BPF_RAW_TRACEPOINT_OPEN] = {COMMAND_USE, BS_OP_ATTACH},
	[BPF_BTF_LOAD] = {COMMAND_USE, BS_OP_QUERY},
	[BPF_BTF_GET_FD_BY_ID] = {COMMAND_USE, BS_OP_QUERY},
	[BPF_TASK_FD_QUERY] = {COMMAND_USE, BS_OP_QUERY},
	[BPF_MAP_LOOKUP_AND_DELETE_ELEM] = {COMMAND_WRITE, BS_OP_DELETE},
	[BPF_MAP_FREEZE] = {COMMAND_WRITE, BS_OP_UPDATE},
	[BPF_BTF_GET_NEXT_ID] = {COMMAND_USE, BS_OP_QUERY},
	[BPF_MAP_LOOKUP_BATCH] = {COMMAND_USE, BS_OP_LOOKUP},
	[BPF_MAP_LOOKUP_AND_DELETE_BATCH] = {COMMAND_WRITE, BS_OP_DELETE},
	[BPF_MAP_UPDATE_BATCH] = {COMMAND_WRITE, BS_OP_UPDATE},
	[BPF_MAP_DELETE_BATCH] = {COMMAND_WRITE, BS_OP_DELETE},
	[BPF_LINK_CREATE] = {COMMAND_ATTACH, BS_OP_ATTACH},
	[BPF_LINK_UPDATE] = {COMMAND_USE, BS_OP_ATTACH},
	[BPF_LINK_GET_FD_BY_ID] = {COMMAND_LINK, BS_OP_OPEN},
	[BPF_LINK_GET_NEXT_ID] = {COMMAND_USE, BS_OP_QUERY},
	[BPF_ENABLE_STATS] = {COMMAND_USE, BS_OP_QUERY},
	[BPF_ITER_CREATE] = {COMMAND_USE, BS_OP_ATTACH},
	[BPF_LINK_DETACH] = {COMMAND_USE, BS_OP_ATTACH},
	[BPF_PROG_BIND_MAP] = {COMMAND_USE, BS_OP_UPDATE},
	[BPF_TOKEN_CREATE] = {COMMAND_DENIED, BS_OP_TOKEN},
	[37 /* BPF_PROG_STREAM_READ_BY_FD, v6.17 */] = {COMMAND_USE, BS_OP_QUERY},
	[38 /* BPF_PROG_ASSOC_STRUCT_OPS, v7.0 */] = {COMMAND_DENIED, BS_OP_ATTACH},
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
