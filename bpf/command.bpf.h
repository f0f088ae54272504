/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The verdict on one bpf() call: its command, and the map or program that it makes or obtains. */

#include "bpf/contract/rules.h"
#include "bpf/state/task.bpf.h"
#include "bpf/facts/initrd.bpf.h"
#include "bpf/facts/overlay.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/decide.bpf.h"
#include "bpf/judge/emit.bpf.h"
#include "bpf/judge/request.bpf.h"
#include "bpf/trust/integrity.bpf.h"
#include "bpf/task/mark.bpf.h"
#include "bpf/task/order.bpf.h"
#include "bpf/objects/attach.bpf.h"
#include "bpf/objects/descriptors.bpf.h"
#include "bpf/objects/holders.bpf.h"
#include "bpf/objects/links.bpf.h"
#include "bpf/objects/objects.bpf.h"
#include "bpf/objects/program.bpf.h"
#include "bpf/objects/reader.bpf.h"
#include "bpf/files/inventory.bpf.h"
#include "bpf/guard/pins.bpf.h"

/* `maps-compat` let the map be opened for writing: the write itself is refused, if weakly. */
static __noinline int write_reason(struct mark *mark, __u32 number, struct request *request)
{
	struct judgement *judgement = judgement_make();
	struct bpf_map *map = map_by_number(number);

	if (!mark || !request || !judgement || !map)
		return BS_REASON_OK; /* not a map: the kernel answers -EBADF */
	map_name(map, judgement);
	struct bs_owner *owner = owner_find(map);
	request->id = BPF_CORE_READ(map, id);
	request->type = BPF_CORE_READ(map, map_type);
	request->flags |= BS_RECORD_MAP_TYPE;
	request->object = judgement->name;
	request->owner = owner ? owner->name : NULL;
	if (map_access_reason(mark, owner, FMODE_WRITE, judgement) != BS_REASON_READ_ONLY)
		return BS_REASON_OK;
	request->line = judgement->verdict.line;
	return BS_REASON_WEAK_FENCE;
}

/* The descriptor of the map; the batch commands have it elsewhere in attr. */
static __always_inline __u32 map_number(__u32 cmd, const union bpf_attr *attr)
{
	bool batch = cmd == BPF_MAP_LOOKUP_AND_DELETE_BATCH || cmd == BPF_MAP_UPDATE_BATCH ||
		     cmd == BPF_MAP_DELETE_BATCH;
	return batch ? attr->batch.map_fd : attr->map_fd;
}

static __always_inline int command_reason(
	struct mark *mark, __u32 cmd, const union bpf_attr *attr, struct request *request)
{
	int reason = use_reason(mark);

	switch (command_find(cmd).class) {
	case COMMAND_BY_ID:
		return BS_REASON_OK; /* lsm/bpf_map and lsm/bpf_prog know the object's name */
	case COMMAND_BY_PATH:        /* perhaps to a link, which has no hook of its own */
		return is_entitled(mark) ? reason : mark->verdict.reason ?: BS_REASON_COMMAND;
	case COMMAND_LINK:
		if (!is_administrator()) /* bpf_link_get_fd_by_id() refuses it: no attack on us */
			return reason;
		return link_reason(
			mark, attr->link_id, link_owner_by_id(attr->link_id), judgement_make());
	case COMMAND_ATTACH:
		return attach_reason(mark, cmd, attr);
	case COMMAND_DETACH:
		return detach_reason(mark, attr);
	case COMMAND_PIN:
		if (!reason && mark->verdict.program_flags & BS_PROGRAM_UNPINNED)
			return BS_REASON_UNPINNED;
		return reason;
	case COMMAND_WRITE:
		if (!reason && mark->verdict.program_flags & BS_PROGRAM_COMPATIBLE)
			return write_reason(mark, map_number(cmd, attr), request);
		return reason;
	case COMMAND_DENIED:
		return reason ?: cmd == BPF_TOKEN_CREATE ? BS_REASON_TOKEN : BS_REASON_COMMAND;
	default:
		return reason;
	}
}

/*
 * Is the command granted by the mark alone? The descriptor that it uses was decided where it was
 * obtained. The control program's commands may carry an order.
 */
static __always_inline bool is_granted(const struct mark *mark, __u32 cmd)
{
	const __u32 class = command_find(cmd).class;
	const bool plain =
		class == COMMAND_USE ||
		(class == COMMAND_WRITE && !(mark->verdict.program_flags & BS_PROGRAM_COMPATIBLE));

	return plain && is_current(mark) && is_entitled(mark) && !is_control(mark);
}

/* BS_COMMAND_ALIVE */
static __always_inline int answer(void)
{
	if (state.broken)
		return -EPERM; /* as the last fence answers, when we are gone */
	ima_trust_reason();    /* for `status`, which asks this first */
	if (is_active())
		return -ECANCELED;
	return -EALREADY;
}

/*
 * BS_COMMAND_ACTIVATE ends the start: from then on we decide. Everything is attached, since the
 * hook that answers here is the last; who else asks, and who has not taken stock, changes nothing.
 */
