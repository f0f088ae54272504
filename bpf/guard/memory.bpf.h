/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Hooks that protect the enforcement itself: the memory of marked tasks. The signers' keyrings are
 * guarded in keys.bpf.h, our pins in pins.bpf.h, our maps and programs where every other one is, in
 * objects.bpf.h.
 */

#include "bpf/guard/last.bpf.h"
#include "bpf/guard/mounts.bpf.h"
/* May the current task reach into the memory of that one? Only one that wears the same name. */
static __always_inline bool is_protected_from_current(struct task_struct *task)
{
	struct task_state *theirs = bpf_task_storage_get(&tasks, task, NULL, 0);
	struct task_state *ours = task_find();

	if (!theirs || !(theirs->mark.flags & MARK_VERIFIED))
		return false;
	return !ours || !(ours->mark.flags & MARK_VERIFIED) ||
	       !name_equal(ours->mark.facts.name, theirs->mark.facts.name);
}
