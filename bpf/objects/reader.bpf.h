/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The one process that takes records out of the rings and writes the pods. A second reader would
 * move the rings' consumer positions past records that the first one has not seen, and none would
 * be counted as lost. The place is held by a number in the storage of the process, which ends with
 * it: a process id that is used again holds nothing.
 */

#include "bpf/state/task.bpf.h"
#include "bpf/judge/decide.bpf.h"

/* Is the current process the reader? */
static __always_inline bool is_reader(void)
{
	const struct process *process = process_find();

	return process && process->reader && process->reader == state.reader;
}

static __always_inline bool reader_is_there(__u64 reader)
{
	struct task_struct *task = reader ? bpf_task_from_pid((__u32)reader) : NULL;

	if (!task)
		return false;
	const struct process *process = process_of(task);
	const bool there = process && process->reader == reader && process_runs(task);
	bpf_task_release(task);
	return there;
}

/* BS_COMMAND_READ: the current process takes the place. Of two that race, one gets it. */
static __always_inline int reader_take(const struct task_state *task)
{
	struct process *process = process_find();
	const __u64 before = state.reader;

	if (!is_administrator() || !task || !process || !is_control(&task->mark))
		return -EPERM;
	if (is_reader())
		return -ECANCELED;
	if (reader_is_there(before))
		return -EBUSY;
	const __u64 number = (before >> 32) + 1;
	const __u64 reader = number << 32 | bpf_get_current_pid_tgid() >> 32;
	process->reader = reader; /* first: who sees the place taken must find its holder */
	const __u64 seen = __sync_val_compare_and_swap(&state.reader, before, reader);
	if (seen == before || seen == reader) /* the latter by another thread of this process */
		return -ECANCELED;
	process->reader = 0;
	return -EBUSY;
}

/* BS_COMMAND_READER. */
static __always_inline int reader_answer(void)
{
	return reader_is_there(state.reader) ? -ECANCELED : -EALREADY;
}
