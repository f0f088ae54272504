/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Looking around with libbpf before the start: the kernel's functions, others' programs, our
 * files.
 */

#include "src/enforcer/enforcer.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "src/enforcer/internal.h"
#include "src/base/file.h"

int enforcer_kernel_has(const char *function)
{
	static struct btf *kernel; /* some MB: parsed once, kept until exit */

	if (!kernel)
		kernel = btf__load_vmlinux_btf();
	if (!kernel)
		return -errno;
	return btf__find_by_name_kind(kernel, function, BTF_KIND_FUNC) > 0;
}

bool id_is_listed(uint32_t id, const uint32_t *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static void add_foreign(struct foreign_program *ret, size_t size, int *n, uint32_t id,
	const char *kind, const char *name)
{
	if ((size_t)*n < size) {
		ret[*n] = (struct foreign_program){.id = id, .kind = kind};
		snprintf(ret[*n].name, sizeof(ret[*n].name), "%s", name);
	}
	(*n)++;
}

static int program_info(uint32_t id, struct bpf_prog_info *ret)
{
	_cleanup_close_ int fd = bpf_prog_get_fd_by_id(id);
	uint32_t size = sizeof(*ret);

	memset(ret, 0, sizeof(*ret));
	return fd < 0 ? fd : bpf_obj_get_info_by_fd(fd, ret, &size);
}

/* LSM programs can deny after us and freplace can change others: by type. */
static int foreign_programs(struct foreign_program *ret, size_t size, int *n)
{
	struct bpf_prog_info info;
	uint32_t id = 0;
	int r;

	while ((r = bpf_prog_get_next_id(id, &id)) == 0) {
		r = program_info(id, &info);
		if (r == -ENOENT)
			continue; /* gone meanwhile */
		if (r < 0)
			return r;
		if (info.type == BPF_PROG_TYPE_LSM)
			add_foreign(ret, size, n, id, "lsm", info.name);
		else if (info.type == BPF_PROG_TYPE_EXT)
			add_foreign(ret, size, n, id, "freplace", info.name);
	}
	return r == -ENOENT ? 0 : r;
}

/* The kernel tells fmod_ret from fentry by the link only: a program's info has no attach type. */
static int foreign_links(struct foreign_program *ret, size_t size, int *n)
{
	uint32_t id = 0;
	int r;

	while ((r = bpf_link_get_next_id(id, &id)) == 0) {
		_cleanup_close_ int fd = bpf_link_get_fd_by_id(id);
		struct bpf_link_info info = {0};
		struct bpf_prog_info program;
		uint32_t info_size = sizeof(info);

		if (fd == -ENOENT)
			continue;
		if (fd < 0 || (r = bpf_obj_get_info_by_fd(fd, &info, &info_size)) < 0)
			return fd < 0 ? fd : r;
		if (info.type != BPF_LINK_TYPE_TRACING ||
			info.tracing.attach_type != BPF_MODIFY_RETURN)
			continue;
		r = program_info(info.prog_id, &program);
		add_foreign(ret, size, n, info.prog_id, "fmod_ret", r == 0 ? program.name : "");
	}
	return r == -ENOENT ? 0 : r;
}

int enforcer_foreign(struct foreign_program *ret, size_t size)
{
	int n = 0;
	int r = foreign_programs(ret, size, &n);

	if (r == 0)
		r = foreign_links(ret, size, &n);
	return r < 0 ? r : n;
}

static void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

int pins_remove(const char *path)
{
	_cleanup_(close_directory) DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory)
		return -errno;
	while ((errno = 0, entry = readdir(directory)))
		if (entry->d_name[0] != '.' && unlinkat(dirfd(directory), entry->d_name, 0) < 0)
			return -errno;
	if (errno)
		return -errno;
	return rmdir(path) < 0 ? -errno : 0;
}

/* One "SIGNER NAME SEQUENCE" a line. */
static int restore_line(int map_fd, const char *line)
{
	struct bs_sequence_key key = {0};
	uint64_t sequence;

	if (sscanf(line, "%63s %63s %" SCNu64, key.signer, key.name, &sequence) != 3)
		return -EINVAL;
	return bpf_map_update_elem(map_fd, &key, &sequence, BPF_ANY);
}

int sequences_restore(int map_fd, const char *path)
{
	_cleanup_bytes_ struct bytes text = {0};
	int r = read_file(path, 16 << 20, &text);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	char *rest = (char *)text.data, *line;
	while (r == 0 && (line = strsep(&rest, "\n")))
		if (*line)
			r = restore_line(map_fd, line);
	return r;
}

char *sequences_show(int map_fd)
{
	struct bs_sequence_key key, next;
	char *text = NULL;
	size_t size = 0;
	uint64_t sequence;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (void *previous = NULL; bpf_map_get_next_key(map_fd, previous, &next) == 0;) {
		key = next;
		previous = &key;
		if (bpf_map_lookup_elem(map_fd, &key, &sequence) == 0)
			fprintf(out, "%s %s %" PRIu64 "\n", key.signer, key.name, sequence);
	}
	return fclose(out) == 0 ? text : NULL;
}
