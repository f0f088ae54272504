/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The kernel's functions and the programs of others, before the start. */

#include "src/enforcer/enforcer.h"

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

static void add_foreign(struct foreign_program *ret, size_t size, int *n, uint32_t id,
	const char *kind, const char *name)
{
	if ((size_t)*n < size) {
		ret[*n] = (struct foreign_program){.id = id, .kind = kind};
		snprintf(ret[*n].name, sizeof(ret[*n].name), "%s", name);
	}
	(*n)++;
}

int enforcer_program_info(uint32_t id, struct bpf_prog_info *ret)
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
		r = enforcer_program_info(id, &info);
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

#define SETTLE_MS 1000 /* longer than a link is made */

/* bpf(2) answers EAGAIN while the link is being made (bpf_link_by_id(), v6.12). */
static int link_by_id(uint32_t id)
{
	int fd;

	for (int i = 0; (fd = bpf_link_get_fd_by_id(id)) == -EAGAIN && i < SETTLE_MS; i++)
		usleep(1000);
	return fd;
}

/* The kernel tells fmod_ret from fentry by the link only: a program's info has no attach type. */
static int foreign_links(struct foreign_program *ret, size_t size, int *n)
{
	uint32_t id = 0;
	int r;

	while ((r = bpf_link_get_next_id(id, &id)) == 0) {
		_cleanup_close_ int fd = link_by_id(id);
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
		r = enforcer_program_info(info.prog_id, &program);
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
