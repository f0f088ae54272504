/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Ownership, files and text: what every other file needs, and nothing else. */

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

/*
 * Opens path with O_CLOEXEC and O_NOCTTY added; an fd or -errno. The one place
 * that calls open(2).
 */
int open_path(int dir_fd, const char *path, int flags, mode_t mode);

/*
 * Opens path below a directory with RESOLVE_* of openat2(2), or as open_path() where that is 0. An
 * fd or -errno.
 */
int open_below(int dir_fd, const char *path, int flags, uint64_t resolve);

/*
 * The whole of a file, at most limit bytes. -EFBIG when longer; -errno of open(2)
 * and read(2). read_fd() reads from the current position of fd.
 */
int read_file(const char *path, size_t limit, struct bytes *ret);
int read_fd(int fd, size_t limit, struct bytes *ret);

/* Up to size bytes at offset, fewer at the end of the file: *ret_size says. 0 or -errno. */
int read_at(int fd, void *buffer, size_t size, uint64_t offset, size_t *ret_size);

/*
 * Replaces path by size bytes so that a reader sees the old or the new content
 * and a crash leaves one of the two: temporary file beside it, fsync, rename,
 * fsync of the directory. 0 or -errno.
 */
int write_file_atomic(const char *path, const void *data, size_t size, mode_t mode);

/* Makes a rename or an unlink in the directory of path durable; 0 or -errno. */
int sync_parent(const char *path);

/* write(2) until all is out; 0 or -errno. */
int write_all(int fd, const void *data, size_t size);

/* mkdir -p with this mode for what is missing; 0 or -errno. */
int make_directories(const char *path, mode_t mode);

/* 2 * size hexadecimal digits and a NUL into text; returns text. */
char *hex_encode(const void *data, size_t size, char *text);
/* size bytes out of exactly 2 * size digits; 0, or -EINVAL. */
int hex_decode(const char *text, void *data, size_t size);

/*
 * text with what could drive a terminal or break a line escaped: \n, \t, \", \\,
 * \xNN for other control bytes and bytes that are not UTF-8. Heap, or NULL.
 */
char *escape_text(const char *text, size_t size);

/* The same with quotes around it. Heap, or NULL. */
char *quote_text(const char *text, size_t size);

/* [a-z0-9._-]{1,63}: what a program or signer may be called in a claim. */
bool name_is_valid(const char *name);

/* The nearest of n words to text, or NULL when none is near: "did you mean". */
const char *nearest_word(const char *text, const char *const *words, size_t n);

/* printf to the heap; NULL without memory. */
char *format_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
