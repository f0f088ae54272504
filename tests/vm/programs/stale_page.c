/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * stale_page FILE DEVICE [keep|hold]
 *
 * Leaves FILE, a large unsealed copy of alice on the ext4 of DEVICE, with fs-verity, alice's digest
 * and a page of Eve's in the page cache: while FS_IOC_ENABLE_VERITY builds the Merkle tree and has
 * the page with alice's code behind it, the page is dropped, its block rewritten beneath the
 * mounted file system, the page read back, which is not verified yet, and the block restored
 * (keep: not restored). hold: the kernel waits for the argument of FS_IOC_ENABLE_VERITY, in memory
 * that we serve, until there is FILE.go.
 */

#include "tests/vm/lib/alice.h"
#include "tests/vm/lib/files.h"
#include "tests/vm/lib/verity.h"

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
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

/* length bytes out of the cache, 0: all; a page that is being written or read stays until then. */
static int drop(int fd, const uint8_t *map, off_t page, off_t offset, off_t length)
{
	for (int i = 0; i < 1000; i++) {
		posix_fadvise(fd, offset, length, POSIX_FADV_DONTNEED);
		if (!is_cached(map, (size_t)page / PAGE))
			return 1;
		sched_yield();
	}
	return 0;
}

/* The page out of the cache, and in again from what is on the disk now. */
static int exchange(int fd, const uint8_t *map, off_t place)
{
	off_t page = place & ~(off_t)(PAGE - 1);

	return drop(fd, map, page, page, PAGE) && word_at(fd, place) == EVE;
}

struct held {
	struct fsverity_enable_arg *argument; /* a page that is not there */
	int faults;
	const char *path;
};

/* When the kernel asks for the argument: gives it when PATH.go is there. */
static void *serve(void *data)
{
	static const struct fsverity_enable_arg argument __attribute__((aligned(PAGE))) =
		SHA256_OF_PAGES;
	const struct held *held = data;
	struct uffdio_copy copy = {
		.dst = (uintptr_t)held->argument, .src = (uintptr_t)&argument, .len = PAGE};
	struct uffd_msg message;

	need(read(held->faults, &message, sizeof(message)) == sizeof(message), "no fault");
	printf("stale_page: held\n");
	fflush(stdout);
	await_go(held->path);
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
	/* of the number the kernel takes the lower 32 bits */
	return (int)syscall(SYS_ioctl | 1L << 32, fd, FS_IOC_ENABLE_VERITY, held.argument);
}

struct victim {
	const char *path, *how;
	int fd, device;
	size_t size;
	const uint8_t *map;
	off_t place;    /* of the word that says ALICE */
	off_t page;     /* of the page that it is in */
	uint64_t block; /* of that page, on the device */
};

static const uint8_t *map_victim(const struct victim *victim)
{
	const uint8_t *map = mmap(NULL, victim->size, PROT_READ, MAP_SHARED, victim->fd, 0);

	need(map != MAP_FAILED, "mmap");
	return map;
}

static void open_victim(struct victim *victim, char **argv)
{
	struct stat st;

	victim->path = argv[1];
	victim->how = argv[3] ? argv[3] : "";
	victim->fd = open_file(argv[1], O_RDONLY);
	victim->device = open_file(argv[2], O_RDWR | O_DIRECT);
	set_up("fstat", fstat(victim->fd, &st));
	need(st.st_size > 4 * DISTANCE * PAGE, "the file is too short");
	victim->size = (size_t)st.st_size;
	victim->map = map_victim(victim);
	victim->place = find_alice(victim->map, DISTANCE * PAGE, PAGE);
	victim->page = victim->place & ~(off_t)(PAGE - 1);
	victim->block = block_of(victim->fd, victim->page);
}

/* Reads the page from the device, and makes Eve's of it; then drops it from the cache. */
static void make_pages(struct victim *victim, uint8_t *alice, uint8_t *eve)
{
	const uint32_t she = EVE;

	need(pread(victim->device, alice, PAGE, (off_t)victim->block) == PAGE, "read the device");
	need(memcmp(alice, victim->map + victim->page, PAGE) == 0, "this is not the page's block");
	memcpy(eve, alice, PAGE);
	memcpy(eve + victim->place % PAGE, &she, sizeof(she));
	munmap((void *)victim->map, victim->size); /* a mapped page cannot be dropped */
	victim->map = map_victim(victim);
	need(fsync(victim->fd) == 0, "fsync");
	need(drop(victim->fd, victim->map, victim->page, 0, 0), "drop the page");
}

static void write_block(const struct victim *victim, const uint8_t *page)
{
	need(pwrite(victim->device, page, PAGE, (off_t)victim->block) == PAGE, "write the device");
}

/* In a child, whose exit status says whether the kernel let it. */
static pid_t begin_verity(const struct victim *victim)
{
	pid_t child = fork();

	if (child != 0)
		return child;
	int r = strcmp(victim->how, "hold") == 0 ? enable_held(victim->fd, victim->path)
						 : enable_verity(victim->fd);
	exit(report("stale_page: FS_IOC_ENABLE_VERITY", r));
}

/* The tree has the page behind it, and is not complete. */
static void await_tree(const struct victim *victim, pid_t child)
{
	const struct timespec pause = {.tv_nsec = 200000};

	while (!is_cached(victim->map, (size_t)victim->page / PAGE + DISTANCE)) {
		need(waitpid(child, NULL, WNOHANG) == 0, "too late");
		nanosleep(&pause, NULL);
	}
}

int main(int argc, char **argv)
{
	static uint8_t alice[PAGE] __attribute__((aligned(PAGE)));
	static uint8_t eve[PAGE] __attribute__((aligned(PAGE)));
	struct victim victim;

	errno = EINVAL;
	need(argc > 2, "usage: stale_page FILE DEVICE [keep|hold]");
	open_victim(&victim, argv);
	make_pages(&victim, alice, eve);
	pid_t child = begin_verity(&victim);
	await_tree(&victim, child);
	write_block(&victim, eve);
	int evil = exchange(victim.fd, victim.map, victim.place);
	need(waitpid(child, NULL, WNOHANG) == 0, "the tree was complete too early");
	if (strcmp(victim.how, "keep") != 0)
		write_block(&victim, alice);
	need(evil, "the page read back is not Eve's");
	int status = wait_for(child);
	if (status != ALLOWED)
		return status;
	need(word_at(victim.fd, victim.place) == EVE, "the page did not stay");
	printf("stale_page: fs-verity is on, and the cache has Eve's page\n");
	return ALLOWED;
}
