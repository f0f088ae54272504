/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Attaching, where the target is not known at the load: interfaces and cgroup sockets at
 * lsm/bpf, tracepoints at the ioctl of the perf event. All by the kernel's own copy of the
 * arguments, never by a descriptor's number.
 */

#include "bpf/contract/rules.h"
#include "bpf/state/task.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/decide.bpf.h"
#include "bpf/judge/emit.bpf.h"
#include "bpf/task/mark.bpf.h"
#include "bpf/objects/objects.bpf.h"

#define TCX_INGRESS    46 /* enum bpf_attach_type, v6.6: BPF_TCX_INGRESS, BPF_TCX_EGRESS */
#define TCX_EGRESS     47
#define NETKIT_PRIMARY 54 /* v6.7: BPF_NETKIT_PRIMARY, BPF_NETKIT_PEER */
#define NETKIT_PEER    55

/* The type of programs that an interface, or a cgroup, takes with this attach type; or UNSPEC. */
static __always_inline __u32 attached_type(__u32 attach_type)
{
	switch (attach_type) {
	case BPF_XDP:
		return BPF_PROG_TYPE_XDP;
	case TCX_INGRESS:
	case TCX_EGRESS:
	case NETKIT_PRIMARY:
	case NETKIT_PEER:
		return BPF_PROG_TYPE_SCHED_CLS;
	case BPF_CGROUP_INET_EGRESS: /* a program loaded for ingress may be attached here too */
		return BPF_PROG_TYPE_CGROUP_SKB;
	default:
		return BPF_PROG_TYPE_UNSPEC;
	}
}

#define DEVICES_LIMIT 64 /* in one of the 256 chains */

struct interface_search {
	struct hlist_node *node;
	char *name;
	__u32 index;
	__u32 found;
};

static int look_at_device(__u32 unused_index, struct interface_search *search)
{
	struct hlist_node *node = search->node;
	struct net_device *device =
		(void *)node - bpf_core_field_offset(struct net_device, index_hlist);

	if (!node)
		return 1;
	if ((__u32)BPF_CORE_READ(device, ifindex) == search->index)
		search->found = bpf_core_read_str(search->name, 16, &device->name) > 0;
	search->node = BPF_CORE_READ(node, next);
	return search->found != 0;
}

/* The device's name in the current network namespace; false when there is none. */
static __noinline bool interface_name(__u32 index, char *name)
{
	struct interface_search search = {.name = name, .index = index};
	struct hlist_head *heads =
		BPF_CORE_READ(bpf_get_current_task_btf(), nsproxy, net_ns, dev_index_head);

	bpf_probe_read_kernel(&search.node, sizeof(search.node), heads + (index & 255));
	bpf_loop(DEVICES_LIMIT, look_at_device, &search, 0);
	return search.found;
}

/*
 * The judgement's footprint, to be attached to what it names; judged by `attach:`. Global, like
 * access_by_rules().
 */
__noinline int attach_by_rules(struct bs_program *entry, struct judgement *judgement)
{
	if (!entry || !judgement)
		return BS_REASON_NOT_IN_POLICY;
	judgement->footprint.flags = BS_FOOTPRINT_TARGET;
	return rules_attach(&entry->load, &judgement->footprint, &judgement->verdict);
}

static __always_inline int target_type_reason(
	const struct mark *mark, __u32 attach_type, __u32 index)
{
	struct judgement *judgement = judgement_make();

	if (!judgement)
		return BS_REASON_NO_MEMORY;
	__builtin_memset(&judgement->footprint, 0, sizeof(judgement->footprint));
	judgement->footprint.type = attached_type(attach_type);
	judgement->footprint.attach_type = attach_type;
	struct bs_program *entry = entry_of(mark);
	if (attach_type != BPF_CGROUP_INET_EGRESS &&
		!interface_name(index, judgement->footprint.target) && entry &&
		entry->load.n_attach)
		return BS_REASON_ATTACH; /* a denial might name it */
	return attach_by_rules(entry, judgement);
}

