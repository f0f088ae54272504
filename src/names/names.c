/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Numbers to words and back. The words have one home each: libbpf, the .def files. */

#include "src/names/names.h"

#include <errno.h>
#include <string.h>

#include <bpf/libbpf.h>
#include <linux/hash_info.h>

#include "bpf/contract/abi.h"
#include "src/base/base.h"

/*
 * Types that the libbpf of a supported distribution (1.1.2, Debian 12) does not know, by
 * number, since its <linux/bpf.h> does not know them either. Looked up when libbpf says
 * NULL, so that a newer libbpf has the last word.
 */
struct newer_type {
	unsigned type;
	const char *name;
};
static const struct newer_type newer_prog_types[] = {
	{32, "netfilter"}, /* since v6.4, 84601d6ee68a */
};
static const struct newer_type newer_map_types[] = {
	{33, "arena"},      /* since v6.9, 317460317a02 */
	{34, "insn_array"}, /* 7.3 has these, 6.18 not */
	{35, "rhash"},
};

// clang-format off
static const struct newer_type newer_attach_types[] = {
	{44, "struct_ops"},             /* since v6.4 */
	{45, "netfilter"},
	{46, "tcx_ingress"},            /* since v6.6 */
	{47, "tcx_egress"},
	{48, "trace_uprobe_multi"},
	{49, "cgroup_unix_connect"},    /* since v6.7 */
	{50, "cgroup_unix_sendmsg"},
	{51, "cgroup_unix_recvmsg"},
	{52, "cgroup_unix_getpeername"},
	{53, "cgroup_unix_getsockname"},
	{54, "netkit_primary"},
	{55, "netkit_peer"},
	{56, "trace_kprobe_session"},   /* since v6.10 */
	{57, "trace_uprobe_session"},   /* since v6.13 */
	{58, "trace_fsession"},         /* 7.3 has these, 6.18 not */
	{59, "trace_fentry_multi"},
	{60, "trace_fexit_multi"},
	{61, "trace_fsession_multi"},
};
// clang-format on

/* A policy has one bit for each type, see struct policy_load. */
#define PROG_TYPE_END 64

static const char *newer_name(const struct newer_type *types, size_t n, unsigned type)
{
	for (size_t i = 0; i < n; i++)
		if (types[i].type == type)
			return types[i].name;
	return NULL;
}

const char *prog_type_name(unsigned type)
{
	if (type >= PROG_TYPE_END)
		return NULL;
	const char *name = libbpf_bpf_prog_type_str((enum bpf_prog_type)type);
	return name ?: newer_name(newer_prog_types, ARRAY_SIZE(newer_prog_types), type);
}

const char *attach_type_name(unsigned type)
{
	if (type > INT32_MAX)
		return NULL;
	const char *name = libbpf_bpf_attach_type_str((enum bpf_attach_type)type);
	return name ?: newer_name(newer_attach_types, ARRAY_SIZE(newer_attach_types), type);
}

const char *map_type_name(unsigned type)
{
	if (type > INT32_MAX) /* libbpf compares as int */
		return NULL;
	const char *name = libbpf_bpf_map_type_str((enum bpf_map_type)type);
	return name ?: newer_name(newer_map_types, ARRAY_SIZE(newer_map_types), type);
}

int prog_type_find(const char *name)
{
	for (unsigned type = BPF_PROG_TYPE_UNSPEC + 1; type < PROG_TYPE_END; type++) {
		const char *other = prog_type_name(type);
		if (other && strcmp(name, other) == 0)
			return (int)type;
	}
	return -ENOENT;
}

const char *const *prog_type_names(size_t *ret_n)
{
	static const char *names[PROG_TYPE_END];
	size_t n = 0;

	/* Filled anew each time with the same words: cheap, and no state to get wrong. */
	for (unsigned type = BPF_PROG_TYPE_UNSPEC + 1; type < PROG_TYPE_END; type++)
		if (prog_type_name(type))
			names[n++] = prog_type_name(type);
	*ret_n = n;
	return names;
}

const char *const *switch_names(size_t *ret_n)
{
	static const char *const words[] = {"deny", "allow"};

	*ret_n = ARRAY_SIZE(words);
	return words;
}

const char *const *truth_names(size_t *ret_n)
{
	static const char *const words[] = {"false", "true"};

	*ret_n = ARRAY_SIZE(words);
	return words;
}

const char *const *condition_names(size_t *ret_n)
{
	static const char *const words[] = {
		[CONDITION_IMA] = "ima",
		[CONDITION_BUILTIN] = "builtin",
	};
	*ret_n = ARRAY_SIZE(words);
	return words;
}

const char *const *namespace_names(size_t *ret_n)
{
	static const char *const words[] = {"init", "any"};

	*ret_n = ARRAY_SIZE(words);
	return words;
}

