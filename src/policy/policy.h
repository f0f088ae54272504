/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The policy as the file says it: the one vocabulary between the YAML text
 * (parse.c), its meaning (policy.c), the checks (check.c) and the bytes of the maps (src/image).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/contract/abi.h"
#include "src/base/base.h"
#include "src/base/diag.h"
#include "src/names/attach.h"
#include "src/yaml/position.h"

/* A number, word or switch (0 or 1) and where its key stands. Line 0: not given. */
struct policy_value {
	uint64_t number;
	struct position key;
};

/* An item of `attach:`. */
struct policy_attach {
	struct attach_kind kind;
	char target[BS_TARGET_SIZE]; /* with its '*'; empty: any */
	bool deny;
	struct position position;
};

/* An item of `helpers:` or `kfuncs:`: a function ("bpf_loop"), a group's word or "plain". */
struct policy_function {
	char text[64];
	bool deny;
	struct position position;
};

struct policy_functions {
	struct policy_function *items; /* in the order of the file */
	size_t n;
	struct position key; /* line 0: not given */
};

struct policy_load {
	bool present;
	uint64_t types; /* bit n: enum bpf_prog_type n */
	struct position types_key;
	struct policy_attach attach[BS_RULES]; /* in the order of the file */
	size_t n_attach;
	struct position attach_key;
	struct policy_functions helpers, kfuncs;
	struct policy_value kernel_reads, user_reads, user_writes; /* 1: allow */
	struct policy_value map_writes, map_reads;                 /* enum bs_scope */
	struct policy_value max_instructions, max_maps;
	struct policy_value signed_programs;
};

/* Owners that are no program: objects of unsigned callers, and those before the enforcement. */
#define POLICY_OWNER_UNSIGNED "unsigned"
#define POLICY_OWNER_BEFORE   BS_OWNER_BEFORE

/* A line of `maps:` or `programs:`. */
struct policy_object {
	char owner[BS_NAME_SIZE + 1]; /* with its '*'; empty: not given, which is any */
	char name[BS_MAP_NAME + 1];   /* with its '*' */
	uint32_t access;              /* enum bs_access */
	struct position position;
};

struct policy_objects {
	struct policy_object items[BS_RULES]; /* in the order of the file, which counts */
	size_t n;
};

/* An item of `collateral:` or `unsigned-files:`. */
struct policy_file {
	char path[BS_FILE_SIZE]; /* absolute, with its '*' */
	struct position position;
};

#define POLICY_FILES 16 /* at most this many items in one of these lists */

struct policy_file_list {
	struct policy_file items[POLICY_FILES]; /* in the order of the file */
	size_t n;
	struct position key; /* line 0: not given */
};

/* An item of `file-signers:`. */
struct policy_signer {
	char name[BS_NAME_SIZE];
	struct position position;
};

/* What may be read and executed inside a program. */
struct policy_files {
	struct policy_value collateral;       /* enum bs_collateral */
	struct policy_file_list signed_files; /* of BS_COLLATERAL_LISTED */
	struct policy_file_list unsigned_files;
	struct policy_value libraries; /* enum bs_libraries */
	struct policy_value jit;       /* 1: allow */
	struct policy_signer signers[BS_SIGNERS];
	size_t n_signers;
};

/* An item of `digests:`. */
struct policy_digest {
	uint8_t bytes[BS_DIGEST_SIZE];
	struct position position;
};

struct policy_digests {
	struct policy_digest items[BS_DIGESTS]; /* in the order of the file */
	size_t n;
	struct position key; /* line 0: not given */
};

/* An item of `pods:`. */
struct policy_pod {
	char space[BS_NAME_SIZE + 1]; /* its namespace, with its '*' */
	char name[BS_POD_NAME + 1];   /* with its '*' */
	struct position position;
};

/* Where a program must run. */
struct policy_place {
	struct policy_pod pods[BS_PODS]; /* in the order of the file */
	size_t n_pods;
	struct position pods_key;  /* line 0: not given */
	char cgroup[BS_PATH_SIZE]; /* absolute, each part with its '*'; empty: not given */
	struct position cgroup_key;
	struct policy_value any_namespace; /* 1: `user-namespace: any` */
};

