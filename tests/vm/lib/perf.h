/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Events of perf_event_open(2), for every task on the first processor. */

#include "tests/vm/lib/files.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>

static inline long perf_open(struct perf_event_attr *attr)
{
	attr->size = sizeof(*attr);
	return syscall(SYS_perf_event_open, attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

/* The event of a tracepoint, SYSTEM/NAME. */
static inline int tracepoint_event(const char *name)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT};
	char path[256];

	snprintf(path, sizeof(path), "/sys/kernel/tracing/events/%s/id", name);
	attr.config = number_in(path);
	return set_up("perf_event_open", perf_open(&attr));
}
