/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * bpf() by the bare system call, and what its commands need: programs of a few instructions, maps,
 * BTF, pins. The functions that return long make one call and judge nothing: the caller passes the
 * result to step() or set_up().
 */

#include "tests/vm/lib/act.h"

#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline long bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static inline uint64_t pointer(const void *to)
{
	return (uintptr_t)to;
}

/* --- programs ------------------------------------------------------------------------------- */

#define INSN(c, d, s, o, i)                                                                        \
	((struct bpf_insn){.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)})
#define SET(d, i)     INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define MOVE(d, s)    INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define ADD(d, i)     INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define MAP(d, fd)    INSN(BPF_LD | BPF_IMM | BPF_DW, d, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)
#define LOOKUP        INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem)
#define IF_NULL(r, n) INSN(BPF_JMP | BPF_JEQ | BPF_K, r, 0, n, 0)
#define EXIT          INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static inline long load(unsigned type, unsigned attach_type, uint32_t attach_btf_id,
	const char *name, const struct bpf_insn *insns, size_t n)
{
	union bpf_attr attr = {.prog_type = type};

	attr.expected_attach_type = attach_type;
	attr.attach_btf_id = attach_btf_id;
	attr.insns = pointer(insns);
	attr.insn_cnt = (uint32_t)n;
	attr.license = pointer("GPL");
	memcpy(attr.prog_name, name, strnlen(name, sizeof(attr.prog_name) - 1));
	return bpf(BPF_PROG_LOAD, &attr);
}

#define LOAD(type, attach_type, btf_id, name, insns)                                               \
	load(type, attach_type, btf_id, name, insns, sizeof(insns) / sizeof((insns)[0]))

/* A program of that type that returns a constant. */
static inline long load_constant(int value, unsigned type, unsigned attach_type, const char *name)
{
	const struct bpf_insn insns[] = {SET(BPF_REG_0, value), EXIT};

	return LOAD(type, attach_type, 0, name, insns);
}

/* Runs it on a packet of zeroes. */
static inline long run_once(uint32_t program)
{
	char packet[64] = {0};
	union bpf_attr attr = {0};

	attr.test.prog_fd = program;
	attr.test.data_in = pointer(packet);
	attr.test.data_size_in = sizeof(packet);
	attr.test.repeat = 1;
	return bpf(BPF_PROG_TEST_RUN, &attr);
}

/* --- maps ----------------------------------------------------------------------------------- */

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
	memcpy(attr.map_name, name, strnlen(name, sizeof(attr.map_name) - 1));
	if (type == BPF_MAP_TYPE_ARRAY) {
		long btf = load_btf();
		attr.btf_fd = btf < 0 ? 0 : (uint32_t)btf;
		attr.btf_key_type_id = btf < 0 ? 0 : 1;
		attr.btf_value_type_id = btf < 0 ? 0 : 2;
	}
	return bpf(BPF_MAP_CREATE, &attr);
}

/* An array of one value, without BTF: one decision. */
static inline long new_array(const char *name, unsigned flags)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY};

	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 1;
	attr.map_flags = flags;
	memcpy(attr.map_name, name, strnlen(name, sizeof(attr.map_name) - 1));
	return bpf(BPF_MAP_CREATE, &attr);
}

/* Writes the element 0, whose size is the map's. */
static inline long update(int map, const void *value)
{
	uint32_t key = 0;
	union bpf_attr attr = {.map_fd = (uint32_t)map};

	attr.key = pointer(&key);
	attr.value = pointer(value);
	return bpf(BPF_MAP_UPDATE_ELEM, &attr);
}

/* --- obtaining ------------------------------------------------------------------------------ */

static inline long open_pin(const char *path)
{
	union bpf_attr attr = {.pathname = pointer(path)};

	return bpf(BPF_OBJ_GET, &attr);
}

/* By a command BPF_*_GET_FD_BY_ID. */
static inline long open_id(int cmd, uint32_t id)
{
	union bpf_attr attr = {.map_id = id};

	return bpf(cmd, &attr);
}

static inline long pin(int fd, const char *path)
{
	union bpf_attr attr = {.pathname = pointer(path), .bpf_fd = (uint32_t)fd};

	return bpf(BPF_OBJ_PIN, &attr);
}

/* The id after that one, by a command BPF_*_GET_NEXT_ID; 0 after the last. */
static inline uint32_t next_id(int cmd, uint32_t id)
{
	union bpf_attr attr = {.start_id = id};
	long r = bpf(cmd, &attr);

	if (r < 0 && errno != ENOENT)
		step("ids", r);
	return r < 0 ? 0 : attr.next_id;
}
