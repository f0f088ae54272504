/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Signing into a manifest. What an earlier run with the same key wrote there is taken over for
 * files that have the same digest still: it is recomputed from their bytes, and the whole of the
 * manifest was signed.
 */

#include "src/sign/manifest.h"

#include <string.h>
#include <unistd.h>

#include "src/base/log.h"
#include "src/sign/internal.h"
#include "src/base/file.h"

void sign_manifest_done(struct sign *sign)
{
	for (size_t i = 0; sign->lines && i < sign->n_lines; i++)
		free(sign->lines[i]);
	free(sign->lines);
	close_file(&sign->text_out);
	free(sign->text);
	manifest_done(&sign->former);
	manifest_done(&sign->digests);
}

static int load_former(struct sign *sign, struct diag *reterr)
{
	if (strcmp(sign->manifest_path, "-") == 0 || sign->force)
		return 0;
	int r = manifest_load(sign->manifest_path, &sign->former, reterr);
	if (r == -ENOENT)
		return 0;
	if (r == -EBADMSG)
		diag_hint(reterr, "--force overwrites it");
	if (r < 0)
		return r;
	if (manifest_is_sealed_by(&sign->former, sign->key.certificate))
		return 0;
	log_info("'%s' is not this key's: everything is signed anew", sign->manifest_path);
	manifest_done(&sign->former);
	return 0;
}

int sign_manifest_begin(struct sign *sign, struct diag *reterr)
{
	int r = load_former(sign, reterr);

	if (r == 0 && sign->digests_path)
		r = manifest_load(sign->digests_path, &sign->digests, reterr);
	if (r < 0)
		return r;
	sign->n_lines = sign->digests_path ? sign->digests.n : sign->selection.n;
	sign->lines = calloc(sign->n_lines + 1, sizeof(*sign->lines));
	sign->text_out = open_memstream(&sign->text, &sign->text_size);
	if (!sign->lines || !sign->text_out)
		return diag_set(reterr, -ENOMEM, "out of memory");
	manifest_first_line(sign->text_out);
	return 0;
}

void sign_manifest_take(struct sign *sign, size_t item)
{
	if (!sign->lines[item])
		return;
	fputs(sign->lines[item], sign->text_out);
	free(sign->lines[item]);
	sign->lines[item] = NULL;
	sign->in_manifest++;
}

static void tell_of_former(const struct sign *sign)
{
	if (sign->taken_over)
		log_info(
			"%zu were not signed again: their digests, recomputed from their bytes (the kernel's, of sealed ones), are those in '%s', which this key signed as a whole",
			(size_t)sign->taken_over, sign->manifest_path);
}

/*
 * Nothing has changed: then neither does the file, whatever an ECDSA key would make of its last
 * line.
 */
static bool is_as_before(const struct sign *sign)
{
	size_t size = sign->former.seal_offset;

	return size > 0 && sign->text_size > size && sign->in_manifest == sign->former.n &&
	       memcmp(sign->text, sign->former.text.data, size) == 0;
}

int sign_manifest_end(struct sign *sign, struct diag *reterr)
{
	const char *path = sign->manifest_path;

	if (sign->dry_run)
		return 0;
	fflush(sign->text_out);
	int r = manifest_last_line(sign->text_out, sign->text, sign->text_size, sign->in_manifest,
		sign->key.private_key ? &sign->key : NULL, reterr);
	if (r < 0)
		return r;
	if (fflush(sign->text_out) != 0)
		return diag_set(reterr, -ENOMEM, "out of memory");
	tell_of_former(sign);
	if (is_as_before(sign))
		return 0;
	r = strcmp(path, "-") == 0 ? write_all(STDOUT_FILENO, sign->text, sign->text_size)
				   : write_file_atomic(path, sign->text, sign->text_size, 0644);
	return r < 0 ? diag_set(reterr, r, "can't write '%s': %s", path, strerror(-r)) : 0;
}

/* --- one file ------------------------------------------------------------------------------- */

static bool needs_content(unsigned routes)
{
	for (size_t i = 0; i < SIGNERS; i++)
		if (routes & 1U << i && signers[i]->needs_content)
			return true;
	return false;
}

/* Below a root a path has no root of its own. */
static const char *path_in_manifest(const struct signing *signing)
{
	const char *path = signing->target->path;
	return path + (signing->sign->selection.root ? strspn(path, "/") : 0);
}

