/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The pods of this node, kept current in the kernel's map: what `pods:` of a policy and `pod:` of a
 * line are about. A pod is known when both its cgroup and the kubelet's directory for it are there.
 */

#include "src/enforcer/enforcer.h"

struct pods; /* what is known, and what is looked at for changes */

/*
 * Begins to look. The caller frees *ret with pods_free(). -ENOMEM, or -errno of inotify_init1(2).
 */
int pods_open(struct pods **ret);
void pods_free(struct pods **pods);

/* Readable when something has changed; for poll(2). */
int pods_fd(const struct pods *pods);

/*
 * Looks at the cgroups and directories again and brings the map up to date. -errno of the first
 * thing that failed; what could not be written is tried again the next time.
 */
int pods_refresh(struct pods *pods, struct enforcer *enforcer);
