/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The warnings about single keys of an entry: grants that can have no effect, and grants that
 * mean more than their words say. Nothing here is an error, since none locks anybody out.
 */

#include "src/base/text.h"
#include "src/policy/check.h"

#include <string.h>

#include "bpf/contract/rules.h"
#include "src/names/functions.h"
#include "src/names/names.h"

static const char *name_of(const struct policy_program *program)
{
	return program->name[0] ? program->name : "unsigned";
}

static void warn(struct complaints *complaints, struct position position, struct diag *diag)
{
	complain_at(complaints, /* error= */ false, position, diag);
}

/* Types whose context alone reads the kernel, without `kernel-reads: allow`. */
static void check_reading_types(struct complaints *complaints, const struct policy_program *program)
{
	const struct policy_load *load = &program->load;
	uint64_t types = 0;
	struct diag diag;
	char text[256];

	for (unsigned type = 0; type < 64; type++)
		if (load->types & 1ULL << type && rules_reads_by_type(type))
			types |= 1ULL << type;
	if (!types || load->kernel_reads.number)
		return;
	diag_set(&diag, 0,
		"'%s' may load %s, but not with 'kernel-reads' denied: what they are called with points into kernel memory",
		name_of(program), complain_types(types, text, sizeof(text)));
	diag_hint(&diag, "add 'kernel-reads: allow' to 'load', or remove them from 'types'");
	warn(complaints, load->types_key, &diag);
}

/* Some item of `attach: allow` is for programs of this type. */
static bool attach_allows(const struct policy_load *load, unsigned type, bool *ret_any_allow)
{
	bool allows = false;

	*ret_any_allow = false;
	for (size_t i = 0; i < load->n_attach; i++) {
		const struct policy_attach *attach = &load->attach[i];
		if (attach->deny)
			continue;
		*ret_any_allow = true;
		allows |= attach->kind.type == type;
	}
	return allows;
}

/* A list of what is allowed leaves nothing for a type that none of it is for. */
static void check_unattached_types(
	struct complaints *complaints, const struct policy_program *program)
{
	const struct policy_load *load = &program->load;
	uint64_t types = 0;
	struct diag diag;
	char text[256];
	bool any_allow;

	for (unsigned type = 0; type < 64; type++)
		if (load->types & 1ULL << type && !attach_allows(load, type, &any_allow) &&
			any_allow)
			types |= 1ULL << type;
	if (!types)
		return;
	diag_set(&diag, 0, "'%s' may load %s, but 'attach' allows nothing that they attach to",
		name_of(program), complain_types(types, text, sizeof(text)));
	diag_hint(&diag, "add the type to 'attach', or remove it from 'types'");
	warn(complaints, load->attach_key, &diag);
}

/* --- functions ------------------------------------------------------------------------------ */

/* A mask of the groups that lists deny. */
static uint32_t denied_groups(const struct policy_functions *list)
{
	uint32_t groups = 0;

	for (size_t i = 0; i < list->n; i++) {
		int group = function_group_find(list->items[i].text);
		if (list->items[i].deny && group >= 0)
			groups |= 1U << group;
	}
	return groups;
}

static uint32_t all_denied_groups(const struct policy_load *load)
{
	uint32_t groups = denied_groups(&load->helpers) | denied_groups(&load->kfuncs);

	if (!load->kernel_reads.number)
		groups |= 1U << FUNCTION_GROUP_KERNEL_READS;
	if (!load->user_reads.number)
		groups |= 1U << FUNCTION_GROUP_USER_READS;
	if (!load->user_writes.number)
		groups |= 1U << FUNCTION_GROUP_USER_WRITES;
	return groups;
}

/* The groups that take an allowed word away: those of a function, or the group itself. */
static uint32_t groups_of(const char *text)
{
	int group = function_group_find(text);

	if (group >= 0)
		return 1U << group;
	return function_is_known(text) ? function_groups(text) : 0;
}

static void warn_unknown(struct complaints *complaints, const struct policy_function *item)
{
	size_t n;
	const char *const *names = function_names(&n);
	const char *nearest = nearest_word(item->text, names, n);
	struct diag diag;

	diag_set(&diag, 0, "'%s' is no function that this version of bpfsign knows", item->text);
	if (nearest)
		diag_hint(&diag, "did you mean '%s'?", nearest);
	else
		diag_hint(&diag, "watchbpf refuses the policy unless its kernel has it");
	warn(complaints, item->position, &diag);
}

