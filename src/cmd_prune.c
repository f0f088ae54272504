/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `bpfsign prune MANIFEST…`: takes the lines of files that vanished out of manifests. Signatures on
 * files vanish with them.
 */

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>

#include "arguments.h"
#include "cmd.h"
#include "json.h"
#include "log.h"
#include "manifest.h"
#include "sign_set.h"
#include "util.h"

enum { OPTION_ALL, OPTION_ROOT, OPTION_DRY_RUN, OPTION_JSON };
const struct option_spec prune_options[] = {
	[OPTION_ALL] = {"all", 0, NULL, "the manifests that /etc/bpfsign/sign.d names"},
	[OPTION_ROOT] = {"root", 0, "DIR", "the paths are below DIR (with --all: /)"},
	[OPTION_DRY_RUN] = {"dry-run", 'n', NULL, "say what would be taken out"},
	[OPTION_JSON] = {"json", 0, NULL, "print an array of objects"},
	{0},
};

struct prune {
	const char *root; /* NULL: the paths as they stand */
	bool all, dry_run, use_json;
	int root_fd;
	struct json json;
};

static int parse(struct prune *prune, const struct command *command, int argc, char **argv)
{
	const char *argument;
	int option;

	while ((option = command_option(command, argc, argv, &argument)) >= 0) {
		if (option == OPTION_ALL)
			prune->all = true;
		else if (option == OPTION_ROOT)
			prune->root = argument;
		else if (option == OPTION_DRY_RUN)
			prune->dry_run = true;
		else
			prune->use_json = true;
	}
	int status = arguments_end(option);
	if (status >= 0)
		return status;
	if (prune->all)
		return prune->root ? command_usage(command, "--all is about '/'")
				   : arguments_count(command, argc, 0, 0);
	return arguments_count(command, argc, 1, argc);
}

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

/* The last line no longer has a signature: its key is not here. Those of the files are what counts.
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

static int prune_one(struct prune *prune, const char *file)
{
	struct diag diag;
	return prune_manifest(prune, file, &diag) < 0 ? log_diag(EXIT_UNKNOWN, &diag) : EXIT_YES;
}

static int prune_all(struct prune *prune)
{
	_cleanup_sign_sets_ struct sign_sets sets = {0};
	struct diag diag;
	int status = EXIT_YES;

	if (sign_sets_load(&sets, &diag) < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	for (size_t i = 0; i < sets.n; i++)
		if (sets.items[i].manifest)
			status |= prune_one(prune, sets.items[i].manifest);
	return status;
}

static int prune_files(struct prune *prune, char **files)
{
	int status = EXIT_YES;

	if (prune->all)
		return prune_all(prune);
	for (; *files; files++)
		status |= prune_one(prune, *files);
	return status;
}

int cmd_prune(const struct command *command, int argc, char **argv)
{
	struct prune prune = {.root_fd = AT_FDCWD};

	int status = parse(&prune, command, argc, argv);
	if (status >= 0)
		return status;
	if (prune.all)
		prune.root = "/";
	_cleanup_close_ int root = -EBADF;
	if (prune.root) {
		root = prune.root_fd = open_path(AT_FDCWD, prune.root, O_PATH | O_DIRECTORY, 0);
		if (root < 0)
			return log_error_errno(root, "can't open '%s'", prune.root), EXIT_UNKNOWN;
	}
	json_start(&prune.json, stdout);
	if (prune.use_json)
		json_array_begin(&prune.json, NULL);
	status = prune_files(&prune, argv + optind);
	if (prune.use_json) {
		json_array_end(&prune.json);
		json_finish(&prune.json);
	}
	return status;
}
