/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The pins, which keep the enforcement attached without a process. */

#include "src/enforcer/enforcer.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "bpf/enforce.skel.h"
#include "src/base/text.h"
#include "src/enforcer/internal.h"

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
		_cleanup_free_ char *path = format_text("%s/%s", ENFORCER_PINS, name ?: "");
		if (!path)
			return -ENOMEM;
		if (!name)
			continue;
		int r = bpf_map__pin(map, path);
		if (r < 0)
			return r;
	}
	return 0;
}

static void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static int remove_directory(const char *path)
{
	_cleanup_(close_directory) DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory)
		return -errno;
	while ((errno = 0, entry = readdir(directory)))
		if (entry->d_name[0] != '.' && unlinkat(dirfd(directory), entry->d_name, 0) < 0)
			return -errno;
	if (errno)
		return -errno;
	return rmdir(path) < 0 ? -errno : 0;
}

int enforcer_remove_pins(struct diag *reterr)
{
	int r = attach_undo();

	if (r == 0)
		r = remove_directory(ENFORCER_PINS);

	if (r < 0)
		return diag_set(reterr, r, "can't remove the pins in '%s': %s", ENFORCER_PINS,
			strerror(-r));
	return 0;
}
