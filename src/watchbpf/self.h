/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "src/policy/policy.h"

/*
 * Would the kernel, under this policy, take this program's own file for the control program at its
 * next exec? root: in an initrd, the mount of the real root, whose copy of this program will watch;
 * that copy may be anybody's work, so a lock-out of it is a warning only. Else NULL. -EPERM with
 * the cure in *reterr.
 */
int self_check(const char *root, const struct policy *policy, struct diag *reterr);

/* The path of this program's own file into path; -errno with *reterr filled. */
int self_path(char *path, size_t size, struct diag *reterr);
