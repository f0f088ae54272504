/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The verdicts of bpf(): which command, which map, which program. */

#include "objects.bpf.h"
#include "order.bpf.h"
#include "request.bpf.h"

/*
 * Attaching to a cgroup what only a program of type cgroup_sock can be: the type must be granted.
 * The attach type is in the kernel's copy of attr, and the kernel compares it with the program.
 */
static __always_inline int attach_reason(
	const struct mark *mark, __u32 cmd, const union bpf_attr *attr)
{
	__u32 type = cmd == BPF_LINK_CREATE ? attr->link_create.attach_type : attr->attach_type;
	bool cgroup_sock = type == BPF_CGROUP_INET_SOCK_CREATE ||
			   type == BPF_CGROUP_INET4_POST_BIND ||
			   type == BPF_CGROUP_INET6_POST_BIND ||
			   type == BPF_CGROUP_INET_SOCK_RELEASE;

	if (cgroup_sock && !(mark->types & (1ULL << BPF_PROG_TYPE_CGROUP_SOCK)))
		return use_reason(mark) ?: BS_REASON_LOAD_TYPE;
	return use_reason(mark);
}

static __always_inline int command_reason(
	const struct mark *mark, __u32 cmd, const union bpf_attr *attr)
{
	__u32 class = command_find(cmd).class;

	if (class == COMMAND_BY_ID)
		return BS_REASON_OK; /* lsm/bpf_map and lsm/bpf_prog know the object's name */
	if (class == COMMAND_DENIED)
		return use_reason(mark) ?: BS_REASON_COMMAND;
	if (class == COMMAND_ATTACH)
		return attach_reason(mark, cmd, attr);
	if (class == COMMAND_BY_PATH && !(mark->flags & MARK_ENTITLED))
		return mark->reason ?: BS_REASON_COMMAND;
	return use_reason(mark);
}

/* The canary, and the end of the start: from then on we decide. */
static __always_inline int answer(__u32 cmd)
{
	struct bs_state *now = the_state();

	if (cmd == BS_COMMAND_ACTIVATE && now && now->mode == BS_MODE_STARTING) {
		nonce_show(now);
		now->mode = start_mode; /* of two that race here both only tighten */
	}
	if (is_active())
		return -ECANCELED;
	return -EALREADY;
}

/* lsm/bpf off the fast path: an approval is silent here, its own hook will record it. */
static __noinline int decide_command(__u32 cmd, union bpf_attr *attr)
{
	struct task_state *task = task_current();
	struct request request = {};

	if (cmd == BS_COMMAND_CONTROL)
		return task && is_control(&task->mark) ? -ECANCELED : -EALREADY;
	if (cmd == BS_COMMAND_ALIVE || cmd == BS_COMMAND_ACTIVATE)
		return answer(cmd);
	int reason = task ? command_reason(&task->mark, cmd, attr) : BS_REASON_NO_MEMORY;
	if (task) {
		task->command = cmd;
		if (is_control(&task->mark) && cmd == BPF_MAP_LOOKUP_ELEM)
			order_answer(&task->mark);
	}
	if (!reason)
		return 0;
	request_command(&request, attr, cmd);
	return conclude(&request, task ? &task->mark : NULL, reason);
}

static __always_inline int map_create_reason(struct task_state *task, struct bpf_map *map)
{
	if (!task)
		return BS_REASON_NO_MEMORY;
	int reason = use_reason(&task->mark);
	if (!reason && owner_set(map, &task->mark))
		reason = BS_REASON_NO_MEMORY; /* a map without an owner is foreign to everyone */
	return reason;
}

/*
 * Obtaining a map or program that exists. At its creation the owner is already known,
 * and the record was written there.
 */
static __always_inline int decide_object(
	struct request *request, struct task_state *task, int reason)
{
	if (!task)
		return conclude(request, NULL, BS_REASON_NO_MEMORY);
	bool made = command_find(task->command).class == COMMAND_MAKE;
	task->command = NO_COMMAND; /* programs are obtained by other roads than bpf() too */
	if (!reason && (made || is_control(&task->mark)))
		return 0; /* recorded at its creation; or our own bookkeeping */
	if (reason == BS_REASON_OWN_OBJECT)
		request->flags |= BS_RECORD_ALARM;
	return conclude(request, &task->mark, reason);
}

static __always_inline int map_reason(
	struct task_state *task, struct bpf_map *map, fmode_t access, const struct owner *owner)
{
	if (!task)
		return BS_REASON_NO_MEMORY;
	if (is_own_map(map))
		return own_map_reason(&task->mark, map, access);
	return owner_reason(&task->mark, owner, BS_REASON_FOREIGN_MAP);
}

static __always_inline int prog_reason(
	struct task_state *task, __u32 id, const struct owner *owner)
{
	if (!task)
		return BS_REASON_NO_MEMORY;
	if (bpf_map_lookup_elem(&own_programs, &id))
		return BS_REASON_OWN_OBJECT;
	return owner_reason(&task->mark, owner, BS_REASON_FOREIGN_PROGRAM);
}

/*
 * open(2) of a pin: a map with BTF can be read that way, an iterator runs, and lsm/bpf is not
 * asked. This hook cannot bring a mark up to date: an outdated one waits for its next bpf().
 */
