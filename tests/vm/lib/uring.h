/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One request through an io_uring of its own, by the bare system calls. */

#include "tests/vm/lib/act.h"

#include <linux/io_uring.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline void *uring_memory(int ring, size_t size, off_t which)
{
	void *memory =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, which);

	need(memory != MAP_FAILED, "mmap of an io_uring");
	return memory;
}

/* Does the request; returns its result, or -1 with errno, as a system call does. */
static inline long uring_do(const struct io_uring_sqe *request)
{
	struct io_uring_params params = {0};
	int ring = set_up("io_uring_setup", syscall(SYS_io_uring_setup, 1, &params));

	char *sq = uring_memory(ring, params.sq_off.array + sizeof(uint32_t), IORING_OFF_SQ_RING);
	char *cq = uring_memory(
		ring, params.cq_off.cqes + 2 * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
	struct io_uring_sqe *sqes = uring_memory(ring, sizeof(*sqes), IORING_OFF_SQES);
	sqes[0] = *request;
	*(uint32_t *)(sq + params.sq_off.array) = 0;
	__atomic_store_n((uint32_t *)(sq + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	need(syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1,
		"io_uring_enter");
	int r = ((struct io_uring_cqe *)(cq + params.cq_off.cqes))->res;
	close(ring);
	if (r >= 0)
		return r;
	errno = -r;
	return -1;
}
