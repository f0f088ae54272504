/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Where a task runs: its cgroup by the names on the way there, which the kernel has, and its pod by
 * the nearest cgroup that watchbpf wrote down. Of the v2 hierarchy only.
 */

#include "bpf/contract/rules.h"
#include "bpf/state/task.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node {
	const char *name;
};

struct cgroup {
	int level; /* 0: the root */
	struct kernfs_node *kn;
	struct cgroup *ancestors[0]; /* by level, itself the last */
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

#pragma clang attribute pop

#define POD_LEVELS 15 /* a container's processes are two to ten below the root */

static int look_at_level(__u32 i, __u64 *found)
{
	__u64 id = bpf_get_current_ancestor_cgroup_id(i + 1); /* 0 is the root */

	if (!id)
		return 1;
	if (bpf_map_lookup_elem(&pods, &id))
		*found = id;
	return *found != 0;
}

/*
 * The pod of this cgroup, whole, into *ret; 0: none is known, or it changes at this moment. An
 * element of the map is another pod's as soon as it was replaced or deleted, under whatever
 * pointer: it is copied, looked up again and compared. Global: see emit().
 */
__noinline int pod_copy(__u64 id, struct bs_pod *ret)
{
	const struct bs_pod *pod = bpf_map_lookup_elem(&pods, &id);

	if (!pod || !ret)
		return 0;
	bpf_probe_read_kernel(ret, sizeof(*ret), pod);
	return bpf_map_lookup_elem(&pods, &id) == pod && equal_u64s(ret, pod, sizeof(*ret));
}

/* The pod that the current task is in into *ret; false: in none that is known. */
static __always_inline bool current_pod(struct bs_pod *ret)
{
	__u64 id = 0;

	bpf_loop(POD_LEVELS, look_at_level, &id, 0);
	/* watchbpf writes what has changed only: the next look finds it */
	return id && (pod_copy(id, ret) || pod_copy(id, ret));
}

/* The name of a pod, or of a directory of cgroups. */
struct long_name {
	char bytes[BS_CGROUP_NAME];
};

_Static_assert(sizeof(struct long_name) == BS_POD_NAME &&
		       __builtin_offsetof(struct bs_pod_rule, name_mask) -
				       __builtin_offsetof(struct bs_pod_rule, name) ==
			       __builtin_offsetof(struct bs_cgroup_rule, mask),
	"the rule of a pod's name has the shape of a cgroup's");

struct place_search {
	struct bs_program *entry;
	struct verification *scratch;
	struct cgroup *cgroup; /* for cgroups */
	__u32 granted;
};

/* Global: see emit(). The text is NUL padded. */
__noinline int long_name_matches(const struct long_name *text, const struct bs_cgroup_rule *rule)
{
	return text && rule && rules_match(text, rule->name, rule->mask, sizeof(*text));
}

static int look_at_pod_rule(__u64 i, struct place_search *search)
{
	if (i >= BS_PODS)
		return 1;
	const struct bs_pod_rule *rule = &search->entry->place.pods[i];
	search->granted = rules_match(search->scratch->pod.space, rule->space.bytes,
				  rule->space.mask, BS_NAME_SIZE) &&
			  long_name_matches((struct long_name *)search->scratch->pod.name,
				  (struct bs_cgroup_rule *)rule->name);
	return search->granted != 0;
}

/* scratch: of the current task. */
static __always_inline bool pod_granted(struct bs_program *entry, struct verification *scratch)
{
	struct place_search search = {.entry = entry, .scratch = scratch};

	if (!scratch || !current_pod(&scratch->pod))
		return false;
	bpf_loop(entry->place.n_pods, look_at_pod_rule, &search, 0);
	return search.granted != 0;
}

/*
 * The name of the directory at this depth below the root on the way to the task's cgroup, NUL
 * padded; empty: it ends before.
 */
static __always_inline void fill_directory(char *directory, struct cgroup *cgroup, __u32 depth)
{
	struct cgroup *ancestor = NULL;

	__builtin_memset(directory, 0, BS_CGROUP_NAME);
	if (BPF_CORE_READ(cgroup, level) <= (int)depth)
		return;
	bpf_core_read(&ancestor, sizeof(ancestor), &cgroup->ancestors[depth + 1]);
	bpf_probe_read_kernel_str(directory, BS_CGROUP_NAME, BPF_CORE_READ(ancestor, kn, name));
}

static int look_at_directory(__u64 i, struct place_search *search)
{
	char *directory = search->scratch->directory;

	search->granted = 0;
	if (i >= BS_CGROUP_DEPTH)
		return 1;
	const struct bs_cgroup_rule *rule = &search->entry->place.cgroup[i];
	fill_directory(directory, search->cgroup, i);
	if (directory[0])
		search->granted = long_name_matches((struct long_name *)directory, rule);
	return !search->granted;
}

/* scratch: of the current task. */
static __always_inline bool cgroup_granted(struct bs_program *entry, struct verification *scratch)
{
	struct place_search search = {.entry = entry, .scratch = scratch};

	if (!scratch)
		return false;
	search.cgroup = BPF_CORE_READ(bpf_get_current_task_btf(), cgroups, dfl_cgrp);
	bpf_loop(entry->place.depth, look_at_directory, &search, 0);
	return search.granted != 0;
}

/* Is the current task where the entry wants it? Global: see emit(). */
__noinline int placed_reason(struct bs_program *entry)
{
	if (!entry)
		return BS_REASON_POD;
	if (entry->place.n_pods && !pod_granted(entry, verification_make()))
		return BS_REASON_POD;
	if (entry->place.depth && !cgroup_granted(entry, verification_make()))
		return BS_REASON_CGROUP;
	return BS_REASON_OK;
}
