/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The state of the whole and of the current task: how the other files reach their maps. */

#include "bpf/state/maps.bpf.h"

/* enum bs_mode in force. */
static __always_inline __u32 mode(void)
{
	return state.mode;
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
	return state.trust_generation;
}

/* Whatever was verified before is verified again. */
static __always_inline void trust_move(void)
{
	__sync_fetch_and_add(&state.trust_generation, 1);
}

/*
 * Has the process still a thread that runs? One that is not reaped has not, nor has one that is
 * killed and waits for a file system to answer.
 */
static __always_inline bool process_runs(const struct task_struct *task)
{
	return BPF_CORE_READ(task, signal, live.counter) > 0 &&
	       !(BPF_CORE_READ(task, signal, flags) & SIGNAL_GROUP_EXIT);
}

/* Has the current task CAP_SYS_ADMIN in the initial user namespace? */
static __always_inline bool is_administrator(void)
{
	const struct cred *cred = peek(bpf_get_current_task_btf())->cred;

	return (cred->cap_effective.val & 1ULL << CAP_SYS_ADMIN) && !cred->user_ns->level;
}

/* For tests: a decision rests on something that is not whole. */
static __always_inline void contradiction_count(bool found)
{
	if (found)
		__sync_fetch_and_add(&state.contradictions, 1);
}

/*
 * The process that a task belongs to; NULL: it has no mark, as most. What another task sees of it
 * without the lock is the facts, which are written when the exec lets nobody look yet.
 */
static __always_inline struct process *process_of(struct task_struct *task)
{
	struct process *process = NULL;

	if (!peek(task)->group_leader->bpf_storage)
		return NULL; /* no storage of any kind, so none of ours */
	bpf_rcu_read_lock(); /* for a leader that is not the task itself */
	process = bpf_task_storage_get(&processes, task->group_leader, NULL, 0);
	bpf_rcu_read_unlock();
	return process;
}

/*
 * The same of the current task. Its leader is found by number: read from the task, it would have
 * the verifier search the kernel's types in every program; see peek().
 */
static __always_inline struct process *process_find(void)
{
	struct task_struct *task = bpf_get_current_task_btf(), *leader;
	__u64 numbers = bpf_get_current_pid_tgid();
	struct process *process;

	if (!peek(task)->group_leader->bpf_storage)
		return NULL; /* no storage of any kind, so none of ours */
	if ((__u32)numbers == numbers >> 32)
		return bpf_task_storage_get(&processes, task, NULL, 0);
	leader = bpf_task_from_pid(numbers >> 32); /* it stays until its last thread ends */
	if (!leader)
		return NULL;
	process = bpf_task_storage_get(&processes, leader, NULL, 0);
	bpf_task_release(leader);
	return process;
}

/* The current thread's copy of its process's mark, whole. Global: see emit(). */
__noinline int mark_take(struct task_state *task)
{
	struct process *process = process_find();

	if (!task || !process)
		return 0;
	bpf_spin_lock(&process->lock);
	task->mark = process->mark;
	task->seen = process->version;
	bpf_spin_unlock(&process->lock);
	return 0;
}

/*
 * The verdict that was reached in a thread becomes the process's, in one step. Not if another
 * thread's was faster: false.
 */
static __always_inline bool mark_give(struct task_state *task, struct process *process)
{
	bool given;

	bpf_spin_lock(&process->lock);
	given = process->version == task->seen;
	if (given) {
		process->mark.verdict = task->mark.verdict;
		task->seen = ++process->version;
		if (tear_marks)
			process->mark.verdict.types ^= 1;
	}
	bpf_spin_unlock(&process->lock);
	return given;
}

/* The exec's line is printed now. Other threads learn it with their next copy. */
static __always_inline void mark_reported(struct task_state *task)
{
	struct process *process = process_find();

	task->mark.verdict.flags |= MARK_REPORTED;
	if (!process)
		return;
	bpf_spin_lock(&process->lock);
	process->mark.verdict.flags |= MARK_REPORTED;
	bpf_spin_unlock(&process->lock);
}

/* The verdict of this thread is the process's, whatever the other threads say. */
static __always_inline void mark_impose(struct task_state *task)
{
	struct process *process = process_find();

	if (!process)
		return;
	bpf_spin_lock(&process->lock);
	process->mark.verdict = task->mark.verdict;
	task->seen = ++process->version;
	bpf_spin_unlock(&process->lock);
}

/*
 * The storage of an inode or a task, made where missing; NULL: no memory. Of two tasks that make it
 * at once the kernel gives one NULL (bpf_local_storage_update()): the first time when another map's
 * storage was made, the second time when ours was, which the third one finds.
 */
#define storage_make(get, map, owner)                                                              \
	(get(map, owner, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE)                                     \
			?: get(map, owner, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE)                   \
			?: get(map, owner, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE))
#define inode_storage_make(map, inode) storage_make(bpf_inode_storage_get, map, inode)
#define task_storage_make(map, task)   storage_make(bpf_task_storage_get, map, task)

/*
 * The current thread's state has what its process is; it is made where the process has a mark, or
 * where asked for. Global: see emit().
 */
__noinline int task_prepare(bool make)
{
	struct process *process = process_find();
	struct task_state *task =
		make || process ? task_storage_make(&tasks, bpf_get_current_task_btf())
				: bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), NULL, 0);

	if (task && process && task->seen != process->version)
		mark_take(task);
	return 0;
}

/* The current thread's state if there is one, with what its process is; make: or a new one. */
static __always_inline struct task_state *task_get(bool make)
{
	task_prepare(make);
	return bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), NULL, 0);
}

/*
 * The current task's state, or NULL: never looked at yet, or no memory. Its mark is what the
 * process is, whole, as of now.
 */
static __always_inline struct task_state *task_find(void)
{
	const struct task_struct *task = peek(bpf_get_current_task_btf());

	if (!task->bpf_storage && !task->group_leader->bpf_storage)
		return NULL;
	return task_get(false);
}

/* The same, made where missing. NULL: no memory, which denies. */
static __always_inline struct task_state *task_make(void)
{
	return task_get(true);
}

/* is_verified(), of one with storage. Global: see emit(). */
__noinline int process_is_verified(void)
{
	struct process *process = process_find();

	return process && (process->mark.verdict.flags & MARK_VERIFIED);
}

/* Is the current process guarded, and checked inside, whatever its rights? */
static __always_inline bool is_verified(void)
{
	return peek(bpf_get_current_task_btf())->group_leader->bpf_storage && process_is_verified();
}

/* May it act: does the policy that it was judged by grant it something? */
static __always_inline bool is_entitled(const struct mark *mark)
{
	return mark->verdict.flags & MARK_ENTITLED;
}

/* The address of the current thread's newest seccomp filter, which has those before; 0: none. */
static __always_inline __u64 newest_filter(void)
{
	return (__u64)peek(bpf_get_current_task_btf())->seccomp.filter;
}

/* Scratch of the current task; NULL without memory, which denies. */
static __always_inline struct verification *verification_make(void)
{
	return task_storage_make(&verifications, bpf_get_current_task_btf());
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

/* Does the text begin with this prefix of at most eight bytes? */
#define BEGINS(text, prefix)                                                                       \
	begins(text, *(const __u64 *)prefix "\0\0\0\0\0\0\0", sizeof(prefix) - 1)
static __always_inline bool begins(const char *text, __u64 prefix, int size)
{
	return !((*(const __u64 *)text ^ prefix) << (64 - 8 * size));
}
