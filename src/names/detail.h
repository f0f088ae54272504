/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a verdict is about, in words: the function, the read or the number behind a reason. */

#include <stdbool.h>
#include <stdint.h>

#include "bpf/contract/abi.h"

struct functions;

/* Where the names come from. Either may be NULL: then the number is all there is to say. */
struct detail_names {
	const struct functions *functions; /* of the kernel that decides */
	const struct bs_kfuncs *kfuncs;    /* of the policy in force */
};

struct detail {
	const char *key; /* "helper", "kfunc", "reads", "instructions" or "maps" */
	char text[128];  /* "bpf_send_signal", "#109", "context", "123456" */
	bool is_number;  /* of instructions or maps: value */
	uint32_t value;
};

/* Does a detail of this reason name a function or a way to read? */
bool detail_is_function(uint32_t reason);

/* Could the BPF side have written this? False for what stands for nothing. */
bool detail_is_valid(uint32_t reason, uint32_t detail);

/* True and *ret filled when the reason has a detail; names may be NULL. */
bool detail_find(
	uint32_t reason, uint32_t detail, const struct detail_names *names, struct detail *ret);
