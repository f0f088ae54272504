/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * unloaded [ID]: waits until no LSM and no freplace program but ID is loaded, a minute at most: the
 * kernel frees what was detached some time later. Exit status 1, with their ids, when there still
 * is one. bpftool says the same, but loads a program of its own each time it is asked.
 */

#include "tests/vm/lib/attack.h"

#include <linux/bpf.h>

/* The type of the program with this id; BPF_PROG_TYPE_UNSPEC when it has gone meanwhile. */
static __u32 type_of(__u32 id)
{
	struct bpf_prog_info info = {0};
	union bpf_attr attr = {.prog_id = id};
	int fd = (int)syscall(SYS_bpf, BPF_PROG_GET_FD_BY_ID, &attr, sizeof(attr));

	if (fd < 0)
		return BPF_PROG_TYPE_UNSPEC;
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (__u32)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	need(syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) == 0,
		"BPF_OBJ_GET_INFO_BY_FD");
	close(fd);
	return info.type;
}

static int n_loaded(__u32 except, int print)
{
	union bpf_attr attr = {0};
	int n = 0;

	while (syscall(SYS_bpf, BPF_PROG_GET_NEXT_ID, &attr, sizeof(attr)) == 0) {
		__u32 id = attr.next_id, type = id == except ? BPF_PROG_TYPE_UNSPEC : type_of(id);
		if (type == BPF_PROG_TYPE_LSM || type == BPF_PROG_TYPE_EXT) {
			n++;
			if (print)
				printf("%u\n", id);
		}
		memset(&attr, 0, sizeof(attr));
		attr.start_id = id;
	}
	return n;
}

int main(int argc, char **argv)
{
	__u32 except = argc > 1 ? (__u32)atoi(argv[1]) : 0;

	for (int i = 0; i < 600; i++) { /* several guests share a processor */
		if (n_loaded(except, 0) == 0)
			return 0;
		usleep(100000);
	}
	return n_loaded(except, 1) != 0;
}
