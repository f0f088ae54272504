/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The pins, which keep the enforcement attached without a process. */

#include "src/enforcer/enforcer.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "bpf/enforce.skel.h"
#include "src/enforcer/internal.h"

static void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

/* The name of a map's pin; NULL: of constants, which nobody needs again. */
static const char *pin_name(const struct enforce *skeleton, const struct bpf_map *map)
{
	const char *name = bpf_map__name(map);

	if (map == skeleton->maps.data_state)
		return "state";
	return strchr(name, '.') ? NULL : name;
}

int pins_make(struct enforce *skeleton)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, skeleton->obj) {
		const char *name = pin_name(skeleton, map);
		_cleanup_free_ char *path = NULL;
		if (!name)
			continue;
		int r = keeper_path(name, &path);
		if (r == 0)
			r = bpf_map__pin(map, path);
		if (r < 0)
			return r;
	}
	return 0;
}

static int remove_directory(const char *path)
{
	_cleanup_(close_directory) DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory)
		return errno == ENOENT ? 0 : -errno; /* it was never made */
	while ((errno = 0, entry = readdir(directory)))
		if (entry->d_name[0] != '.' && unlinkat(dirfd(directory), entry->d_name, 0) < 0)
			return -errno;
	if (errno)
		return -errno;
	return rmdir(path) < 0 ? -errno : 0;
}

int enforcer_remove_pins(struct diag *reterr)
{
	_cleanup_free_ char *path = NULL;
	int r = keeper_path(NULL, &path);

	if (r == 0)
		r = attach_undo();
	if (r == 0)
		r = remove_directory(path);
	if (r == 0)
		r = keeper_unmount();
	if (r < 0)
		return diag_set(reterr, r, "can't remove the pins: %s", strerror(-r));
	return 0;
}
