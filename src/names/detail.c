/* SPDX-License-Identifier: GPL-2.0-or-later */

/* bs_record.detail and bs_verdict.detail to words; what the bits mean is in bpf/contract/abi.h. */

#include "src/names/detail.h"

#include <stdio.h>

#include "src/names/functions.h"

#define KIND(detail)   ((detail) & (BS_DETAIL_KFUNC | BS_DETAIL_BTF_ID))
#define NUMBER(detail) ((detail) & ~(BS_DETAIL_KFUNC | BS_DETAIL_BTF_ID))
#define KIND_READ      (BS_DETAIL_KFUNC | BS_DETAIL_BTF_ID)

bool detail_is_function(uint32_t reason)
{
	return reason == BS_REASON_HELPER || reason == BS_REASON_KFUNC ||
	       reason == BS_REASON_KERNEL_READS || reason == BS_REASON_USER_READS ||
	       reason == BS_REASON_USER_WRITES;
}

bool detail_is_valid(uint32_t reason, uint32_t detail)
{
	if (!detail_is_function(reason))
		return true;
	switch (KIND(detail)) {
	case KIND_READ:
		return detail == BS_DETAIL_CONTEXT || detail == BS_DETAIL_ADDRESS;
	case BS_DETAIL_KFUNC:
		return NUMBER(detail) < 64 * BS_KFUNC_WORDS;
	case BS_DETAIL_BTF_ID:
		return true;
	default:
		return detail < 64 * BS_HELPER_WORDS;
	}
}

static void set_function(struct detail *ret, const char *key, const char *name, uint32_t number)
{
	ret->key = key;
	if (name)
		snprintf(ret->text, sizeof(ret->text), "%s", name);
	else
		snprintf(ret->text, sizeof(ret->text), "#%u", number);
}

/* A BTF id names a kfunc; without a table of ids its place in the table is all we have. */
static void set_kfunc(uint32_t detail, const struct detail_names *names, struct detail *ret)
{
	uint32_t number = NUMBER(detail);
	bool known = KIND(detail) == BS_DETAIL_BTF_ID;

	if (!known && names->kfuncs && number < names->kfuncs->n && number < 64 * BS_KFUNC_WORDS) {
		number = names->kfuncs->ids[number];
		known = true;
	}
	set_function(ret, "kfunc",
		known && names->functions ? functions_kfunc_name(names->functions, number) : NULL,
		number);
}

static bool find_function(uint32_t detail, const struct detail_names *names, struct detail *ret)
{
	switch (KIND(detail)) {
	case KIND_READ:
		set_function(ret, "reads", detail == BS_DETAIL_CONTEXT ? "context" : "address", 0);
		return true;
	case BS_DETAIL_KFUNC:
	case BS_DETAIL_BTF_ID:
		set_kfunc(detail, names, ret);
		return true;
	default:
		set_function(ret, "helper",
			names->functions ? functions_helper_name(names->functions, detail) : NULL,
			detail);
		return detail != 0;
	}
}

static bool set_number(struct detail *ret, const char *key, uint32_t value)
{
	*ret = (struct detail){.key = key, .is_number = true, .value = value};
	snprintf(ret->text, sizeof(ret->text), "%u", value);
	return true;
}

bool detail_find(
	uint32_t reason, uint32_t detail, const struct detail_names *names, struct detail *ret)
{
	static const struct detail_names nothing;

	*ret = (struct detail){0};
	if (reason == BS_REASON_MAX_INSTRUCTIONS)
		return set_number(ret, "instructions", detail);
	if (reason == BS_REASON_MAX_MAPS)
		return set_number(ret, "maps", detail);
	if (!detail_is_function(reason))
		return false;
	return find_function(detail, names ? names : &nothing, ret);
}
