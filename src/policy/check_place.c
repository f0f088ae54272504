/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What of `pods:`, `cgroup:` and `user-namespace:` locks out, weakens, or is wider than it looks.
 * watchbpf and bpfsign must work wherever the administrator is, and are no program of containers.
 */

#include "src/policy/check.h"

#include <string.h>

static void refuse_place(struct complaints *complaints, const struct policy_program *program,
	const char *key, struct position position)
{
	struct diag diag;

	if (!position.line)
		return;
	diag_set(&diag, 0,
		"'%s' is not allowed for the control program '%s': elsewhere it would be locked out",
		key, program->name);
	diag_hint(&diag, "remove it; a control program may run anywhere on the host");
	complain_at(complaints, /* error= */ true, position, &diag);
}

static void check_control_place(struct complaints *complaints, const struct policy_program *program)
{
	const struct policy_place *place = &program->place;
	struct diag diag;

	refuse_place(complaints, program, "pods", place->pods_key);
	refuse_place(complaints, program, "cgroup", place->cgroup_key);
	if (!place->any_namespace.number)
		return;
	diag_set(&diag, 0,
		"'user-namespace: any' is not allowed for the control program '%s': any user can be root in a namespace of their own, and would run it there",
		program->name);
	diag_hint(&diag, "remove it; a control program runs in the initial user namespace");
	complain_at(complaints, /* error= */ true, place->any_namespace.key, &diag);
}

static void check_pods(struct complaints *complaints, const struct policy_place *place)
{
	struct diag diag;

	for (size_t i = 0; i < place->n_pods; i++) {
		const struct policy_pod *pod = &place->pods[i];
		if (strcmp(pod->space, "*") != 0 || strcmp(pod->name, "*") != 0)
			continue;
		diag_set(&diag, 0, "'*/*' in 'pods' is any pod, but no process of the host");
		diag_hint(&diag,
			"name the pods that need it, or remove 'pods' to let it run anywhere");
		complain_at(complaints, /* error= */ false, pod->position, &diag);
	}
}

static void check_cgroup(struct complaints *complaints, const struct policy_place *place)
{
	struct diag diag;

	if (strcmp(place->cgroup, "/*") != 0)
		return;
	diag_set(&diag, 0, "'/*' in 'cgroup' is any cgroup but the root");
	diag_hint(&diag, "name the cgroup that it runs in, or remove 'cgroup'");
	complain_at(complaints, /* error= */ false, place->cgroup_key, &diag);
}

void check_place(struct complaints *complaints, const struct policy_program *program)
{
	if (program->is_control) {
		check_control_place(complaints, program);
		return;
	}
	check_pods(complaints, &program->place);
	check_cgroup(complaints, &program->place);
}
