/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * overlay_exec ACT OVERLAY UPPER [ALICE CLAIM]
 *
 * Executes OVERLAY, a file of an overlay, and changes it in the middle, held by a fanotify
 * permission event: a chmod copies it up, and the file in the upper layer is written behind the
 * overlay's back.
 *
 *   entry   before the first read: its ELF header enters at other_door(); the pages are those of
 *           the file below, which was opened
 *   stack   before the second read: the program headers want an executable stack
 *   line    before the first read: a script has another first line, "#!ALICE who"
 *   other   before the first read: the bytes of ALICE, sealed, and the xattr in CLAIM; the code
 *           that runs is that of the file that was opened
 *
 * The exit status is that of the program that ran, or says that a change was refused.
 */

#include "tests/vm/lib/swap.h"

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

static void swap(int n, int (*change)(void))
{
	char *who[] = {(char *)overlay, "who", NULL};

	exit(swap_in_exec("overlay_exec", overlay, n, who, change));
}

static void name_files(char **argument)
{
	overlay = argument[0];
	upper = argument[1];
	alice_path = argument[2];
	claim = argument[2] ? argument[3] : NULL;
}

static void act_entry(char **argument)
{
	name_files(argument);
	swap(1, change_entry);
}

static void act_stack(char **argument)
{
	name_files(argument);
	swap(2, change_stack);
}

static void act_line(char **argument)
{
	name_files(argument);
	swap(1, change_line);
}

static void act_other(char **argument)
{
	name_files(argument);
	swap(1, change_all);
}

static const struct act acts[] = {
	{"entry", 2, act_entry, "OVERLAY UPPER"},
	{"stack", 2, act_stack, "OVERLAY UPPER"},
	{"line", 3, act_line, "OVERLAY UPPER ALICE"},
	{"other", 4, act_other, "OVERLAY UPPER ALICE CLAIM"},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
