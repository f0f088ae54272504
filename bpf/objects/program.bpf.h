/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The verdict on a program: before the verifier by its footprint, after it by the maps that it
 * names. rules.h decides; facts that only the kernel has are judged here.
 */

#include "bpf/contract/rules.h"
#include "bpf/state/task.bpf.h"
#include "bpf/facts/identity.bpf.h"
#include "bpf/facts/scan.bpf.h"
#include "bpf/judge/decide.bpf.h"
#include "bpf/objects/descriptors.bpf.h"
#include "bpf/objects/objects.bpf.h"
#include "bpf/objects/signed.bpf.h"

/* --- before the verifier -------------------------------------------------------------------- */

/* An instruction that neither reads memory nor jumps, nor calls anything but a clock. */
static __always_inline bool is_harmless(const struct bpf_insn *insn)
{
	switch (insn->code & 7 /* class, include/uapi/linux/bpf_common.h */) {
	case BPF_ALU:
	case BPF_ALU64:
	case BPF_ST: /* a constant, into its stack or its own map */
		return true;
	case BPF_LD: /* the address of a map: two slots, the second all zero but for imm */
		return insn->code == 0 || (insn->code == (BPF_LD | BPF_IMM | BPF_DW) &&
						  insn->src_reg != BPF_PSEUDO_BTF_ID &&
						  insn->src_reg != BPF_PSEUDO_FUNC);
	case BPF_JMP:
		return insn->code == (BPF_JMP | BPF_EXIT) ||
		       (insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == 0 &&
			       insn->imm == BPF_FUNC_ktime_get_coarse_ns);
	default:
		return false;
	}
}

/* "" or "libbpf_…": the names of libbpf's probes; a program of an object file has its own. */
static __always_inline bool is_probe_name(const char *name)
{
	static const char prefix[8] = "libbpf_";
	__u64 start = 0;

	bpf_probe_read_kernel(&start, sizeof(prefix) - 1, name);
	return !(start & 0xff) || start == *(const __u64 *)prefix;
}

/*
 * Loaders probe the kernel with programs of two to eight instructions and give up when
 * they are refused (libbpf: bpf_object__probe_loading). One that reads nothing and calls nothing
 * can do no more than a classic socket filter that returns a constant, which needs no bpf(); one
 * of type cgroup_sock cannot be attached, see attach_reason().
 */
static __noinline bool is_trivial(struct bpf_prog *prog)
{
	struct bpf_insn insn = {};
	bool harmless = true;

	if (!prog)
		return false;
	__u32 length = BPF_CORE_READ(prog, len), type = BPF_CORE_READ(prog, type);
	if (length > 8 ||
		(type != BPF_PROG_TYPE_SOCKET_FILTER && type != BPF_PROG_TYPE_CGROUP_SOCK) ||
		!is_probe_name((const char *)BPF_CORE_READ(prog, aux) +
			       bpf_core_field_offset(struct bpf_prog_aux, name)))
		return false;
	const void *insns = (const void *)prog + bpf_core_field_offset(struct bpf_prog, insnsi);
	for (__u32 i = 0; i < 8 && i < length; i++) {
		if (bpf_probe_read_kernel(&insn, sizeof(insn), insns + i * sizeof(insn)))
			return false;
		harmless &= is_harmless(&insn);
	}
	return harmless;
}

/*
 * libbpf's other probe: does the kernel have bpf_probe_read_kernel()? It reads address 0 and drops
 * it. Refused, an object would be loaded with bpf_probe_read() in place of every other such helper,
 * and the denial would name what its author never wrote.
 */
static __noinline bool is_kernel_read_probe(struct bpf_prog *prog)
{
	static const struct bpf_insn probe[6] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 10},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 1, .imm = -8},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 8},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = 0},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_read_kernel},
		{.code = BPF_JMP | BPF_EXIT},
	};
	struct bpf_insn insns[6] = {};

	if (!prog || BPF_CORE_READ(prog, len) != 6 ||
		BPF_CORE_READ(prog, type) != BPF_PROG_TYPE_TRACEPOINT)
		return false;
	return !bpf_probe_read_kernel(insns, sizeof(insns),
		       (const void *)prog + bpf_core_field_offset(struct bpf_prog, insnsi)) &&
	       equal_u64s(insns, probe, sizeof(insns));
}

/* A probe of libbpf's that the entry's types do not cover, or that names a map which they would. */
static __always_inline bool is_probe(const struct bs_program *entry, struct bpf_prog *prog)
{
	return (entry->flags & BS_PROGRAM_LOADS) &&
	       (is_trivial(prog) || is_kernel_read_probe(prog));
}

/*
 * A program that attaches to another one must belong to that one's owner, or be granted
 * `replace`.
 */
static __noinline int target_reason(
	struct mark *mark, struct bpf_prog *prog, struct judgement *judgement)
{
	struct bpf_prog_aux *target = BPF_CORE_READ(prog, aux, dst_prog, aux);

	if (!target || !mark || !judgement)
		return BS_REASON_OK;
	__u32 id = BPF_CORE_READ(target, id);
	if (bpf_map_lookup_elem(&own_programs, &id) || is_control(mark))
		return BS_REASON_ATTACH_TARGET;
	program_name(target, judgement);
	return program_access_reason(
		mark, owner_find(target), BS_ACCESS_WRITE, BS_REASON_ATTACH_TARGET, judgement);
}

/* rules_program() and rules_map() on what the judgement holds; global, like access_by_rules(). */
__noinline int program_by_rules(struct bs_program *entry, struct judgement *judgement)
{
	if (!entry || !judgement)
		return BS_REASON_NO_LOAD;
	return rules_program(entry, &judgement->footprint, &judgement->verdict);
}

