/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Programs out of a few instructions, and maps, for what steps through bpf() without a library. */

#include "tests/vm/lib/step.h"

#include <linux/btf.h>

#define INSN(c, d, s, o, i)                                                                        \
	((struct bpf_insn){.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)})
#define SET(d, i)     INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define MOVE(d, s)    INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define ADD(d, i)     INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define MAP(d, fd)    INSN(BPF_LD | BPF_IMM | BPF_DW, d, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)
#define LOOKUP        INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem)
#define IF_NULL(r, n) INSN(BPF_JMP | BPF_JEQ | BPF_K, r, 0, n, 0)
#define EXIT          INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static inline int load(unsigned type, unsigned attach_type, uint32_t attach_btf_id,
	const char *name, const struct bpf_insn *insns, size_t n)
{
	union bpf_attr attr = {.prog_type = type};

	attr.expected_attach_type = attach_type;
	attr.attach_btf_id = attach_btf_id;
	attr.insns = pointer(insns);
	attr.insn_cnt = (uint32_t)n;
	attr.license = pointer("GPL");
	strncpy(attr.prog_name, name, sizeof(attr.prog_name) - 1);
	return step("load", bpf(BPF_PROG_LOAD, &attr));
}

#define LOAD(type, attach_type, btf_id, name, insns)                                               \
	load(type, attach_type, btf_id, name, insns, sizeof(insns) / sizeof((insns)[0]))

/* What any type of program may do that may return 1: nothing else. */
static inline int load_trivial(unsigned type, unsigned attach_type, const char *name)
{
	static const struct bpf_insn insns[] = {SET(BPF_REG_0, 1), EXIT};

	return LOAD(type, attach_type, 0, name, insns);
}

/* __u32 and __u64: a map whose types the kernel knows can be read as text where it is pinned. */
static inline long load_btf(void)
{
	static const struct {
		struct btf_header header;
		struct btf_type key;
		uint32_t key_bits;
		struct btf_type value;
		uint32_t value_bits;
		char strings[12];
	} btf = {
		.header = {.magic = BTF_MAGIC,
			.version = BTF_VERSION,
			.hdr_len = sizeof(btf.header),
			.type_len = 32,
			.str_off = 32,
			.str_len = sizeof(btf.strings)},
		.key = {.name_off = 1, .info = BTF_KIND_INT << 24, .size = 4},
		.key_bits = 32,
		.value = {.name_off = 5, .info = BTF_KIND_INT << 24, .size = 8},
		.value_bits = 64,
		.strings = "\0u32\0u64",
	};
	union bpf_attr attr = {.btf = pointer(&btf), .btf_size = sizeof(btf)};

	return bpf(BPF_BTF_LOAD, &attr);
}

static inline long create(unsigned type, const char *name, unsigned flags, int inner)
{
	union bpf_attr attr = {.map_type = type};

	attr.key_size = 4;
	attr.value_size = type == BPF_MAP_TYPE_ARRAY ? 8 : 4;
	attr.max_entries = 1;
	attr.map_flags = flags;
	attr.inner_map_fd = inner > 0 ? (uint32_t)inner : 0;
	strncpy(attr.map_name, name, sizeof(attr.map_name) - 1);
	if (type == BPF_MAP_TYPE_ARRAY) {
		long btf = load_btf();
		attr.btf_fd = btf < 0 ? 0 : (uint32_t)btf;
		attr.btf_key_type_id = btf < 0 ? 0 : 1;
		attr.btf_value_type_id = btf < 0 ? 0 : 2;
	}
	return bpf(BPF_MAP_CREATE, &attr);
}