static __always_inline int activate(void)
{
	if (!is_starter() || !state.stocked)
		return -EALREADY;
	if (!keeper_is_alone())
		return -EBUSY;
	if (!links_are_whole())
		return -ENOLINK;
	state.hooks = meant_hooks;
	nonce_show();
	state.adopted = adopted_programs;
	initrd_begin();
	state.overlay = knows_overlay() ? overlay_known : BS_OVERLAY_NONE;
	state.mode = start_mode;
	if (!links_are_whole()) /* one was freed before its hook saw that we are active */
		state.broken = 1;
	return answer();
}

/* Does somebody else than the starter act while it is there and begins? */
static __always_inline bool is_beside_start(void)
{
	return mode() == BS_MODE_STARTING && !is_starter() && starter_is_there();
}

/*
 * Would a program of the last fence be detached, or be outvoted by another, while the starter
 * begins? It has looked at what is attached by then. PROG_ATTACH, PROG_DETACH and LINK_CREATE have
 * the attach type at one place of attr; RAW_TRACEPOINT_OPEN attaches LSM and fmod_ret too.
 */
static __always_inline bool start_is_disturbed(__u32 cmd, const union bpf_attr *attr)
{
	const __u32 attach_type = attr->attach_type;

	if (cmd == BPF_RAW_TRACEPOINT_OPEN)
		return is_beside_start();
	if (cmd != BPF_PROG_ATTACH && cmd != BPF_PROG_DETACH && cmd != BPF_LINK_CREATE)
		return false;
	return (attach_type == BPF_LSM_CGROUP || attach_type == BPF_CGROUP_SYSCTL ||
		       attach_type == BPF_LSM_MAC || attach_type == BPF_MODIFY_RETURN ||
		       attach_type >= BS_ATTACH_TYPE_END) &&
	       is_beside_start();
}

/* Would somebody obtain a program then that could take back the verdict of ours? */
static __always_inline bool is_outvoter_beside_start(struct bpf_prog *prog)
{
	const struct bpf_prog *seen = peek(prog);
	const __u32 type = seen->type;

	if (mode() != BS_MODE_STARTING)
		return false;
	return (type == BPF_PROG_TYPE_LSM || type == BPF_PROG_TYPE_EXT ||
		       type == BPF_PROG_TYPE_CGROUP_SYSCTL ||
		       (type == BPF_PROG_TYPE_TRACING &&
			       (seen->expected_attach_type == BPF_MODIFY_RETURN ||
				       seen->expected_attach_type >= BS_ATTACH_TYPE_END))) &&
	       is_beside_start();
}

/* From now on no order but `unseal` changes the signers' keyrings. What tightens wants root too. */
static __always_inline int keyring_seal(const struct task_state *task)
{
	if (!is_administrator())
		return -EPERM;
	if (!task || !is_control(&task->mark) || mode() != BS_MODE_ENFORCE)
		return -EALREADY;
	state.keyring_seal = 1;
	return -ECANCELED;
}

/* An approval is not recorded here: the hook of the object does. */
static __noinline int decide_command(__u32 cmd, union bpf_attr *attr)
{
	struct task_state *task = task_current();
	struct request request = {};

	if (cmd == BS_COMMAND_CONTROL)
		return task && is_control(&task->mark) ? -ECANCELED : -EALREADY;
	if (cmd == BS_COMMAND_KEYRING_SEAL)
		return keyring_seal(task);
	if (cmd == BS_COMMAND_INVENTORY)
		return is_starter() && !keeper_is_alone() ? -EBUSY : inventory();
	if (cmd == BS_COMMAND_SETTLED)
		return settled(attr);
	if (cmd == BS_COMMAND_READ)
		return reader_take(task);
	if (cmd == BS_COMMAND_READER)
		return reader_answer();
	if (cmd == BS_COMMAND_ACTIVATE)
		return activate();
	if (cmd == BS_COMMAND_ALIVE)
		return answer();
	if (start_is_disturbed(cmd, attr))
		return -EBUSY;
	int reason = task ? command_reason(&task->mark, cmd, attr, &request) : BS_REASON_NO_MEMORY;
	if (task) {
		task->command = cmd;
		if (is_control(&task->mark) && cmd == BPF_MAP_LOOKUP_ELEM)
			order_answer(task);
	}
	if (!reason)
		return 0;
	request_command(&request, attr, cmd);
	return conclude(&request, task, reason);
}

/* --- maps and programs ---------------------------------------------------------------------- */

static __always_inline int map_create_reason(struct task_state *task, struct bpf_map *map)
{
	if (!task)
		return BS_REASON_NO_MEMORY;
	int reason = use_reason(&task->mark);
	if (reason)
		return reason;
	if (rules_is_map_of_maps(map->map_type) &&
		(task->mark.verdict.program_flags & BS_PROGRAM_READ_ONLY))
		return BS_REASON_MAP_OF_MAPS; /* a read-only map could be put into it */
	struct bs_owner *owner = owner_set(map, &task->mark, BS_KIND_MAP);
	if (!owner)
		return BS_REASON_NO_MEMORY; /* a map without an owner is foreign to everyone */
	owner->type = map->map_type;
	bpf_core_read(owner->object, BS_MAP_NAME, &map->name);
	return BS_REASON_OK;
}

