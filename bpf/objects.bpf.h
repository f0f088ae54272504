/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Who made a map or a program, and who may therefore obtain it. */

#include "mark.bpf.h"

static __always_inline void owned_add(__s64 n)
{
	struct bs_state *now = the_state();

	if (now)
		__sync_fetch_and_add(&now->owned, n);
}

/* A full map refuses, and with it the creation: an object without an owner is foreign to all. */
static __always_inline int owner_set(const void *object, const struct mark *mark)
{
	static const struct owner nobody;
	__u64 key = (__u64)object;
	int r = mark->flags & MARK_ENTITLED
		? bpf_map_update_elem(&owners, &key, mark->facts.name, BPF_ANY)
		: bpf_map_update_elem(&owners, &key, &nobody, BPF_ANY);

	if (!r)
		owned_add(1);
	return r;
}

static __always_inline struct owner *owner_find(const void *object)
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

/* Is this one of the maps of maps.bpf.h, or the policy in force? */
static __always_inline bool is_own_map(const struct bpf_map *map)
{
	const void *own[] = {&policies, &state, &sequences, &keyrings, &own_programs, &records,
		&alarms, &tasks, &verifications, &orders, &claims, &taints, &discarded, &owners};
	__u32 zero = 0;

#pragma unroll
	for (unsigned i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if ((__u64)map == (__u64)own[i])
			return true;
	return (__u64)map == (__u64)bpf_map_lookup_elem(&policies, &zero);
}

/*
 * May this mark have a descriptor of a map of ours? The control program reads; what it may write is
 * either checked here (orders) or of no consequence for a verdict (the rings), unless an
 * order lets it. So a library that root puts into it cannot loosen anything.
 */
static __always_inline int own_map_reason(
	const struct mark *mark, const struct bpf_map *map, fmode_t access)
{
	if (!is_control(mark))
		return BS_REASON_OWN_OBJECT;
	if (!(access & FMODE_WRITE) || (__u64)map == (__u64)&orders ||
		(__u64)map == (__u64)&records || (__u64)map == (__u64)&alarms)
		return BS_REASON_OK;
	if ((__u64)map == (__u64)&policies && (mark->flags & MARK_POLICY))
		return BS_REASON_OK;
	if ((__u64)map == (__u64)&keyrings && (mark->flags & MARK_KEYS))
		return BS_REASON_OK;
	return BS_REASON_OWN_OBJECT;
}

/* May this mark have a descriptor of an object of that owner (NULL: made before us)? */
static __always_inline int owner_reason(
	const struct mark *mark, const struct owner *owner, int foreign)
{
	int reason = use_reason(mark);

	if (reason)
		return reason;
	if (!owner)
		return foreign;
	if (mark->flags & MARK_ENTITLED)
		return name_equal(owner->name, mark->facts.name) ? BS_REASON_OK : foreign;
	return owner->name[0] ? foreign : BS_REASON_OK; /* the unsigned share what they make */
}