static __always_inline int pin_reason(
	const struct task_state *task, const struct bpf_map *map, const struct owner *owner)
{
	if (is_own_map(map))
		return BS_REASON_OWN_OBJECT;
	if (!task || !is_current(&task->mark))
		return BS_REASON_UNSIGNED;
	return owner_reason(&task->mark, owner, BS_REASON_FOREIGN_MAP);
}

static __noinline int decide_pin(struct file *file)
{
	if (!file)
		return 0;

	struct bpf_map *map = BPF_CORE_READ(file, f_inode, i_private);
	struct task_state *task = task_find();
	struct owner *owner = owner_find(map);
	struct request request = {.op = BS_OP_OPEN, .owner = owner ? owner->name : NULL};
	int reason = pin_reason(task, map, owner);

	if (!reason)
		return 0; /* one's own */
	request.object = BPF_CORE_READ(file, f_path.dentry, d_name.name);
	if (reason == BS_REASON_OWN_OBJECT)
		request.flags = BS_RECORD_ALARM;
	return conclude(&request, task ? &task->mark : NULL, reason);
}

/* An instruction that neither reads memory nor jumps, nor calls anything but a clock. */
static __always_inline bool is_harmless(const struct bpf_insn *insn)
{
	switch (insn->code & 7 /* class, include/uapi/linux/bpf_common.h */) {
	case BPF_ALU:
	case BPF_ALU64:
	case BPF_ST: /* a constant, into its stack or its own map */
		return true;
	case BPF_LD: /* the address of a map: two slots, the second all zero but for imm */
		return insn->code == (BPF_LD | BPF_IMM | BPF_DW) || insn->code == 0;
	case BPF_JMP:
		return insn->code == (BPF_JMP | BPF_EXIT) ||
		       (insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == 0 &&
			       insn->imm == BPF_FUNC_ktime_get_coarse_ns);
	default:
		return false;
	}
}

/* "" or "libbpf_…": the names of libbpf's probes; a program of an object file has its own. */
static __always_inline bool is_probe_name(const char *name)
{
	static const char prefix[8] = "libbpf_";
	__u64 start = 0;

	bpf_probe_read_kernel(&start, sizeof(prefix) - 1, name);
	return !(start & 0xff) || start == *(const __u64 *)prefix;
}

/*
 * Loaders probe the kernel with programs of two to eight instructions and give up when
 * they are refused (libbpf: bpf_object__probe_loading). One that reads nothing and calls nothing
 * can do no more than a classic socket filter that returns a constant, which needs no bpf(); one
 * of type cgroup_sock cannot be attached, see attach_reason().
 */
static __noinline bool is_trivial(struct bpf_prog *prog)
{
	struct bpf_insn insn = {};
	bool harmless = true;

	if (!prog)
		return false;
	__u32 length = BPF_CORE_READ(prog, len), type = BPF_CORE_READ(prog, type);
	if (length > 8 ||
		(type != BPF_PROG_TYPE_SOCKET_FILTER && type != BPF_PROG_TYPE_CGROUP_SOCK) ||
		!is_probe_name((const char *)BPF_CORE_READ(prog, aux) +
			       bpf_core_field_offset(struct bpf_prog_aux, name)))
		return false;
	const void *insns = (const void *)prog + bpf_core_field_offset(struct bpf_prog, insnsi);
	for (__u32 i = 0; i < 8 && i < length; i++) {
		if (bpf_probe_read_kernel(&insn, sizeof(insn), insns + i * sizeof(insn)))
			return false;
		harmless &= is_harmless(&insn);
	}
	return harmless;
}

static __always_inline int prog_grant(const struct mark *mark, struct bpf_prog *prog)
{
	if (!(mark->program_flags & BS_PROGRAM_LOADS))
		return is_control(mark) ? BS_REASON_COMMAND : BS_REASON_NO_LOAD;
	if (prog->expected_attach_type == BPF_MODIFY_RETURN && prog->type == BPF_PROG_TYPE_TRACING)
		return BS_REASON_MODIFY_RETURN;
	if (prog->type < 64 && (mark->types & (1ULL << prog->type)))
		return BS_REASON_OK;
	return is_trivial(prog) ? BS_REASON_TRIVIAL : BS_REASON_LOAD_TYPE;
}

/* A program that attaches to another one must belong to that one's owner. */
static __always_inline int prog_target(const struct mark *mark, struct bpf_prog *prog)
{
	struct bpf_prog *target = prog->aux->dst_prog;

	if (!target)
		return BS_REASON_OK;
	struct owner *owner = owner_find(BPF_CORE_READ(target, aux));
	if (!owner || is_control(mark) || !name_equal(owner->name, mark->facts.name))
		return BS_REASON_ATTACH_TARGET;
	return BS_REASON_OK;
}

static __always_inline int prog_load_reason(struct task_state *task, struct bpf_prog *prog)
{
	if (!task)
		return BS_REASON_NO_MEMORY;
	int reason = use_reason(&task->mark);
	int grant = reason ?: prog_grant(&task->mark, prog);
	if (grant > BS_REASON_TRIVIAL)
		return grant;
	reason = prog_target(&task->mark, prog);
	if (!reason && owner_set(prog->aux, &task->mark))
		reason = BS_REASON_NO_MEMORY;
	return reason ?: grant;
}
