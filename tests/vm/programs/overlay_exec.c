/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * overlay_exec entry|stack|line|other OVERLAY UPPER [ALICE CLAIM]
 *
 * Executes OVERLAY, a file of an overlay, and changes it in the middle, held by a fanotify
 * permission event. Before the kernel reads the first time, a chmod copies it up, and the file in
 * the upper layer is written behind the overlay's back: entry  its ELF header enters at
 * other_door(); the pages are those of the file below, which was opened stack  before the second
 * read: the program headers want an executable stack line   a script has another first line:
 * "#!ALICE who" other  with the bytes of ALICE, sealed, and the xattr in CLAIM: what runs is what
 * was opened Exit status: that of what ran; 3 when the kernel refused something.
 */

#include "tests/vm/lib/swap.h"

#include <signal.h>

static const char *overlay, *upper, *alice_path, *claim;

/* With metacopy, a chmod copies no data: an open for writing does, which 6.12 refuses (ETXTBSY). */
static int copy_up(void)
{
	struct stat st;

	if (chmod(overlay, 0700) < 0 || stat(upper, &st) < 0)
		return -errno;
	if (st.st_blocks >= st.st_size / 512)
		return 0;
	int fd = open(overlay, O_RDWR);
	return fd < 0 ? -errno : close(fd);
}

static int write_upper(const uint8_t *data, size_t size)
{
	int fd = open(upper, O_WRONLY);

	if (fd < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		return -errno;
	return close(fd);
}

static int change_entry(void)
{
	size_t size;
	int r = copy_up();

	if (r < 0)
		return r;
	uint8_t *data = read_whole(upper, &size);
	((Elf64_Ehdr *)data)->e_entry = symbol(data, "other_door");
	return write_upper(data, size);
}

static int change_stack(void)
{
	size_t size;
	int r = copy_up(), found = 0;

	if (r < 0)
		return r;
	uint8_t *data = read_whole(upper, &size);
	const Elf64_Ehdr *header = (const void *)data;
	Elf64_Phdr *segments = (void *)(data + header->e_phoff);

	for (int i = 0; i < header->e_phnum; i++)
		if (segments[i].p_type == PT_GNU_STACK) {
			segments[i].p_flags |= PF_X;
			found++;
		}
	need(found == 1, "no PT_GNU_STACK");
	return write_upper(data, size);
}

static int change_line(void)
{
	char line[256];
	int r = copy_up(), n = snprintf(line, sizeof(line), "#!%s who\n", alice_path);

	return r < 0 ? r : write_upper((const uint8_t *)line, (size_t)n);
}

static int change_all(void)
{
	size_t size;
	uint8_t *data = read_whole(alice_path, &size);
	int r = copy_up();

	return r < 0 ? r : become(upper, data, size, claim);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int n;
		int (*act)(void);
	} acts[] = {{"entry", 1, change_entry}, {"stack", 2, change_stack},
		{"line", 1, change_line}, {"other", 1, change_all}};
	int status = 0;

	need(argc == 4 || argc == 6,
		"usage: overlay_exec entry|stack|line|other OVERLAY UPPER [ALICE CLAIM]");
	overlay = argv[2];
	upper = argv[3];
	alice_path = argv[4];
	claim = argc > 5 ? argv[5] : NULL;
	char *who[] = {argv[2], "who", NULL};
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].name, argv[1]) == 0)
			return tell("overlay_exec",
				held(overlay, acts[i].n, who, acts[i].act, &status), status);
	need(0, argv[1]);
	return COULD_NOT_TRY;
}
