/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `pods:` and `cgroup:` to their bytes. */

#include "src/image/place.h"

#include <string.h>

#include "bpf/contract/abi_policy.h"
#include "src/image/pattern.h"

static void add_pods(const struct policy_place *place, struct bs_place *ret)
{
	for (size_t i = 0; i < place->n_pods; i++) {
		const struct policy_pod *pod = &place->pods[i];
		struct bs_pod_rule *rule = &ret->pods[i];
		image_pattern(
			pod->space, rule->space.bytes, rule->space.mask, sizeof(rule->space.mask));
		image_pattern(pod->name, rule->name, rule->name_mask, sizeof(rule->name_mask));
	}
	ret->n_pods = (uint32_t)place->n_pods;
	ret->pods_line = place->pods_key.line;
}

/* Each part is a pattern of its own: a '*' does not reach beyond its '/'. */
static void add_cgroup(const struct policy_place *place, struct bs_place *ret)
{
	char part[BS_CGROUP_NAME];

	for (const char *at = place->cgroup; *at && ret->depth < BS_CGROUP_DEPTH; ret->depth++) {
		struct bs_cgroup_rule *rule = &ret->cgroup[ret->depth];
		size_t size = strcspn(++at, "/"); /* past the '/' before it */
		snprintf(part, sizeof(part), "%.*s", (int)size, at);
		image_pattern(part, rule->name, rule->mask, sizeof(rule->mask));
		at += size;
	}
	ret->cgroup_line = place->cgroup_key.line;
}

void image_place(const struct policy_place *place, struct bs_place *ret)
{
	add_pods(place, ret);
	add_cgroup(place, ret);
}
