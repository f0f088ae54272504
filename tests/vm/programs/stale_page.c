/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * S15: stale_page FILE DEVICE [keep|hold]
 *
 * Leaves FILE, a large unsealed copy of alice on the ext4 of DEVICE, with fs-verity, alice's digest
 * and a page of Eve's in the page cache: while FS_IOC_ENABLE_VERITY builds the Merkle tree and has
 * the page with alice's code behind it, the page is dropped, its block rewritten beneath the
 * mounted file system, the page read back (nobody verifies it yet), and the block restored
 * (keep: not restored). hold: the kernel waits for the argument of FS_IOC_ENABLE_VERITY, in memory
 * that we serve, until there is FILE.go.
 */

#include "tests/vm/lib/attack.h"

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

#define DISTANCE 512 /* pages that the tree must be ahead of the page */

static uint64_t block_of(int fd, off_t offset)
{
	union {
		struct fiemap map;
		uint8_t room[sizeof(struct fiemap) + sizeof(struct fiemap_extent)];
	} request = {.map = {.fm_start = (uint64_t)offset,
			     .fm_length = PAGE,
			     .fm_flags = FIEMAP_FLAG_SYNC,
			     .fm_extent_count = 1}};
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

struct held {
	struct fsverity_enable_arg *argument; /* a page that is not there */
	int faults;
	const char *path;
};

/* When the kernel asks for the argument: gives it when PATH.go is there. */
static void *serve(void *data)
{
	static const struct fsverity_enable_arg argument __attribute__((aligned(PAGE))) = {
		.version = 1, .hash_algorithm = FS_VERITY_HASH_ALG_SHA256, .block_size = PAGE};
	const struct held *held = data;
	struct uffdio_copy copy = {
		.dst = (uintptr_t)held->argument, .src = (uintptr_t)&argument, .len = PAGE};
	struct uffd_msg message;
	char go[4096];

	need(read(held->faults, &message, sizeof(message)) == sizeof(message), "no fault");
	printf("stale_page: held\n");
	fflush(stdout);
	snprintf(go, sizeof(go), "%s.go", held->path);
	while (access(go, F_OK) < 0)
		usleep(10000);
	need(ioctl(held->faults, UFFDIO_COPY, &copy) == 0, "UFFDIO_COPY");
	return NULL;
}

static int enable_held(int fd, const char *path)
{
	struct held held = {.path = path, .faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC)};
	struct uffdio_api api = {.api = UFFD_API};
	pthread_t thread;

	held.argument =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_register range = {
		{(uintptr_t)held.argument, PAGE}, UFFDIO_REGISTER_MODE_MISSING, 0};
	need(held.faults >= 0 && held.argument != MAP_FAILED, "userfaultfd");
	need(ioctl(held.faults, UFFDIO_API, &api) == 0 &&
			ioctl(held.faults, UFFDIO_REGISTER, &range) == 0,
		"UFFDIO_REGISTER");
	need(pthread_create(&thread, NULL, serve, &held) == 0, "pthread_create");
	return ioctl(fd, FS_IOC_ENABLE_VERITY, held.argument);
}

int main(int argc, char **argv)
{
	static uint8_t alice[PAGE] __attribute__((aligned(PAGE)));
	static uint8_t eve[PAGE] __attribute__((aligned(PAGE)));
	const uint32_t she = EVE;
	struct stat st;
	int status;

	need(argc > 2, "usage: stale_page FILE DEVICE [keep|hold]");
	const char *how = argc > 3 ? argv[3] : "";
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
		_exit((strcmp(how, "hold") ? enable_verity(fd) : enable_held(fd, argv[1])) == 0
				? DONE
				: KERNEL_REFUSED);
	struct timespec pause = {.tv_nsec = 200000};
	while (!is_cached(map, (size_t)page / PAGE + DISTANCE)) {
		need(waitpid(child, &status, WNOHANG) == 0, "too late");
		nanosleep(&pause, NULL);
	}
	need(pwrite(device, eve, PAGE, (off_t)block) == PAGE, "write the device");
	int evil = exchange(fd, map, place);
	need(waitpid(child, &status, WNOHANG) == 0, "the tree was complete too early");
	if (strcmp(how, "keep"))
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
