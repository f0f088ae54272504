/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The other ways to a map, program or link: a descriptor received, one that is mapped, a pin
 * that is opened with open(2) or handed on as a file, and the number of a descriptor looked up.
 */

#include "bpf/contract/rules.h"
#include "bpf/state/task.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/decide.bpf.h"
#include "bpf/judge/emit.bpf.h"
#include "bpf/task/mark.bpf.h"
#include "bpf/objects/file_kind.bpf.h"
#include "bpf/objects/holders.bpf.h"
#include "bpf/objects/links.bpf.h"
#include "bpf/objects/objects.bpf.h"

static __always_inline void map_name(const struct bpf_map *map, struct judgement *judgement)
{
	bpf_core_read(judgement->name, BS_MAP_NAME, &map->name);
}

static __always_inline void program_name(
	const struct bpf_prog_aux *aux, struct judgement *judgement)
{
	bpf_core_read(judgement->name, BS_MAP_NAME, &aux->name);
}

/*
 * Could the current task have obtained the map with this access? Fills the request. Not static, see
 * emit(): then an object is a number.
 */
__noinline int descriptor_map_reason(
	struct request *request, __u64 address, fmode_t access, struct task_state *task)
{
	struct bpf_map *map = (void *)address;
	struct judgement *judgement = judgement_make();
	struct bs_owner *owner = owner_find(map);

	if (!request || !task || !judgement)
		return BS_REASON_NO_MEMORY;
	map_name(map, judgement);
	request->type = BPF_CORE_READ(map, map_type);
	request->id = BPF_CORE_READ(map, id);
	request->flags |= BS_RECORD_MAP_TYPE;
	request->owner = owner ? owner->name : NULL;
	request->object = judgement->name;
	if (is_own_map(map))
		return own_map_reason(task, map, access);
	int reason = map_access_reason(&task->mark, owner, access, judgement);
	request->line = judgement->verdict.line;
	if (!reason && (access & FMODE_WRITE) && rules_is_map_of_maps(request->type) &&
		(task->mark.verdict.program_flags & BS_PROGRAM_READ_ONLY))
		return BS_REASON_MAP_OF_MAPS; /* another's program would write through it */
	return reason;
}

/*
 * Could the program, attached now, take back what ours have said? rules_outvotes() is asked at a
 * load; into one that was loaded before the start nobody has looked.
 */
static __always_inline bool may_outvote(const struct bpf_prog *prog, const struct bs_owner *owner)
{
	static const char before_word[BS_NAME_SIZE] = BS_OWNER_BEFORE;
	__u32 type = BPF_CORE_READ(prog, type);
	__u32 attach_type = BPF_CORE_READ(prog, expected_attach_type);

	if (type == BPF_PROG_TYPE_TRACING)
		return attach_type == BPF_MODIFY_RETURN || rules_attach_is_newer(type, attach_type);
	return type == BPF_PROG_TYPE_CGROUP_SYSCTL && name_equal(owner_word(owner), before_word);
}

__noinline int descriptor_program_reason(
	struct request *request, __u64 address, struct task_state *task)
{
	struct bpf_prog *prog = (void *)address;
	struct bpf_prog_aux *aux = BPF_CORE_READ(prog, aux);
	struct judgement *judgement = judgement_make();
	struct bs_owner *owner = owner_find(aux);

	if (!request || !task || !judgement)
		return BS_REASON_NO_MEMORY;
	program_name(aux, judgement);
	request->type = BPF_CORE_READ(prog, type);
	request->id = BPF_CORE_READ(aux, id);
	request->flags |= BS_RECORD_PROG_TYPE;
	request->owner = owner ? owner->name : NULL;
	request->object = judgement->name;
	__u32 id = request->id;
	if (bpf_map_lookup_elem(&own_programs, &id))
		return BS_REASON_OWN_OBJECT;
	if (may_outvote(prog, owner))
		return BS_REASON_MODIFY_RETURN;
	int reason = program_access_reason(
		&task->mark, owner, BS_ACCESS_READ, BS_REASON_FOREIGN_PROGRAM, judgement);
	request->line = judgement->verdict.line;
	return reason;
}

__noinline int descriptor_link_reason(
	struct request *request, __u64 address, struct task_state *task)
{
	struct bpf_link *link = (void *)address;
	struct judgement *judgement = judgement_make();
	struct bs_owner *owner = link_owner(link);

	if (!request || !task || !judgement)
		return BS_REASON_NO_MEMORY;
	request->id = BPF_CORE_READ(link, id);
	request->owner = owner ? owner->name : NULL;
	int reason = link_reason(&task->mark, request->id, owner, judgement);
	request->line = judgement->verdict.line;
	return reason;
}

