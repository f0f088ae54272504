/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The kinds of `attach:`: which word stands for which program type and attach type, and what
 * may follow its '/'. One table; a new kind is a line in attach.c.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a kind's target is, as far as it is known soundly. */
enum attach_target {
	ATTACH_TARGET_NONE,       /* cannot be named */
	ATTACH_TARGET_BTF,        /* a function or type in a BTF */
	ATTACH_TARGET_TRACEPOINT, /* "syscalls/sys_enter_open" */
	ATTACH_TARGET_INTERFACE,  /* "eth0" */
};

struct attach_kind {
	const char *name;     /* static */
	uint32_t type;        /* enum bpf_prog_type */
	uint32_t attach_type; /* enum bpf_attach_type, or BS_ANY */
	enum attach_target target;
	const char *prefix;  /* of the name in the BTF, which is left out: "bpf_lsm_" */
	const char *instead; /* the cure where the target cannot be named */
};

/* The kind of a word; 0, or -ENOENT. */
int attach_kind_find(const char *word, struct attach_kind *ret);

/* Every word that attach_kind_find() knows, for "did you mean". Static. */
const char *const *attach_kind_names(size_t *ret_n);

/* fmod_ret, by any of its names. */
bool attach_kind_is_never(const char *word);

/* The kind that a word of libbpf's SEC() names is part of: "kprobe" for "uretprobe"; or NULL. */
const char *attach_kind_instead(const char *word);
