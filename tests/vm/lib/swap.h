/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A file changed in the middle of its exec: the kernel is held by a fanotify permission event while
 * the file gets other bytes.
 */

#include "tests/vm/lib/hold.h"
#include "tests/vm/lib/verity.h"

#include <elf.h>
#include <stdint.h>
#include <sys/xattr.h>

static inline uint64_t symbol(const uint8_t *data, const char *name)
{
	const Elf64_Ehdr *header = (const void *)data;
	const Elf64_Shdr *sections = (const void *)(data + header->e_shoff);

	for (int i = 0; i < header->e_shnum; i++) {
		if (sections[i].sh_type != SHT_SYMTAB)
			continue;
		const Elf64_Sym *symbols = (const void *)(data + sections[i].sh_offset);
		const char *names = (const char *)data + sections[sections[i].sh_link].sh_offset;
		for (size_t k = 0; k < sections[i].sh_size / sizeof(*symbols); k++)
			if (strcmp(names + symbols[k].st_name, name) == 0)
				return symbols[k].st_value;
	}
	errno = ENOENT;
	could_not_try(name);
}

static inline void write_whole(const char *path, const uint8_t *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	need(fd >= 0 && write(fd, data, size) == (ssize_t)size && fsync(fd) == 0, path);
	close(fd);
}

/* Makes the file Alice's: these bytes, sealed, with the claim in that file. 0 or -errno. */
static inline int become(const char *path, const uint8_t *data, size_t size, const char *claim_path)
{
	size_t claim_size;
	uint8_t *claim = read_whole(claim_path, &claim_size);
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return -errno;
	need(pwrite(fd, data, size, 0) == (ssize_t)size && fsync(fd) == 0, "rewrite");
	close(fd);
	fd = open_file(path, O_RDONLY);
	if (enable_verity(fd) < 0)
		return -errno;
	need(fsetxattr(fd, "user.bpfsign", claim, claim_size, 0) == 0, "fsetxattr");
	close(fd);
	return 0;
}

/*
 * Executes the arguments and calls act() when the kernel is about to read from path for the nth
 * time. Prints what became of it; returns the exit status for main(): that of the program, unless
 * act() was refused.
 */
static inline int swap_in_exec(
	const char *attack, const char *path, int n, char **arguments, int (*act)(void))
{
	struct hold hold;
	int status;

	hold_begin(&hold, path, FAN_ACCESS_PERM);
	pid_t child = fork();
	if (child == 0) {
		execv(arguments[0], arguments);
		could_not_try(arguments[0]);
	}
	need(child > 0, "fork");
	for (; n > 1; n--) {
		hold_await(&hold);
		hold_answer(&hold);
	}
	hold_await(&hold);
	hold_last(&hold);
	int r = act();
	hold_answer(&hold);
	close(hold.fan);
	need(waitpid(child, &status, 0) == child, "waitpid");
	if (r < 0) {
		errno = -r;
		return report(attack, -1);
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == COULD_NOT_TRY)
		return COULD_NOT_TRY; /* it has said why */
	if (WIFEXITED(status))
		printf("%s: done\n", attack);
	else
		printf("%s: done, signal %d\n", attack, WTERMSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : OTHER_ERRNO;
}
