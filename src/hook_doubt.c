/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Files with other bytes than a manifest says. An image's manifest names what packages replace later, each with a manifest of its
 * own: where one of them is right about the file, the other is merely old.
 */

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>

#include "hook.h"
#include "keyring/anchors.h"
#include "plugins/sign/signer.h"
#include "plugins/sign/verity.h"
#include "util.h"

void hook_paths_done(struct hook_paths *paths)
{
	for (size_t i = 0; i < paths->n; i++) {
		free(paths->items[i].path);
		free(paths->items[i].why);
	}
	free(paths->items);
	*paths = (struct hook_paths){0};
}

void hook_paths_add(struct hook_paths *paths, const char *path, const char *why)
{
	struct hook_path *grown = reallocarray(paths->items, paths->n + 1, sizeof(*grown));
	struct hook_path new = {.path = strdup(path), .why = strdup(why)};

	if (grown)
		paths->items = grown;
	if (!grown || !new.path || !new.why) {
		free(new.path);
		free(new.why);
		return;
	}
	paths->items[paths->n++] = new;
}

bool hook_paths_has(const struct hook_paths *paths, const char *path)
{
	for (size_t i = 0; i < paths->n; i++)
		if (strcmp(paths->items[i].path, path) == 0)
			return true;
	return false;
}

/* Sealed, with a claim that an enrolled key has signed for these bytes. */
static bool is_signed(const struct hook *hook, const struct anchors *anchors, const char *path)
{
	_cleanup_close_ int root = open_path(AT_FDCWD, *hook->root ? hook->root : "/", O_PATH | O_DIRECTORY, 0);
	_cleanup_close_ int fd = root < 0 ? root
					  : open_below(root, path, O_RDONLY | O_NONBLOCK,
						    RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	uint8_t digest[BS_DIGEST_SIZE];
	const struct anchor *anchor;
	struct claim claim;
	bool sealed;

	return fd >= 0 && verity_digest(fd, digest, &sealed, NULL) == 0 && sealed &&
	       claim_of_file(path, fd, digest, anchors, &claim, &anchor, NULL) == 0;
}

void hook_doubts(struct hook *hook)
{
	_cleanup_anchors_ struct anchors anchors = {0};

	if (hook->doubts.n > 0)
		anchors_load(&anchors, NULL);
	for (size_t i = 0; i < hook->doubts.n; i++) {
		const struct hook_path *doubt = &hook->doubts.items[i];
		if (!hook_paths_has(&hook->right, doubt->path) && !is_signed(hook, &anchors, doubt->path))
			unsigned_add(&hook->failures, doubt->path, doubt->why);
	}
}
