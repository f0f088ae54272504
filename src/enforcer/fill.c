/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The content of the maps before anything is attached, and each later policy. */

#include "src/enforcer/internal.h"

#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/enforce.skel.h"
#include "src/base/base.h"
#include "src/enforcer/mutation.h"

/* A complete policy map: filled, then frozen against the system call. An fd, or -errno. */
static int make_policy(const struct image *image)
{
	_cleanup_close_ int fd =
		bpf_map_create(BPF_MAP_TYPE_HASH, "policy", sizeof(struct bs_program_key),
			sizeof(union bs_policy_value), image->n_entries ?: 1, NULL);
	if (fd < 0)
		return fd;
	mutation_point();
	for (size_t i = 0; i < image->n_entries; i++) {
		mutation_point();
		int r = bpf_map_update_elem(
			fd, &image->entries[i].key, &image->entries[i].value, BPF_NOEXIST);
		if (r < 0)
			return r;
	}
	mutation_point();
	int r = bpf_map_freeze(fd);
	mutation_point();
	return r < 0 ? r : TAKE_FD(fd);
}

int fill_policy(int policies_fd, const struct image *image)
{
	_cleanup_close_ int fd = make_policy(image);
	uint32_t zero = 0;

	if (fd < 0)
		return fd;
	return bpf_map_update_elem(policies_fd, &zero, &fd, BPF_ANY);
}

static int fill_keyrings(int fd, const int32_t *keys, size_t n, enum bs_guard kind)
{
	struct bs_guarded guarded = {.kind = kind};

	for (size_t i = 0; i < n; i++) {
		int r = bpf_map_update_elem(fd, &keys[i], &guarded, BPF_ANY);
		if (r < 0)
			return r;
	}
	return 0;
}

static int fill_own_programs(struct enforce *skeleton)
{
	struct bpf_program *program;
	uint32_t one = 1;

	bpf_object__for_each_program (program, skeleton->obj) {
		struct bpf_prog_info info = {0};
		uint32_t size = sizeof(info);
		if (!bpf_program__autoload(program))
			continue;
		int r = bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size);
		if (r == 0)
			r = bpf_map_update_elem(
				bpf_map__fd(skeleton->maps.own_programs), &info.id, &one, BPF_ANY);
		if (r < 0)
			return r;
	}
	return 0;
}

static int fill_own_maps(struct enforce *skeleton)
{
	struct bpf_map *map;
	uint32_t one = 1;

	bpf_object__for_each_map (map, skeleton->obj) {
		struct bpf_map_info info = {0};
		uint32_t size = sizeof(info);
		int r = bpf_obj_get_info_by_fd(bpf_map__fd(map), &info, &size);
		if (r == 0)
			r = bpf_map_update_elem(
				bpf_map__fd(skeleton->maps.own_maps), &info.id, &one, BPF_ANY);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * What only the BPF side writes, or nobody after the start: no system call changes it any more. The
 * kernel freezes no map with a lock, so `processes` rests on own_map_reason() alone: nobody obtains
 * a descriptor that writes it.
 */
static int freeze_maps(struct enforce *skeleton)
{
	const struct bpf_map *maps[] = {skeleton->maps.data_state, skeleton->maps.own_programs,
		skeleton->maps.own_maps, skeleton->maps.tasks, skeleton->maps.verifications,
		skeleton->maps.claims, skeleton->maps.pendings, skeleton->maps.built_ins,
		skeleton->maps.holds, skeleton->maps.shares, skeleton->maps.taints,
		skeleton->maps.discarded, skeleton->maps.owners, skeleton->maps.links,
		skeleton->maps.judgements, skeleton->maps.rates, skeleton->maps.taint_shares,
		skeleton->maps.holders};

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		int r = bpf_map_freeze(bpf_map__fd(maps[i]));
		if (r < 0)
			return r;
	}
	return 0;
}

int fill_maps(struct enforce *skeleton, const struct image *image,
	const struct enforcer_options *options, struct diag *reterr)
{
	int keyrings = bpf_map__fd(skeleton->maps.keyrings);
	int r = fill_keyrings(keyrings, options->keys, options->n_keys, BS_GUARD_SIGNER);
	if (r == 0) /* last: our IMA ring is among the others too */
		r = fill_keyrings(
			keyrings, options->kernel_keys, options->n_kernel_keys, BS_GUARD_KERNEL);
	if (r == 0)
		r = fill_own_programs(skeleton);
	if (r == 0)
		r = fill_own_maps(skeleton);
	if (r == 0 && options->sequences)
		r = sequences_restore(
			bpf_map__fd(skeleton->maps.sequences), options->sequences, options->warn);
	if (r == 0)
		r = freeze_maps(skeleton);
	if (r == 0)
		r = fill_policy(bpf_map__fd(skeleton->maps.policies), image);
	if (r < 0)
		return diag_set(reterr, r, "can't install the policy: %s", strerror(-r));
	return 0;
}
