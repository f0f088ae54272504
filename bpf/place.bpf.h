/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Where a task runs: its cgroup by the names on the way there, which the kernel has, and its pod by the nearest
 * cgroup that watchbpf wrote down. Of the v2 hierarchy; in v1 there is no place.
 */

#include "task.bpf.h"

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

#define POD_LEVELS 16 /* a container's processes are two to ten below the root */

/* The pod that the current task is in; NULL: in none that is known. */
static __noinline struct bs_pod *current_pod(void)
{
	for (int level = 1; level < POD_LEVELS; level++) {
		__u64 id = bpf_get_current_ancestor_cgroup_id(level);
		struct bs_pod *pod = id ? bpf_map_lookup_elem(&pods, &id) : NULL;
		if (pod)
			return pod;
		if (!id)
			break;
	}
	return NULL;
}

/* Global: the verifier looks at it once, for all. */
__noinline int pod_granted(struct bs_program *entry, struct bs_pod *pod)
{
	__u64 granted = 0;

	if (!entry || !pod)
		return false;
	for (__u32 i = 0; i < BS_PODS; i++) {
		const struct bs_pod_rule *rule = &entry->place.pods[i];
		__u64 here = rules_match(pod->space, rule->space.bytes, rule->space.mask, BS_NAME_SIZE) &
			     rules_match(pod->name, rule->name, rule->name_mask, BS_POD_NAME);
		granted |= here & (i < entry->place.n_pods);
		barrier_var(granted);
	}
	return granted != 0;
}

/* The name of the directory at this depth below the root on the way to the task's cgroup, NUL padded; empty: it ends before. */
static __always_inline void fill_directory(char *directory, struct cgroup *cgroup, __u32 depth)
{
	struct cgroup *ancestor = NULL;

	__builtin_memset(directory, 0, BS_CGROUP_NAME);
	if (BPF_CORE_READ(cgroup, level) <= (int)depth)
		return;
	bpf_core_read(&ancestor, sizeof(ancestor), &cgroup->ancestors[depth + 1]);
	bpf_probe_read_kernel_str(directory, BS_CGROUP_NAME, BPF_CORE_READ(ancestor, kn, name));
}

/* The same. scratch: of the current task. */
__noinline int cgroup_granted(struct bs_program *entry, struct verification *scratch)
{
	struct cgroup *cgroup = BPF_CORE_READ(bpf_get_current_task_btf(), cgroups, dfl_cgrp);
	__u64 granted = 1;

	if (!entry || !scratch)
		return false;
	for (__u32 i = 0; i < BS_CGROUP_DEPTH; i++) {
		const struct bs_cgroup_rule *rule = &entry->place.cgroup[i];
		if (i >= entry->place.depth)
			break;
		fill_directory(scratch->directory, cgroup, i);
		granted &= scratch->directory[0] != 0;
		granted &= rules_match(scratch->directory, rule->name, rule->mask, BS_CGROUP_NAME);
		barrier_var(granted);
	}
	return granted != 0;
}

/* Is the current task where the entry wants it? */
static __noinline int placed_reason(struct bs_program *entry)
{
	if (entry->place.n_pods && !pod_granted(entry, current_pod()))
		return BS_REASON_POD;
	if (entry->place.depth && !cgroup_granted(entry, verification_make()))
		return BS_REASON_CGROUP;
	return BS_REASON_OK;
}
