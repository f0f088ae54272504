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

/* The current task attaches a program through a door. */
static __noinline int decide_door(void)
{
	struct inheritance inheritance = {.task = task_judged(), .request = {.op = BS_OP_ATTACH}};
	struct task_state *task = inheritance.task;

	if (!is_active() || (task && is_entitled(&task->mark)))
		return 0;
	if (!task)
		inheritance.reason = BS_REASON_NO_MEMORY;
	else
		judge_table(&inheritance, judge_program_word);
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
