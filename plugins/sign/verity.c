/* SPDX-License-Identifier: GPL-2.0-or-later */

/* fs-verity of one file. Knows nothing of claims and keys. */

#include "plugins/sign/verity.h"

#include <fcntl.h>
#include <libfsverity.h>
#include <linux/fsverity.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "src/base/file.h"

#define READ_SIZE  (1 << 20) /* bytes */
#define AHEAD_SIZE (1 << 17) /* bytes */

#define BLOCK_SIZE      4096
#define BUSY_ATTEMPTS   250 /* of 20 ms */
#define SETTLE_ATTEMPTS 6   /* waiting 10, 20, … 320 ms: readers that are passing by */

_Static_assert(BS_DIGEST_SHA256 == FS_VERITY_HASH_ALG_SHA256, "abi.h has the kernel's number");

/* The input of libfsverity, read block by block: a file, or memory. */
struct source {
	int fd;
	const uint8_t *data; /* of [begin, end): the whole memory, or the bytes read ahead */
	uint8_t *ahead;      /* NULL: memory */
	size_t room;         /* bytes at ahead */
	uint64_t begin, end, offset;
};

static int fill_ahead(struct source *source)
{
	size_t size = 0;
	int r = read_at(source->fd, source->ahead, source->room, source->offset, &size);

	if (r == 0 && size == 0)
		r = -ESTALE; /* the file has become shorter */
	source->begin = source->offset;
	source->end = source->offset + size;
	return r;
}

static int read_source(void *context, void *buffer, size_t size)
{
	struct source *source = context;
	uint8_t *next = buffer;

	while (size > 0) {
		uint64_t ready = source->end - source->offset;
		size_t n = ready < size ? (size_t)ready : size;
		int r = n == 0 ? fill_ahead(source) : 0;
		if (r < 0)
			return r;
		memcpy(next, source->data + (source->offset - source->begin), n);
		next += n;
		size -= n;
		source->offset += n;
	}
	return 0;
}

static int compute(struct source *source, uint64_t size, uint8_t ret[BS_DIGEST_SIZE])
{
	const struct libfsverity_merkle_tree_params parameters = {
		.version = 1,
		.hash_algorithm = FS_VERITY_HASH_ALG_SHA256,
		.file_size = size,
		.block_size = BLOCK_SIZE,
	};
	struct libfsverity_digest *digest = NULL;

	int r = libfsverity_compute_digest(source, read_source, &parameters, &digest);
	if (r < 0)
		return r;
	memcpy(ret, digest->digest, BS_DIGEST_SIZE);
	free(digest);
	return 0;
}

int verity_digest_of(const void *data, size_t size, uint8_t ret[BS_DIGEST_SIZE])
{
	struct source source = {
		.fd = -EBADF, .data = data ? data : (const uint8_t *)"", .end = size};
	return compute(&source, size, ret);
}

/* The kernel's digest; -ENODATA where verity is off, for any reason. */
static int measure(int fd, uint8_t ret[BS_DIGEST_SIZE], struct diag *reterr)
{
	union {
		struct fsverity_digest header;
		uint8_t room[sizeof(struct fsverity_digest) + 64];
	} digest = {.header.digest_size = 64};

	if (ioctl(fd, FS_IOC_MEASURE_VERITY, &digest) < 0) {
		if (errno == ENODATA || errno == ENOTTY || errno == EOPNOTSUPP)
			return -ENODATA;
		return diag_set(
			reterr, -errno, "can't read the fs-verity digest: %s", strerror(errno));
	}
	if (digest.header.digest_algorithm != FS_VERITY_HASH_ALG_SHA256) {
		diag_set(reterr, -EOPNOTSUPP, "its fs-verity uses another hash than SHA-256");
		diag_hint(reterr, "copy the file and sign the copy");
		return -EOPNOTSUPP;
	}
	memcpy(ret, digest.header.digest, BS_DIGEST_SIZE);
	return 0;
}

/*
 * No more than a small file needs is read at once: what malloc() maps anew each time costs more
 * than to hash it.
 */
static int compute_content(int fd, uint64_t size, uint8_t ret[BS_DIGEST_SIZE])
{
	size_t room = size < AHEAD_SIZE ? (size_t)size + 1 : AHEAD_SIZE;
	_cleanup_free_ uint8_t *ahead = malloc(room);
	struct source source = {.fd = fd, .data = ahead, .ahead = ahead, .room = room};

	return ahead ? compute(&source, size, ret) : -ENOMEM;
}

