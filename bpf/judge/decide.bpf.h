/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * From identity and policy to a verdict: the rights of a mark under the policy in force. Side
 * effects: the mark's own copy of the policy's entry, and the highest sequence seen.
 */

#include "bpf/kernel/compat.bpf.h"
#include "bpf/state/task.bpf.h"
#include "bpf/facts/identity.bpf.h"
#include "bpf/facts/place.bpf.h"

struct path_text {
	char bytes[BS_PATH_SIZE];
};

/* Global: see emit(). Both are NUL padded. */
__noinline int path_equal(const struct path_text *a, const struct path_text *b)
{
	return a && b && equal_u64s(a, b, sizeof(*a));
}

/*
 * Is the executable's path, as its process sees it, one of those that the entry names? None named:
 * any.
 */
static __always_inline bool path_granted(struct bs_program *entry, struct mark *mark)
{
	int granted = 0;

	if (!entry->n_paths)
		return true;
	for (int i = 0; i < BS_EXEC_PATHS; i++)
		granted |= path_equal(
			(struct path_text *)entry->paths[i], (struct path_text *)mark->path);
	return granted && mark->path[0]; /* unused paths are empty */
}

/* The mark's name and signer as a key, where they stand: the stack is short of room. */
static __always_inline struct bs_sequence_key *mark_sequence_key(struct mark *mark)
{
	_Static_assert(__builtin_offsetof(struct mark, signer) ==
			       __builtin_offsetof(struct mark, facts.name) + BS_NAME_SIZE,
		"name and signer are neighbours");
	return (struct bs_sequence_key *)mark->facts.name;
}

/* Raises the highest sequence seen, which it returns; NULL without memory for it. */
static __always_inline __u64 *sequence_raise(struct bs_sequence_key *key, __u64 sequence)
{
	__u64 *highest = bpf_map_lookup_elem(&sequences, key);

	if (!highest) {
		bpf_map_update_elem(&sequences, key, &sequence, BPF_NOEXIST);
		highest = bpf_map_lookup_elem(&sequences, key);
	}
	for (int i = 0; i < 4 && highest; i++) { /* others may raise it meanwhile */
		__u64 seen = *highest;
		if (seen >= sequence ||
			__sync_val_compare_and_swap(highest, seen, sequence) == seen)
			return highest;
	}
	return NULL;
}

/* Is the claim new enough? Remembers the highest sequence verified of this program. */
static __noinline bool sequence_granted(struct bs_program *entry, struct mark *mark)
{
	if (!entry || !mark)
		return false;
	if (mark->facts.sequence < entry->min_sequence)
		return false;
	__u64 *highest = sequence_raise(mark_sequence_key(mark), mark->facts.sequence);
	return !(entry->flags & BS_PROGRAM_LATEST) || (highest && mark->facts.sequence >= *highest);
}

/* What a mark has mapped that is still worth something: `revoke` is as strict as `signed`. */
static __always_inline __u32 libraries_of(const struct bs_files *files)
{
	__u32 value = files->libraries.value;

	return value == BS_LIBRARIES_REVOKE ? BS_LIBRARIES_SIGNED : value;
}

/* Could the task, at some time, read or execute a file that the entry does not grant? */
static __always_inline bool has_lived_looser(
	const struct lived *lived, const struct bs_files *files)
{
	return lived->collateral > files->collateral.value ||
	       lived->libraries > libraries_of(files) || lived->jit > files->jit.value;
}

/* Does the entry still vouch for the mark: by its signer, or by a digest that it names? */
static __always_inline int claim_reason(struct bs_program *entry, struct mark *mark)
{
	char name[BS_NAME_SIZE] = {};

	if (entry->ring != mark->verdict.ring)
		return BS_REASON_UNKNOWN_KEY;
	if (!entry->ring && digest_entry(mark->facts.digest, name) != entry)
		return BS_REASON_OTHER_DIGEST;
	return BS_REASON_OK;
}

/* `require:`, by the conditions found at the mark's exec. */
static __always_inline int condition_reason(const struct bs_program *entry, const struct mark *mark)
{
	if ((entry->flags & BS_PROGRAM_IMA) && mark->conditions.ima)
		return mark->conditions.ima;
	if ((entry->flags & BS_PROGRAM_BUILTIN) && mark->conditions.builtin)
		return mark->conditions.builtin;
	return BS_REASON_OK;
}