/* Attach types that only programs of type cgroup_sock have: libbpf's probes may have that type. */
static __always_inline bool is_cgroup_sock(__u32 attach_type)
{
	return attach_type == BPF_CGROUP_INET_SOCK_CREATE ||
	       attach_type == BPF_CGROUP_INET4_POST_BIND ||
	       attach_type == BPF_CGROUP_INET6_POST_BIND ||
	       attach_type == BPF_CGROUP_INET_SOCK_RELEASE;
}

/*
 * Attach types whose target is a map, which the kernel takes read-only too: a sockmap's
 * programs, a struct_ops map's registration (net/core/sock_map.c, kernel/bpf/bpf_struct_ops.c).
 */
static __always_inline bool is_to_map(__u32 attach_type)
{
	return attach_type == BPF_SK_SKB_STREAM_PARSER ||
	       attach_type == BPF_SK_SKB_STREAM_VERDICT || attach_type == BPF_SK_SKB_VERDICT ||
	       attach_type == BPF_SK_MSG_VERDICT || attach_type == 44 /* BPF_STRUCT_OPS, v6.4 */;
}

/*
 * Attach types by which PROG_ATTACH adds to what is there, or replaces only what belongs to a map
 * whose descriptor it takes, and PROG_DETACH needs the program's descriptor. On a cgroup both
 * may concern another's program: one attached alone is replaced, and detached by any number that
 * is given (cgroup_bpf_prog_detach() of kernel/bpf/cgroup.c); so is a flow dissector.
 */
static __always_inline bool is_additive(__u32 attach_type)
{
	return attach_type == BPF_SK_SKB_STREAM_PARSER ||
	       attach_type == BPF_SK_SKB_STREAM_VERDICT || attach_type == BPF_SK_SKB_VERDICT ||
	       attach_type == BPF_SK_MSG_VERDICT || attach_type == BPF_LIRC_MODE2 ||
	       attach_type == TCX_INGRESS || attach_type == TCX_EGRESS ||
	       attach_type == NETKIT_PRIMARY || attach_type == NETKIT_PEER;
}

/* May this mark replace or remove a program whose owner is unknown? */
static __always_inline int replace_reason(struct mark *mark)
{
	struct judgement *judgement = judgement_make();

	if (!judgement)
		return BS_REASON_NO_MEMORY;
	__builtin_memset(judgement->name, 0, BS_MAP_NAME);
	return program_access_reason(
		mark, NULL, BS_ACCESS_WRITE, BS_REASON_FOREIGN_PROGRAM, judgement);
}

/* PROG_DETACH. */
static __always_inline int detach_reason(struct mark *mark, const union bpf_attr *attr)
{
	struct bs_program *entry = entry_of(mark);

	if (is_additive(attr->attach_type) && attr->attach_bpf_fd && entry && !entry->n_programs)
		return use_reason(mark); /* it has descriptors of its own programs only */
	return replace_reason(mark);
}

/* A program that was loaded for one function or program is given another at the attach. */
static __always_inline bool is_retargeted(
	const struct mark *mark, __u32 attach_type, const union bpf_attr *attr)
{
	bool extension = attach_type == 0 && (mark->verdict.types & (1ULL << BPF_PROG_TYPE_EXT));

	return attr->link_create.target_btf_id &&
	       (extension || attach_type == BPF_TRACE_FENTRY || attach_type == BPF_TRACE_FEXIT ||
		       attach_type == BS_FSESSION);
}

/* The verdict on arguments that LINK_CREATE or PROG_ATTACH alone has. */
static __always_inline int attach_command_reason(
	struct mark *mark, __u32 cmd, __u32 attach_type, const union bpf_attr *attr)
{
	if (cmd == BPF_LINK_CREATE)
		return is_retargeted(mark, attach_type, attr) ? BS_REASON_ATTACH_TARGET
							      : BS_REASON_OK;
	if (!(attr->attach_flags & BPF_F_REPLACE) &&
		(is_additive(attach_type) || (attr->attach_flags & BPF_F_ALLOW_MULTI)))
		return BS_REASON_OK;
	return replace_reason(mark);
}

