/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The last fence. All other programs depend on pins, and pins on a mount; these are attached to the
 * root cgroup, which the kernel never frees. When a link of ours goes without an order, bpf() fails
 * for every task until the next boot, and so does what the kernel asks lockdown about. And
 * kernel.ftrace_enabled=0 would make every LSM program inert (kernel/trace/ftrace.c up to v7.2): a
 * cgroup program does not depend on ftrace, and sees writes by descriptors that were open before
 * the start.
 */

#include "bpf/state/task.bpf.h"

static __always_inline bool is_broken(void)
{
	return state.broken;
}

static const char ftrace_switch[16] = "ftrace_enabled";

/* Is the switch being written, while we enforce? */
static __always_inline bool is_switching_ftrace(struct bpf_sysctl *sysctl)
{
	char name[sizeof(ftrace_switch)] = {};

	if (!sysctl->write || mode() != BS_MODE_ENFORCE)
		return false;
	/* a longer name is cut */
	bpf_sysctl_get_name(sysctl, name, sizeof(name), BPF_F_SYSCTL_BASE_NAME);
	return equal_u64s(name, ftrace_switch, sizeof(name));
}

/*
 * Is the switch opened for writing, by any mount of proc? This hook writes a record, which the
 * cgroup program cannot.
 */
static __always_inline bool is_ftrace_switch(struct file *file)
{
	char name[sizeof(ftrace_switch)] = {};

	if (!(file->f_mode & FMODE_WRITE) || peek(file)->f_inode->i_sb->s_magic != PROC_SUPER_MAGIC)
		return false;
	bpf_probe_read_kernel_str(name, sizeof(name), file->f_path.dentry->d_name.name);
	return equal_u64s(name, ftrace_switch, sizeof(name));
}