/* A map is made, which nobody can obtain yet. */
static __always_inline int decide_create(struct bpf_map *map)
{
	struct task_state *task = task_current();
	struct request request = {.op = BS_OP_CREATE};

	request_map(&request, map);
	return conclude(&request, task, map_create_reason(task, map));
}

/* A program is loaded. When nothing is wrong its record waits for the verifier: made_reason(). */
static __always_inline int decide_load(struct bpf_prog *prog, union bpf_attr *attr)
{
	struct task_state *task = task_current();
	struct judgement *judgement = judgement_make();
	struct request request = {.op = BS_OP_LOAD};
	int reason = program_load_reason(task, prog, attr, judgement);

	if (reason <= BS_REASON_TRIVIAL)
		return 0;
	request_prog(&request, prog);
	if (judgement && task) {
		request.line = judgement->verdict.line;
		request.detail = judgement->verdict.detail;
	}
	return conclude(&request, task, reason);
}

/* A map or program is obtained. Of a new one the record is written by the hook that made it. */
static __always_inline int conclude_object(
	struct request *request, struct task_state *task, int reason)
{
	if (!task)
		return conclude(request, NULL, BS_REASON_NO_MEMORY);
	bool made = task->command == BPF_MAP_CREATE;
	task->command = NO_COMMAND; /* programs are obtained by other roads than bpf() too */
	if (!reason && (made || is_control(&task->mark)))
		return 0; /* recorded at its creation; or our own bookkeeping */
	return conclude(request, task, reason);
}

/* While we start, a map that is obtained was made before us. Our own get no owner. */
static __always_inline void inventory_map(struct bpf_map *map)
{
	struct bs_owner *owner = mode() != BS_MODE_STARTING || is_own_map(map)
					 ? NULL
					 : owner_before(map, BS_KIND_MAP, map->id);

	if (!owner)
		return;
	owner->type = map->map_type;
	bpf_core_read(owner->object, BS_MAP_NAME, &map->name);
}

static __always_inline void inventory_program(struct bpf_prog *prog)
{
	const struct bpf_prog_aux *aux = peek(prog)->aux;
	__u32 id = aux->id;
	struct bs_owner *owner =
		mode() != BS_MODE_STARTING || bpf_map_lookup_elem(&own_programs, &id)
			? NULL
			: owner_before(aux, BS_KIND_PROGRAM, id);

	if (!owner)
		return;
	owner->type = prog->type;
	bpf_core_read(owner->object, BS_MAP_NAME, &aux->name);
	owner_alias(prog, owner);
}

/* A map is obtained, by its maker as well. */
static __always_inline int map_reason(
	struct request *request, struct task_state *task, struct bpf_map *map, fmode_t access)
{
	int reason = descriptor_map_reason(request, number_of(map), access, task);

	inventory_map(map);
	if (!reason && task && task->command == BPF_MAP_CREATE) {
		struct bs_owner *owner = owner_find(map);
		if (owner)
			owner->id = map->id;
	}
	if (reason == BS_REASON_READ_ONLY && task &&
		(task->mark.verdict.program_flags & BS_PROGRAM_COMPATIBLE))
		return BS_REASON_OK; /* the writing itself is refused: write_reason() */
	return reason;
}

static __always_inline int decide_map(struct bpf_map *map, fmode_t access)
{
	struct task_state *task = task_current();
	struct request request = {.op = BS_OP_OPEN};
	int reason = map_reason(&request, task, map, access);

	return conclude_object(&request, task, reason);
}

/* The loader obtains its program for the first time: the verdict after the verifier. */
static __always_inline int made_reason(struct request *request, struct task_state *task,
	struct bpf_prog *prog, struct bs_owner *owner)
{
	struct judgement *judgement = judgement_make();
	int reason = program_made_reason(task, prog, owner, judgement);

	request->op = BS_OP_LOAD;
	request_prog(request, prog);
	if (judgement) {
		request->line = judgement->verdict.line;
		request->detail = reason ? judgement->verdict.detail : 0;
	}
	return reason;
}

/* A program is obtained: for the first time by its loader, when the verifier has passed it. */
static __always_inline int decide_program(struct bpf_prog *prog)
{
	struct task_state *task = task_current();
	struct bs_owner *owner = owner_find(peek(prog)->aux);
	struct request request = {.op = BS_OP_OPEN};
	int reason;

	if (!owner)
		inventory_program(prog);
	if (task && owner && !owner->id && task->command == BPF_PROG_LOAD &&
		is_owner(&task->mark, owner)) {
		reason = made_reason(&request, task, prog, owner);
	} else {
		reason = descriptor_program_reason(&request, number_of(prog), task);
		if (!reason && owner && !owner->id)
			/* the loader has not obtained it yet */
			reason = BS_REASON_FOREIGN_PROGRAM;
	}
	return conclude_object(&request, task, holder_take(task, owner, reason));
}
