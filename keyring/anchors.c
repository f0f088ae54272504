/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The enrolled certificates on disk. Knows nothing of the kernel's keyrings. */

#include "keyring/anchors.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/cert.h"
#include "keyring/key.h"
#include "src/base/file.h"
#include "src/base/text.h"

#define DEFAULT_DIRECTORY "/etc/bpfsign/keys.d"
#define SUFFIX            ".pem"

/* Empty files beside a signer's certificates. */
static const struct {
	enum anchor_mark mark;
	const char *file;
} mark_files[] = {
	{ANCHOR_CONTROL, "control"},
	{ANCHOR_IMA, "ima"},
	{ANCHOR_FSVERITY, "fsverity"},
};

static char *below_root; /* chosen by anchors_use_root() */

int anchors_use_root(const char *root)
{
	char *directory = format_text("%s" DEFAULT_DIRECTORY, root);

	if (!directory)
		return -ENOMEM;
	free(below_root);
	below_root = directory;
	return 0;
}

const char *anchors_directory(void)
{
	if (below_root)
		return below_root;
	const char *directory = secure_getenv("BPFSIGN_KEYS_DIRECTORY");
	return directory && *directory ? directory : DEFAULT_DIRECTORY;
}

bool anchors_name_is_valid(const char *signer)
{
	/* The name becomes a directory's: neither "..", nor a directory that anchors_remove() put
	 * aside. */
	return name_is_valid(signer) && signer[0] != '.';
}

static void anchor_done(struct anchor *anchor)
{
	X509_free(anchor->certificate);
	free(anchor->path);
	*anchor = (struct anchor){0};
}
#define _cleanup_anchor_ _cleanup_(anchor_done)

void anchors_done(struct anchors *anchors)
{
	for (size_t i = 0; i < anchors->n; i++)
		anchor_done(&anchors->items[i]);
	free(anchors->items);
	*anchors = (struct anchors){0};
}

static void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
	*directory = NULL;
}
#define _cleanup_directory_ _cleanup_(close_directory)

static int anchors_append(struct anchors *anchors, struct anchor *anchor)
{
	struct anchor *grown =
		reallocarray(anchors->items, anchors->n + 1, sizeof(*anchors->items));

	if (!grown)
		return -ENOMEM;
	anchors->items = grown;
	anchors->items[anchors->n++] = *anchor;
	*anchor = (struct anchor){0};
	return 0;
}

static int parse_certificate(const char *path, X509 **ret, struct diag *reterr)
{
	_cleanup_bytes_ struct bytes bytes = {0};
	_cleanup_key_ struct key key = {0};
	int r = read_file(path, KEY_FILE_LIMIT, &bytes);

	if (r < 0)
		return diag_set(reterr, r, "can't read anchor '%s': %s", path, strerror(-r));
	r = key_parse(bytes.data, bytes.size, path, &key, reterr);
	if (r < 0)
		return r;
	if (!key.certificate || key.private_key) {
		diag_set(reterr, -EINVAL, "anchor '%s' is not a certificate alone", path);
		diag_hint(reterr, "remove it and use bpfsign enroll");
		return -EINVAL;
	}
	*ret = TAKE_PTR(key.certificate);
	return 0;
}

static int load_anchor(struct anchors *anchors, const char *signer, unsigned marks,
	const char *file, struct diag *reterr)
{
	_cleanup_anchor_ struct anchor anchor = {.control = marks & ANCHOR_CONTROL, .marks = marks};

	snprintf(anchor.signer, sizeof(anchor.signer), "%.*s", BS_NAME_SIZE - 1, signer);
	anchor.path = format_text("%s/%s/%s", anchors_directory(), signer, file);
	if (!anchor.path)
		return diag_set(reterr, -ENOMEM, "out of memory");
	int r = parse_certificate(anchor.path, &anchor.certificate, reterr);
	if (r < 0)
		return r;
	cert_fingerprint(anchor.certificate, anchor.fingerprint);
	r = anchors_append(anchors, &anchor);
	return r < 0 ? diag_set(reterr, r, "out of memory") : 0;
}

