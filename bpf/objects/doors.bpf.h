/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The doors to BPF other than bpf(2): system calls that take the descriptor of a program. They are
 * closed to an unmarked task that inherited such a descriptor. An entitled task has no descriptor
 * that it could not have opened (descriptors.bpf.h).
 */

#include "bpf/state/task.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/decide.bpf.h"
#include "bpf/task/mark.bpf.h"
#include "bpf/objects/descriptors.bpf.h"

/* The current task's state, judged anew if that needs no sleep. */
static __always_inline struct task_state *task_judged(void)
{
	struct task_state *task = task_make();

	if (task)
		mark_update(task);
	return task;
}

/* --- the note ------------------------------------------------------------------------------- */

static int look_for_program(__u32 unused_index, struct inheritance *inheritance)
{
	if (!inheritance->word)
		return 1;
	struct file *file = take_descriptor(inheritance);
	inheritance->reason = file && file_kind(file) == BS_KIND_PROGRAM;
	return inheritance->reason != BS_REASON_OK;
}

static int look_for_program_word(__u32 i, struct inheritance *inheritance)
{
	take_word(i, inheritance);
	if (inheritance->word)
		bpf_loop(64, look_for_program, inheritance, 0);
	return inheritance->reason != BS_REASON_OK;
}

/* Has the current task's table a program? Only where nobody changes it. Global: see emit(). */
__noinline int holds_program(void)
{
	struct inheritance inheritance = {};

	judge_table(&inheritance, look_for_program_word);
	return inheritance.reason;
}

/* Can no other task change the current one's table? */
static __always_inline bool table_is_own(void)
{
	return BPF_CORE_READ(bpf_get_current_task_btf(), files, count.counter) == 1;
}

/* Has the process no other thread, whose table may be another? */
static __always_inline bool is_alone(void)
{
	return BPF_CORE_READ(bpf_get_current_task_btf(), signal, nr_threads) == 1;
}

/*
 * While we start, before the stock is taken: does a process that is made get a program? Of a parent
 * whose threads may be moving one, it may.
 */
static __always_inline bool may_come_with_program(void)
{
	return mode() == BS_MODE_STARTING && (!table_is_own() || holds_program());
}

/*
 * A process is made, with the descriptors of its parent, or their very table. -ENOMEM: not without
 * its note. A thread is its process.
 */
static __always_inline int holder_inherit(struct task_struct *child, __u64 clone_flags)
{
	const bool shares = (clone_flags & CLONE_FILES) &&
			    !(peek(bpf_get_current_task_btf())->flags & PF_KTHREAD);

	if (clone_flags & CLONE_THREAD)
		return 0;
	struct holder *parent = holder_find();
	__u64 holds = parent ? parent->holds : 0;
	if (!parent && !shares) {
		if (!may_come_with_program())
			return 0;
		holds = HOLDS_OTHERS;
	}
	struct holder *holder = task_storage_make(&holders, child);
	if (!holder)
		return -ENOMEM;
	holder->holds = holds;
	holder->shares = shares;
	return 0;
}

/* A thread executes that is not the leader, and becomes it: see mark_carry(). 0, or -ENOMEM. */
static __always_inline int holder_carry(void)
{
	struct task_struct *thread = bpf_get_current_task_btf();

	if (number_of(peek(thread)->group_leader) == number_of(thread))
		return 0;
	return task_storage_make(&holders, thread) ? 0 : -ENOMEM;
}

/* The last step of an exec: see exec_inherit(). */
static __always_inline void holder_exec(void)
{
	struct holder *holder = holder_find();

	if (!holder)
		return;
	holder->shares = 0;
	if (!holds_program())
		bpf_task_storage_delete(&holders, bpf_get_current_task_btf());
	else if (!holder->holds) /* the thread's own note, or one of a table that was shared */
		holder->holds = HOLDS_OTHERS;
}

/* The stock of the start: a process has this file. */
static __always_inline int holder_stock(
	struct seq_file *sequence, struct task_struct *task, struct file *file)
{
	struct holder *holder;

	if (!task || !file || file_kind(file) != BS_KIND_PROGRAM)
		return 0;
	holder = task_storage_make(&holders, task->group_leader);
	if (holder)
		holder_add(holder, HOLDS_OTHERS);
	else
		bpf_seq_write(sequence, "!", 1);
	return 0;
}

/* All that a process of one thread holds is granted to it: nothing, or by this policy. */
static __always_inline void holder_settle(struct holder *holder, const struct mark *mark)
{
	holder->shares = 0;
	if (holds_program())
		holder->holds = mark->verdict.policy;
	else
		bpf_task_storage_delete(&holders, bpf_get_current_task_btf());
}

/* --- the doors ------------------------------------------------------------------------------ */

/*
 * A holder that may not have all it holds is at a door. The program that is found is named in the
 * record. Where nobody else can change the table and none is found, the note is deleted.
 */
static __always_inline void judge_holder(struct inheritance *inheritance, struct holder *holder)
{
	struct task_state *task = inheritance->task;

	judge_table(inheritance, judge_program_word);
	if (inheritance->reason)
		return;
	if (!table_is_own())
		inheritance->reason = use_reason(&task->mark) ?: BS_REASON_INHERITED;
	else if (is_alone())
		holder_settle(holder, &task->mark);
}

/* The current task attaches a program through a door. */
static __noinline int decide_door(void)
{
	struct holder *holder = is_active() ? holder_find() : NULL;

	if (!holder)
		return 0; /* as most */
	struct inheritance inheritance = {.task = task_judged(), .request = {.op = BS_OP_ATTACH}};
	struct task_state *task = inheritance.task;
	if (task && (is_entitled(&task->mark) || holder_is_granted(holder, &task->mark)))
		return 0;
	if (!task)
		inheritance.reason = BS_REASON_NO_MEMORY;
	else
		judge_holder(&inheritance, holder);
	if (!inheritance.reason)
		return 0; /* it has none */
	return conclude(&inheritance.request, task, inheritance.reason);
}

static __always_inline bool is_door_ioctl(unsigned int cmd)
{
	return cmd == PERF_EVENT_IOC_SET_BPF || cmd == TUNSETSTEERINGEBPF ||
	       cmd == TUNSETFILTEREBPF || cmd == SIOCKCMATTACH;
}

static __always_inline bool is_door_option(int level, int option)
{
	if (level == SOL_SOCKET)
		return option == SO_ATTACH_BPF || option == SO_ATTACH_REUSEPORT_EBPF;
	if (level == SOL_PACKET)
		return option == PACKET_FANOUT_DATA;
	if (level == SOL_IP)
		return option == XT_SO_SET_REPLACE || option == ARPT_SO_SET_REPLACE ||
		       option == EBT_SO_SET_ENTRIES;
	return level == SOL_IPV6 && option == XT_SO_SET_REPLACE;
}

/* XDP and lightweight tunnels, classifiers and actions of tc; the match `bpf` of iptables. */
static __always_inline bool is_door_netlink(struct sock *socket)
{
	return socket->sk_protocol == NETLINK_ROUTE || socket->sk_protocol == NETLINK_NETFILTER;
}
