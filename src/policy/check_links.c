/* SPDX-License-Identifier: GPL-2.0-or-later */

/* policy_check_links(): the one check that looks at this machine, so no part of policy_check(). */

#include "src/base/base.h"
#include "src/policy/complain.h"

#include <stdlib.h>
#include <string.h>

/* The folder that a path with a '*' is below, or the path itself, into ret[BS_PATH_SIZE]. */
static void fixed_part(const char *path, char *ret)
{
	const char *star = strchr(path, '*');

	snprintf(ret, BS_PATH_SIZE, "%s", path);
	if (!star)
		return;
	ret[star - path] = 0;
	*strrchr(ret, '/') = 0; /* it is absolute */
}

/* Where a path leads here, its '*' included, into ret[BS_PATH_SIZE]; false: to itself, or nowhere.
 */
static bool leads_elsewhere(const char *path, char *ret)
{
	char fixed[BS_PATH_SIZE];

	fixed_part(path, fixed);
	_cleanup_free_ char *resolved = fixed[0] ? realpath(fixed, NULL) : NULL;
	if (!resolved || strcmp(resolved, fixed) == 0)
		return false;
	const char *rest = path + strlen(fixed);
	const bool is_root = strcmp(resolved, "/") == 0 && rest[0];
	return snprintf(ret, BS_PATH_SIZE, "%s%s", is_root ? "" : resolved, rest) < BS_PATH_SIZE;
}

static void check_exec(struct complaints *complaints, const struct policy_program *program)
{
	char leads_to[BS_PATH_SIZE];
	struct diag diag;

	for (size_t i = 0; i < program->n_exec; i++) {
		if (!leads_elsewhere(program->exec[i], leads_to))
			continue;
		diag_set(&diag, 0,
			"'%s' is behind a symbolic link, here: 'exec' is compared with where it leads",
			program->exec[i]);
		diag_hint(&diag, "write '%s'", leads_to);
		complain_at(complaints, /* error= */ false, program->exec_positions[i], &diag);
	}
}

/* Does the list name all that a path, which may end with '*', stands for? */
static bool is_named(const struct policy_file_list *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++) {
		const char *item = list->items[i].path;
		size_t n = strcspn(item, "*");
		if (item[n] ? strncmp(item, path, n) == 0 : strcmp(item, path) == 0)
			return true;
	}
	return false;
}

static void check_unsigned(struct complaints *complaints, const struct policy_file_list *list)
{
	char leads_to[BS_PATH_SIZE];
	struct diag diag;

	for (size_t i = 0; i < list->n; i++) {
		if (!leads_elsewhere(list->items[i].path, leads_to) || is_named(list, leads_to))
			continue;
		diag_set(&diag, 0,
			"'%s' is behind a symbolic link, here: 'unsigned-files' must name where it leads too",
			list->items[i].path);
		diag_hint(&diag, "add '%s'", leads_to);
		complain_at(complaints, /* error= */ false, list->items[i].position, &diag);
	}
}

void policy_check_links(const struct policy *policy, policy_complaint_fn complain, void *userdata)
{
	struct complaints complaints = {
		.policy = policy, .complain = complain, .userdata = userdata};

	for (size_t i = 0; i < policy->n_programs; i++) {
		check_exec(&complaints, &policy->programs[i]);
		check_unsigned(&complaints, &policy->programs[i].files.unsigned_files);
	}
}