static bool is_anchor_name(const char *file)
{
	size_t n = strlen(file), suffix = strlen(SUFFIX);
	return file[0] != '.' && n > suffix && strcmp(file + n - suffix, SUFFIX) == 0;
}

static unsigned load_marks(int directory)
{
	unsigned marks = 0;

	for (size_t i = 0; i < ARRAY_SIZE(mark_files); i++)
		if (faccessat(directory, mark_files[i].file, F_OK, 0) == 0)
			marks |= mark_files[i].mark;
	return marks;
}

static int load_signer(
	struct anchors *anchors, const char *root, const char *signer, struct diag *reterr)
{
	_cleanup_free_ char *path = format_text("%s/%s", root, signer);
	_cleanup_directory_ DIR *directory = path ? opendir(path) : NULL;

	if (!directory && errno == ENOTDIR)
		return 0;
	if (!directory)
		return diag_set(reterr, -errno, "can't read the anchors of '%s': %s", signer,
			strerror(errno));
	unsigned marks = load_marks(dirfd(directory));

	for (struct dirent *entry; (entry = readdir(directory));) {
		if (!is_anchor_name(entry->d_name))
			continue;
		int r = load_anchor(anchors, signer, marks, entry->d_name, reterr);
		if (r < 0)
			return r;
	}
	return 0;
}

static int compare_anchors(const void *a, const void *b)
{
	const struct anchor *left = a, *right = b;
	int signers = strcmp(left->signer, right->signer);

	return signers ? signers : strcmp(left->fingerprint, right->fingerprint);
}

int anchors_load(struct anchors *ret, struct diag *reterr)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	const char *root = anchors_directory();
	_cleanup_directory_ DIR *directory = opendir(root);

	if (!directory && errno != ENOENT)
		return diag_set(reterr, -errno, "can't read '%s': %s", root, strerror(errno));
	for (struct dirent *entry; directory && (entry = readdir(directory));) {
		if (!anchors_name_is_valid(entry->d_name))
			continue;
		int r = load_signer(&anchors, root, entry->d_name, reterr);
		if (r < 0)
			return r;
	}
	if (anchors.n > 0)
		qsort(anchors.items, anchors.n, sizeof(*anchors.items), compare_anchors);
	*ret = anchors;
	anchors = (struct anchors){0};
	return 0;
}

const char *anchors_control(const struct anchors *anchors)
{
	for (size_t i = 0; i < anchors->n; i++)
		if (anchors->items[i].control)
			return anchors->items[i].signer;
	return NULL;
}

X509 **anchors_certificates(const struct anchors *anchors)
{
	X509 **certificates = calloc(anchors->n + 1, sizeof(*certificates));

	for (size_t i = 0; certificates && i < anchors->n; i++)
		certificates[i] = anchors->items[i].certificate;
	return certificates;
}

const struct anchor *anchors_find_key(
	const struct anchors *anchors, const char *signer, X509 *certificate)
{
	for (size_t i = 0; i < anchors->n; i++)
		if (strcmp(anchors->items[i].signer, signer) == 0 &&
			cert_same_key(anchors->items[i].certificate, certificate))
			return &anchors->items[i];
	return NULL;
}

size_t anchors_count_others(const struct anchors *anchors, const char *signer, X509 *certificate)
{
	size_t n = 0;

	for (size_t i = 0; i < anchors->n; i++)
		n += strcmp(anchors->items[i].signer, signer) == 0 &&
		     !cert_same(anchors->items[i].certificate, certificate);
	return n;
}

unsigned anchors_marks(const struct anchors *anchors, const char *signer)
{
	for (size_t i = 0; i < anchors->n; i++)
		if (strcmp(anchors->items[i].signer, signer) == 0)
			return anchors->items[i].marks;
	return 0;
}

char *anchors_path(const char *signer, X509 *certificate)
{
	char fingerprint[FINGERPRINT_TEXT_SIZE];

	return format_text("%s/%s/%s" SUFFIX, anchors_directory(), signer,
		cert_fingerprint(certificate, fingerprint));
}

