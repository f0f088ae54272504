/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Looking a function up in the BTF of the running kernel. */

#include "tests/vm/lib/step.h"

#include <fcntl.h>
#include <linux/btf.h>
#include <sys/stat.h>

/* How many bytes follow a struct btf_type. */
static inline size_t btf_rest(const struct btf_type *type)
{
	size_t n = type->info & 0xffff;

	switch (type->info >> 24 & 0x1f) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return n * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return n * 12;
	case BTF_KIND_FUNC_PROTO:
		return n * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return n * sizeof(struct btf_var_secinfo);
	default:
		return 0;
	}
}

static inline int read_all(int file, char *to, size_t size)
{
	for (size_t at = 0; at < size;) {
		ssize_t n = read(file, to + at, size - at);
		if (n <= 0)
			return -1;
		at += (size_t)n;
	}
	return 0;
}

/* The running kernel's number for one of its functions. */
static inline uint32_t btf_function(const char *name)
{
	int file = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (file < 0 || fstat(file, &status) < 0)
		could_not_try("/sys/kernel/btf/vmlinux");
	char *btf = malloc((size_t)status.st_size);
	if (!btf || read_all(file, btf, (size_t)status.st_size) < 0)
		could_not_try("/sys/kernel/btf/vmlinux");
	const struct btf_header *header = (void *)btf;
	const char *strings = btf + header->hdr_len + header->str_off;
	char *at = btf + header->hdr_len + header->type_off, *end = at + header->type_len;
	for (uint32_t id = 1; at < end; id++) {
		const struct btf_type *type = (void *)at;
		if ((type->info >> 24 & 0x1f) == BTF_KIND_FUNC &&
			strcmp(strings + type->name_off, name) == 0)
			return id;
		at += sizeof(*type) + btf_rest(type);
	}
	errno = ENOENT;
	could_not_try(name);
	return 0;
}
