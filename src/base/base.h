/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Ownership: what frees itself at the end of its block, and what hands it on. */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define _cleanup_(f)    __attribute__((cleanup(f)))
#define _cleanup_free_  _cleanup_(free_pointer)
#define _cleanup_close_ _cleanup_(close_fd)
#define _cleanup_file_  _cleanup_(close_file)
#define _cleanup_bytes_ _cleanup_(bytes_done)

/* Hands a pointer or fd to a new owner and leaves the old one empty. */
#define TAKE_PTR(p)                                                                                \
	({                                                                                         \
		__typeof__(p) _taken = (p);                                                        \
		(p) = NULL;                                                                        \
		_taken;                                                                            \
	})
#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int _taken = (fd);                                                                 \
		(fd) = -EBADF;                                                                     \
		_taken;                                                                            \
	})

static inline void free_pointer(void *p)
{
	free(*(void **)p);
}
void close_fd(int *fd); /* keeps errno; fds start at -EBADF */
void close_file(FILE **file);

/* Bytes on the heap: data is NUL terminated beyond size for convenience. */
struct bytes {
	uint8_t *data;
	size_t size;
};
void bytes_done(struct bytes *bytes);  /* frees, leaves { NULL, 0 } */
void bytes_erase(struct bytes *bytes); /* the same, zeroed first: for secrets */
