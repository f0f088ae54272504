/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Addresses of the kernel's own objects, by name. A program asks for them: the text of
 * /proc/kallsyms, which libbpf would read for `extern … __ksym`, takes a tenth of a start.
 */

#include "src/enforcer/internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "src/base/base.h"

#define NAME_SIZE 64 /* with its NUL, on the program's stack */

#define INSN(c, d, s, o, i)                                                                        \
	((struct bpf_insn){.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)})

/*
 * bpf_kallsyms_lookup_name() is for programs of type syscall (kernel/bpf/syscall.c, since v5.16):
 * the name is put on the stack, the address into the context, which the caller gets back.
 */
static size_t write_program(const char *name, struct bpf_insn *insns)
{
	enum { RESULT = -8, NAME = RESULT - NAME_SIZE };
	const struct bpf_insn end[] = {
		INSN(BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, RESULT, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_10, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_1, 0, 0, NAME),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, (int)strlen(name) + 1),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_4, BPF_REG_10, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_4, 0, 0, RESULT),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_kallsyms_lookup_name),
		INSN(BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_10, RESULT, 0),
		INSN(BPF_STX | BPF_MEM | BPF_DW, BPF_REG_6, BPF_REG_1, 0, 0),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	char padded[NAME_SIZE] = "";
	size_t n = 0;

	strncpy(padded, name, NAME_SIZE - 1);
	insns[n++] = INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_1, 0, 0);
	for (size_t i = 0; i < NAME_SIZE; i += sizeof(int)) {
		int word;
		memcpy(&word, padded + i, sizeof(word));
		insns[n++] = INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, NAME + (int)i, word);
	}
	memcpy(insns + n, end, sizeof(end));
	return n + ARRAY_SIZE(end);
}

int addresses_find(const char *name, __u64 *ret)
{
	struct bpf_insn insns[64];
	LIBBPF_OPTS(bpf_prog_load_opts, load, .prog_flags = BPF_F_SLEEPABLE);
	/* the context is copied back to where it came from */
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = ret, .ctx_size_in = sizeof(*ret));
	_cleanup_close_ int fd = bpf_prog_load(
		BPF_PROG_TYPE_SYSCALL, NULL, "GPL", insns, write_program(name, insns), &load);

	if (fd < 0)
		return fd;
	*ret = 0;
	int r = bpf_prog_test_run_opts(fd, &run);
	return r < 0 ? r : (int)run.retval;
}
