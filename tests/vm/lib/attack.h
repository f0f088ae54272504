/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What the attack programs share. Exit status: 0 the attack came through to its end (what it is
 * worth is seen by running the file), 2 could not try, 3 the kernel refused a step (it says which).
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/fsverity.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE  4096
#define ALICE 0x6c61c0deU /* probe.c: act_who() */
#define EVE   0x65766572U

enum { DONE = 0, COULD_NOT_TRY = 2, KERNEL_REFUSED = 3 };

static inline void need(int condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "could not try: %s: %s\n", what, strerror(errno));
	exit(COULD_NOT_TRY);
}

static inline int enable_verity(int fd)
{
	const struct fsverity_enable_arg argument = {
		.version = 1, .hash_algorithm = FS_VERITY_HASH_ALG_SHA256, .block_size = PAGE};

	return ioctl(fd, FS_IOC_ENABLE_VERITY, &argument);
}

/* Offset of the one instruction operand that says ALICE. */
static inline off_t find_alice(const uint8_t *data, size_t size)
{
	const uint32_t alice = ALICE;
	off_t found = -1;

	for (size_t i = 0; i + 5 < size; i++) /* movl $imm32, register: b8+r imm32 */
		if ((data[i] & 0xf8) == 0xb8 && memcmp(data + i + 1, &alice, 4) == 0) {
			need(found < 0, "more than one place says ALICE");
			found = (off_t)i + 1;
		}
	need(found >= 0, "no place says ALICE");
	need(found / PAGE == (found + 3) / PAGE, "ALICE lies across two pages");
	return found;
}