struct policy_program {
	char name[BS_NAME_SIZE]; /* empty for `unsigned` */
	struct position position;
	char signer[BS_NAME_SIZE]; /* empty for `unsigned`, and where there are digests */
	struct position signer_position;
	struct policy_digests digests;
	struct policy_value require; /* bit n: enum condition n */
	struct policy_value measure; /* 1: IMA's hash in the exec line */
	char exec[BS_EXEC_PATHS][BS_PATH_SIZE];
	struct position exec_positions[BS_EXEC_PATHS];
	size_t n_exec; /* 0: any path */
	uint64_t min_sequence;
	bool latest;               /* `min-sequence: latest` */
	struct policy_place place; /* all zero in `unsigned` */
	struct policy_load load;
	struct policy_objects maps, programs;
	struct policy_value maps_compat;
	struct policy_files files;   /* all zero in `unsigned` */
	struct policy_value options; /* 1: a script's arguments may begin with '-' */
	struct policy_value kernel;  /* bit n: enum bs_lockdown n, as the file says it */

	/* Filled by policy_fill_defaults(). */
	bool is_control;     /* watchbpf or bpfsign: the BPF side treats it as a control program */
	uint64_t exceptions; /* of kernel, with what one grants by another; bit n: enum bs_lockdown
				n */
};

struct policy {
	char *path; /* for messages */
	unsigned version;
	struct policy_program *programs; /* in the order of the file */
	size_t n_programs;
	struct policy_program unsigned_; /* the entry `unsigned`; absent: grants nothing */
	struct policy_value lockdown;    /* enum bs_level */
	bool is_filled; /* by policy_fill_defaults(): a zero would mean more than least elsewhere */
};

#define POLICY_SIZE_LIMIT (16 << 20) /* bytes of YAML; more is refused */
#define POLICY_PROGRAMS   16384      /* at most this many programs in one policy */

void policy_done(struct policy *policy); /* frees the contents; safe on { 0 } */
static inline void policy_donep(struct policy *policy)
{
	policy_done(policy);
}
#define _cleanup_policy_ _cleanup_(policy_donep)

/*
 * Text to struct policy. *ret is untouched on failure. -EINVAL with file:line:column
 * and a hint in *reterr for whatever the file does wrong: syntax, a second document,
 * an alias or anchor or tag, an unknown or duplicate key, a wrong type, a name the kernel or the
 * claim would not accept, a missing `version`, an entry with neither or both of `signer` and
 * `digests`, a `load` without `types`, an `attach` of a type that is not granted, a version other
 * than 1. Absent values have their defaults in *ret. Names of helpers and kfuncs are taken as they
 * are: policy_check() warns of those that it does not know, image_build() asks the kernel. -EFBIG
 * above POLICY_SIZE_LIMIT, -ENOMEM. path is for messages only.
 */
int policy_parse(
	const char *path, const void *text, size_t size, struct policy *ret, struct diag *reterr);

/* The same from a file; also -errno of open(2) and read(2). */
int policy_load(const char *path, struct policy *ret, struct diag *reterr);

/*
 * Fills in what an entry does not say, the last step of policy_parse(): then each value has its
 * number, and a key without a line was not given. `collateral:` is strict, but off for the control
 * programs, which verify what they read by themselves: bpfsign could not read what it is to sign.
 * `lockdown:` is integrity; of a `load:`, `map-writes:` and `map-reads:` are own, `max-maps:` is
 * BS_ANY.
 */
void policy_fill_defaults(struct policy *policy);

/* One warning or error of policy_check(). */
typedef void (*policy_complaint_fn)(void *userdata, bool error, const struct diag *diag);

/*
 * Is the policy coherent? Calls complain for each thing that is not: errors (no
 * program at all, no entry watchbpf) and warnings (a generic loader granted more
 * than its own, a type that can hook the kernel, a grant without effect). Pure: reads the struct
 * only. Returns the number of errors.
 */
unsigned policy_check(const struct policy *policy, policy_complaint_fn complain, void *userdata);

/*
 * Warns of paths that are behind a symbolic link on this machine, since the kernel sees where they
 * lead: in `exec:`, such a path never holds; in `unsigned-files:`, where it leads must be named
 * too. Of a path with a '*', the folder before it is looked at. A path that does not exist here is
 * passed over: the policy may be another machine's.
 */
void policy_check_links(const struct policy *policy, policy_complaint_fn complain, void *userdata);

/* struct policy to YAML that policy_parse() reads back to the same struct. Heap, or NULL. */
char *policy_show(const struct policy *policy);
