/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A start in an initrd, whose files are trusted: the boot loader or the firmware has verified them.
 * Until PID 1 executes a file of another file system, which is the real system's init, mounts may
 * be moved: that is how the real root gets /sys, and our pins with it. keyring_seal is set from the
 * start.
 */

#include "bpf/state/task.bpf.h"

static __always_inline bool is_init(void)
{
	return bpf_get_current_pid_tgid() >> 32 == 1;
}

static __always_inline bool is_in_initrd(void)
{
	return state.initrd == BS_INITRD_HERE;
}

/* With the activation. */
static __always_inline void initrd_begin(void)
{
	if (!initrd_device)
		return;
	state.initrd = BS_INITRD_HERE;
	state.keyring_seal = 1;
}

/* Something was executed. */
static __always_inline void initrd_leave(const struct file *file)
{
	if (initrd_device && is_init() && peek(file)->f_inode->i_sb->s_dev != initrd_device)
		state.initrd = BS_INITRD_LEFT;
}