int anchors_check(const char *signer, unsigned marks, struct diag *reterr)
{
	_cleanup_anchors_ struct anchors anchors = {0};

	if (!anchors_name_is_valid(signer))
		return diag_set(reterr, -EINVAL,
			"'%s' cannot name a signer ([a-z0-9._-]{1,63}, not beginning with '.')",
			signer);
	int r = anchors_load(&anchors, reterr);
	if (r < 0)
		return r;
	const char *other = anchors_control(&anchors);
	if (marks & ANCHOR_CONTROL && other && strcmp(other, signer) != 0) {
		diag_set(reterr, -EEXIST, "'%s' is the control signer already", other);
		diag_hint(reterr, "bpfsign unenroll %s first", other);
		return -EEXIST;
	}
	return 0;
}

/*
 * The marks first: a certificate must never be there as an ordinary signer's. only: no other mark
 * stays, which certificates had that are gone.
 */
static int write_anchor(
	const char *directory, const char *path, X509 *certificate, unsigned marks, bool only)
{
	_cleanup_bytes_ struct bytes pem = {0};
	int r = cert_to_pem(certificate, &pem);

	if (r >= 0)
		r = make_directories(directory, 0755);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(mark_files); i++) {
		_cleanup_free_ char *mark = format_text("%s/%s", directory, mark_files[i].file);
		if (!mark)
			r = -ENOMEM;
		else if (marks & mark_files[i].mark)
			r = write_file_atomic(mark, "", 0, 0644);
		else if (only && unlink(mark) < 0 && errno != ENOENT)
			r = -errno;
	}
	return r < 0 ? r : write_file_atomic(path, pem.data, pem.size, 0644);
}

int anchors_add(const char *signer, X509 *certificate, unsigned marks, struct diag *reterr)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	int r = anchors_check(signer, marks, reterr);

	if (r >= 0)
		r = anchors_load(&anchors, reterr);
	if (r < 0)
		return r;

	_cleanup_free_ char *directory = format_text("%s/%s", anchors_directory(), signer);
	_cleanup_free_ char *path = anchors_path(signer, certificate);
	if (!directory || !path)
		return diag_set(reterr, -ENOMEM, "out of memory");
	bool has_none = true;
	for (size_t i = 0; i < anchors.n; i++)
		has_none = has_none && strcmp(anchors.items[i].signer, signer) != 0;
	r = write_anchor(directory, path, certificate, marks, has_none);
	return r < 0 ? diag_set(reterr, r, "can't write anchor '%s': %s", path, strerror(-r)) : 0;
}

int anchors_remove_one(const struct anchor *anchor, struct diag *reterr)
{
	int r = unlink(anchor->path) < 0 && errno != ENOENT ? -errno : sync_parent(anchor->path);

	if (r == -ENOENT) /* the directory is gone too */
		return 0;
	return r < 0 ? diag_set(reterr, r, "can't remove '%s': %s", anchor->path, strerror(-r)) : 0;
}

/* Empties and removes a directory that holds files only. */
static int remove_directory(const char *path)
{
	_cleanup_directory_ DIR *directory = opendir(path);
	if (!directory)
		return -errno;

	for (struct dirent *entry; (entry = readdir(directory));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
			unlinkat(dirfd(directory), entry->d_name, 0) < 0)
			return -errno;
	return rmdir(path) < 0 ? -errno : 0;
}

int anchors_remove(const char *signer, struct diag *reterr)
{
	if (!anchors_name_is_valid(signer))
		return diag_set(reterr, -EINVAL, "'%s' cannot name a signer", signer);

	_cleanup_free_ char *path = format_text("%s/%s", anchors_directory(), signer);
	_cleanup_free_ char *aside =
		format_text("%s/.removed.%s.%d", anchors_directory(), signer, (int)getpid());
	if (!path || !aside)
		return diag_set(reterr, -ENOMEM, "out of memory");

	/* After the rename none of them counts; a crash below leaves only litter. */
	int r = rename(path, aside) < 0 ? -errno : 0;
	if (r == -ENOENT)
		return diag_set(reterr, r, "no signer '%s' is enrolled", signer);
	if (r < 0)
		return diag_set(reterr, r, "can't remove '%s': %s", path, strerror(-r));
	r = remove_directory(aside);
	return r < 0 ? diag_set(reterr, r, "can't remove '%s': %s", aside, strerror(-r)) : 0;
}
