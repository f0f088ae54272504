/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The verdict of a policy's entry on a program and on a map: the one source from which the BPF side
 * (objects/program.bpf.h) and `bpfsign inspect` (src/inspect/inspect.c) are compiled. Pure: reads
 * its arguments only. A new rule is a function here and a line in rules_program()
 * or rules_map().
 */

#include "bpf/contract/abi.h"
#include "bpf/contract/rules_attach.h"
#include "bpf/contract/rules_match.h"

#include <linux/bpf.h>

/* BPF_PROG_TYPE_NETFILTER of v6.4, which the <linux/bpf.h> of Debian 12 does not have. */
#define RULES_PROG_TYPE_NETFILTER 32

enum bs_footprint_flag {
	BS_FOOTPRINT_TARGET = 1 << 0,    /* target is known; else it will be at the attach */
	BS_FOOTPRINT_BTF_LOAD = 1 << 1,  /* ld_imm64 with PSEUDO_BTF_ID: a typed kernel address */
	BS_FOOTPRINT_UNNAMED = 1 << 2,   /* calls a kfunc that is not in bs_kfuncs: see unnamed */
	BS_FOOTPRINT_SLEEPABLE = 1 << 3, /* for people */
	BS_FOOTPRINT_GPL = 1 << 4,       /* for people */
};

/* A program as it is seen before the verifier: what it is and what it calls. */
struct bs_footprint {
	__u32 type;         /* enum bpf_prog_type */
	__u32 attach_type;  /* enum bpf_attach_type: expected_attach_type */
	__u32 instructions; /* as loaded, of 8 bytes */
	__u32 flags;        /* enum bs_footprint_flag */
	__u32 unnamed;      /* BTF id of such a kfunc */
	__u32 _pad;
	__u64 helpers[BS_HELPER_WORDS];
	__u64 kfuncs[BS_KFUNC_WORDS];
	char target[BS_TARGET_SIZE]; /* of the attach, NUL padded */
};

/* A map as a program of the entry would use it. */
struct bs_map_facts {
	char owner[BS_NAME_SIZE]; /* a program's name, "unsigned" or BS_OWNER_BEFORE */
	char name[BS_MAP_NAME];
	__u32 type;      /* enum bpf_map_type */
	__u32 own;       /* 1: made by this entry */
	__u32 read_only; /* 1: BPF_F_RDONLY_PROG: no program can write it */
	__u32 _pad;
};

/* The answer: why, by which line of the policy file, and what it is about. */
struct bs_verdict {
	__u32 reason; /* enum bs_reason */
	__u32 line;   /* 0: a default or no rule at all */
	__u32 detail; /* see bs_record.detail */
};

RULES __u32 rules_answer(struct bs_verdict *verdict, __u32 reason, __u32 line, __u32 detail)
{
	verdict->reason = reason;
	verdict->line = line;
	verdict->detail = detail;
	return reason;
}

/* --- others' objects ------------------------------------------------------------------------ */

struct rules_objects {
	const struct bs_object_rule *rules;
	const char *owner, *name;
	__u32 found; /* BS_RULES: none */
};

static inline int rules_object_look(__u32 i, struct rules_objects *search)
{
	const struct bs_object_rule *rule = &search->rules[i & (BS_RULES - 1)];

	if (!(rules_match(search->owner, rule->owner.bytes, rule->owner.mask, BS_NAME_SIZE) &
		    rules_match(search->name, rule->name, rule->name_mask, BS_MAP_NAME)))
		return 0;
	search->found = i & (BS_RULES - 1);
	return 1;
}

/*
 * Which of `maps:` or `programs:` speaks of an object of that owner and name: its index, or
 * BS_RULES. owner: BS_NAME_SIZE bytes; name: BS_MAP_NAME bytes; both NUL padded.
 */
RULES __u32 rules_object(
	const struct bs_object_rule *rules, __u32 n, const char *owner, const char *name)
{
	struct rules_objects search = {rules, owner, name, BS_RULES};

	RULES_EACH(n, rules_object_look, &search);
	return search.found;
}

/* --- files ---------------------------------------------------------------------------------- */

struct rules_path {
	const struct bs_files *files;
	const char *path;
	__u32 kind;
	__u32 found; /* 1: a rule speaks of it */
};

