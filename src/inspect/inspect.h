/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What a policy sees of BPF programs and maps, and what it says of them: the footprint of an
 * object file (object.c) or of what is loaded (loaded.c), and the verdict that
 * bpf/contract/rules.h gives, as the kernel side does.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/contract/abi.h"
#include "bpf/contract/rules.h"
#include "src/base/diag.h"
#include "src/base/base.h"

struct functions;

enum inspect_kind {
	INSPECT_HELPER,
	INSPECT_KFUNC,
	INSPECT_ADDRESS, /* the typed address of a kernel variable or function */
};

/* What a program calls, or reads by its address. */
struct inspect_function {
	enum inspect_kind kind;
	char name[128];
	uint32_t number; /* a helper's id, a kfunc's BTF id; 0: not known */
	bool weak;       /* may be missing: the program loads without it */
	bool code;       /* a kernel function, not a variable */
	bool absent;     /* and this kernel has none: a weak one is no call */
	uint32_t groups; /* of bpf/contract/groups.def, as a mask */
};

struct inspect_map {
	char name[BS_NAME_SIZE];  /* the kernel keeps 15 bytes of it */
	uint32_t id;              /* 0: not loaded */
	uint32_t type;            /* enum bpf_map_type */
	bool read_only;           /* BPF_F_RDONLY_PROG: no program can write it */
	bool pinned;              /* the loader pins it, or takes what is pinned there */
	bool own;                 /* made by the one who is asked about */
	char owner[BS_NAME_SIZE]; /* NUL padded */
};

struct inspect_program {
	char name[BS_NAME_SIZE];
	char section[128]; /* of the object file, or empty */
	char attach[32];   /* name of the attach type, or empty */
	uint32_t id;       /* 0: not loaded */
	bool optional;     /* SEC("?…"): loaded only when its loader says so */
	/*
	 * What the policy looks at, without helpers and kfuncs; target without its flag: at the
	 * attach.
	 */
	struct bs_footprint footprint;
	struct inspect_function *functions;
	size_t n_functions;
	size_t *maps; /* places in inspection.maps */
	size_t n_maps;
};

struct inspection {
	char license[128];
	struct inspect_program *programs;
	size_t n_programs;
	struct inspect_map *maps;
	size_t n_maps;
};

void inspection_done(struct inspection *inspection); /* frees the contents; safe on { 0 } */
#define _cleanup_inspection_ _cleanup_(inspection_done)

/* A new element at the end, zeroed; NULL without memory. It moves when another is added. */
struct inspect_program *inspection_add_program(struct inspection *inspection);
struct inspect_map *inspection_add_map(struct inspection *inspection);

/* Once each; 0 or -ENOMEM. */
int inspect_add_function(
	struct inspect_program *program, enum inspect_kind kind, const char *name, uint32_t number);
int inspect_add_map(struct inspect_program *program, size_t place);

/*
 * Fills in what the kernel of functions knows: names of helpers, BTF ids of kfuncs, and the groups
 * of both. functions may be NULL: helpers are then called "#N".
 */
void inspect_resolve(struct inspection *inspection, const struct functions *functions);

/* Of all functions, and of the reading that needs none; BS_FOOTPRINT_* aside. */
uint32_t inspect_groups(const struct inspect_program *program);

/* The footprint as the kernel side would see it. kfuncs: the table of the policy. */
void inspect_footprint(const struct inspect_program *program, const struct bs_kfuncs *kfuncs,
	struct bs_footprint *ret);

struct inspect_answer {
	struct bs_verdict verdict;
	const struct inspect_map *map; /* that it is about, or NULL */
	bool at_attach;                /* the load is granted, attaching is not */
};

/* Who is asked about: "unsigned" or a program's name. Maps of an object file are its own. */
void inspect_set_owner(struct inspection *inspection, const char *name);

/* What would be decided for this program; entry is the policy's for who loads it. */
void inspect_judge(const struct bs_program *entry, const struct bs_kfuncs *kfuncs,
	const struct inspection *inspection, const struct inspect_program *program,
	struct inspect_answer *ret);

/* May a program of this entry name this map? */
void inspect_judge_map(
	const struct bs_program *entry, const struct inspect_map *map, struct inspect_answer *ret);

/* --- where inspections come from ------------------------------------------------------------ */

/*
 * Reads an object file as libbpf would load it: each program with the subprograms it reaches. Needs
 * no privilege. -errno of open(2), -EINVAL with the reason for what libbpf does not take.
 */
int inspect_object(const char *path, struct inspection *ret, struct diag *reterr);

/*
 * Reads what is loaded, after the verifier: what it removed and inlined is gone. -EPERM without
 * the privilege or when the enforcement says no, -ENOENT when there is none of this id.
 */
int inspect_loaded_program(uint32_t id, const struct functions *functions, struct inspection *ret,
	struct diag *reterr);
int inspect_loaded_map(uint32_t id, struct inspection *ret, struct diag *reterr);