/* `user-namespace:`, `pods:` and `cgroup:`. */
static __always_inline int where_reason(struct bs_program *entry, const struct mark *mark)
{
	if ((mark->verdict.flags & MARK_NAMESPACE) && !(entry->flags & BS_PROGRAM_ANY_NAMESPACE))
		return BS_REASON_USER_NAMESPACE;
	return entry->flags & BS_PROGRAM_PLACED ? placed_reason(entry) : BS_REASON_OK;
}

/* The verdict of the policy's entry on a verified mark. */
static __always_inline int entry_reason(struct bs_program *entry, struct mark *mark)
{
	if (!entry)
		return BS_REASON_NOT_IN_POLICY;
	int reason = claim_reason(entry, mark);
	if (reason)
		return reason;
	reason = condition_reason(entry, mark);
	if (reason)
		return reason;
	reason = where_reason(entry, mark);
	if (reason)
		return reason;
	if (entry->ring && !sequence_granted(entry, mark))
		return BS_REASON_OLD_SEQUENCE;
	if (!path_granted(entry, mark))
		return BS_REASON_EXEC_PATH;
	if ((mark->verdict.flags & MARK_SCRIPT) &&
		entry->files.collateral.value != BS_COLLATERAL_STRICT)
		return BS_REASON_NOT_STRICT;
	if ((mark->verdict.flags & MARK_OPTIONS) && !(entry->flags & BS_PROGRAM_OPTIONS))
		return BS_REASON_OPTIONS;
	if (has_lived_looser(&mark->verdict.lived, &entry->files) && mode() != BS_MODE_OBSERVE)
		return BS_REASON_LOOSER;
	return BS_REASON_OK;
}

/* The larger one, without a branch, see equal_u64s(). */
static __always_inline __u32 larger(__u32 a, __u32 b)
{
	const __u64 less = ((__u64)a - b) >> 63;

	return a + less * (b - a);
}

/* true: they are weaker than what was there. */
static __always_inline bool lived_raise_to(
	struct lived *lived, __u32 collateral, __u32 libraries, __u32 jit)
{
	const struct lived before = *lived;

	lived->collateral = larger(before.collateral, collateral);
	lived->libraries = larger(before.libraries, libraries);
	lived->jit = larger(before.jit, jit);
	return (before.collateral ^ lived->collateral) | (before.libraries ^ lived->libraries) |
	       (before.jit ^ lived->jit);
}

/*
 * Remembers the weakest rules that the task has lived under: bytes that it read or mapped under
 * weak rules stay in its memory. Without an entry nothing is checked.
 */
static __always_inline void lived_raise(struct lived *lived, const struct bs_files *files)
{
	__u32 collateral = files ? files->collateral.value : BS_COLLATERAL_OFF;
	__u32 libraries = files ? libraries_of(files) : BS_LIBRARIES_TRUSTED_PATHS;
	__u32 jit = files ? files->jit.value : 1;

	lived_raise_to(lived, collateral, libraries, jit);
}

/* The process has lived under this too. If that is new, it may do nothing until it is judged. */
static __always_inline void lived_add(struct process *process, const struct lived *lived)
{
	struct verdict *verdict = &process->mark.verdict;

	bpf_spin_lock(&process->lock);
	if (lived_raise_to(&verdict->lived, lived->collateral, lived->libraries, lived->jit)) {
		verdict->flags &= ~MARK_ENTITLED;
		verdict->program_flags = 0;
		verdict->types = 0;
		verdict->kernel = 0;
		verdict->policy = 0;
		process->version++;
	}
	bpf_spin_unlock(&process->lock);
}

/*
 * What the current thread has lived under, the process has whose memory it shares. Global: see
 * emit().
 */
__noinline int lived_lend(struct task_state *task)
{
	if (!task || !(task->mark.verdict.flags & MARK_SHARED))
		return 0;
	struct task_struct *owner = bpf_task_from_pid(memory_owner());
	if (!owner)
		return 0; /* it has ended */
	/* of a number of a process, this is its leader */
	struct process *process = bpf_task_storage_get(&processes, owner, NULL, 0);
	if (process)
		lived_add(process, &task->mark.verdict.lived);
	bpf_task_release(owner);
	return 0;
}

/* What a thread has lived under, its process has. */
static __always_inline void lived_give(struct task_state *task)
{
	struct process *process = process_find();

	if (process)
		lived_add(process, &task->mark.verdict.lived);
	lived_lend(task);
}

