/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `load:` to its bytes. What a name stands for is settled here once for the whole policy:
 * numbers of helpers, places in the table of kfuncs, groups. The kernel side sees bits only.
 */

#include "src/image/load.h"

#include <string.h>

#include "src/base/text.h"
#include "src/image/pattern.h"

/* --- the names of the policy ---------------------------------------------------------------- */

static int refuse_function(const struct policy *policy, const struct policy_function *item,
	const char *what, struct diag *reterr)
{
	size_t n;
	const char *const *names = function_names(&n);
	const char *nearest = nearest_word(item->text, names, n);

	diag_set(reterr, -EINVAL, "there is no %s '%s', in this kernel or any known", what,
		item->text);
	diag_at(reterr, policy->path, item->position.line, item->position.column);
	if (nearest)
		diag_hint(reterr, "did you mean '%s'?", nearest);
	else
		diag_hint(reterr, "remove it, or write a group of bpfsign-policy(5)");
	return -EINVAL;
}

/* The BTF ids of the kfuncs that only the policy names. */
struct ids {
	uint32_t ids[64 * BS_KFUNC_WORDS];
	size_t n;
};

static int add_kfunc(const struct image_kernel *kernel, const struct policy_function *item,
	struct ids *ids, struct diag *reterr)
{
	int id = functions_kfunc(kernel->functions, item->text);

	if (function_is_group(item->text) || function_is_known(item->text))
		return 0;
	if (id < 0)
		return refuse_function(kernel->policy, item, "kfunc", reterr);
	for (size_t i = 0; i < ids->n; i++)
		if (ids->ids[i] == (uint32_t)id)
			return 0;
	if (ids->n == ARRAY_SIZE(ids->ids))
		return -E2BIG;
	ids->ids[ids->n++] = (uint32_t)id;
	return 0;
}

static int check_helper(
	const struct image_kernel *kernel, const struct policy_function *item, struct diag *reterr)
{
	if (function_is_group(item->text) || function_is_known(item->text) ||
		functions_helper(kernel->functions, item->text) >= 0)
		return 0;
	return refuse_function(kernel->policy, item, "helper", reterr);
}

static int name_functions(const struct image_kernel *kernel, const struct policy_load *load,
	struct ids *ids, struct diag *reterr)
{
	int r = 0;

	for (size_t i = 0; i < load->helpers.n && r == 0; i++)
		r = check_helper(kernel, &load->helpers.items[i], reterr);
	for (size_t i = 0; i < load->kfuncs.n && r == 0; i++)
		r = add_kfunc(kernel, &load->kfuncs.items[i], ids, reterr);
	return r;
}

static uint32_t groups_of(const char *name)
{
	if (!name)
		return 0;
	return function_groups(name) | IMAGE_PRESENT | (function_is_known(name) ? IMAGE_JUDGED : 0);
}

int image_kernel_fill(struct image_kernel *kernel, const struct policy *policy,
	const struct functions *functions, struct diag *reterr)
{
	_cleanup_free_ struct ids *ids = calloc(1, sizeof(*ids));

	if (!ids)
		return diag_set(reterr, -ENOMEM, "out of memory");
	*kernel = (struct image_kernel){.policy = policy, .functions = functions};
	int r = name_functions(kernel, &policy->unsigned_.load, ids, reterr);
	for (size_t i = 0; i < policy->n_programs && r == 0; i++)
		r = name_functions(kernel, &policy->programs[i].load, ids, reterr);
	if (r == 0)
		r = functions_table(functions, ids->ids, ids->n, &kernel->kfuncs);
	if (r == -E2BIG) {
		diag_set(reterr, r, "the policy names too many kfuncs");
		diag_hint(reterr, "name groups instead");
	}
	if (r < 0)
		return r;

	for (unsigned i = 0; i < ARRAY_SIZE(kernel->helper_groups); i++)
		kernel->helper_groups[i] = groups_of(functions_helper_name(functions, i));
	for (unsigned i = 0; i < kernel->kfuncs.n; i++)
		kernel->kfunc_groups[i] =
			groups_of(functions_kfunc_name(functions, kernel->kfuncs.ids[i]));
	return 0;
}

/* --- what is denied ------------------------------------------------------------------------- */

static void set_bit(__u64 *bits, unsigned bit)
{
	bits[bit / 64] |= 1ULL << bit % 64;
}

/* A function is in one of these groups. */
static bool in_groups(uint32_t function, uint32_t groups)
{
	return function & IMAGE_PRESENT && function & groups & IMAGE_GROUPS;
}

static void deny_groups(
	const struct image_kernel *kernel, uint32_t groups, struct bs_denied *denied)
{
	for (unsigned i = 0; i < ARRAY_SIZE(kernel->helper_groups); i++)
		if (in_groups(kernel->helper_groups[i], groups))
			set_bit(denied->helpers, i);
	for (unsigned i = 0; i < kernel->kfuncs.n; i++)
		if (in_groups(kernel->kfunc_groups[i], groups))
			set_bit(denied->kfuncs, i);
	if (groups)
		denied->unnamed = 1;
}

