/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Drops the lines of files that are gone from a manifest. Signatures on files vanish with them.
 */

#include "src/apply/prune.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>

#include "src/base/file.h"
#include "src/manifest/manifest.h"

/* Gone for good: not merely out of sight. */
static bool has_vanished(const struct prune_options *options, const char *path)
{
	_cleanup_close_ int fd = open_below(options->root_fd, path, O_PATH,
		options->root ? RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS : 0);

	return fd == -ENOENT || fd == -ENOTDIR;
}

/* The lines that stay, into out; how many. */
static size_t keep_lines(const struct prune_options *options, const char *file,
	const struct manifest *manifest, FILE *out)
{
	size_t n = 0;

	manifest_first_line(out);
	for (size_t i = 0; i < manifest->n; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		if (has_vanished(options, entry->path)) {
			if (options->report)
				options->report(options->context, file, entry->path);
			continue;
		}
		fwrite(entry->text, 1, entry->text_size, out);
		n++;
	}
	return n;
}

/*
 * The last line has no signature any more, since its key is not here; the signatures of the files
 * stay valid.
 */
int prune_manifest(const struct prune_options *options, const char *file, struct diag *reterr)
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
	size_t n = keep_lines(options, file, &manifest, out);
	manifest_trailer_line(out, NULL, 0, n, NULL, NULL);
	if (fclose(out) != 0)
		return diag_set(reterr, -ENOMEM, "out of memory");
	if (n == manifest.n || options->dry_run)
		return 0;
	r = write_file_atomic(file, text, size, 0644);
	return r < 0 ? diag_set(reterr, r, "can't write '%s': %s", file, strerror(-r)) : 0;
}

int prune_manifest_below(const char *file, const char *root, struct diag *reterr)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, root, O_PATH | O_DIRECTORY, 0);
	const struct prune_options options = {.root = root, .root_fd = fd};

	return fd < 0 ? diag_set(reterr, fd, "can't open '%s': %s", root, strerror(-fd))
		      : prune_manifest(&options, file, reterr);
}
