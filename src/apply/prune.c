/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Takes the lines of files that vanished out of a manifest. Signatures on files vanish with them.
 */

#include "src/apply/prune.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>

#include "src/command/command.h"
#include "src/base/log.h"
#include "src/manifest/manifest.h"
#include "src/base/file.h"
#include "src/base/text.h"

/* Gone for good: not merely out of sight. */
static bool has_vanished(const struct prune *prune, const char *path)
{
	_cleanup_close_ int fd = open_below(prune->root_fd, path, O_PATH,
		prune->root ? RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS : 0);

	return fd == -ENOENT || fd == -ENOTDIR;
}

static void report(struct prune *prune, const char *file, const char *path)
{
	static const char *const results[] = {"pruned", "would be pruned"};
	const char *result = results[prune->dry_run];
	_cleanup_free_ char *escaped = escape_text(path, strlen(path));

	if (!prune->use_json) {
		printf("%s: %s from %s\n", escaped ? escaped : "?", result, file);
		return;
	}
	json_object_begin(&prune->json, NULL);
	json_string(&prune->json, "manifest", file);
	json_string(&prune->json, "path", path);
	json_string(&prune->json, "result", result);
	json_object_end(&prune->json);
}

/* The lines that stay, into out; how many. */
static size_t keep_lines(
	struct prune *prune, const char *file, const struct manifest *manifest, FILE *out)
{
	size_t n = 0;

	manifest_first_line(out);
	for (size_t i = 0; i < manifest->n; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		if (has_vanished(prune, entry->path)) {
			report(prune, file, entry->path);
			continue;
		}
		fwrite(entry->text, 1, entry->text_size, out);
		n++;
	}
	return n;
}

/*
 * The last line no longer has a signature: its key is not here. Those of the files are what
 * counts.
 */
static int prune_manifest(struct prune *prune, const char *file, struct diag *reterr)
{
	_cleanup_manifest_ struct manifest manifest = {0};
	_cleanup_free_ char *text = NULL;
	size_t size;

	int r = manifest_load(file, &manifest, reterr);
	if (r < 0)
		return r;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return diag_set(reterr, -ENOMEM, "out of memory");
	size_t n = keep_lines(prune, file, &manifest, out);
	manifest_last_line(out, NULL, 0, n, NULL, NULL);
	if (fclose(out) != 0)
		return diag_set(reterr, -ENOMEM, "out of memory");
	if (n == manifest.n || prune->dry_run)
		return 0;
	r = write_file_atomic(file, text, size, 0644);
	return r < 0 ? diag_set(reterr, r, "can't write '%s': %s", file, strerror(-r)) : 0;
}

int prune_one(struct prune *prune, const char *file)
{
	struct diag diag;
	return prune_manifest(prune, file, &diag) < 0 ? log_diag(EXIT_UNKNOWN, &diag) : EXIT_YES;
}

int prune_file(const char *file, const char *root)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, root, O_PATH | O_DIRECTORY, 0);
	struct prune prune = {.root = root, .root_fd = fd};

	return fd < 0       ? log_error_errno(fd, "can't open '%s'", root),
	       EXIT_UNKNOWN : prune_one(&prune, file);
}
