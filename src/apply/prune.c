/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Drops the lines of files that are gone from a manifest. Signatures on files vanish with them.
 */

#include "src/apply/prune.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>

#include "src/base/file.h"
#include "src/base/way.h"
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
 * The text that stays, without a signature in the last line, since its key is not here; those of
 * the files stay valid. 1, or 0 when all of it stays.
 */
static int make_text(const struct prune_options *options, const char *file,
	const struct manifest *manifest, struct bytes *ret, struct diag *reterr)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, &ret->size);

	if (!out)
		return diag_set(reterr, -ENOMEM, "out of memory");
	size_t n = keep_lines(options, file, manifest, out);
	manifest_trailer_line(out, NULL, 0, n, NULL, NULL);
	int r = fclose(out);
	ret->data = (uint8_t *)text;
	if (r != 0)
		return diag_set(reterr, -ENOMEM, "out of memory");
	return n != manifest->n;
}

int prune_manifest(const struct prune_options *options, const char *file, struct diag *reterr)
{
	_cleanup_manifest_ struct manifest manifest = {0};
	_cleanup_bytes_ struct bytes text = {0};
	int r = manifest_load(file, &manifest, reterr);

	if (r == 0)
		r = make_text(options, file, &manifest, &text, reterr);
	if (r <= 0 || options->dry_run)
		return r < 0 ? r : 0;
	r = write_file_atomic(file, text.data, text.size, 0644);
	return r < 0 ? diag_set(reterr, r, "can't write '%s': %s", file, strerror(-r)) : 0;
}

int prune_manifest_guarded(const char *file, struct diag *reterr)
{
	_cleanup_close_ int root = open_path(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	const struct prune_options options = {.root = "/", .root_fd = root};
	_cleanup_manifest_ struct manifest manifest = {0};
	_cleanup_bytes_ struct bytes text = {0};
	_cleanup_way_ struct way way = WAY_INIT;
	_cleanup_close_ int directory = -EBADF;
	int r = root < 0 ? diag_set(reterr, root, "can't open '/': %s", strerror(-root))
			 : manifest_load_way(root, file, 0, &way, &manifest, reterr);

	if (r == 0)
		r = make_text(&options, file, &manifest, &text, reterr);
	if (r <= 0)
		return r;
	directory = open_path(way.parent, ".", O_RDONLY | O_DIRECTORY, 0);
	r = directory < 0 ? directory
			  : write_file_at(directory, way.name, text.data, text.size, 0644);
	return r < 0 ? diag_set(reterr, r, "can't write '%s': %s", file, strerror(-r)) : 0;
}
