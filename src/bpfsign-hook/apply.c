/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The work after a transaction: the manifests of packages and the sets of the administrator. Only
 * transaction_report() prints.
 */

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/apply/apply.h"
#include "src/apply/prune.h"
#include "src/base/file.h"
#include "src/base/log.h"
#include "src/base/text.h"
#include "src/base/way.h"
#include "src/bpfsign-hook/bpfsign-hook.h"
#include "src/enforcer/enforcer.h"
#include "src/sets/everything.h"
#include "src/sets/sets.h"
#include "src/sign/sign.h"

/* "bpfsign-hook: MESSAGE" without the name and the newline. */
static const char *strip(char *text)
{
	size_t name = strlen(program_invocation_short_name);

	text[strcspn(text, "\n")] = 0;
	return strncmp(text, program_invocation_short_name, name) == 0 && text[name] == ':'
		       ? text + name + 1 + strspn(text + name + 1, " ")
		       : text;
}

/* --- manifests ------------------------------------------------------------------------------ */

/* A manifest that was found. */
struct found {
	const char *file;
	struct manifest *manifest; /* NULL: it could not be loaded */
	const struct diag *why;    /* then */
};

static bool is_changed(const struct transaction *transaction, const char *path)
{
	path += strspn(path, "/");
	size_t low = 0, high = transaction->n_changed;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(path, transaction->changed[middle]);
		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

/* Counts the result of one file. A manifest may list files that are not installed. */
static void count(struct transaction *transaction, const char *path, struct outcome *outcome)
{
	path += strspn(path, "/");
	if (outcome->kind == APPLY_DONE)
		transaction->applied++;
	if (outcome->status == EXIT_YES)
		unsigned_add(&transaction->good, path,
			outcome->kind == APPLY_DONE ? TRANSACTION_APPLIED : "");
	if (outcome->status == EXIT_YES || outcome->error == -ENOENT || outcome->error == -ENOTDIR)
		return;
	bool unsealable = outcome->error == -EOPNOTSUPP || outcome->error == -ENOTTY;
	transaction->unsealable += unsealable;
	if (unsealable && transaction->is_image) { /* right, and left to the first boot */
		unsigned_add(&transaction->good, path, "");
		return;
	}
	unsigned_add(&transaction->failures, path,
		outcome->err_text ? strip(outcome->err_text) : "out of memory");
}

/* Was it signed the last time, and not usable at once? */
static bool is_left(const struct transaction *transaction, const char *path)
{
	_cleanup_free_ char *what = escape_text(path, strlen(path));

	for (size_t i = 0; what && i < transaction->before.n; i++)
		if (strcmp(transaction->before.items[i].what, what) == 0)
			return true;
	return false;
}

static void settle(
	struct transaction *transaction, bool is_applied, const struct manifest_entry *entry)
{
	/* with its slash: another thing than a file that is not right, see transaction_agree() */
	_cleanup_free_ char *path = format_text("/%s", entry->path + strspn(entry->path, "/"));
	struct diag diag;

	if (transaction->is_image || !path || entry->claim.role == BS_ROLE_POLICY ||
		!(is_applied || is_left(transaction, path)) || !enforcer_is_alive())
		return; /* cached pages are accepted as they are when enforcement begins */
	if (transaction_settle(transaction, entry, &diag) < 0)
		unsigned_add(&transaction->failures, path, diag.message);
}

static void apply_item(struct transaction *transaction, struct applying *applying, size_t item)
{
	struct outcome outcome = {0};

	outcome.out = open_memstream(&outcome.out_text, &outcome.out_size);
	outcome.err = open_memstream(&outcome.err_text, &outcome.err_size);
	if (outcome.out && outcome.err)
		apply_entry(applying, item, &outcome);
	else
		outcome.status = EXIT_UNKNOWN;
	close_file(&outcome.out);
	close_file(&outcome.err);
	count(transaction, applying->manifest.entries[item].path, &outcome);
	if (outcome.status == EXIT_YES)
		settle(transaction, outcome.kind == APPLY_DONE, &applying->manifest.entries[item]);
	free(outcome.out_text);
	free(outcome.err_text);
}

static bool apply_manifest(struct transaction *transaction, const struct found *found)
{
	const struct apply_options options = {.file = found->file,
		.select = {.root = *transaction->root ? transaction->root : "/", .guarded = true}};
	_cleanup_(apply_done) struct applying applying = APPLYING_INIT(&options);
	struct diag diag;

	if (!found->manifest || apply_load_from(&applying, found->manifest, &diag) < 0) {
		unsigned_add(&transaction->failures, found->file,
			found->manifest ? diag.message : found->why->message);
		return false;
	}
	for (size_t i = 0; i < applying.manifest.n; i++)
		apply_item(transaction, &applying, i);
	return false;
}

static int is_manifest(const struct dirent *entry)
{
	const char *suffix = strrchr(entry->d_name, '.');
	return entry->d_name[0] != '.' && suffix && strcmp(suffix, ".manifest") == 0;
}

/* path: below the root. */
static bool with_manifest(struct transaction *transaction, const char *path, unsigned flags,
	bool (*fn)(struct transaction *transaction, const struct found *found))
{
	_cleanup_free_ char *file = format_text("%s%s", transaction->root, path);
	_cleanup_manifest_ struct manifest manifest = {0};
	_cleanup_way_ struct way way = WAY_INIT;
	struct diag diag;

	if (!file)
		return false;
	int r = manifest_load_way(transaction->root_fd, path, flags, &way, &manifest, &diag);
	const struct found found = {file, r < 0 ? NULL : &manifest, &diag};
	return fn(transaction, &found);
}

static int open_manifests(const struct transaction *transaction)
{
	_cleanup_way_ struct way way = WAY_INIT;
	int r = way_open(transaction->root_fd, MANIFEST_DIRECTORY, WAY_ROOT | WAY_NO_LINKS, &way);

	return r < 0 ? r : open_path(way.fd, ".", O_RDONLY | O_DIRECTORY, 0);
}

/* Calls fn for each of a package, until it returns true; whether one did. */
static bool each_manifest(struct transaction *transaction,
	bool (*fn)(struct transaction *transaction, const struct found *found))
{
	_cleanup_close_ int directory = open_manifests(transaction);
	struct dirent **names = NULL;
	int n = directory < 0 ? directory
			      : scandirat(directory, ".", &names, is_manifest, alphasort);
	bool stopped = false;
	struct diag diag;

	if (n < 0 && directory != -ENOENT) {
		diag_set(&diag, n, "no manifest is read: %s",
			directory == -ENOLINK || directory == -ELOOP
				? "somebody else may lead the way there elsewhere"
				: strerror(directory < 0 ? -directory : errno));
		const struct found none = {MANIFEST_DIRECTORY, NULL, &diag};
		return fn(transaction, &none);
	}
	for (int i = 0; i < n; i++) {
		_cleanup_free_ char *path = format_text(MANIFEST_DIRECTORY "/%s", names[i]->d_name);
		stopped = stopped || (path && with_manifest(transaction, path, WAY_NO_LINKS, fn));
		free(names[i]);
	}
	free(names);
	return stopped;
}

static bool is_concerned(struct transaction *transaction, const struct found *found)
{
	if (!found->manifest || is_changed(transaction, found->file + strlen(transaction->root)))
		return true; /* one that cannot be read is told */
	for (size_t i = 0; i < found->manifest->n; i++)
		if (is_changed(transaction, found->manifest->entries[i].path))
			return true;
	return false;
}

/* A manifest came or went, or something that is wrong changed. */
static bool is_news(const struct transaction *transaction)
{
	static const char manifests[] = MANIFEST_DIRECTORY "/";

	for (size_t i = 0; i < transaction->n_changed; i++)
		if (strncmp(transaction->changed[i], manifests + 1, sizeof(manifests) - 2) == 0)
			return true;
	for (size_t i = 0; i < transaction->before.n; i++)
		if (is_changed(transaction, transaction->before.items[i].what))
			return true;
	return false;
}

bool transaction_is_concerned(struct transaction *transaction)
{
	return transaction->everything || is_news(transaction) ||
	       each_manifest(transaction, is_concerned);
}

void transaction_manifests(struct transaction *transaction)
{
	each_manifest(transaction, apply_manifest);
}

/* --- sets ----------------------------------------------------------------------------------- */

/*
 * Runs fn with standard error in memory, each line of which becomes a failure of what; standard
 * output is discarded.
 */
static void captured(struct transaction *transaction, const char *what,
	int (*fn)(const struct set *), const struct set *set)
{
	_cleanup_close_ int said = memfd_create("said", MFD_CLOEXEC);
	_cleanup_close_ int nobody = open_path(AT_FDCWD, "/dev/null", O_WRONLY, 0);
	_cleanup_close_ int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
	_cleanup_bytes_ struct bytes text = {0};

	fflush(stdout);
	bool failed = said < 0 || nobody < 0 || out < 0 || err < 0 ||
		      dup2(nobody, STDOUT_FILENO) < 0 || dup2(said, STDERR_FILENO) < 0 ||
		      fn(set) != EXIT_YES;
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	if (!failed)
		return;
	lseek(said, 0, SEEK_SET);
	if (read_fd(said, 1 << 20, &text) < 0 || !text.size)
		unsigned_add(&transaction->failures, what, "it could not be signed");
	for (char *rest = (char *)text.data, *line; rest && (line = strsep(&rest, "\n"));)
		if (*line)
			unsigned_add(&transaction->failures, what, strip(line));
}

static int sign_it(const struct set *set)
{
	const struct sign_options asked = {.sequence = (uint64_t)time(NULL), .notice = diag_print};
	int status = EXIT_UNKNOWN;
	struct diag diag;

	return sets_sign(&asked, /* root_may_sign= */ false, set, &status, &diag) < 0
		       ? log_diag(EXIT_UNKNOWN, &diag)
		       : status;
}

static int prune_it(const struct set *set)
{
	struct diag diag;

	return prune_manifest_guarded(set->manifest, &diag) < 0 ? log_diag(EXIT_UNKNOWN, &diag)
								: EXIT_YES;
}

void transaction_sets(struct transaction *transaction)
{
	_cleanup_sets_ struct sets sets = {0};
	struct diag diag;

	if (sets_load(&sets, &diag) < 0) {
		unsigned_add(&transaction->failures, sets_directory(), diag.message);
		return;
	}
	for (size_t i = 0; i < sets.n; i++) {
		const struct set *set = &sets.items[i];
		if (set->manifest) {
			captured(transaction, set->manifest, prune_it, set);
			with_manifest(transaction, set->manifest, 0, apply_manifest);
			/* else only `sign --all --root-may-sign` signs it */
		} else if (set->root_may_sign) {
			captured(transaction, set->file, sign_it, set);
		}
	}
}

/* --- the end -------------------------------------------------------------------------------- */

static int by_what(const void *a, const void *b)
{
	const struct unsigned_file *first = a, *second = b;
	return strcmp(first->what, second->what);
}

static bool is_told(const struct unsigned_file *told, size_t n, const struct unsigned_file *failure)
{
	for (size_t i = 0; i < n; i++)
		if (by_what(&told[i], failure) == 0 && strcmp(told[i].why, failure->why) == 0)
			return true;
	return false;
}

void transaction_agree(struct transaction *transaction)
{
	struct unsigned_files *failures = &transaction->failures, *good = &transaction->good;
	size_t kept = 0;

	if (good->n)
		qsort(good->items, good->n, sizeof(*good->items), by_what);
	for (size_t i = 0; i < failures->n; i++) {
		struct unsigned_file *failure = &failures->items[i];
		if (is_told(failures->items, kept, failure) ||
			(good->n && bsearch(failure, good->items, good->n, sizeof(*good->items),
					    by_what))) {
			free(failure->what);
			free(failure->why);
		} else {
			failures->items[kept++] = *failure;
		}
	}
	failures->n = kept;
}
