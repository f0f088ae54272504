/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Links. No LSM hook fires when a link is made, so fentry programs on two functions of
 * kernel/bpf/syscall.c record its maker and its end. A link that was made unseen has no owner. A
 * link is obtained by its id (lsm/bpf) or by its pin, where BPF_OBJ_GET asks for the permission of
 * the inode (bpf_obj_do_get() of kernel/bpf/inode.c).
 */

#include "bpf/state/task.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/decide.bpf.h"
#include "bpf/judge/emit.bpf.h"
#include "bpf/task/mark.bpf.h"
#include "bpf/objects/objects.bpf.h"

/* The owner of this link; NULL: made before the start. Ids are never used twice, addresses are. */
static __always_inline struct bs_owner *link_owner(const struct bpf_link *link)
{
	struct bs_owner *owner = owner_find(link);

	return owner && owner->id == BPF_CORE_READ(link, id) ? owner : NULL;
}

/* The owner of the link with this id; NULL: made before the start, or no such link. */
static __always_inline struct bs_owner *link_owner_by_id(__u32 id)
{
	__u64 *object = bpf_map_lookup_elem(&links, &id);
	return object ? bpf_map_lookup_elem(&owners, object) : NULL;
}

/* The name by which `programs:` knows a link: its program's. */
static __always_inline void link_name(const struct bpf_link *link, char *name)
{
	struct bpf_prog_aux *aux = BPF_CORE_READ(link, prog, aux);

	__builtin_memset(name, 0, BS_MAP_NAME);
	if (aux)
		bpf_core_read_str(name, BS_MAP_NAME, &aux->name);
}

/* May this mark have a descriptor of the link? It could detach or update it. */
static __always_inline int link_reason(
	struct mark *mark, __u32 id, const struct bs_owner *owner, struct judgement *judgement)
{
	if (!judgement)
		return BS_REASON_NO_MEMORY;
	if (bpf_map_lookup_elem(&own_links, &id))
		return BS_REASON_OWN_OBJECT;
	__builtin_memset(judgement->name, 0, BS_MAP_NAME);
	if (owner)
		__builtin_memcpy(judgement->name, owner->object, BS_MAP_NAME);
	return program_access_reason(
		mark, owner, BS_ACCESS_WRITE, BS_REASON_FOREIGN_LINK, judgement);
}

static __always_inline void link_made(struct bpf_link_primer *primer)
{
	struct bpf_link *link = BPF_CORE_READ(primer, link);
	__u32 id = BPF_CORE_READ(primer, id);
	struct task_state *task = task_find();
	__u64 key = (__u64)link;

	if (!task || !is_active())
		return; /* our own, at the start: foreign to all */
	struct bs_owner *owner = owner_set(link, &task->mark, BS_KIND_LINK);
	if (!owner)
		return;
	owner->id = id;
	owner->type = BPF_CORE_READ(link, type);
	link_name(link, owner->object);
	bpf_map_update_elem(&links, &id, &key, BPF_ANY);
}

/*
 * Is a link of ours freed without an order to stop? Then the last fence closes: last.bpf.h. Before
 * the activation nothing is denied yet, and there will be none: links_are_whole().
 */
static __always_inline void last_fence_close(__u32 id)
{
	if (!bpf_map_lookup_elem(&own_links, &id))
		return;
	bpf_map_delete_elem(&own_links, &id);
	if (is_active()) /* asked last: see activate() */
		state.broken = 1;
}

static long count_link(struct bpf_map *unused_map, __u32 *unused_id, __u32 *unused_one, __u32 *n)
{
	++*n;
	return 0;
}

/* Is every link in place that the starter meant to attach? */
static __noinline bool links_are_whole(void)
{
	__u32 n = 0;

	bpf_for_each_map_elem(&own_links, count_link, &n, 0);
	return n == meant_links;
}

static __always_inline void link_freed(struct bpf_link *link)
{
	__u32 id = BPF_CORE_READ(link, id);

	last_fence_close(id);
	bpf_map_delete_elem(&links, &id);
	owner_forget(link);
}

/* Is this the inode of a pinned link, or of a pin that may be one? */
static __always_inline bool is_link_pin(const struct inode *inode, const struct bs_owner *owner)
{
	if (owner)
		return owner->kind == BS_KIND_LINK;
	return (__u64)inode->i_op == address.bpf_link_iops;
}

/* A pinned link is opened, by BPF_OBJ_GET or open(2). This hook cannot verify a claim. */
static __noinline int decide_link_pin(struct bpf_link *link)
{
	struct task_state *task = task_find();
	struct bs_owner *owner = link_owner(link);
	struct request request = {.op = BS_OP_OPEN, .owner = owner ? owner->name : NULL};
	int reason = BS_REASON_UNSIGNED;

	request.id = BPF_CORE_READ(link, id);
	if (task && mark_update(task))
		reason = link_reason(&task->mark, request.id, owner, judgement_make());
	if (!reason)
		return 0; /* one's own, or granted */
	if (owner)
		request.object = owner->object;
	return conclude(&request, task, reason);
}
