/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Who has a descriptor of a program: noted with the process before the descriptor comes, by every
 * road that one comes, so that a door asks for the note and walks no table. A note stays when the
 * descriptor goes, until the process is seen to have none while nobody else can move it.
 */

#include "bpf/state/task.bpf.h"
#include "bpf/judge/decide.bpf.h"
#include "bpf/objects/objects.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* What a program of type iter/task_file is given; kernel.bpf.h leaves it out. */
struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

#pragma clang attribute pop

/* The current process's note; NULL: it has no program. */
static __always_inline struct holder *holder_find(void)
{
	struct task_struct *task = bpf_get_current_task_btf(), *leader;
	__u64 numbers = bpf_get_current_pid_tgid();
	struct holder *holder;

	if (!peek(task)->group_leader->bpf_storage)
		return NULL;
	if ((__u32)numbers == numbers >> 32)
		return bpf_task_storage_get(&holders, task, NULL, 0);
	leader = bpf_task_from_pid(numbers >> 32); /* it stays until its last thread ends */
	if (!leader)
		return NULL;
	holder = bpf_task_storage_get(&holders, leader, NULL, 0);
	bpf_task_release(leader);
	return holder;
}

/* The same, made where missing. NULL: no memory. */
static __always_inline struct holder *holder_make(void)
{
	struct task_struct *leader = bpf_task_from_pid(bpf_get_current_pid_tgid() >> 32);
	struct holder *holder;

	if (!leader)
		return NULL;
	holder = task_storage_make(&holders, leader);
	bpf_task_release(leader);
	return holder;
}

/* What a process holds when this comes to what it holds already. */
static __always_inline __u64 holds_both(__u64 before, __u64 added)
{
	if (!before || before == HOLDS_OWN)
		return added;
	return added == HOLDS_OWN || added == before ? before : HOLDS_OTHERS;
}

static __always_inline void holder_add(struct holder *holder, __u64 added)
{
	__u64 before = holder->holds;

	if (__sync_val_compare_and_swap(&holder->holds, before, holds_both(before, added)) !=
		before)
		holder->holds = HOLDS_OTHERS; /* another thread adds too */
}

/*
 * A program is about to come to the current process. enum bs_reason: NO_MEMORY for the note, or
 * SHARED_MEMORY: the table is its parent's too, which would have no note. Global: see emit().
 */
__noinline int holder_note(__u64 added)
{
	struct holder *holder = holder_make();

	if (!holder)
		return BS_REASON_NO_MEMORY;
	if (holder->shares && mode() != BS_MODE_STARTING)
		return BS_REASON_SHARED_MEMORY;
	holder_add(holder, added);
	return BS_REASON_OK;
}

/*
 * The same for a program that this task is granted, or refused without effect. The reason with
 * which it was judged, or that of the note.
 */
static __always_inline int holder_take(
	const struct task_state *task, const struct bs_owner *owner, int reason)
{
	__u64 added = HOLDS_OTHERS;

	if (reason > BS_REASON_TRIVIAL && mode() == BS_MODE_ENFORCE)
		return reason; /* it does not come */
	if (owner && !owner->name[0])
		added = HOLDS_OWN;
	else if (reason <= BS_REASON_TRIVIAL && task && !is_entitled(&task->mark))
		added = task->mark.verdict.policy ?: HOLDS_OTHERS;
	return holder_note(added) ?: reason;
}

/* May an unentitled task have all that it holds, under the policy that it was judged by? */
static __always_inline bool holder_is_granted(const struct holder *holder, const struct mark *mark)
{
	return !use_reason(mark) &&
	       (holder->holds == HOLDS_OWN || holder->holds == mark->verdict.policy);
}