static void deny_switch(const struct image_kernel *kernel, const struct policy_value *value,
	unsigned group, struct bs_denied *denied)
{
	denied->helpers_line = denied->kfuncs_line = value->key.line;
	if (!value->number)
		deny_groups(kernel, 1U << group, denied);
}

/* Does a word, of whichever list, stand for this function? */
static bool item_means(const struct policy_function *item, const char *name, uint32_t function)
{
	int group = function_group_find(item->text);

	if (strcmp(item->text, FUNCTION_PLAIN) == 0)
		return function & IMAGE_JUDGED && !(function & IMAGE_GROUPS);
	if (group < 0)
		return strcmp(item->text, name) == 0;
	/* What nobody has judged is denied with every group, and so granted with none. */
	return function & 1U << group && (item->deny || function & IMAGE_JUDGED);
}

static bool list_means(
	const struct policy_functions *list, bool deny, const char *name, uint32_t function)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].deny == deny && item_means(&list->items[i], name, function))
			return true;
	return false;
}

static bool has_allow(const struct policy_functions *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (!list->items[i].deny)
			return true;
	return false;
}

/* A word for several functions counts in either list for both kinds. */
static bool list_denies(const struct policy_functions *list, const struct policy_functions *other,
	const char *name, uint32_t function)
{
	if (list_means(list, /* deny= */ true, name, function) ||
		list_means(other, /* deny= */ true, name, function))
		return true;
	return has_allow(list) && !list_means(list, /* deny= */ false, name, function);
}

static bool denies_group(const struct policy_functions *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].deny && function_group_find(list->items[i].text) >= 0)
			return true;
	return false;
}

static void deny_lists(
	const struct image_kernel *kernel, const struct policy_load *load, struct bs_denied *denied)
{
	const struct policy_functions *helpers = &load->helpers, *kfuncs = &load->kfuncs;

	denied->helpers_line = helpers->key.line ?: kfuncs->key.line;
	denied->kfuncs_line = kfuncs->key.line ?: helpers->key.line;
	for (unsigned i = 0; i < ARRAY_SIZE(kernel->helper_groups); i++) {
		const char *name = functions_helper_name(kernel->functions, i);
		if (name && list_denies(helpers, kfuncs, name, kernel->helper_groups[i]))
			set_bit(denied->helpers, i);
	}
	for (unsigned i = 0; i < kernel->kfuncs.n; i++) {
		const char *name = functions_kfunc_name(kernel->functions, kernel->kfuncs.ids[i]);
		if (list_denies(kfuncs, helpers, name, kernel->kfunc_groups[i]))
			set_bit(denied->kfuncs, i);
	}
	denied->unnamed = has_allow(kfuncs) || denies_group(helpers) || denies_group(kfuncs);
}

/* --- the rest of `load:` -------------------------------------------------------------------- */

static void fill_attach(const struct policy_load *load, bool deny, struct bs_load *ret)
{
	for (size_t i = 0; i < load->n_attach; i++) {
		const struct policy_attach *attach = &load->attach[i];
		if (attach->deny != deny)
			continue;
		struct bs_attach_rule *rule = &ret->attach[ret->n_attach++];
		image_pattern(attach->target[0] ? attach->target : "*", rule->target.bytes,
			rule->target.mask, sizeof(rule->target.mask));
		rule->type = attach->kind.type;
		rule->attach_type = attach->kind.attach_type;
		rule->deny = deny;
		rule->line = attach->position.line;
	}
}

void image_load(
	const struct image_kernel *kernel, const struct policy_load *load, struct bs_load *ret)
{
	struct bs_denied *denied = ret->denied;

	if (!load->present)
		return;
	ret->types = load->types;
	ret->types_line = load->types_key.line;
	ret->signed_line = load->signed_programs.key.line;
	ret->map_writes = image_value(&load->map_writes);
	ret->map_reads = image_value(&load->map_reads);
	ret->max_instructions = image_value(&load->max_instructions);
	ret->max_maps = image_value(&load->max_maps);
	deny_switch(kernel, &load->kernel_reads, FUNCTION_GROUP_KERNEL_READS,
		&denied[BS_CAUSE_KERNEL_READS]);
	deny_switch(
		kernel, &load->user_reads, FUNCTION_GROUP_USER_READS, &denied[BS_CAUSE_USER_READS]);
	deny_switch(kernel, &load->user_writes, FUNCTION_GROUP_USER_WRITES,
		&denied[BS_CAUSE_USER_WRITES]);
	deny_lists(kernel, load, &denied[BS_CAUSE_LISTS]);
	fill_attach(load, /* deny= */ false, ret);
	fill_attach(load, /* deny= */ true, ret);
	ret->attach_line = load->attach_key.line;
}