static inline int rules_file_look(__u32 i, struct rules_path *search)
{
	if (i >= BS_FILE_RULES)
		return 1;
	const struct bs_file_rule *rule = &search->files->rules[i];
	search->found = rule->kind == search->kind &&
			rules_match(search->path, rule->bytes, rule->mask, BS_FILE_SIZE);
	return (int)search->found;
}

/*
 * Does the entry have a rule of that kind for this path? path: BS_FILE_SIZE bytes and more, NUL
 * padded.
 */
RULES int rules_file(const struct bs_files *files, __u32 kind, const char *path)
{
	struct rules_path search = {files, path, kind, 0};

	RULES_EACH(files->n, rules_file_look, &search);
	return search.found != 0;
}

/* --- programs, before the verifier ---------------------------------------------------------- */

/* Types whose context has BTF pointers: they read kernel memory without any helper. */
RULES int rules_reads_by_type(__u32 type)
{
	return type == BPF_PROG_TYPE_TRACING || type == BPF_PROG_TYPE_LSM ||
	       type == BPF_PROG_TYPE_STRUCT_OPS || type == BPF_PROG_TYPE_EXT ||
	       type == RULES_PROG_TYPE_NETFILTER;
}

/*
 * 1 when the rule speaks of such programs. A target that is not known yet satisfies a grant. A
 * denial speaks of what does the denied work among other things, and where that may have any
 * target, the target of the denial does not count.
 */
RULES __u64 rules_attach_matches(
	const struct bs_attach_rule *rule, const struct bs_footprint *footprint, __u64 parts)
{
	__u64 known = footprint->flags & BS_FOOTPRINT_TARGET; /* 0 or 1 */
	__u64 type =
		rules_is_zero(rule->type ^ BS_ANY) | rules_is_zero(rule->type ^ footprint->type);
	__u64 part = rule->deny & rules_is_zero(rule->attach_type >> 6) &
		     (parts >> (rule->attach_type & 63));
	__u64 attach = rules_is_zero(rule->attach_type ^ BS_ANY) |
		       rules_is_zero(rule->attach_type ^ footprint->attach_type) | part;
	__u64 target = rules_match(
		footprint->target, rule->target.bytes, rule->target.mask, BS_TARGET_SIZE);
	__u64 any = rules_is_zero(rule->target.mask[0]);
	__u64 unknown = (known ^ 1) & (any | (rule->deny ^ 1));
	__u64 everywhere = part & rules_attach_is_multi(footprint->attach_type);

	return type & attach & ((known & target) | unknown | everywhere);
}

struct rules_attachment {
	const struct bs_load *load;
	const struct bs_footprint *footprint;
	__u64 parts;   /* rules_attach_parts() */
	__u32 denied;  /* the rule that denies it; BS_RULES: none */
	__u32 allowed; /* 1: a rule allows it */
	__u32 grants;  /* 1: there is a rule that allows something */
	__u32 _pad;
};

static inline int rules_attach_look(__u32 i, struct rules_attachment *search)
{
	const struct bs_attach_rule *rule = &search->load->attach[i & (BS_RULES - 1)];
	__u32 matches = (__u32)rules_attach_matches(rule, search->footprint, search->parts);

	if (matches && rule->deny) {
		search->denied = i & (BS_RULES - 1);
		return 1;
	}
	search->allowed |= matches;
	search->grants |= !rule->deny;
	return 0;
}

/*
 * `attach:`: some rule allows and none denies. Only denials, or no rule at all: the rest
 * is allowed.
 */
RULES __u32 rules_attach(const struct bs_load *load, const struct bs_footprint *footprint,
	struct bs_verdict *verdict)
{
	struct rules_attachment search = {
		load, footprint, rules_attach_parts(footprint->attach_type), BS_RULES, 0, 0, 0};

	RULES_EACH(load->n_attach, rules_attach_look, &search);
	if (search.denied < BS_RULES)
		return rules_answer(verdict, BS_REASON_ATTACH, load->attach[search.denied].line, 0);
	if (search.allowed || !search.grants)
		return BS_REASON_OK;
	return rules_answer(verdict, BS_REASON_ATTACH, load->attach_line, 0);
}