/*
 * Could the current task have opened the pin of this object with open(2)? A map with BTF can be
 * read that way, and an iterator runs. task: NULL where its mark is not up to date.
 */
__noinline int descriptor_pin_reason(
	struct request *request, __u64 address, struct task_state *task)
{
	const struct bpf_map *map = (void *)address; /* if it is one */
	struct judgement *judgement = judgement_make();
	struct bs_owner *owner = owner_find(map);

	if (!request)
		return BS_REASON_NO_MEMORY;
	request->owner = owner ? owner->name : NULL;
	if (is_own_declared(map))
		return BS_REASON_OWN_OBJECT;
	if (!task)
		return BS_REASON_UNSIGNED;
	if (!judgement)
		return BS_REASON_NO_MEMORY;
	__builtin_memset(judgement->name, 0, BS_MAP_NAME);
	if (owner)
		__builtin_memcpy(judgement->name, owner->object, BS_MAP_NAME);
	if (owner && owner->kind == BS_KIND_LINK)
		return program_access_reason(
			&task->mark, owner, BS_ACCESS_READ, BS_REASON_FOREIGN_LINK, judgement);
	return map_access_reason(&task->mark, owner, FMODE_READ, judgement);
}

/* A running iterator: a task that may use its program may read it. */
static __always_inline int descriptor_iterator_reason(
	struct request *request, struct seq_file *sequence, struct task_state *task)
{
	void *private = BPF_CORE_READ(sequence, private);
	struct bpf_iter_priv_data *iterator =
		private - bpf_core_field_offset(struct bpf_iter_priv_data, target_private);

	return descriptor_program_reason(request, (__u64)BPF_CORE_READ(iterator, prog), task);
}

static __always_inline int descriptor_reason(
	struct request *request, struct file *file, __u32 kind, struct task_state *task)
{
	__u64 object = (__u64)BPF_CORE_READ(file, private_data);

	if (kind == BS_KIND_MAP)
		return descriptor_map_reason(
			request, object, BPF_CORE_READ(file, f_mode) & 3, task);
	if (kind == BS_KIND_PROGRAM)
		return descriptor_program_reason(request, object, task);
	if (kind == FILE_ITERATOR)
		return descriptor_iterator_reason(request, (void *)object, task);
	if (kind == BS_KIND_LINK)
		return descriptor_link_reason(request, object, task);
	if (kind == FILE_PIN) {
		request->object = BPF_CORE_READ(file, f_path.dentry, d_name.name);
		return descriptor_pin_reason(
			request, (__u64)BPF_CORE_READ(file, f_inode, i_private), task);
	}
	if (kind == FILE_BTF && task)
		return use_reason(&task->mark);
	return BS_REASON_TOKEN; /* granted to no task */
}

/* Of the program behind a descriptor. */
static __always_inline struct bs_owner *program_owner(struct file *file)
{
	struct bpf_prog *prog = BPF_CORE_READ(file, private_data);

	return owner_find(BPF_CORE_READ(prog, aux));
}

/* A descriptor arrives by SCM_RIGHTS, pidfd_getfd or a seccomp listener, or a map is mapped. */
static __noinline int decide_descriptor(struct file *file, __u32 kind)
{
	struct task_state *task = task_current();
	struct request request = {.op = BS_OP_OPEN};

	if (!file)
		return 0;
	int reason = descriptor_reason(&request, file, kind, task);
	if (kind == BS_KIND_PROGRAM)
		reason = holder_take(task, program_owner(file), reason);
	if (!reason)
		return 0; /* it could have opened it itself */
	return conclude(&request, task, reason);
}

/* A descriptor is handed to somebody who is not here. */
static __always_inline int decide_handed(void)
{
	struct request request = {.op = BS_OP_OPEN};

	return conclude(&request, task_find(), BS_REASON_HANDED);
}

/* --- descriptors that an exec inherits ------------------------------------------------------ */

struct inheritance {
	struct task_state *task;
	struct fdtable *table;
	struct request request; /* for the first that may not be had */
	__u64 word;             /* of open_fds */
	__u32 first;            /* descriptor of its bit 0 */
	__u32 reason;           /* of the first that may not be had */
};

/* Takes the lowest descriptor out of the word, which is not 0; NULL: it was closed meanwhile. */
static __always_inline struct file *take_descriptor(struct inheritance *inheritance)
{
	struct fdtable *table = inheritance->table;
	__u32 bit = rules_lowest_bit(inheritance->word);
	struct file *file = NULL;

	inheritance->word &= inheritance->word - 1;
	bpf_probe_read_kernel(
		&file, sizeof(file), BPF_CORE_READ(table, fd) + inheritance->first + bit);
	return file;
}

