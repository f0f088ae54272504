/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The owner of a map, program or link, and the access that `maps:` and `programs:` grant to objects
 * of other owners.
 */

#include "bpf/contract/rules.h"
#include "bpf/state/task.bpf.h"
#include "bpf/facts/identity.bpf.h"
#include "bpf/judge/decide.bpf.h"
#include "bpf/objects/reader.bpf.h"

/* --- owners --------------------------------------------------------------------------------- */

static __always_inline void owned_add(__s64 n)
{
	__sync_fetch_and_add(&state.owned, n);
}

static __always_inline struct bs_owner *owner_find(const void *object)
{
	__u64 key = (__u64)object;
	return bpf_map_lookup_elem(&owners, &key);
}

static __always_inline void owner_forget(const void *object)
{
	__u64 key = (__u64)object;

	if (!bpf_map_delete_elem(&owners, &key))
		owned_add(-1);
}

/*
 * Makes the mark the owner of an object that no task can obtain yet. NULL when the map is full,
 * which refuses the creation: an object without an owner is foreign to all.
 */
static __noinline struct bs_owner *owner_set(
	const void *object, const struct mark *mark, __u32 kind)
{
	static const struct bs_owner nobody;
	__u64 key = (__u64)object;

	if (!mark || bpf_map_update_elem(&owners, &key, &nobody, BPF_ANY))
		return NULL;
	struct bs_owner *owner = bpf_map_lookup_elem(&owners, &key);
	if (!owner)
		return NULL;
	owned_add(1);
	owner->kind = kind;
	if (is_entitled(mark)) {
		name_copy(owner->name, mark->facts.name);
		name_copy(owner->signer, mark->signer);
	}
	return owner;
}

/* The owner of an object that was made before the start, when watchbpf takes stock. */
static __noinline struct bs_owner *owner_before(const void *object, __u32 kind, __u32 id)
{
	static const char before_word[BS_NAME_SIZE] = BS_OWNER_BEFORE;
	static const struct mark nobody;

	if (owner_find(object))
		return NULL;
	struct bs_owner *owner = owner_set(object, &nobody, kind);
	if (!owner)
		return NULL;
	name_copy(owner->name, before_word);
	owner->id = id;
	return owner;
}

/* The same owner under another key: a program is pinned as itself, and freed by its aux. */
static __always_inline void owner_alias(const void *object, const struct bs_owner *owner)
{
	__u64 key = (__u64)object;

	if (bpf_map_update_elem(&owners, &key, owner, BPF_ANY))
		return; /* its pins are foreign to all */
	struct bs_owner *alias = bpf_map_lookup_elem(&owners, &key);
	if (alias)
		alias->kind = BS_KIND_ALIAS;
	owned_add(1);
}

/* The owner's name as `maps:` and `programs:` write it; BS_NAME_SIZE bytes. */
static __always_inline const char *owner_word(const struct bs_owner *owner)
{
	static const char unsigned_word[BS_NAME_SIZE] = "unsigned";
	static const char before_word[BS_NAME_SIZE] = BS_OWNER_BEFORE;

	if (!owner)
		return before_word; /* or it was made unseen */
	return owner->name[0] ? owner->name : unsigned_word;
}

/* Did this program make it? The unsigned share what they make. */
static __always_inline bool is_owner(const struct mark *mark, const struct bs_owner *owner)
{
	if (!owner)
		return false;
	if (is_entitled(mark))
		return name_equal(owner->name, mark->facts.name);
	return !owner->name[0];
}

/* --- our own maps --------------------------------------------------------------------------- */

/*
 * Is this pointer one of the maps of maps.bpf.h or the policy in force? It may be no map at all.
 * Sections of data are in own_maps only.
 */
static __always_inline bool is_own_declared(const struct bpf_map *map)
{
	__u32 zero = 0;

#define OWN(name)                                                                                  \
	if ((__u64)map == (__u64)&name)                                                            \
		return true;
	OWN(policies);
	OWN(sequences);
	OWN(keyrings);
	OWN(pods);
	OWN(own_programs);
	OWN(own_maps);
	OWN(own_links);
	OWN(records);
	OWN(alarms);
	OWN(rates);
	OWN(orders);
	OWN(processes);
	OWN(holders);
	OWN(tasks);
	OWN(verifications);
	OWN(judgements);
	OWN(pendings);
	OWN(claims);
	OWN(built_ins);
	OWN(holds);
	OWN(shares);
	OWN(taints);
	OWN(taint_shares);
	OWN(discarded);
	OWN(owners);
	OWN(links);
#undef OWN
	return (__u64)map == (__u64)bpf_map_lookup_elem(&policies, &zero);
}

/* Is this map one of ours? */
static __always_inline bool is_own_map(const struct bpf_map *map)
{
	__u32 id = BPF_CORE_READ(map, id);

	return is_own_declared(map) || bpf_map_lookup_elem(&own_maps, &id);
}