static bool is_denied_by_name(const struct policy_functions *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].deny && strcmp(list->items[i].text, text) == 0)
			return true;
	return false;
}

static void check_item(struct complaints *complaints, const struct policy_functions *list,
	const struct policy_function *item, uint32_t denied)
{
	uint32_t both = groups_of(item->text) & denied;
	struct diag diag;

	if (!function_is_group(item->text) && !function_is_known(item->text))
		warn_unknown(complaints, item);
	if (item->deny || (!both && !is_denied_by_name(list, item->text)))
		return;
	if (both)
		diag_set(&diag, 0, "allowing '%s' has no effect: its group '%s' is denied",
			item->text, function_group_name((unsigned)__builtin_ctz(both)));
	else
		diag_set(&diag, 0, "allowing '%s' has no effect: it is denied too", item->text);
	diag_hint(&diag, "allow the group, or remove the word here");
	warn(complaints, item->position, &diag);
}

static void check_lists(struct complaints *complaints, const struct policy_program *program)
{
	const struct policy_load *load = &program->load;
	uint32_t denied = all_denied_groups(load);

	for (size_t i = 0; i < load->helpers.n; i++)
		check_item(complaints, &load->helpers, &load->helpers.items[i], denied);
	for (size_t i = 0; i < load->kfuncs.n; i++)
		check_item(complaints, &load->kfuncs, &load->kfuncs.items[i], denied);
}

/* --- others' objects ------------------------------------------------------------------------ */

/* Is it the name of a program of the policy, or one of the two that are reserved? */
static bool is_owner(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->n_programs; i++)
		if (strcmp(policy->programs[i].name, name) == 0)
			return true;
	return strcmp(name, POLICY_OWNER_UNSIGNED) == 0 || strcmp(name, POLICY_OWNER_BEFORE) == 0;
}

static void warn_owner(struct complaints *complaints, const struct policy_object *object)
{
	struct diag diag;

	diag_set(&diag, 0, "owner '%s' is no program of this policy", object->owner);
	diag_hint(&diag, "is the name right? What unsigned programs made is '%s:%s'",
		POLICY_OWNER_UNSIGNED, object->name);
	warn(complaints, object->position, &diag);
}

/* "foo: rw" looks as if it spoke of one map. */
static void check_owners(
	struct complaints *complaints, const struct policy_objects *objects, const char *key)
{
	struct diag diag;

	for (size_t i = 0; i < objects->n; i++) {
		const struct policy_object *object = &objects->items[i];
		if (object->owner[0] && !strchr(object->owner, '*') &&
			!is_owner(complaints->policy, object->owner))
			warn_owner(complaints, object);
		if (object->owner[0] || object->access == BS_ACCESS_NONE)
			continue;
		diag_set(&diag, 0,
			"'%s' in '%s' is for objects of every owner, also for those made before the enforcement began",
			object->name, key);
		diag_hint(&diag, "write 'OWNER:%s', or '*:%s' if that is what you mean",
			object->name, object->name);
		warn(complaints, object->position, &diag);
	}
}

static bool any_read_only(const struct policy_objects *maps)
{
	for (size_t i = 0; i < maps->n; i++)
		if (maps->items[i].access == BS_ACCESS_READ)
			return true;
	return false;
}

static void check_compatible(struct complaints *complaints, const struct policy_program *program)
{
	struct diag diag;

	if (!program->maps_compat.number)
		return;
	if (any_read_only(&program->maps)) {
		diag_set(&diag, 0,
			"'maps-compat' makes a weak fence of 'ro': '%s' can open these maps for writing",
			name_of(program));
		diag_hint(&diag, "remove it once the tool asks for BPF_F_RDONLY");
	} else {
		diag_set(&diag, 0, "'maps-compat' has no effect: no map of '%s' is 'ro'",
			name_of(program));
		diag_hint(&diag, "remove it");
	}
	warn(complaints, program->maps_compat.key, &diag);
}

void check_grants(struct complaints *complaints, const struct policy_program *program)
{
	if (program->load.present) {
		check_reading_types(complaints, program);
		check_unattached_types(complaints, program);
		check_lists(complaints, program);
	}
	check_owners(complaints, &program->maps, "maps");
	check_owners(complaints, &program->programs, "programs");
	check_compatible(complaints, program);
}
