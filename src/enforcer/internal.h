/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Shared by the files of this folder. */

#include "src/enforcer/enforcer.h"

#include <dirent.h>
#include <sys/types.h>

struct enforce; /* the skeleton */

/*
 * The address of a function or variable of the kernel; -EPERM while kernel.kptr_restrict hides
 * them, -ENOENT when there is none of that name; -errno of bpf(2).
 */
int addresses_find(const char *name, __u64 *ret);

/*
 * Before the load: leaves out the hooks that this kernel has not, and tells the guard how many are
 * meant.
 */
void attach_choose(struct enforce *skeleton);

/* Attaches every program of the object and pins what keeps it attached. */
int attach_all(struct enforce *skeleton, struct diag *reterr);

/*
 * Do the programs of the last fence hang on the root cgroup, and none after them that could take
 * back what they say? 0; -ENOLINK: one does not; -EEXIST: there is one; -errno of bpf(2). From
 * attach_all() on nobody else changes that: start_is_disturbed() of bpf/command.bpf.h.
 */
int attach_check_fence(struct enforce *skeleton, struct diag *reterr);

/* Is the id of a program one of these n? */
static inline bool id_is_listed(uint32_t id, const uint32_t *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* What the kernel tells of the program with this id; -ENOENT, or another -errno of bpf(2). */
struct bpf_prog_info;
int enforcer_program_info(uint32_t id, struct bpf_prog_info *ret);

/* Takes the programs from the root cgroup that our pins name; 0 without any. */
int attach_undo(void);

/* The kernel thread in whose mount namespace the pins are; 0: /proc shows none. */
pid_t keeper_pid(void);

/* What the guard must know of the pins' place. */
struct keeper {
	dev_t device;    /* of the bpffs */
	ino_t directory; /* of the pins, on it */
	pid_t keeper;    /* see keeper_pid() */
	ino_t namespace; /* of the keeper's mount namespace, as nsfs numbers it */
};

/*
 * Mounts the bpffs and makes the directory. -ENOENT without a keeper, -EEXIST when there is one
 * already; -errno of setns(2), mount(2).
 */
int keeper_mount(struct keeper *ret);

/* Unmounts it again; 0 or -errno. */
int keeper_unmount(void);

/*
 * The path of a pin, of the directory for NULL; heap. -ENOENT when nothing is mounted there,
 * -EPERM when we may not look. For a moment: mount(8) and others know it by no name.
 */
int keeper_path(const char *name, char **ret);

/*
 * Opens a map's pin, with these flags of BPF_OBJ_GET; keeper_list(): the directory of the pins, for
 * closedir(3). Both and keeper_path() ask again where policy or signers have changed meanwhile.
 */
int keeper_open(const char *name, uint32_t flags);
int keeper_list(DIR **ret);

/* Is the pin there? 1, 0, or -errno. */
int keeper_has(const char *name);

/* Pins every map whose name a later process opens. 0 or -errno. */
int pins_make(struct enforce *skeleton);

/* The numbers of all maps and programs that exist now; the caller frees *ret. */
struct inventory;
int inventory_take(struct inventory **ret);
void inventory_free(struct inventory **inventory);

/* Obtains each of them, which the hooks write down while nothing is denied yet. */
void inventory_show(const struct inventory *inventory, struct enforcer_before *ret);

/*
 * Taints sealed files that are in memory, and settles those that can be; warn (NULL: nobody) is
 * told of the others. taints_fd: of the map. -errno with *reterr filled.
 */
int settle_inventory(int taints_fd, enforcer_warn_fn warn, struct diag *reterr);

/*
 * When every hook is attached: notes the processes that have a descriptor of a program from before.
 * -errno with *reterr filled.
 */
int holders_take(struct enforce *skeleton, struct diag *reterr);

/* Every map of the object, before anything is attached. -errno with *reterr filled. */
int fill_maps(struct enforce *skeleton, const struct image *image,
	const struct enforcer_options *options, struct diag *reterr);

/* Fills a new policy map, freezes it and stores it in slot 0 of the outer one. */
int fill_policy(int policies_fd, const struct image *image);

/*
 * The highest sequences seen, from a file into the map; no file is fine. A line that is malformed,
 * or finds the map full, is skipped, and warn (NULL: nobody) told how many were. 0, or -errno of
 * open(2), read(2) and bpf(2).
 */
int sequences_restore(int map_fd, const char *path, enforcer_warn_fn warn);

/* The same out of the map, as text. Heap, or NULL. */
char *sequences_show(int map_fd);