/* The lowest bit that is set in both, or -1. */
RULES int rules_common_bit(const __u64 *a, const __u64 *b, int words)
{
	__u64 any = 0;

	for (int i = 0; i < words; i++)
		any |= a[i] & b[i];
	if (!any)
		return -1;
	for (int i = 0; i < words; i++)
		if (a[i] & b[i])
			return i * 64 + (int)rules_lowest_bit(a[i] & b[i]);
	return -1;
}

/* The word for what this cause denies. */
RULES __u32 rules_cause_reason(__u32 cause, __u32 otherwise)
{
	switch (cause) {
	case BS_CAUSE_KERNEL_READS:
		return BS_REASON_KERNEL_READS;
	case BS_CAUSE_USER_READS:
		return BS_REASON_USER_READS;
	case BS_CAUSE_USER_WRITES:
		return BS_REASON_USER_WRITES;
	default:
		return otherwise;
	}
}

/* The helpers and kfuncs that one cause denies. A kfunc is named by its index in bs_kfuncs. */
RULES __u32 rules_functions(const struct bs_denied *denied, __u32 cause,
	const struct bs_footprint *footprint, struct bs_verdict *verdict)
{
	int helper = rules_common_bit(denied->helpers, footprint->helpers, BS_HELPER_WORDS);
	if (helper >= 0)
		return rules_answer(verdict, rules_cause_reason(cause, BS_REASON_HELPER),
			denied->helpers_line, (__u32)helper);

	int kfunc = rules_common_bit(denied->kfuncs, footprint->kfuncs, BS_KFUNC_WORDS);
	if (kfunc >= 0)
		return rules_answer(verdict, rules_cause_reason(cause, BS_REASON_KFUNC),
			denied->kfuncs_line, BS_DETAIL_KFUNC | (__u32)kfunc);
	if (denied->unnamed && (footprint->flags & BS_FOOTPRINT_UNNAMED))
		return rules_answer(verdict, rules_cause_reason(cause, BS_REASON_KFUNC),
			denied->kfuncs_line, BS_DETAIL_BTF_ID | footprint->unnamed);
	return BS_REASON_OK;
}

/* Kernel memory is read without a call: by the type's context, or by a typed address. */
RULES __u32 rules_kernel_reads(const struct bs_load *load, const struct bs_footprint *footprint,
	struct bs_verdict *verdict)
{
	const struct bs_denied *denied = &load->denied[BS_CAUSE_KERNEL_READS];

	if (!denied->unnamed) /* the whole group is allowed */
		return BS_REASON_OK;
	if (rules_reads_by_type(footprint->type))
		return rules_answer(
			verdict, BS_REASON_KERNEL_READS, denied->helpers_line, BS_DETAIL_CONTEXT);
	if (footprint->flags & BS_FOOTPRINT_BTF_LOAD)
		return rules_answer(
			verdict, BS_REASON_KERNEL_READS, denied->helpers_line, BS_DETAIL_ADDRESS);
	return BS_REASON_OK;
}

/*
 * Could the program take back what one of ours has said? fmod_ret does by its kind, one on a cgroup
 * beside those of last.bpf.h, or in the place of such a one's function, by bpf_set_retval().
 */
RULES int rules_outvotes(const struct bs_footprint *footprint)
{
	__u32 type = footprint->type;

	if (type == BPF_PROG_TYPE_TRACING)
		return footprint->attach_type == BPF_MODIFY_RETURN;
	if (type != BPF_PROG_TYPE_CGROUP_SYSCTL && type != BPF_PROG_TYPE_EXT &&
		(type != BPF_PROG_TYPE_LSM || footprint->attach_type != BPF_LSM_CGROUP))
		return 0;
	return footprint->helpers[BPF_FUNC_set_retval / 64] >> BPF_FUNC_set_retval % 64 & 1;
}

/* Is the program of a type that the entry may load at all? */
RULES __u32 rules_type(const struct bs_program *entry, const struct bs_footprint *footprint,
	struct bs_verdict *verdict)
{
	if (!(entry->flags & BS_PROGRAM_LOADS))
		return rules_answer(verdict, BS_REASON_NO_LOAD, entry->line, 0);
	if (rules_outvotes(footprint))
		return rules_answer(verdict, BS_REASON_MODIFY_RETURN, 0, 0);
	if (rules_attach_is_newer(footprint->type, footprint->attach_type))
		return rules_answer(verdict, BS_REASON_ATTACH, 0, 0);
	if (footprint->type < 64 && (entry->load.types & (1ULL << footprint->type)))
		return BS_REASON_OK;
	return rules_answer(verdict, BS_REASON_LOAD_TYPE, entry->load.types_line, 0);
}

