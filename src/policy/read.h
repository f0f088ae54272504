/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Readers of values for the tables in parse.c: of `load:` (read_load.c, read_attach.c), of `maps:`
 * and `programs:` (read_objects.c), of the keys about files (read_files.c), of both `kernel:`
 * (read_kernel.c), of the identity of an entry (read_conditions.c), of the place where it runs
 * (read_place.c), and of the texts that they share (read_text.c).
 */

#include "src/policy/policy.h"
#include "src/yaml/yaml.h"

#define SCOPE_DOC      "'none', 'own', 'unpinned' or 'any'"
#define MAXIMUM_DOC    "a plain decimal number, at least 1"
#define MAPS_DOC       "a mapping of NAME or OWNER:NAME to 'rw', 'ro' or 'none'"
#define LEVEL_DOC      "'integrity', 'confidentiality' or 'off'"
#define EXCEPTIONS_DOC "a list of words like 'modules' or 'kprobes'"
#define FILES_DOC      "a list of absolute paths, which may end with '*'"
#define COLLATERAL_DOC "'strict', 'off' or " FILES_DOC
#define LIBRARIES_DOC  "'signed', 'revoke' or 'trusted-paths'"
#define DIGESTS_DOC    "a list of fs-verity digests like 'sha256:…'"
#define CONDITIONS_DOC "a list of 'ima' and 'builtin'"
#define PODS_DOC       "a list of NAMESPACE/NAME"
#define CGROUP_DOC     "one absolute path like '/system.slice/alice.service'"
#define NAMESPACE_DOC  "'init' or 'any'"
#define PROGRAMS_DOC   "a mapping of NAME or OWNER:NAME to 'none', 'use' or 'replace'"

/* Of `load:`; field is what the key's offset says, struct policy_load without one. */
int read_types(struct reader *reader, const struct key *key, void *field);
int read_attach(struct reader *reader, const struct key *key, void *field);
int read_helpers(struct reader *reader, const struct key *key, void *field);
int read_kfuncs(struct reader *reader, const struct key *key, void *field);
int read_switch(struct reader *reader, const struct key *key, void *field);
int read_scope(struct reader *reader, const struct key *key, void *field);
int read_maximum(struct reader *reader, const struct key *key, void *field);
int read_truth(struct reader *reader, const struct key *key, void *field);

/* Is the type of each kind in `attach:` granted? When all keys of `load:` are read. */
int read_attach_check(struct reader *reader, const struct policy_load *load);

/* `maps:` and `programs:`; field: struct policy_objects. */
int read_maps(struct reader *reader, const struct key *key, void *field);
int read_objects(struct reader *reader, const struct key *key, void *field);

/* `collateral:` and `file-signers:`; field: struct policy_files. */
int read_collateral(struct reader *reader, const struct key *key, void *field);
int read_signers(struct reader *reader, const struct key *key, void *field);

/* `unsigned-files:`; field: struct policy_file_list. */
int read_files(struct reader *reader, const struct key *key, void *field);

/* `libraries:`; field: struct policy_value. */
int read_libraries(struct reader *reader, const struct key *key, void *field);

/* `lockdown:` of the policy's `kernel:`, and an entry's `kernel:`; field: struct policy_value. */
int read_level(struct reader *reader, const struct key *key, void *field);
int read_exceptions(struct reader *reader, const struct key *key, void *field);

/* `digests:`; field: struct policy_digests. `require:`; field: struct policy_value. */
int read_digests(struct reader *reader, const struct key *key, void *field);
int read_conditions(struct reader *reader, const struct key *key, void *field);

/*
 * `pods:` and `cgroup:`; field: struct policy_place. `user-namespace:`; field: struct
 * policy_value.
 */
int read_pods(struct reader *reader, const struct key *key, void *field);
int read_cgroup(struct reader *reader, const struct key *key, void *field);
int read_namespace(struct reader *reader, const struct key *key, void *field);

/* Has an entry either a signer or digests, and not what is about the other? When it is read. */
int read_identity_check(struct reader *reader, const struct policy_program *program);

/* Shared: a program or signer (what), as it stands in a claim. */
int read_name(struct reader *reader, const char *what, char ret[static BS_NAME_SIZE]);

/*
 * Shared: one of some words into field, a struct policy_value: its place among them. words: one
 * of names.h.
 */
int read_choice(struct reader *reader, const struct key *key,
	const char *const *(*words)(size_t *n), void *field);

/*
 * What is wrong with a text of these characters, at most so many, with a '*' at its end or not;
 * NULL: nothing.
 */
const char *read_pattern_problem(const char *text, const char *characters, size_t most);

/* What is wrong with a path that is compared byte by byte with the kernel's, or NULL. */
const char *read_path_problem(const char *path);