int verity_is_genuine(int fd)
{
	uint8_t sealed[BS_DIGEST_SIZE], content[BS_DIGEST_SIZE];
	struct diag unused;
	struct stat st;

	int r = fstat(fd, &st) < 0 ? -errno : measure(fd, sealed, &unused);
	if (r == 0)
		r = compute_content(fd, (uint64_t)st.st_size, content);
	return r < 0 ? r : memcmp(sealed, content, sizeof(sealed)) == 0;
}

int verity_digest(int fd, uint8_t ret[BS_DIGEST_SIZE], bool *ret_enabled, struct diag *reterr)
{
	struct stat st;

	int r = measure(fd, ret, reterr);
	if (r != -ENODATA) {
		if (r == 0)
			*ret_enabled = true;
		return r;
	}
	if (fstat(fd, &st) < 0)
		return diag_set(reterr, -errno, "can't examine it: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return diag_set(reterr, -EINVAL, "it is not a regular file");
	r = compute_content(fd, (uint64_t)st.st_size, ret);
	if (r == -ESTALE)
		return diag_set(reterr, r, "it changed while it was read");
	if (r < 0)
		return diag_set(reterr, r, "can't read it: %s", strerror(-r));
	*ret_enabled = false;
	return 0;
}

int verity_read(int fd)
{
	_cleanup_free_ uint8_t *buffer = malloc(READ_SIZE);
	off_t offset = 0;
	ssize_t n;

	if (!buffer)
		return -ENOMEM;
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); /* the cached pages were compared before */
	while ((n = pread(fd, buffer, READ_SIZE, offset)) != 0) {
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			offset += n;
	}
	return 0;
}

static int explain_enable(int r, const char *path, struct diag *reterr)
{
	diag_set(reterr, r, "can't enable fs-verity on '%s': %s", path, strerror(-r));
	switch (r) {
	case -EOPNOTSUPP:
		diag_hint(reterr, "on ext4: tune2fs -O verity DEVICE");
		break;
	case -ENOTTY:
		diag_hint(reterr, "it needs ext4, f2fs or btrfs, and a kernel with fs-verity");
		break;
	case -ETXTBSY:
		diag_hint(reterr, "it is open for writing; close it there");
		break;
	case -EPERM:
	case -EACCES:
		diag_hint(reterr, "run it as a user who may write the file");
		break;
	case -ENOKEY:
		diag_hint(reterr,
			"the kernel's keyring .fs-verity lacks the certificate: openssl x509 -in CERTIFICATE -outform DER | keyctl padd asymmetric '' %%:.fs-verity");
		break;
	case -EKEYREJECTED:
	case -EBADMSG:
		diag_hint(reterr,
			"the kernel refuses the built-in signature; is it a key that its keyring .fs-verity has?");
		break;
	case -EROFS:
		diag_hint(reterr, "remount it read-write, or sign it where the image is built");
		break;
	}
	/* One error for "this file system cannot", by all its names in the kernel. */
	return r == -ENOTTY ? -EOPNOTSUPP : r;
}

int verity_supported(const char *path, int fd, struct diag *reterr)
{
	struct fsverity_digest none = {0};

	if (ioctl(fd, FS_IOC_MEASURE_VERITY, &none) == 0 ||
		(errno != ENOTTY && errno != EOPNOTSUPP))
		return 0;
	return explain_enable(-errno, path, reterr);
}

/* Another link of the same file may be sealed at the same time: its turn first. */
static int enable(int fd, const struct fsverity_enable_arg *argument)
{
	const struct timespec pause = {.tv_nsec = 20000000};

	for (int attempt = 0; ioctl(fd, FS_IOC_ENABLE_VERITY, argument) < 0; attempt++) {
		if (errno != EBUSY || attempt == BUSY_ATTEMPTS)
			return -errno;
		nanosleep(&pause, NULL);
	}
	return 0;
}

int verity_explain_sealed(const char *path, struct diag *reterr)
{
	diag_set(reterr, -EEXIST, "'%s' was sealed without this built-in signature", path);
	diag_hint(reterr,
		"the kernel takes one when it seals only: copy the file, put the copy in its place, sign that");
	return -EEXIST;
}

