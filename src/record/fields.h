/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What the fields of a record are in words, for every form of output: text, JSON, the system's
 * journal.
 */

#include <stdbool.h>
#include <stddef.h>

#include "bpf/contract/abi.h"
#include "src/names/detail.h"

struct functions;

/*
 * Names for the helpers and kfuncs in all lines from now on; both stay the caller's, and as long as
 * lines are made. NULL, as at the start: their numbers are printed.
 */
void words_set_names(const struct functions *functions, const struct bs_kfuncs *kfuncs);

/* The executable's name; comm, which anybody can forge, only where there is no path. */
const char *words_process(const struct bs_record *record);

/* Of the BPF object, pin or file; empty: none. */
const char *words_object(const struct bs_record *record);

/* What its cgroup belongs to, else the program. */
void words_pod(const struct bs_record *record, char *ret, size_t size);

/* Of a program or map; has_type() says whether there is one. */
bool words_has_type(const struct bs_record *record);
void words_type(const struct bs_record *record, char *ret, size_t size);

/* "BPFDenied", "ProgApproved,MapsDenied" … */
const char *words_action(const struct bs_record *record);

/* Is the object the variable that an exec was refused for? */
bool words_is_variable(const struct bs_record *record);

/* What the reason is about, with the names of words_set_names(). False: nothing. */
bool words_detail(const struct bs_record *record, struct detail *ret);

/* "sha256:…", of the contents; "verity:sha256:…" as IMA's own list writes it; empty: none. */
#define WORDS_HASH_SIZE (sizeof("verity:sha256:") + 2 * BS_HASH_SIZE)
const char *words_hash(const struct bs_hash *hash, char text[WORDS_HASH_SIZE]);