const char *const *libraries_names(size_t *ret_n)
{
	static const char *const words[] = {[BS_LIBRARIES_SIGNED] = "signed",
		[BS_LIBRARIES_TRUSTED_PATHS] = "trusted-paths",
		[BS_LIBRARIES_REVOKE] = "revoke"};

	*ret_n = ARRAY_SIZE(words);
	return words;
}

const char *const *scope_names(size_t *ret_n)
{
	static const char *const words[] = {
		[BS_SCOPE_NONE] = "none",
		[BS_SCOPE_UNPINNED] = "unpinned",
		[BS_SCOPE_OWN] = "own",
		[BS_SCOPE_ANY] = "any",
	};
	*ret_n = ARRAY_SIZE(words);
	return words;
}

const char *const *map_access_names(size_t *ret_n)
{
	static const char *const words[] = {
		[BS_ACCESS_NONE] = "none", [BS_ACCESS_READ] = "ro", [BS_ACCESS_WRITE] = "rw"};

	*ret_n = ARRAY_SIZE(words);
	return words;
}

const char *const *program_access_names(size_t *ret_n)
{
	static const char *const words[] = {
		[BS_ACCESS_NONE] = "none", [BS_ACCESS_READ] = "use", [BS_ACCESS_WRITE] = "replace"};

	*ret_n = ARRAY_SIZE(words);
	return words;
}

const char *const *level_names(size_t *ret_n)
{
	static const char *const words[] = {
		[BS_LEVEL_OFF] = "off",
		[BS_LEVEL_INTEGRITY] = "integrity",
		[BS_LEVEL_CONFIDENTIALITY] = "confidentiality",
	};
	*ret_n = ARRAY_SIZE(words);
	return words;
}

const char *const *lockdown_names(size_t *ret_n)
{
	static const char *const words[] = {
#define LOCKDOWN(id, word, level, doc) word,
#include "bpf/contract/lockdown.def"
#undef LOCKDOWN
	};
	*ret_n = ARRAY_SIZE(words);
	return words;
}

/* A switch and not an array: the compiler names the role that was forgotten. */
const char *role_name(unsigned role)
{
	switch ((enum bs_role)role) {
	case BS_ROLE_NONE:
		return "none";
	case BS_ROLE_EXECUTABLE:
		return "executable";
	case BS_ROLE_LIBRARY:
		return "library";
	case BS_ROLE_COLLATERAL:
		return "collateral";
	case BS_ROLE_POLICY:
		return "policy";
	case BS_ROLE_ORDER:
		return "order";
	case BS_ROLE_END:
		break;
	}
	return "unknown";
}

int role_find(const char *name)
{
	for (unsigned role = BS_ROLE_NONE + 1; role < BS_ROLE_END; role++)
		if (strcmp(name, role_name(role)) == 0)
			return (int)role;
	return -ENOENT;
}

const char *op_name(unsigned op)
{
	static const char *const words[] = {
#define OP(id, word, doc) word,
#include "bpf/contract/ops.def"
#undef OP
	};
	return op < ARRAY_SIZE(words) ? words[op] : "unknown";
}

struct reason {
	const char *word, *sentence, *cure;
};

static const struct reason *reason_find(unsigned reason)
{
	static const struct reason reasons[] = {
#define REASON(id, word, sentence, cure) {word, sentence, cure},
#include "bpf/contract/reasons.def"
#undef REASON
	};
	static const struct reason unknown = {"unknown", "unknown", ""};
	return reason < ARRAY_SIZE(reasons) ? &reasons[reason] : &unknown;
}

const char *reason_name(unsigned reason)
{
	return reason_find(reason)->word;
}

const char *reason_sentence(unsigned reason)
{
	return reason_find(reason)->sentence;
}

const char *reason_cure(unsigned reason)
{
	return reason_find(reason)->cure;
}

const char *hash_name(unsigned algorithm, size_t *ret_size)
{
	static const struct {
		const char *name;
		size_t size;
	} hashes[] = {
		[HASH_ALGO_MD5] = {"md5", 16},
		[HASH_ALGO_SHA1] = {"sha1", 20},
		[HASH_ALGO_SHA224] = {"sha224", 28},
		[HASH_ALGO_SHA256] = {"sha256", 32},
		[HASH_ALGO_SHA384] = {"sha384", 48},
		[HASH_ALGO_SHA512] = {"sha512", 64},
		[HASH_ALGO_SM3_256] = {"sm3", 32},
	};

	if (algorithm >= ARRAY_SIZE(hashes) || !hashes[algorithm].name)
		return NULL;
	*ret_size = hashes[algorithm].size;
	return hashes[algorithm].name;
}
