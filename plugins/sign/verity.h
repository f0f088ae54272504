/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* fs-verity of one file: its digest, switching it on, and settling the page cache afterwards. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/contract/abi.h"
#include "src/base/diag.h"
#include "src/base/base.h"

/*
 * SHA-256 fs-verity digest of an open file: the kernel's own (FS_IOC_MEASURE_VERITY) where
 * verity is on, else computed from the content (4096-byte blocks, no salt) with
 * libfsverity. *ret_enabled says which. -EOPNOTSUPP when verity is on with another
 * hash algorithm, -errno of read(2). Another block size or salt is fine: the digest covers them.
 * The file's position is neither used nor moved.
 */
int verity_digest(int fd, uint8_t ret[BS_DIGEST_SIZE], bool *ret_enabled, struct diag *reterr);

/* Has the file system of an open file fs-verity? 0, or -EOPNOTSUPP with the cure. */
int verity_supported(const char *path, int fd, struct diag *reterr);

/*
 * Reads a sealed file to its end, from the disk where possible: the kernel compares each page with
 * the digest. 0; -EIO when the disk holds other bytes than were sealed; -errno of read(2).
 */
int verity_read(int fd);

/*
 * Does the content of a sealed file (4096-byte blocks, no salt) agree with its digest, both cached
 * and on disk? 1, 0, or -errno. The kernel itself does not verify pages that were cached before the
 * seal.
 */
int verity_is_genuine(int fd);

/* The digest of bytes in memory, for a policy that was read once. */
int verity_digest_of(const void *data, size_t size, uint8_t ret[BS_DIGEST_SIZE]);

/*
 * Switches fs-verity on (a file that has it is left alone) and makes that durable; builtin is NULL
 * or the built-in signature to seal in. The errors name the cure: -EOPNOTSUPP (the file system has
 * no verity), -ETXTBSY (open for writing), -EPERM, -EROFS, -ENOKEY (the kernel lacks the
 * certificate of the built-in signature), -EEXIST (another process sealed it meanwhile, without).
 */
int verity_enable(const char *path, int fd, const struct bytes *builtin, struct diag *reterr);

/* Fills in that a sealed file cannot get a built-in signature any more; returns -EEXIST. */
int verity_explain_sealed(const char *path, struct diag *reterr);

/*
 * Pages cached before fs-verity was complete are never verified (fs/verity/enable.c), so
 * they must go: fsync, POSIX_FADV_DONTNEED, and a fresh open that reads nothing, until
 * cachestat(2) shows an empty cache. 0; -EBUSY when something else holds pages: "usable
 * after eviction"; -ENODATA for a file without fs-verity.
 */
int verity_settle(const char *path, int fd, struct diag *reterr);
