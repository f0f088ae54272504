/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * From a program, before the verifier, to its footprint: its type, its target, and the helpers and
 * kfuncs that its instructions call. The instructions are the kernel's own copy.
 */

#include "bpf/contract/rules.h"
#include "bpf/kernel/kernel.bpf.h"

struct scan {
	__u64 instructions; /* address of the first */
	struct bs_footprint *footprint;
	struct bs_kfuncs *kfuncs; /* of the policy in force */
};

/* The index of a BTF id in the table, or -1. The table of 512 is sorted: nine steps. */
static __noinline int kfunc_index(struct bs_kfuncs *kfuncs, __u32 btf_id)
{
	__u32 low = 0;

	if (!kfuncs)
		return -1;
	for (__u32 step = 32 * BS_KFUNC_WORDS; step; step /= 2) {
		__u32 next = low + step;
		if (next < 64 * BS_KFUNC_WORDS && next < kfuncs->n && kfuncs->ids[next] <= btf_id)
			low = next;
	}
	if (low >= 64 * BS_KFUNC_WORDS || low >= kfuncs->n || kfuncs->ids[low] != btf_id)
		return -1;
	return low;
}

/* Helper numbers beyond the bitmap are unknown to every kernel: libbpf's poison in dead code. */
static __always_inline void scan_helper(struct bs_footprint *footprint, __u32 helper)
{
	if (helper < 64 * BS_HELPER_WORDS)
		footprint->helpers[helper / 64] |= 1ULL << (helper % 64);
}

/* offset: 0, or which module's BTF the id is of: no module's kfunc has a name here. */
static __always_inline void scan_kfunc(struct scan *scan, __u32 btf_id, __s16 offset)
{
	int index = offset ? -1 : kfunc_index(scan->kfuncs, btf_id);

	if (index < 0 || index >= 64 * BS_KFUNC_WORDS) {
		scan->footprint->flags |= BS_FOOTPRINT_UNNAMED;
		scan->footprint->unnamed = btf_id;
		return;
	}
	scan->footprint->kfuncs[(__u32)index / 64] |= 1ULL << ((__u32)index % 64);
}

static int scan_instruction(__u32 i, struct scan *scan)
{
	const struct bpf_insn *insn =
		bpf_rdonly_cast((void *)(scan->instructions + i * sizeof(struct bpf_insn)),
			bpf_core_type_id_kernel(struct bpf_insn));
	__u8 code = insn->code;

	if (code == (BPF_JMP | BPF_CALL)) {
		if (insn->src_reg == 0)
			scan_helper(scan->footprint, insn->imm);
		else if (insn->src_reg == BPF_PSEUDO_KFUNC_CALL)
			scan_kfunc(scan, insn->imm, insn->off);
	} else if (code == (BPF_LD | BPF_IMM | BPF_DW) && insn->src_reg == BPF_PSEUDO_BTF_ID) {
		scan->footprint->flags |= BS_FOOTPRINT_BTF_LOAD;
	}
	return 0;
}

/* The name of a BTF type in kernel memory, or NULL. A module's BTF goes on from the kernel's. */
static __noinline const char *btf_name(const struct btf *btf, __u32 id)
{
	const struct btf *base = BPF_CORE_READ(btf, base_btf);
	const struct btf_type *type = NULL;

	if (base && id < BPF_CORE_READ(btf, start_id))
		btf = base;
	struct btf_type **types = BPF_CORE_READ(btf, types);
	bpf_probe_read_kernel(&type, sizeof(type), types + (id - BPF_CORE_READ(btf, start_id)));
	if (!type)
		return NULL;
	__u32 name = BPF_CORE_READ(type, name_off), start = BPF_CORE_READ(btf, start_str_off);
	if (name < start) {
		btf = BPF_CORE_READ(btf, base_btf);
		start = 0;
	}
	return BPF_CORE_READ(btf, strings) + (name - start);
}

/* How long the kernel's prefix of a target's name is: "bpf_lsm_", "btf_trace_", "bpf_iter_". */
static __always_inline __u32 target_prefix(const struct bs_footprint *footprint)
{
	if (footprint->type == BPF_PROG_TYPE_LSM)
		return sizeof("bpf_lsm_") - 1;
	if (footprint->type != BPF_PROG_TYPE_TRACING)
		return 0;
	if (footprint->attach_type == BPF_TRACE_RAW_TP)
		return sizeof("btf_trace_") - 1;
	return footprint->attach_type == BPF_TRACE_ITER ? sizeof("bpf_iter_") - 1 : 0;
}

static __always_inline void scan_target(struct bs_footprint *footprint, struct bpf_prog *prog)
{
	struct bpf_prog *program = BPF_CORE_READ(prog, aux, dst_prog);
	const struct btf *btf =
		program ? BPF_CORE_READ(program, aux, btf) : BPF_CORE_READ(prog, aux, attach_btf);
	__u32 id = BPF_CORE_READ(prog, aux, attach_btf_id);

	if (!id)
		return;
	footprint->flags |=
		BS_FOOTPRINT_TARGET; /* without a name it is "", which only '*' grants */
	const char *name = btf ? btf_name(btf, id) : NULL;
	if (name)
		bpf_probe_read_kernel_str(footprint->target, sizeof(footprint->target),
			name + target_prefix(footprint));
}

/* kfuncs: the table of the policy in force, or NULL: then no kfunc has a name. */
static __noinline int scan_program(
	struct bs_footprint *footprint, struct bpf_prog *prog, struct bs_kfuncs *kfuncs)
{
	if (!footprint || !prog)
		return 0;

	struct scan scan = {.footprint = footprint, .kfuncs = kfuncs};
	__builtin_memset(footprint, 0, sizeof(*footprint));
	footprint->type = BPF_CORE_READ(prog, type);
	footprint->attach_type = BPF_CORE_READ(prog, expected_attach_type);
	footprint->instructions = BPF_CORE_READ(prog, len);
	scan_target(footprint, prog);
	scan.instructions = (__u64)prog + bpf_core_field_offset(struct bpf_prog, insnsi);
	bpf_loop(footprint->instructions, scan_instruction, &scan, 0);
	return 0;
}
