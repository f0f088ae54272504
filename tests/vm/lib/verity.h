/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* fs-verity enabled by the bare ioctl. */

#include <linux/fsverity.h>
#include <sys/ioctl.h>

#define PAGE 4096
#define SHA256_OF_PAGES                                                                            \
	{                                                                                          \
		.version = 1, .hash_algorithm = FS_VERITY_HASH_ALG_SHA256, .block_size = PAGE      \
	}

static inline int enable_verity(int fd)
{
	const struct fsverity_enable_arg argument = SHA256_OF_PAGES;

	return ioctl(fd, FS_IOC_ENABLE_VERITY, &argument);
}
