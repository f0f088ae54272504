/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The abilities of this kernel and setup: one list for `status` and for the refusals at the start.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum probe_result {
	PROBE_YES,
	PROBE_NO,
	PROBE_UNKNOWN, /* could not find out: not root, nothing mounted */
};

struct probe {
	const char *name;     /* "bpf-lsm" */
	const char *question; /* "is bpf among the active security modules" */
	const char *cure;     /* the remedy when the answer is no */
	bool needed;          /* enforcement cannot begin without it */
	enum probe_result (*ask)(char *detail, size_t size);
};

extern const struct probe probe_list[]; /* ends with a NULL name */

/* The machine's own lockdown; no part of it is needed. Ends with a NULL name. */
extern const struct probe probe_kernel_list[];

/* Is another kernel loaded already, to be started by a reboot or a crash? */
bool probe_kernel_kexec_image(char *detail, size_t size);

/*
 * The ids of the BPF programs that PID 1 holds by a descriptor of their own or of a link; calls
 * fn for each.
 */
void probe_init_programs(void (*fn)(void *userdata, uint32_t id), void *userdata);

/* "pid NAME" of every process that holds a BPF file descriptor, ours aside; calls fn for each. */
void probe_bpf_users(void (*fn)(void *userdata, int pid, const char *name), void *userdata);