/* Does the former entry say of these bytes what is to be said, in all its kinds? */
static bool is_still_right(const struct signing *signing, const struct manifest_entry *former)
{
	const struct sign *sign = signing->sign;
	const struct sign_request *request = &signing->request;

	if (memcmp(&former->digests.verity, &request->digests.verity, BS_DIGEST_SIZE) != 0 ||
		former->claim.role != request->claim.role ||
		strcmp(former->claim.name, request->claim.name) != 0 ||
		(sign->has_sequence && former->claim.sequence != sign->sequence))
		return false;
	for (size_t i = 0; i < SIGNERS; i++)
		if (request->routes & 1U << i && !former->signatures.by_route[i].data)
			return false;
	return !needs_content(request->routes) ||
	       (former->has_content &&
		       memcmp(former->digests.content, request->digests.content, SHA256_SIZE) == 0);
}

/* A line that is taken over as it is. */
static int copy_line(
	struct signing *signing, const struct manifest_entry *former, struct diag *reterr)
{
	char *line = strndup(former->text, former->text_size);

	signing->sign->lines[signing->item] = line;
	return line ? 0 : diag_set(reterr, -ENOMEM, "out of memory");
}

static int put_line(
	struct signing *signing, const struct manifest_entry *entry, struct diag *reterr)
{
	size_t size;
	char **line = &signing->sign->lines[signing->item];
	FILE *out = open_memstream(line, &size);

	if (out)
		manifest_file_line(out, entry);
	return out && fclose(out) == 0 ? 0 : diag_set(reterr, -ENOMEM, "out of memory");
}

static int sign_anew(struct signing *signing, const char *path, struct diag *reterr)
{
	_cleanup_signatures_ struct signatures signatures = {0};
	struct sign_request *request = &signing->request;

	request->fd = -EBADF; /* how it is sealed here says nothing of where it goes */
	/*
	 * The first shows whether the key is good; `apply` looks at all. What a token does is
	 * looked at always.
	 */
	request->unchecked = signing->item > 0 && !signing->sign->is_token;
	int r = signing->sign->key.private_key ? sign_make(signing, &signatures, reterr) : 0;
	if (r < 0)
		return r;
	const struct manifest_entry entry = {.path = (char *)path,
		.claim = request->claim,
		.digests = request->digests,
		.has_content = needs_content(request->routes),
		.signatures = signatures};
	return put_line(signing, &entry, reterr);
}

int sign_for_manifest(struct signing *signing, struct diag *reterr)
{
	struct sign *sign = signing->sign;
	const char *path = path_in_manifest(signing);
	const struct manifest_entry *former = manifest_find(&sign->former, path);

	if (former && is_still_right(signing, former)) {
		sign->taken_over++;
		sign_report(signing, SIGN_ALREADY, &former->claim);
		return copy_line(signing, former, reterr);
	}
	if (sign->dry_run) {
		sign_report(signing, SIGN_WOULD, &signing->request.claim);
		return 0;
	}
	int r = sign_anew(signing, path, reterr);
	if (r == 0)
		sign_report(signing, sign->key.private_key ? SIGN_SIGNED : SIGN_READ,
			&signing->request.claim);
	return r;
}

int sign_collect(struct signing *signing, struct diag *reterr)
{
	_cleanup_signatures_ struct signatures signatures = {0};
	struct bytes *made = &signatures.by_route[signer_find(signer_claim.name)];
	struct manifest_entry entry = {.path = (char *)path_in_manifest(signing)};
	struct sign_request *request = &signing->request;
	const uint8_t *signature;
	size_t size;

	int r = digests_of_file(request->fd, 0, &entry.digests, &signing->sealed, reterr);
	if (r >= 0)
		r = signer_claim.read(request->path, request->fd, made, reterr);
	if (r >= 0)
		r = claim_parse(made->data, made->size, &entry.claim, &signature, &size, reterr);
	if (r < 0)
		return r;
	if (memcmp(entry.claim.digest, entry.digests.verity, BS_DIGEST_SIZE) != 0)
		return diag_set(
			reterr, -ESTALE, "the claim of '%s' is for other bytes", request->path);
	entry.signatures = signatures;
	sign_report(signing, SIGN_READ, &entry.claim);
	return put_line(signing, &entry, reterr);
}

int sign_entry(struct signing *signing, struct diag *reterr)
{
	const struct sign *sign = signing->sign;
	const struct manifest_entry *entry = &sign->digests.entries[signing->item];
	struct sign_request *request = &signing->request;

	request->claim = entry->claim;
	request->digests = entry->digests;
	if (sign->has_sequence)
		request->claim.sequence = sign->sequence;
	if (needs_content(request->routes) && !entry->has_content) {
		diag_set(reterr, -EINVAL, "the content's hash of '%s' is not in '%s'", entry->path,
			sign->digests_path);
		diag_hint(reterr, "bpfsign digest --with ima-v2");
		return -EINVAL;
	}
	return signers_suit(request->routes, request->claim.role, reterr);
}
