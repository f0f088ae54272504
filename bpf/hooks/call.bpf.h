/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* bpf(2): its commands, and the maps and programs that they make and obtain. */

#include "bpf/state/task.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/objects/objects.bpf.h"
#include "bpf/command.bpf.h"

/* __sys_bpf(), for every command, with the kernel's own copy of attr. */
SEC("lsm.s/bpf")
int BPF_PROG(on_bpf, int cmd, union bpf_attr *attr, unsigned int size)
{
	struct task_state *task = task_find();

	if (task && is_granted(&task->mark, cmd))
		return 0; /* most calls end here */
	return decide_command(cmd, attr);
}

/* map_create(), before anybody can obtain the map. */
SEC("lsm.s/bpf_map_create")
int BPF_PROG(on_bpf_map_create, struct bpf_map *map, union bpf_attr *attr)
{
	return refuse_if(decide_create(map));
}

/* bpf_map_new_fd(): BPF_MAP_CREATE, BPF_MAP_GET_FD_BY_ID and BPF_OBJ_GET. */
SEC("lsm.s/bpf_map")
int BPF_PROG(on_bpf_map, struct bpf_map *map, fmode_t access)
{
	return refuse_if(decide_map(map, access));
}

/* bpf_map_free_deferred(): the next map at this address is another one. */
SEC("lsm/bpf_map_free")
int BPF_PROG(on_bpf_map_free, struct bpf_map *map)
{
	owner_forget(map);
	return 0;
}

/* bpf_prog_load(), from v7.3 on bpf_check(): the instructions are copied and not verified yet. */
SEC("lsm.s/bpf_prog_load")
int BPF_PROG(on_bpf_prog_load, struct bpf_prog *prog, union bpf_attr *attr)
{
	return refuse_if(decide_load(prog, attr));
}

/*
 * bpf_prog_new_fd(): BPF_PROG_LOAD, when the verifier has passed the program,
 * BPF_PROG_GET_FD_BY_ID and BPF_OBJ_GET; and __get_prog_inode(), where the match `bpf` of iptables
 * opens a pin.
 */
SEC("lsm.s/bpf_prog")
int BPF_PROG(on_bpf_prog, struct bpf_prog *prog)
{
	if (is_outvoter_beside_start(prog))
		return -EBUSY;
	return refuse_if(decide_program(prog));
}

/* __bpf_prog_put_rcu(), like bpf_map_free. */
SEC("lsm/bpf_prog_free")
int BPF_PROG(on_bpf_prog_free, struct bpf_prog *prog)
{
	owner_forget(BPF_CORE_READ(prog, aux));
	owner_forget(prog);
	return 0;
}
