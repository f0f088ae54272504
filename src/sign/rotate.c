/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * From a claim by the old key to the same claim by the new one. Touches no keyring and no anchor.
 */

#include "src/sign/rotate.h"

#include <fcntl.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "plugins/sign/signatures.h"
#include "plugins/sign/verity.h"
#include "src/base/file.h"

/* One file, and its claim. */
struct file {
	const char *path;
	int fd;
	bool sealed;
	struct digests digests;
	struct claim claim;
};

/* The answers of look(), beside -errno. */
enum { LEFT_ALONE, BY_NEW_KEY, BY_OLD_KEY };

const char *rotate_word(enum rotate_result result)
{
	static const char *const names[] = {
		[ROTATE_SIGNED] = "signed",
		[ROTATE_WOULD] = "would be signed",
		[ROTATE_ALREADY] = "already signed",
		[ROTATE_LEFT_ALONE] = "left alone",
		[ROTATE_FAILED] = "failed",
	};
	return names[result];
}

static void report(const struct rotate_options *options, const char *path,
	enum rotate_result result, const struct claim *claim, const struct diag *diag)
{
	options->report(options->context, path, result, claim, diag);
}

static int open_file(struct file *file, struct diag *reterr)
{
	struct stat st;

	file->fd = open_path(AT_FDCWD, file->path, O_RDONLY | O_NONBLOCK, 0);
	if (file->fd < 0)
		return diag_set(
			reterr, file->fd, "can't open '%s': %s", file->path, strerror(-file->fd));
	if (fstat(file->fd, &st) < 0)
		return diag_set(
			reterr, -errno, "can't examine '%s': %s", file->path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return diag_set(reterr, -EINVAL, "'%s' is not a regular file", file->path);
	int r = verity_digest(file->fd, file->digests.verity, &file->sealed, reterr);
	if (r < 0)
		diag_at(reterr, file->path, 0, 0);
	return r;
}

/*
 * Finds the key of the file's claim. A file whose claim is not right under the old key is left
 * alone; *reterr has the reason.
 */
static int look(const struct rotate_options *options, struct file *file, struct diag *reterr)
{
	struct anchor own = {.certificate = options->key->certificate};
	const struct anchors new = {&own, 1};
	const struct anchor *anchor;

	int r = open_file(file, reterr);
	if (r < 0)
		return r;
	if (signer_read_claim(file->path, file->fd, file->digests.verity, &new, &file->claim,
		    &anchor, NULL) >= 0)
		return BY_NEW_KEY;
	r = signer_read_claim(file->path, file->fd, file->digests.verity, options->old,
		&file->claim, &anchor, reterr);
	if (r == -ENODATA || r == -ENOKEY || r == -EBADMSG || r == -EKEYREJECTED || r == -ESTALE)
		return LEFT_ALONE;
	if (r < 0)
		return r;
	if (!file->sealed && file->claim.role != BS_ROLE_POLICY) {
		diag_set(reterr, 0, "its claim is right, but fs-verity is off");
		return LEFT_ALONE;
	}
	return BY_OLD_KEY;
}

/* Is this kind of signature of the old key on the file? */
static bool has_route(
	const struct rotate_options *options, const struct file *file, const struct signer *signer)
{
	_cleanup_free_ X509 **certificates = anchors_certificates(options->old);
	_cleanup_bytes_ struct bytes value = {0};
	size_t index;

	return certificates && signer->read(file->path, file->fd, &value, NULL) >= 0 &&
	       signer->check(&value, &file->digests, certificates, options->old->n, &index, NULL) >=
		       0;
}

static int choose_routes(const struct rotate_options *options, const struct file *file,
	unsigned *ret, struct diag *reterr)
{
	unsigned routes = 0;

	for (unsigned i = 0; i < SIGNERS; i++) {
		if (!has_route(options, file, signers[i]))
			continue;
		if (signers[i]->is_sealed_in) {
			diag_set(reterr, -EOPNOTSUPP,
				"'%s' has a built-in signature by the old key, which stays for ever",
				file->path);
			diag_hint(reterr, "copy the file and sign the copy");
			return -EOPNOTSUPP;
		}
		routes |= 1U << i;
	}
	*ret = routes;
	return 0;
}

static int sign_again(const struct rotate_options *options, struct file *file, struct diag *reterr)
{
	_cleanup_signatures_ struct signatures signatures = {0};
	struct sign_request request = {.path = file->path,
		.fd = file->fd,
		.claim = file->claim,
		.key = options->key->private_key,
		.certificate = options->key->certificate};

	int r = signer_digests(
		file->fd, (1U << SIGNERS) - 1, &file->digests, &file->sealed, reterr);
	if (r >= 0)
		r = choose_routes(options, file, &request.routes, reterr);
	request.digests = file->digests;
	if (r >= 0 && options->dry_run)
		return 0;
	if (r >= 0)
		r = signatures_make(&request, &signatures, reterr);
	return r < 0 ? r
		     : signatures_apply(file->path, file->fd, &file->claim, &signatures, reterr);
}

int rotate_file(const struct rotate_options *options, const char *path, bool named)
{
	struct file file = {.path = path, .fd = -EBADF};
	struct diag diag = {0};

	int r = look(options, &file, &diag);
	if (r == BY_OLD_KEY) {
		int made = sign_again(options, &file, &diag);
		if (made >= 0)
			report(options, path, options->dry_run ? ROTATE_WOULD : ROTATE_SIGNED,
				&file.claim, NULL);
		r = made < 0 ? made : r;
	} else if (r == BY_NEW_KEY && named) {
		report(options, path, ROTATE_ALREADY, &file.claim, NULL);
	} else if (r == LEFT_ALONE && named) {
		report(options, path, ROTATE_LEFT_ALONE, NULL, &diag);
	}
	if (r < 0)
		report(options, path, ROTATE_FAILED, NULL, &diag);
	close_fd(&file.fd);
	return r < 0 ? r : 0;
}

/* Most files have no claim, and need not be read. */
static bool has_claim(const char *path)
{
	return lgetxattr(path, BS_CLAIM_XATTR, NULL, 0) >= 0;
}

int rotate_tree(const struct rotate_options *options, const char *directory)
{
	char *paths[] = {(char *)directory, NULL};
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	int r = tree ? 0 : -errno;
	FTSENT *entry = NULL;
	struct diag diag;

	while (tree && (entry = fts_read(tree))) {
		if (entry->fts_info == FTS_F && has_claim(entry->fts_path)) {
			int one = rotate_file(options, entry->fts_path, /* named= */ false);
			r = one < 0 ? one : r;
		}
		if (entry->fts_info != FTS_DNR && entry->fts_info != FTS_ERR &&
			entry->fts_info != FTS_NS)
			continue;
		int failed = entry->fts_errno ? -entry->fts_errno : -EIO;
		r = diag_set(
			&diag, failed, "can't read '%s': %s", entry->fts_path, strerror(-failed));
		report(options, entry->fts_path, ROTATE_FAILED, NULL, &diag);
	}
	if (tree)
		fts_close(tree);
	return r;
}
