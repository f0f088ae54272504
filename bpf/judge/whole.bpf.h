/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * For tests: was a decision taken under a mark, a policy or a claim that was not whole? Two
 * processors change all of them at once there (tests/vm/attacks/hammered.sh), and the
 * contradictions are counted. In the installed watchbpf the verifier removes what is here.
 */

#include "bpf/state/task.bpf.h"
#include "bpf/facts/identity.bpf.h"

/* May flags, reason and rights of a verdict stand beside each other? */
static __always_inline bool is_coherent(const struct mark *mark)
{
	const struct verdict *verdict = &mark->verdict;
	const bool acts = (verdict->flags & MARK_VERIFIED) && !(verdict->flags & MARK_SHARED);

	if (!is_entitled(mark))
		return !acts || !(verdict->program_flags || verdict->types || verdict->kernel);
	return acts && !verdict->reason && !verdict->claim && verdict->policy &&
	       mark->facts.name[0] && mark->started_ns;
}

/* Are the rights those of the entry, where the policy of the verdict is in force? */
static __always_inline bool is_of_entry(struct mark *mark)
{
	const struct verdict *verdict = &mark->verdict;
	__u32 policy = 0;
	struct bs_program *entry = policy_entry(mark->facts.name, &policy);

	if (!is_entitled(mark) || policy != verdict->policy)
		return true;
	return entry && verdict->program_flags == entry->flags &&
	       verdict->types == entry->load.types && verdict->kernel == entry->kernel;
}

/* A decision rests on this mark. Global: see emit(). */
__noinline int mark_check(struct mark *mark)
{
	if (mark)
		contradiction_count(!is_coherent(mark) || !is_of_entry(mark));
	return 0;
}
