/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A verdict to its record and to what the hook returns to the kernel. */

#include "bpf/judge/decide.bpf.h"
#include "bpf/judge/emit.bpf.h"

/* The exec line of a task: at its exec, or with the first thing it was refused. */
__noinline int report_exec(struct mark *mark)
{
	struct request request = {.op = BS_OP_EXEC};

	if (!mark)
		return 0;
	if (mark->program_flags & BS_PROGRAM_LOADS)
		request.flags |= BS_RECORD_LOADS;
	if (mark->program_flags & BS_PROGRAM_MAPS)
		request.flags |= BS_RECORD_MAPS;
	if (mark->reason == BS_REASON_ENVIRONMENT)
		request.object = mark->variable;
	mark->flags |= MARK_REPORTED;
	return emit(&request, mark, mark->flags & MARK_ENTITLED ? BS_REASON_OK : mark->reason);
}

/*
 * Records the verdict; 0, or -EPERM when it denies and we enforce. mark may be NULL: there was
 * no memory for one.
 */
static __always_inline int conclude(struct request *request, struct mark *mark, int reason)
{
	if (!is_active())
		return 0; /* attached but not begun, or stopped by an order */
	if (reason == BS_REASON_OWN_OBJECT)
		request->flags |= BS_RECORD_ALARM;
	if (reason > BS_REASON_TRIVIAL && mark && !(mark->flags & (MARK_REPORTED | MARK_ENTITLED)))
		report_exec(mark);
	emit(request, mark, reason);
	if (reason <= BS_REASON_TRIVIAL || mode() == BS_MODE_OBSERVE)
		return 0;
	return -EPERM;
}

/* What a hook returns, in branches of its own: the verifier must see that it is 0 or -EPERM. */
static __always_inline int refuse_if(int denied)
{
	barrier_var(denied);
	if (denied)
		return -EPERM;
	return 0;
}
