/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Links. The kernel asks no LSM hook when one is made or obtained, so three functions of
 * kernel/bpf/syscall.c are watched as they are entered: they tell who made a link, who obtains
 * a descriptor of one, and when it is gone. A link that is obtained by its pin is not refused
 * there (such a program cannot refuse), but the process has strayed from that moment on: none of
 * its threads may use any link any more, and neither may a child that shares its descriptors.
 */

#include "objects.bpf.h"

/* The owner of the link with this id; NULL: made before the start, or no such link. */
static __always_inline struct bs_owner *link_owner(__u32 id)
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
	struct mark *mark, const struct bs_owner *owner, struct judgement *judgement)
{
	if (!judgement)
		return BS_REASON_NO_MEMORY;
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

SEC("fentry/bpf_link_settle")
int BPF_PROG(on_bpf_link_settle, struct bpf_link_primer *primer)
{
	link_made(primer);
	return 0;
}

SEC("fentry/bpf_link_free")
int BPF_PROG(on_bpf_link_free, struct bpf_link *link)
{
	__u32 id = BPF_CORE_READ(link, id);

	bpf_map_delete_elem(&links, &id);
	owner_forget(link);
	return 0;
}

/*
 * A descriptor of a link is about to be made, by its pin or by its id. A record cannot be written
 * here (its kfuncs are for LSM programs); the first command that is refused for it has one.
 */
SEC("fentry/bpf_link_new_fd")
int BPF_PROG(on_bpf_link_new_fd, struct bpf_link *link)
{
	struct task_state *task = task_find();

	if (task && !link_reason(&task->mark, owner_find(link), judgement_make()))
		return 0; /* one's own, or granted */
	struct task_state *process = process_find(BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (process) /* made at lsm/bpf already: see path_reason() */
		process->strayed = 1;
	return 0;
}