/* The process is nobody from now on: neither entitled nor guarded. */
static __always_inline void mark_refuse(struct mark *mark, int reason)
{
	mark->verdict.flags &= ~(MARK_VERIFIED | MARK_ENTITLED);
	mark->verdict.reason = reason;
}

/* Was it executed before the activation, which is over? Not all hooks have looked at it. */
static __always_inline bool is_void(const struct mark *mark)
{
	return (mark->verdict.flags & MARK_EARLY) && mode() != BS_MODE_STARTING;
}

/*
 * The verdict of the policy in force on a mark, which is a thread's copy: mark_give() makes it the
 * process's. A verified process lives under the rules of the entry of its name, entitled or not.
 */
__noinline int judge(struct mark *mark)
{
	static const char nobody[BS_NAME_SIZE];
	__u32 policy = 0;

	if (!mark)
		return BS_REASON_HELPER_FAILED;

	struct verdict *verdict = &mark->verdict;
	if (is_void(mark))
		mark_refuse(mark, BS_REASON_NOT_EXECUTED);
	bool acts = (verdict->flags & MARK_VERIFIED) && !(verdict->flags & MARK_SHARED);
	struct bs_program *entry = policy_entry(acts ? mark->facts.name : nobody, &policy);
	int reason = verdict->reason;

	if (acts)
		reason = verdict->claim ?: entry_reason(entry, mark);
	verdict->flags &= ~MARK_ENTITLED;
	if (acts && !reason)
		verdict->flags |= MARK_ENTITLED;
	if (verdict->flags & MARK_VERIFIED) {
		__u32 unused = 0;
		struct bs_program *inside = acts ? entry : policy_entry(mark->facts.name, &unused);
		lived_raise(&verdict->lived, inside ? &inside->files : NULL);
	}
	verdict->program_flags = 0;
	verdict->types = 0;
	verdict->kernel = 0;
	verdict->cgroup = bpf_get_current_cgroup_id();
	if (entry && (!acts || !reason)) {
		verdict->program_flags = entry->flags;
		verdict->types = entry->load.types;
		verdict->kernel = entry->kernel;
	}
	verdict->reason = reason;
	verdict->policy = policy;
	return policy ? 0 : BS_REASON_NO_POLICY;
}

/*
 * Is a task whose verdict depends on its place still in the same cgroup? systemd moves services,
 * and watchbpf learns of a pod after its programs have begun.
 */
static __always_inline bool is_in_place(const struct mark *mark)
{
	const struct verdict *verdict = &mark->verdict;

	if (verdict->reason == BS_REASON_POD)
		return false; /* the pod may be known by now */
	return (!(verdict->program_flags & BS_PROGRAM_PLACED) &&
		       verdict->reason != BS_REASON_CGROUP) ||
	       verdict->cgroup == bpf_get_current_cgroup_id();
}

/* Was this verdict reached under the policy and the trust in force, where the task is now? */
static __always_inline bool is_current(const struct mark *mark)
{
	const struct verdict *verdict = &mark->verdict;
	__u32 zero = 0;
	struct bpf_map *policy = bpf_map_lookup_elem(&policies, &zero);

	if (!policy || verdict->policy != policy->id || !is_in_place(mark))
		return false;
	if (!(verdict->flags & MARK_VERIFIED))
		return true;
	return verdict->trust == trust_generation() && verdict->filter == newest_filter() &&
	       !is_void(mark);
}

/* May this task use bpf() at all: by its mark, or because the unsigned may do something? */
static __always_inline bool may_use(const struct mark *mark)
{
	return is_entitled(mark) ||
	       (mark->verdict.program_flags & (BS_PROGRAM_LOADS | BS_PROGRAM_MAPS));
}

static __always_inline bool is_control(const struct mark *mark)
{
	return is_entitled(mark) && (mark->verdict.program_flags & BS_PROGRAM_CONTROL);
}

/* The reason of a task that may use bpf(): OK, or why not. */
static __always_inline int use_reason(const struct mark *mark)
{
	if (may_use(mark))
		return BS_REASON_OK;
	return mark->verdict.reason ?: BS_REASON_NO_LOAD;
}

/* Does an order let this task change the signers' keyrings? Not after keyring_seal(). */
static __always_inline bool may_change_keys(const struct task_state *task)
{
	return (task->order & ORDER_KEYS) && !state.keyring_seal;
}
