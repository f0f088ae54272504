/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The state of the whole and of the current task: how the other files reach their maps. */

#include "bpf/state/maps.bpf.h"

static __always_inline struct bs_state *the_state(void)
{
	__u32 zero = 0;
	return bpf_map_lookup_elem(&state, &zero);
}

/* enum bs_mode in force. */
static __always_inline __u32 mode(void)
{
	struct bs_state *now = the_state();
	return now ? now->mode : BS_MODE_ENFORCE;
}

/* Are decisions made and recorded in this mode? */
static __always_inline bool decides(__u32 mode)
{
	return mode == BS_MODE_ENFORCE || mode == BS_MODE_OBSERVE;
}

static __always_inline bool is_active(void)
{
	return decides(mode());
}

static __always_inline __u32 trust_generation(void)
{
	struct bs_state *now = the_state();
	return now ? now->trust_generation : 0;
}

/* Whatever was verified before is verified again. */
static __always_inline void trust_move(void)
{
	struct bs_state *now = the_state();

	if (now)
		__sync_fetch_and_add(&now->trust_generation, 1);
}

/* The current task's state, or NULL: never looked at yet. */
static __always_inline struct task_state *task_find(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (!task->bpf_storage)
		return NULL; /* most tasks: no storage of any kind, so none of ours */
	return bpf_task_storage_get(&tasks, task, NULL, 0);
}

/* The same, made where missing. NULL: no memory, which denies. */
static __always_inline struct task_state *task_make(void)
{
	return bpf_task_storage_get(
		&tasks, bpf_get_current_task_btf(), NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

/* Scratch of the current task; NULL without memory, which denies. */
static __always_inline struct verification *verification_make(void)
{
	return bpf_task_storage_get(
		&verifications, bpf_get_current_task_btf(), NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

/* Copies a name; both are BS_NAME_SIZE bytes, NUL padded. */
static __always_inline void name_copy(char *to, const char *from)
{
	__builtin_memcpy(
		__builtin_assume_aligned(to, 8), __builtin_assume_aligned(from, 8), BS_NAME_SIZE);
}

/*
 * Compares as words, without a branch: the texts are NUL padded, so every byte counts, and
 * the verifier has one path to follow. size is a multiple of 8.
 */
static __always_inline bool equal_u64s(const void *a, const void *b, int size)
{
	const __u64 *left = a, *right = b;
	__u64 difference = 0;

	for (int i = 0; i < size / 8; i++)
		difference |= left[i] ^ right[i];
	return !difference;
}

static __always_inline bool name_equal(const char *a, const char *b)
{
	return equal_u64s(a, b, BS_NAME_SIZE);
}

/* A pointer as the number that the global functions take: the verifier tells the two apart. */
static __always_inline __u64 number_of(const void *pointer)
{
	__u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &pointer);
	return number;
}
