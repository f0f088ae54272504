/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Readers of values for the tables in policy_parse.c: those of `load:` (policy_read_load.c,
 * policy_read_attach.c) and of `maps:` and `programs:` (policy_read_objects.c).
 */

#include "schema.h"

#define SCOPE_DOC    "'none', 'own', 'unpinned' or 'any'"
#define MAXIMUM_DOC  "a plain decimal number, at least 1"
#define MAPS_DOC     "a mapping of NAME or OWNER:NAME to 'rw', 'ro' or 'none'"
#define PROGRAMS_DOC "a mapping of NAME or OWNER:NAME to 'none', 'use' or 'replace'"

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
int check_attach(struct reader *reader, const struct policy_load *load);

/* `maps:` and `programs:`; field: struct policy_objects. */
int read_maps(struct reader *reader, const struct key *key, void *field);
int read_objects(struct reader *reader, const struct key *key, void *field);