/*
 * May a program of this footprint be loaded by a task of this entry? Fills verdict and returns
 * its reason. What the kernel alone can tell (the target program's owner, its signature)
 * is judged in addition, in objects/program.bpf.h.
 */
RULES __u32 rules_program(const struct bs_program *entry, const struct bs_footprint *footprint,
	struct bs_verdict *verdict)
{
	const struct bs_load *load = &entry->load;

	rules_answer(verdict, BS_REASON_OK, load->types_line, 0);
	if (rules_type(entry, footprint, verdict))
		return verdict->reason;
	if (load->max_instructions.value && footprint->instructions > load->max_instructions.value)
		return rules_answer(verdict, BS_REASON_MAX_INSTRUCTIONS,
			load->max_instructions.line, footprint->instructions);
	if (rules_attach(load, footprint, verdict) || rules_kernel_reads(load, footprint, verdict))
		return verdict->reason;
	for (__u32 cause = 0; cause < BS_CAUSE_END; cause++)
		if (rules_functions(&load->denied[cause], cause, footprint, verdict))
			return verdict->reason;
	return BS_REASON_OK;
}

/* --- maps of a program, after the verifier -------------------------------------------------- */

RULES int rules_is_map_of_maps(__u32 type)
{
	return type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

/* Is a map of another owner within the scope, given what `maps:` says of it? */
RULES __u32 rules_foreign_map(const struct bs_program *entry, const struct bs_map_facts *map,
	const struct bs_value *scope, __u32 wanted, __u32 reason, struct bs_verdict *verdict)
{
	__u32 i = rules_object(entry->maps, entry->n_maps, map->owner, map->name);
	int named = i < BS_RULES;
	__u32 access = named ? entry->maps[i].access : BS_ACCESS_NONE;

	if (named && access < wanted)
		return rules_answer(verdict,
			access == BS_ACCESS_READ ? BS_REASON_READ_ONLY_PROGRAM : reason,
			entry->maps[i].line, 0);
	if (scope->value == BS_SCOPE_ANY || (named && scope->value == BS_SCOPE_OWN))
		return BS_REASON_OK;
	return rules_answer(verdict, reason, scope->line, 0);
}

/* One of `map-reads` and `map-writes`. wanted: enum bs_access. */
RULES __u32 rules_scope(const struct bs_program *entry, const struct bs_map_facts *map,
	const struct bs_value *scope, __u32 wanted, __u32 reason, struct bs_verdict *verdict)
{
	if (!map->own)
		return rules_foreign_map(entry, map, scope, wanted, reason, verdict);
	if (scope->value == BS_SCOPE_NONE)
		return rules_answer(verdict, reason, scope->line, 0);
	return BS_REASON_OK;
}

/*
 * May a program of this entry name this map? It counts as written unless no program can write
 * it. An entry with a map that is `ro` may not name a map of maps: the kernel lets a read-only
 * descriptor into one, and a program writes through it.
 */
RULES __u32 rules_map(
	const struct bs_program *entry, const struct bs_map_facts *map, struct bs_verdict *verdict)
{
	const struct bs_load *load = &entry->load;

	rules_answer(verdict, BS_REASON_OK, 0, 0);
	if ((entry->flags & BS_PROGRAM_READ_ONLY) && rules_is_map_of_maps(map->type))
		return rules_answer(verdict, BS_REASON_MAP_OF_MAPS, 0, 0);
	if (rules_scope(entry, map, &load->map_reads, BS_ACCESS_READ, BS_REASON_MAP_READS, verdict))
		return verdict->reason;
	if (map->read_only)
		return BS_REASON_OK;
	return rules_scope(
		entry, map, &load->map_writes, BS_ACCESS_WRITE, BS_REASON_MAP_WRITES, verdict);
}

/* `max-maps`. */
RULES __u32 rules_map_count(
	const struct bs_program *entry, __u32 n_maps, struct bs_verdict *verdict)
{
	const struct bs_value *most = &entry->load.max_maps;

	if (n_maps <= most->value)
		return BS_REASON_OK;
	return rules_answer(verdict, BS_REASON_MAX_MAPS, most->line, n_maps);
}