int verity_enable(const char *path, int fd, const struct bytes *builtin, struct diag *reterr)
{
	const struct fsverity_enable_arg argument = {
		.version = 1,
		.hash_algorithm = FS_VERITY_HASH_ALG_SHA256,
		.block_size = BLOCK_SIZE,
		.sig_size = builtin ? (uint32_t)builtin->size : 0,
		.sig_ptr = builtin ? (uintptr_t)builtin->data : 0,
	};
	uint8_t digest[BS_DIGEST_SIZE];

	/* Not even asked for where it is on: the enforcement distrusts a file after this ioctl. */
	if (measure(fd, digest, NULL) == 0)
		return 0;
	int r = enable(fd, &argument);
	if (r == -EEXIST && builtin)
		return verity_explain_sealed(path, reterr);
	if (r < 0 && r != -EEXIST)
		return explain_enable(r, path, reterr);
	if (fsync(fd) < 0)
		return diag_set(
			reterr, -errno, "can't write '%s' to disk: %s", path, strerror(errno));
	return 0;
}

/* Resident pages by mincore(2): all that kernels before 6.5 offer. Misses the Merkle tree's. */
static int64_t resident_pages(int fd)
{
	struct stat st;
	int64_t n = 0;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size == 0)
		return 0;
	size_t size = (size_t)st.st_size, page = (size_t)sysconf(_SC_PAGESIZE);
	size_t pages = (size + page - 1) / page;
	_cleanup_free_ unsigned char *resident = malloc(pages);
	void *map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	if (!resident || mincore(map, size, resident) < 0)
		n = resident ? -errno : -ENOMEM;
	for (size_t i = 0; n >= 0 && i < pages; i++)
		n += resident[i] & 1;
	munmap(map, size);
	return n;
}

/* Pages of the file in the cache, those of the Merkle tree beyond its end included. */
static int64_t cached_pages(int fd)
{
#ifndef SYS_cachestat
#define SYS_cachestat 451 /* Linux 6.5, the same everywhere */
#endif
	struct {
		uint64_t offset, length;
	} range = {0, 0}; /* length 0: to the end of the mapping */
	struct {
		uint64_t cached, dirty, writeback, evicted, recently_evicted;
	} statistics;

	if (syscall(SYS_cachestat, fd, &range, &statistics, 0) == 0)
		return (int64_t)statistics.cached;
	return errno == ENOSYS ? resident_pages(fd) : -errno;
}

/* A fresh open of the same file, wherever its path leads by now. */
static int open_again(const char *path, int fd, struct diag *reterr)
{
	char link[32];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	int again = open_path(AT_FDCWD, link, O_RDONLY | O_NONBLOCK, 0);
	return again < 0 ? diag_set(reterr, again, "can't open '%s' afresh: %s", path,
				   strerror(-again))
			 : again;
}

/*
 * One attempt; how many pages stayed. fsync first: dirty pages cannot be dropped. The first
 * open keeps the inode, with its verity descriptor, in memory, so that the fresh one
 * reads nothing and finds the cache as empty as it was left.
 */
static int64_t drop_pages(const char *path, int fd, struct diag *reterr)
{
	_cleanup_close_ int fresh = -EBADF;

	int r = fsync(fd) < 0 ? -errno : -posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (r < 0)
		return diag_set(reterr, r, "can't drop '%s' from memory: %s", path, strerror(-r));
	fresh = open_again(path, fd, reterr);
	if (fresh < 0)
		return fresh;
	int64_t n = cached_pages(fresh);
	if (n < 0)
		diag_set(reterr, (int)n, "can't see what of '%s' is in memory: %s", path,
			strerror((int)-n));
	return n;
}

static int check_sealed(const char *path, int fd, struct diag *reterr)
{
	uint8_t digest[BS_DIGEST_SIZE];

	int r = measure(fd, digest, reterr);
	if (r == -ENODATA) {
		diag_set(reterr, r, "'%s' has no fs-verity", path);
		diag_hint(reterr, "bpfsign sign it first");
	}
	return r;
}

int verity_settle(const char *path, int fd, struct diag *reterr)
{
	int64_t n = check_sealed(path, fd, reterr);

	for (int attempt = 0; n >= 0 && attempt < SETTLE_ATTEMPTS; attempt++) {
		n = drop_pages(path, fd, reterr);
		if (n == 0)
			return 0;
		const struct timespec pause = {.tv_nsec = 10000000L << attempt};
		nanosleep(&pause, NULL);
	}
	if (n < 0)
		return (int)n;
	diag_set(reterr, -EBUSY, "%lld pages of '%s' stay in memory", (long long)n, path);
	diag_hint(reterr, "stop what runs or maps it, then: bpfsign settle FILE");
	return -EBUSY;
}