/* The next descriptor of the word. 1 ends the loop. */
static int judge_inherited(__u32 unused_index, struct inheritance *inheritance)
{
	if (!inheritance->word)
		return 1;
	struct file *file = take_descriptor(inheritance);
	int kind = file ? file_kind(file) : BS_KIND_ALIAS;
	if (kind == BS_KIND_ALIAS)
		return 0;
	inheritance->reason =
		descriptor_reason(&inheritance->request, file, kind, inheritance->task);
	return inheritance->reason != BS_REASON_OK;
}

/* The same, if it is a program's. */
static int judge_program(__u32 unused_index, struct inheritance *inheritance)
{
	if (!inheritance->word)
		return 1;
	struct file *file = take_descriptor(inheritance);
	if (!file || file_kind(file) != BS_KIND_PROGRAM)
		return 0;
	inheritance->reason = descriptor_program_reason(
		&inheritance->request, (__u64)BPF_CORE_READ(file, private_data), inheritance->task);
	return inheritance->reason != BS_REASON_OK;
}

/* 64 descriptors of the table. */
static __always_inline void take_word(__u32 i, struct inheritance *inheritance)
{
	struct fdtable *table = inheritance->table;
	unsigned long *words = BPF_CORE_READ(table, open_fds);

	inheritance->first = i * 64;
	if (bpf_probe_read_kernel(&inheritance->word, sizeof(inheritance->word), words + i))
		inheritance->word = 0;
}

static int judge_inherited_word(__u32 i, struct inheritance *inheritance)
{
	take_word(i, inheritance);
	if (inheritance->word)
		bpf_loop(64, judge_inherited, inheritance, 0);
	return inheritance->reason != BS_REASON_OK;
}

static int judge_program_word(__u32 i, struct inheritance *inheritance)
{
	take_word(i, inheritance);
	if (inheritance->word)
		bpf_loop(64, judge_program, inheritance, 0);
	return inheritance->reason != BS_REASON_OK;
}

/* The first descriptor of the current task's that it could not have opened itself. */
static __always_inline void judge_table(
	struct inheritance *inheritance, int (*judge_word)(__u32, struct inheritance *))
{
	struct fdtable *table = BPF_CORE_READ(bpf_get_current_task_btf(), files, fdt);

	inheritance->table = table;
	long n = bpf_loop(BPF_CORE_READ(table, max_fds) / 64, judge_word, inheritance, 0);
	if (n < 0) /* more words than a loop may have are not looked at */
		inheritance->reason = BS_REASON_INHERITED;
}

/*
 * The last step of an exec: a descriptor of BPF's that the new program could not have opened
 * itself takes its mark. The table of descriptors is the task's own by then, without those to be
 * closed (begin_new_exec() of fs/exec.c).
 */
static __noinline int exec_inherit(struct task_state *task)
{
	struct inheritance inheritance = {.task = task, .request = {.op = BS_OP_OPEN}};

	if (!task || !(task->mark.verdict.flags & MARK_VERIFIED))
		return 0; /* there is nothing to take */
	judge_table(&inheritance, judge_inherited_word);
	if (!inheritance.reason)
		return 0;
	mark_refuse(&task->mark, BS_REASON_INHERITED);
	judge(&task->mark);
	mark_impose(task);
	return 0;
}

/*
 * The map behind a descriptor's number. Another thread can put another there: never the only
 * fence.
 */
static __always_inline struct bpf_map *map_by_number(__u32 number)
{
	struct files_struct *files = BPF_CORE_READ(bpf_get_current_task_btf(), files);
	struct file **table = BPF_CORE_READ(files, fdt, fd), *file = NULL;

	if (number >= BPF_CORE_READ(files, fdt, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), table + number);
	if (!file || file_kind(file) != BS_KIND_MAP)
		return NULL;
	return BPF_CORE_READ(file, private_data);
}

/* --- pins ----------------------------------------------------------------------------------- */

/*
 * open(2) of a pin, where lsm/bpf is not asked. This hook cannot verify a claim: a mark that needs
 * it waits for its next bpf().
 */
static __noinline int decide_pin(struct file *file)
{
	if (!file)
		return 0;

	struct task_state *task = task_find();
	struct request request = {.op = BS_OP_OPEN};
	int reason = descriptor_pin_reason(&request, (__u64)BPF_CORE_READ(file, f_inode, i_private),
		mark_update(task) ? task : NULL);

	if (!reason)
		return 0; /* one's own */
	request.object = BPF_CORE_READ(file, f_path.dentry, d_name.name);
	return conclude(&request, task, reason);
}
