/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The BTF of the running kernel: the number of a function. */

#include "tests/vm/lib/files.h"

#include <linux/btf.h>
#include <stdint.h>

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

/* The running kernel's number for one of its functions. */
static inline uint32_t btf_function(const char *name)
{
	size_t size;
	char *btf = read_whole("/sys/kernel/btf/vmlinux", &size);
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
}
