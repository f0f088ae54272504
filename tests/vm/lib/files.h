/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Files that an act needs: each is there, or the act could not be tried. */

#include "tests/vm/lib/act.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static inline int open_file(const char *path, int flags)
{
	return set_up(path, open(path, flags | O_CLOEXEC));
}

static inline int open_directory(const char *path)
{
	return open_file(path, O_RDONLY | O_DIRECTORY);
}

/* All of a regular file; the caller owns the memory. */
static inline void *read_whole(const char *path, size_t *ret_size)
{
	int file = open_file(path, O_RDONLY);
	struct stat st;

	need(fstat(file, &st) == 0, path);
	size_t size = (size_t)st.st_size;
	char *data = malloc(size + 1);
	need(data != NULL, path);
	for (size_t at = 0; at < size;) {
		ssize_t n = read(file, data + at, size - at);
		need(n > 0, path);
		at += (size_t)n;
	}
	close(file);
	*ret_size = size;
	return data;
}

/* The number in a file of sysfs or tracefs. */
static inline unsigned long long number_in(const char *path)
{
	char text[32] = "";
	int file = open_file(path, O_RDONLY);

	need(read(file, text, sizeof(text) - 1) > 0, path);
	close(file);
	return strtoull(text, NULL, 10);
}

/* Waits until the file is there, five minutes at most: several guests share a processor. */
static inline void await_file(const char *path)
{
	for (int i = 0; access(path, F_OK) < 0; i++) {
		need(i < 30000, path);
		usleep(10000);
	}
}

/* The same for PATH.go, by which a test says "go on". */
static inline void await_go(const char *path)
{
	char go[4096];

	snprintf(go, sizeof(go), "%s.go", path);
	await_file(go);
}
