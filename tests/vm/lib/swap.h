/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What programs share that change a file in the middle of its exec, held by a fanotify permission
 * event.
 */

#include "tests/vm/lib/attack.h"

#include <elf.h>
#include <sys/fanotify.h>
#include <sys/xattr.h>

static inline uint8_t *read_whole(const char *path, size_t *ret_size)
{
	struct stat st;
	int fd = open(path, O_RDONLY);

	need(fd >= 0 && fstat(fd, &st) == 0, path);
	uint8_t *data = malloc((size_t)st.st_size);
	need(data && read(fd, data, (size_t)st.st_size) == st.st_size, path);
	close(fd);
	*ret_size = (size_t)st.st_size;
	return data;
}

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
	need(0, "no such symbol");
	return 0;
}

static inline void write_whole(const char *path, const uint8_t *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	need(fd >= 0 && write(fd, data, size) == (ssize_t)size && fsync(fd) == 0, path);
	close(fd);
}

/* These bytes, sealed, with the claim: what Alice's file is. */
static inline int become(const char *path, const uint8_t *data, size_t size, const char *claim_path)
{
	size_t claim_size;
	uint8_t *claim = read_whole(claim_path, &claim_size);
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return -errno;
	need(pwrite(fd, data, size, 0) == (ssize_t)size && fsync(fd) == 0, "rewrite");
	close(fd);
	fd = open(path, O_RDONLY);
	need(fd >= 0, path);
	if (enable_verity(fd) < 0)
		return -errno;
	need(fsetxattr(fd, "user.bpfsign", claim, claim_size, 0) == 0, "fsetxattr");
	close(fd);
	return 0;
}

/*
 * Executes the arguments and calls act() when the kernel wants to read from path for the nth time.
 * Returns what act() did, and in *ret_status what became of the program.
 */
static inline int held(const char *path, int n, char **arguments, int (*act)(void), int *ret_status)
{
	struct fanotify_event_metadata event;
	int fan = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC);
	int r = -ENODATA;

	need(fan >= 0, "fanotify_init");
	need(fanotify_mark(fan, FAN_MARK_ADD, FAN_ACCESS_PERM, AT_FDCWD, path) == 0,
		"fanotify_mark");
	pid_t child = fork();
	if (child == 0) {
		execv(arguments[0], arguments);
		_exit(COULD_NOT_TRY);
	}
	while (n-- > 0 && read(fan, &event, sizeof(event)) == sizeof(event)) {
		if (n == 0) {
			need(fanotify_mark(fan, FAN_MARK_FLUSH, 0, AT_FDCWD, NULL) == 0, "flush");
			r = act();
		}
		struct fanotify_response response = {event.fd, FAN_ALLOW};
		need(write(fan, &response, sizeof(response)) == sizeof(response), "answer");
		close(event.fd);
	}
	close(fan);
	need(waitpid(child, ret_status, 0) == child, "waitpid");
	return r;
}

/* Says how it went, for the exit status of the attack. */
static inline int tell(const char *attack, int r, int status)
{
	if (r < 0)
		printf("%s: %s\n", attack, strerrorname_np(-r));
	else if (!WIFEXITED(status))
		printf("%s: done, signal %d\n", attack, WTERMSIG(status));
	else
		printf("%s: done\n", attack);
	return r == 0 && WIFEXITED(status) ? WEXITSTATUS(status) : KERNEL_REFUSED;
}
