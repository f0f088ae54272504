/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The signers' keyrings, the rings that hold them and the keys in them. Every task may view them;
 * only the kernel may search them, when it verifies a signature for us. Without an order no task
 * changes them. The same holds for IMA's and fs-verity's rings, which the kernel may search at any
 * time.
 *
 * The permission that each operation asks for (security/keys/, v6.12): to describe or watch, VIEW.
 * To search a ring, to use or to join one by name and to *invalidate* it, SEARCH, of every ring and
 * key on the way. To read, READ; the look-up before that is DEFER_PERM_CHECK, as ours is, and both
 * ask again. To add, update, clear, revoke or link into a ring, WRITE; of what is linked or moved,
 * LINK; for timeout, owner, permissions and restriction, SETATTR; of what is unlinked, UNLINK. When
 * WRITE or SEARCH was refused root asks once more, as SYSADMIN_OVERRIDE. When a key expires the
 * kernel takes it out and asks nobody.
 */

#include "bpf/kernel/compat.bpf.h"
#include "bpf/state/task.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/decide.bpf.h"
#include "bpf/judge/emit.bpf.h"
#include "bpf/task/mark.bpf.h"

#define KEY_NEEDS(need, what) ((need) == bpf_core_enum_value(enum key_need_perm, what))

/*
 * Is it the same key as in the beginning? No ring is destroyed while we enforce. If one were, a new
 * ring would have to get the old serial, one of 2^31, and the old memory. Both can happen by
 * chance: this is the second fence, not the first.
 */
static __always_inline bool is_same_key(struct bs_guarded *guarded, const struct key *key)
{
	if (!guarded->address)
		__sync_val_compare_and_swap(&guarded->address, 0, (__u64)key);
	return guarded->address == (__u64)key;
}

/* Since v6.18 the kernel verifies the signature of a loaded program itself, in bpf(2). */
static __always_inline bool is_loading(const struct task_state *task)
{
	return task->command == BPF_PROG_LOAD && is_in_bpf_call();
}

/*
 * IMA and fs-verity search their rings in the task that opens or executes a file. KEYCTL_INVALIDATE
 * and request_key(2) ask for the same permission, but in system calls of their own.
 */
static __always_inline bool is_kernels_search(const struct bs_guarded *guarded)
{
	return guarded->kind == BS_GUARD_KERNEL && !is_in_key_call();
}

/* 1: granted, 0: not; -EBUSY: see control_answer(). */
static __always_inline int key_granted(
	const struct bs_guarded *guarded, struct task_state *task, __u32 need)
{
	if (KEY_NEEDS(need, KEY_DEFER_PERM_CHECK))
		return 1; /* a look-up: the operation itself asks again */
	if (KEY_NEEDS(need, KEY_NEED_SEARCH) && is_kernels_search(guarded))
		return 1;
	if (!task)
		return 0;
	if (KEY_NEEDS(need, KEY_NEED_SEARCH) && (task->verifying || is_loading(task)))
		return 1;
	if (!may_change_keys(task))
		return KEY_NEEDS(need, KEY_NEED_SEARCH) || KEY_NEEDS(need, KEY_NEED_READ)
			       ? control_answer(task)
			       : 0;
	if (!KEY_NEEDS(need, KEY_NEED_SEARCH) && !KEY_NEEDS(need, KEY_NEED_READ))
		trust_move(); /* should it die before it says that it is done */
	return 1;
}

/*
 * The current task asks for this key of the kernel's. need: enum key_need_perm. 0, -EPERM; -EBUSY
 * to a control program whose mark is old, which is no attack: the kernel hands it on, but for a key
 * that it finds in a ring (EACCES).
 */
static __noinline int decide_key(struct key *key, __u32 need)
{
	__s32 serial = BPF_CORE_READ(key, serial);
	struct bs_guarded *guarded = bpf_map_lookup_elem(&keyrings, &serial);
	struct request request = {.op = BS_OP_KEYRING, .flags = BS_RECORD_ALARM};

	if (!guarded || KEY_NEEDS(need, KEY_NEED_VIEW))
		return 0; /* not guarded, or viewed only */
	struct task_state *task = task_find();
	int granted = is_same_key(guarded, key) ? key_granted(guarded, task, need) : 0;
	if (granted) /* in other modes nothing is refused */
		return granted == -EBUSY && mode() == BS_MODE_ENFORCE ? -EBUSY : 0;
	request.object = BPF_CORE_READ(key, description);
	return conclude(&request, task, BS_REASON_OWN_KEYRING);
}
