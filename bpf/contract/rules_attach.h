/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The attach types of newer kernels, and which of them does the work of which others. */

#include "bpf/contract/rules_match.h"

#include <linux/bpf.h>

/*
 * Those of enum bpf_attach_type that the <linux/bpf.h> of Debian 12 does not have and that the
 * rules, or the kinds of src/names/attach.c, speak of. From BS_ATTACH_TYPE_END on no type is known:
 * a program for one is not granted.
 */
enum bs_attach_type {
	BS_UPROBE_MULTI = 48,   /* v6.6: BPF_TRACE_UPROBE_MULTI */
	BS_KPROBE_SESSION = 56, /* v6.10: BPF_TRACE_KPROBE_SESSION */
	BS_UPROBE_SESSION = 57, /* v6.13: BPF_TRACE_UPROBE_SESSION */
	BS_FSESSION = 58,       /* these four 7.3 has, and 6.18 not: BPF_TRACE_FSESSION, … */
	BS_FENTRY_MULTI = 59,
	BS_FEXIT_MULTI = 60,
	BS_FSESSION_MULTI = 61,
	BS_ATTACH_TYPE_END,
};

/*
 * The attach types of which this one does the work, as a mask: a program at the entry and the exit
 * of a function is one at its entry, a link to many functions is one to each.
 */
RULES __u64 rules_attach_parts(__u32 attach_type)
{
	static const __u64 parts[64] = {
		[BS_KPROBE_SESSION] = 1ULL << BPF_TRACE_KPROBE_MULTI,
		[BS_UPROBE_SESSION] = 1ULL << BS_UPROBE_MULTI,
		[BS_FSESSION] = 1ULL << BPF_TRACE_FENTRY | 1ULL << BPF_TRACE_FEXIT,
		[BS_FENTRY_MULTI] = 1ULL << BPF_TRACE_FENTRY,
		[BS_FEXIT_MULTI] = 1ULL << BPF_TRACE_FEXIT,
		[BS_FSESSION_MULTI] = 1ULL << BPF_TRACE_FENTRY | 1ULL << BPF_TRACE_FEXIT |
				      1ULL << BS_FSESSION | 1ULL << BS_FENTRY_MULTI |
				      1ULL << BS_FEXIT_MULTI,
	};

	return parts[attach_type & 63];
}

/* Does the kernel read the functions from user memory, after every hook? 0 or 1. */
RULES __u64 rules_attach_is_multi(__u32 attach_type)
{
	return attach_type - BS_FENTRY_MULTI <= BS_FSESSION_MULTI - BS_FENTRY_MULTI;
}

/*
 * Does this version not know the attach type of a program? A newer kernel has it. With struct_ops
 * the number is that of a member.
 */
RULES int rules_attach_is_newer(__u32 type, __u32 attach_type)
{
	return attach_type >= BS_ATTACH_TYPE_END && type != BPF_PROG_TYPE_STRUCT_OPS;
}