__noinline int map_by_rules(struct bs_program *entry, struct judgement *judgement)
{
	if (!entry || !judgement)
		return BS_REASON_NO_LOAD;
	return rules_map(entry, &judgement->map, &judgement->verdict);
}

/* The verdict of the mark's entry on the program, before the verifier. */
static __noinline int footprint_reason(
	struct mark *mark, struct bpf_prog *prog, struct judgement *judgement)
{
	static const char kfuncs[BS_NAME_SIZE] = BS_KFUNCS_KEY;
	__u32 policy = 0;

	if (!mark || !prog || !judgement)
		return BS_REASON_NO_MEMORY;
	struct bs_program *entry = entry_of(mark);
	if (!entry)
		return BS_REASON_NO_LOAD;
	if (is_control(mark))
		return BS_REASON_COMMAND;
	if (is_probe(entry, prog))
		return rules_answer(&judgement->verdict, BS_REASON_TRIVIAL, 0, 0);
	scan_program(&judgement->footprint, prog, (void *)policy_entry(kfuncs, &policy));
	return program_by_rules(entry, judgement);
}

/* The whole verdict before the verifier. The owner is set when the program is granted. */
static __always_inline int program_load_reason(struct task_state *task, struct bpf_prog *prog,
	union bpf_attr *attr, struct judgement *judgement)
{
	if (!task || !judgement)
		return BS_REASON_NO_MEMORY;
	struct mark *mark = &task->mark;
	int reason = use_reason(mark) ?: footprint_reason(mark, prog, judgement);
	if (reason > BS_REASON_TRIVIAL)
		return reason;
	__u32 line = judgement->verdict.line;
	int other = target_reason(mark, prog, judgement);
	if (!other && reason != BS_REASON_TRIVIAL)
		other = program_signature_reason(mark, prog, attr);
	judgement->verdict.line = line;
	if (other)
		return other;
	return owner_set(peek(prog)->aux, mark, BS_KIND_PROGRAM) ? reason : BS_REASON_NO_MEMORY;
}

/* --- after the verifier --------------------------------------------------------------------- */

struct naming {
	struct mark *mark;
	struct bs_program *entry;
	struct judgement *judgement;
	struct bpf_map **maps;
};

static __noinline int named_map_reason(struct bs_program *entry, struct mark *mark,
	struct bpf_map *map, struct judgement *judgement)
{
	struct bs_owner *owner = owner_find(map);

	if (!entry || !mark || !judgement || is_own_map(map))
		return BS_REASON_OWN_OBJECT;
	struct bs_map_facts *facts = &judgement->map;
	name_copy(facts->owner, owner_word(owner));
	bpf_core_read(facts->name, BS_MAP_NAME, &map->name);
	facts->type = BPF_CORE_READ(map, map_type);
	facts->own = is_owner(mark, owner);
	facts->read_only = !!(BPF_CORE_READ(map, map_flags) & BPF_F_RDONLY_PROG);
	if (judgement->trivial && facts->own)
		/* libbpf asks so for global data, under `map-writes: none` too */
		return BS_REASON_OK;
	return map_by_rules(entry, judgement);
}

static int judge_named_map(__u32 i, struct naming *naming)
{
	struct bpf_map *map = NULL;

	bpf_probe_read_kernel(&map, sizeof(map), naming->maps + i);
	if (!map)
		return 0;
	int reason = named_map_reason(naming->entry, naming->mark, map, naming->judgement);
	naming->judgement->verdict.reason = reason;
	return reason != BS_REASON_OK; /* 1 ends the loop */
}

/* The verdict on the maps of a program that the verifier has passed. */
static __noinline int named_maps_reason(
	struct mark *mark, struct bpf_prog *prog, struct judgement *judgement)
{
	if (!mark || !prog || !judgement)
		return BS_REASON_NO_MEMORY;

	struct bs_program *entry = entry_of(mark);
	struct bpf_prog_aux *aux = BPF_CORE_READ(prog, aux);
	__u32 n = BPF_CORE_READ(aux, used_map_cnt);
	struct naming naming = {mark, entry, judgement, BPF_CORE_READ(aux, used_maps)};
	if (!entry)
		return BS_REASON_NO_LOAD;
	if (rules_map_count(entry, n, &judgement->verdict))
		return judgement->verdict.reason;
	if ((mark->verdict.program_flags & BS_PROGRAM_READ_ONLY) &&
		BPF_CORE_READ(aux, max_rdwr_access))
		return BS_REASON_MAP_ITERATOR;
	judgement->verdict.reason = BS_REASON_OK;
	bpf_loop(n, judge_named_map, &naming, 0);
	return judgement->verdict.reason;
}

/* Everything after the verifier; from then on the program can be obtained. */
static __always_inline int program_made_reason(struct task_state *task, struct bpf_prog *prog,
	struct bs_owner *owner, struct judgement *judgement)
{
	if (!task || !judgement || !owner)
		return BS_REASON_NO_MEMORY;
	__u32 line = judgement->verdict.line;
	int before = judgement->verdict.reason; /* OK or TRIVIAL */
	judgement->trivial = before == BS_REASON_TRIVIAL;
	int reason = named_maps_reason(&task->mark, prog, judgement);
	if (reason)
		return reason;
	judgement->verdict.reason = before;
	judgement->verdict.line = line;
	struct bpf_prog_aux *aux = BPF_CORE_READ(prog, aux);
	owner->type = BPF_CORE_READ(prog, type);
	owner->line = line;
	bpf_core_read(owner->object, BS_MAP_NAME, &aux->name);
	owner->id = BPF_CORE_READ(aux, id);
	owner_alias(prog, owner);
	return before;
}
