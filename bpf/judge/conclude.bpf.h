/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A verdict to its record and to what the hook returns to the kernel. */

#include "bpf/state/task.bpf.h"
#include "bpf/judge/decide.bpf.h"
#include "bpf/judge/emit.bpf.h"
#include "bpf/judge/whole.bpf.h"

/* The exec line of a task: at its exec, or with the first thing it was refused. */
__noinline int report_exec(struct task_state *task)
{
	struct request request = {.op = BS_OP_EXEC};

	if (!task)
		return 0;
	struct mark *mark = &task->mark;
	if (mark->verdict.program_flags & BS_PROGRAM_LOADS)
		request.flags |= BS_RECORD_LOADS;
	if (mark->verdict.program_flags & BS_PROGRAM_MAPS)
		request.flags |= BS_RECORD_MAPS;
	if (mark->verdict.reason == BS_REASON_ENVIRONMENT)
		request.object = mark->variable;
	mark_reported(task);
	return emit(&request, mark, is_entitled(mark) ? BS_REASON_OK : mark->verdict.reason);
}

/* What a hook returns, in branches of its own: the verifier must see that it is 0 or -EPERM. */
static __always_inline int refuse_if(int denied)
{
	barrier_var(denied);
	if (denied)
		return -EPERM;
	return 0;
}

/* conclude(), not 0 when it denies. Global: see emit(). */
__noinline int concluded(struct request *request, struct task_state *task, int reason)
{
	struct mark *mark = task ? &task->mark : NULL;
	const __u32 now = mode();

	if (!request)
		return 1;
	if (count_contradictions)
		mark_check(mark);
	if (!decides(now))
		return 0; /* attached but not begun, or stopped by an order */
	if (reason == BS_REASON_OWN_OBJECT)
		request->flags |= BS_RECORD_ALARM;
	if (reason > BS_REASON_TRIVIAL && mark &&
		!(mark->verdict.flags & (MARK_REPORTED | MARK_ENTITLED)))
		report_exec(task);
	emit(request, mark, reason);
	return reason > BS_REASON_TRIVIAL && now == BS_MODE_ENFORCE;
}

/*
 * Records the verdict; 0, or -EPERM when it denies and we enforce. task: NULL where it has no
 * state, or where there was no memory for one.
 */
static __always_inline int conclude(struct request *request, struct task_state *task, int reason)
{
	return refuse_if(concluded(request, task, reason));
}

/* conclude_inside(), not 0 when it denies. Global: see emit(). */
__noinline int concluded_inside(struct request *request, struct task_state *task, int reason)
{
	const __u32 now = mode();

	if (!request || !task)
		return 1;
	if (!reason || now == BS_MODE_OFF)
		return 0;
	emit(request, &task->mark, reason);
	if (now != BS_MODE_OBSERVE || is_control(&task->mark))
		return 1;
	lived_raise(&task->mark.verdict.lived, NULL);
	lived_give(task);
	return 0;
}

/*
 * The same for a file that an entitled program reads or executes. It is refused while the
 * enforcement starts too. Under observation the control program alone is refused; the others are
 * remembered as having lived under weaker rules.
 */
static __always_inline int conclude_inside(
	struct request *request, struct task_state *task, int reason)
{
	return refuse_if(concluded_inside(request, task, reason));
}

/* alarm(), not 0 when it denies. Global: see emit(). */
__noinline int alarmed(__u32 op, __u32 reason, __u64 address)
{
	const struct dentry *dentry = (void *)address;
	struct request request = {.op = op, .flags = BS_RECORD_ALARM};

	if (dentry)
		request.object = BPF_CORE_READ(dentry, d_name.name);
	return concluded(&request, task_find(), reason);
}

/* An attack on the enforcement itself. dentry: the file that it concerns, or NULL. */
static __always_inline int alarm(__u32 op, __u32 reason, struct dentry *dentry)
{
	return refuse_if(alarmed(op, reason, dentry ? number_of(dentry) : 0));
}