/* LINK_CREATE and PROG_ATTACH, whose target_fd is the index of the interface. */
static __always_inline int attach_reason(struct mark *mark, __u32 cmd, const union bpf_attr *attr)
{
	bool link = cmd == BPF_LINK_CREATE;
	__u32 attach_type = link ? attr->link_create.attach_type : attr->attach_type;
	__u32 index = link ? attr->link_create.target_ifindex : attr->target_fd;
	int reason = use_reason(mark) ?: attach_command_reason(mark, cmd, attach_type, attr);

	if (reason)
		return reason;
	if (is_cgroup_sock(attach_type) &&
		!(mark->verdict.types & (1ULL << BPF_PROG_TYPE_CGROUP_SOCK)))
		return BS_REASON_LOAD_TYPE;
	if (is_to_map(attach_type) && (mark->verdict.program_flags & BS_PROGRAM_READ_ONLY))
		return BS_REASON_READ_ONLY;
	if (attach_type == BPF_TRACE_ITER && link && attr->link_create.iter_info_len &&
		(mark->verdict.program_flags & BS_PROGRAM_READ_ONLY))
		return BS_REASON_MAP_ITERATOR; /* of a program that another loaded */
	if (attach_type == BPF_PERF_EVENT && (mark->verdict.program_flags & BS_PROGRAM_TRACEPOINTS))
		return BS_REASON_ATTACH; /* the event is a number here: by ioctl it is judged */
	if (attached_type(attach_type))
		return target_type_reason(mark, attach_type, index);
	return BS_REASON_OK;
}

/* --- tracepoints ---------------------------------------------------------------------------- */

/* "syscalls/sys_enter_openat" into text of BS_TARGET_SIZE; false: a kprobe, uprobe or counter. */
static __always_inline bool tracepoint_name(struct perf_event *event, char *text)
{
	struct trace_event_call *call = BPF_CORE_READ(event, tp_event);

	int flags = call ? BPF_CORE_READ(call, flags) : 0;
	if (!call || (flags & (TRACE_EVENT_FL_KPROBE | TRACE_EVENT_FL_UPROBE)))
		return false;
	long n = bpf_probe_read_kernel_str(text, 32, BPF_CORE_READ(call, class, system));
	if (n <= 0 || n > 31)
		return true;
	text[n - 1] = '/';
	const char *name = flags & TRACE_EVENT_FL_TRACEPOINT ? BPF_CORE_READ(call, tp, name)
							     : BPF_CORE_READ(call, name);
	bpf_probe_read_kernel_str(text + n, BS_TARGET_SIZE - 31, name);
	return true;
}

static __always_inline bool is_perf_event(struct file *file)
{
	char name[16] = {};

	bpf_probe_read_kernel(name, 12, BPF_CORE_READ(file, f_path.dentry, d_name.name));
	return BPF_CORE_READ(file, f_inode, i_sb, s_magic) == ANON_INODE_FS_MAGIC &&
	       equal_u64s(name, "[perf_event]\0\0\0", 16);
}

/* PERF_EVENT_IOC_SET_BPF: a program gets the event. */
static __noinline int decide_tracepoint(struct file *file)
{
	struct task_state *task = task_find();
	struct judgement *judgement = judgement_make();
	struct request request = {.op = BS_OP_ATTACH};

	if (!file || !task || !is_perf_event(file))
		return 0; /* it never called bpf(), or this is no event */
	struct bs_program *entry = entry_of(&task->mark);
	if (!entry || !(entry->flags & BS_PROGRAM_TRACEPOINTS))
		return 0; /* not narrowed: what could be loaded may be attached */
	if (!judgement)
		return conclude(&request, task, BS_REASON_NO_MEMORY);
	__builtin_memset(&judgement->footprint, 0, sizeof(judgement->footprint));
	judgement->footprint.type = BPF_PROG_TYPE_TRACEPOINT;
	if (!tracepoint_name(BPF_CORE_READ(file, private_data), judgement->footprint.target))
		return 0; /* a kprobe or hardware event: judged by its type at the load */
	int reason = attach_by_rules(entry, judgement);
	if (!reason)
		return 0;
	request.line = judgement->verdict.line;
	request.object = judgement->footprint.target;
	return conclude(&request, task, reason);
}
