/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * unloaded [ID]: waits until no LSM and no freplace program but ID is loaded, a minute at most: the
 * kernel frees a program some time after it was detached. Exit status 1, with their ids, when there
 * still is one. bpftool says the same, but loads a program of its own each time it is asked.
 */

#include "tests/vm/lib/bpf.h"

/* The type of the program with this id; BPF_PROG_TYPE_UNSPEC when it has gone meanwhile. */
static __u32 type_of(__u32 id)
{
	struct bpf_prog_info info = {0};
	union bpf_attr attr = {0};
	long fd = open_id(BPF_PROG_GET_FD_BY_ID, id);

	if (fd < 0 && errno == ENOENT)
		return BPF_PROG_TYPE_UNSPEC;
	attr.info.bpf_fd = (__u32)set_up("BPF_PROG_GET_FD_BY_ID", fd);
	attr.info.info_len = sizeof(info);
	attr.info.info = pointer(&info);
	set_up("BPF_OBJ_GET_INFO_BY_FD", bpf(BPF_OBJ_GET_INFO_BY_FD, &attr));
	close((int)fd);
	return info.type;
}

static int n_loaded(__u32 except, int print)
{
	int n = 0;

	for (__u32 id = 0; (id = next_id(BPF_PROG_GET_NEXT_ID, id)) != 0;) {
		__u32 type = id == except ? BPF_PROG_TYPE_UNSPEC : type_of(id);
		if (type == BPF_PROG_TYPE_LSM || type == BPF_PROG_TYPE_EXT) {
			n++;
			if (print)
				printf("%u\n", id);
		}
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