/*
 * May this task have a descriptor of a map of ours? The control program reads; what it may write is
 * checked here (orders), is the reader's alone (the rings, the pods), or needs an order. So a
 * library that root puts into it cannot loosen anything. A ring without the right to write cannot
 * be mapped: nothing of it is read.
 */
static __always_inline int own_map_reason(
	const struct task_state *task, const struct bpf_map *map, fmode_t access)
{
	if (!is_control(&task->mark))
		return BS_REASON_OWN_OBJECT;
	if (!(access & FMODE_WRITE) || (__u64)map == (__u64)&orders)
		return BS_REASON_OK;
	if ((__u64)map == (__u64)&records || (__u64)map == (__u64)&alarms ||
		(__u64)map == (__u64)&pods)
		return is_reader() ? BS_REASON_OK : BS_REASON_OWN_OBJECT;
	if ((__u64)map == (__u64)&policies && (task->order & ORDER_POLICY))
		return BS_REASON_OK;
	if ((__u64)map == (__u64)&keyrings && may_change_keys(task))
		return BS_REASON_OK;
	return BS_REASON_OWN_OBJECT;
}

/* --- others' objects ------------------------------------------------------------------------ */

/* Scratch of the current task; NULL without memory, which denies. */
static __always_inline struct judgement *judgement_make(void)
{
	return task_storage_make(&judgements, bpf_get_current_task_btf());
}

/* The entry of the policy that a mark is judged by; NULL: none, which grants nothing. */
static __always_inline struct bs_program *entry_of(const struct mark *mark)
{
	static const char nobody[BS_NAME_SIZE];
	__u32 policy = 0;

	return policy_entry(is_entitled(mark) ? mark->facts.name : nobody, &policy);
}

/*
 * What `maps:` or `programs:` grants on the object of judgement->map.owner and judgement->name;
 * enum bs_access. Its line goes to the verdict. Global: the verifier looks at it once, for all.
 */
__noinline int access_by_rules(struct bs_program *entry, struct judgement *judgement, bool maps)
{
	if (!entry || !judgement)
		return BS_ACCESS_NONE;

	struct bs_object_rule *rules = maps ? entry->maps : entry->programs;
	__u32 n = maps ? entry->n_maps : entry->n_programs;
	__u32 i = rules_object(rules, n, judgement->map.owner, judgement->name);
	if (i >= BS_RULES)
		return BS_ACCESS_NONE;
	judgement->verdict.line = rules[i].line;
	return rules[i].access;
}

/* Made by a control program: a policy that is not in force yet. No rule grants it. */
static __always_inline bool is_controls(const struct bs_owner *owner)
{
	static const char watchbpf[BS_NAME_SIZE] = "watchbpf", bpfsign[BS_NAME_SIZE] = "bpfsign";

	return owner && (name_equal(owner->name, watchbpf) || name_equal(owner->name, bpfsign));
}

/*
 * What this mark may do with an object that exists; enum bs_access. kind: enum bs_kind. The
 * object's own name is in judgement->name.
 */
static __always_inline int access_of(const struct mark *mark, const struct bs_owner *owner,
	__u32 kind, struct judgement *judgement)
{
	judgement->verdict.line = 0;
	if (is_owner(mark, owner))
		return BS_ACCESS_WRITE;
	if (is_controls(owner))
		return BS_ACCESS_NONE;
	name_copy(judgement->map.owner, owner_word(owner));
	return access_by_rules(entry_of(mark), judgement, kind == BS_KIND_MAP);
}

/* May this mark obtain the map with this access (FMODE_READ, FMODE_WRITE)? */
__noinline int map_access_reason(struct mark *mark, const struct bs_owner *owner, fmode_t access,
	struct judgement *judgement)
{
	if (!mark || !judgement)
		return BS_REASON_NO_MEMORY;

	int reason = use_reason(mark);
	if (reason)
		return reason;
	int granted = access_of(mark, owner, BS_KIND_MAP, judgement);
	if (granted == BS_ACCESS_NONE)
		return BS_REASON_FOREIGN_MAP;
	return granted == BS_ACCESS_WRITE || !(access & FMODE_WRITE) ? BS_REASON_OK
								     : BS_REASON_READ_ONLY;
}

/* The same for a program or link. wanted: enum bs_access; foreign: enum bs_reason. */
__noinline int program_access_reason(struct mark *mark, const struct bs_owner *owner, __u32 wanted,
	int foreign, struct judgement *judgement)
{
	if (!mark || !judgement)
		return BS_REASON_NO_MEMORY;

	int reason = use_reason(mark);
	if (reason)
		return reason;
	if (access_of(mark, owner, BS_KIND_PROGRAM, judgement) >= (int)wanted)
		return BS_REASON_OK;
	return foreign;
}
