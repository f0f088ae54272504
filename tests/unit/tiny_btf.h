/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A kernel of ten helpers and six kfuncs, as a BTF file: for tests that need a struct functions
 * and no kernel. One helper and one kfunc are newer than bpf/contract/functions.def.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "src/names/functions.h"
#include "src/base/file.h"

static const struct {
	const char *name;
	int number;
} tiny_helpers[] = {
	{"BPF_FUNC_unspec", 0},
	{"BPF_FUNC_map_lookup_elem", 1},
	{"BPF_FUNC_probe_read", 4},
	{"BPF_FUNC_trace_printk", 6},
	{"BPF_FUNC_redirect", 23},
	{"BPF_FUNC_probe_write_user", 36},
	{"BPF_FUNC_send_signal", 109},
	{"BPF_FUNC_probe_read_user", 112},
	{"BPF_FUNC_probe_read_kernel", 113},
	{"BPF_FUNC_loop", 181},
	{"BPF_FUNC_future_helper", 212},
	{"__BPF_FUNC_MAX_ID", 213},
};

/* By id; bpf_send_signal is the kernel's function behind the helper, and no kfunc. */
static const char *const tiny_functions[] = {"bpf_task_from_pid", "bpf_send_signal",
	"bpf_obj_new_impl", "schedule", "bpf_future_kfunc", "bpf_dynptr_size", "bpf_strlen",
	"bpf_copy_from_user_str"};

/* -errno of libbpf, or the BTF. */
static inline struct btf *tiny_btf(void)
{
	struct btf *btf = btf__new_empty();

	int integer = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	btf__add_enum(btf, "bpf_func_id", 4);
	for (size_t i = 0; i < ARRAY_SIZE(tiny_helpers); i++)
		btf__add_enum_value(btf, tiny_helpers[i].name, tiny_helpers[i].number);
	int prototype = btf__add_func_proto(btf, integer);
	for (size_t i = 0; i < ARRAY_SIZE(tiny_functions); i++)
		btf__add_func(btf, tiny_functions[i], BTF_FUNC_STATIC, prototype);
	return btf;
}

/* Writes it into a temporary file, whose name ends in XXXXXX; 0 or -errno. */
static inline int write_btf(const struct btf *btf, char *path)
{
	_cleanup_close_ int fd = mkstemp(path);
	uint32_t size;
	const void *data = btf__raw_data(btf, &size);

	return fd < 0 ? -errno : write_all(fd, data, size);
}

/* The functions of the tiny kernel. NULL when anything fails. */
static inline struct functions *tiny_kernel(void)
{
	char path[] = "/tmp/tiny_btf.XXXXXX";
	struct functions *functions = NULL;
	struct btf *btf = tiny_btf();

	if (write_btf(btf, path) == 0)
		functions_load(path, &functions, NULL);
	unlink(path);
	btf__free(btf);
	return functions;
}
