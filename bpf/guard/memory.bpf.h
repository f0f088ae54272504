/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The memory of marked tasks. The signers' keyrings are guarded in trust/keys.bpf.h, our pins in
 * pins.bpf.h, our maps and programs in objects/objects.bpf.h, where all others are.
 */

#include "bpf/state/task.bpf.h"

/* May the current task reach into this one's memory? Only with a mark of the same name. */
static __always_inline bool is_protected_from_current(struct task_struct *task)
{
	struct task_state *theirs = bpf_task_storage_get(&tasks, task, NULL, 0);
	struct task_state *ours = task_find();

	if (!theirs || !(theirs->mark.flags & MARK_VERIFIED))
		return false;
	return !ours || !(ours->mark.flags & MARK_VERIFIED) ||
	       !name_equal(ours->mark.facts.name, theirs->mark.facts.name);
}
