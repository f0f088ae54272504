/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Signing into a manifest. Lines of an earlier run with the same key are taken over for files whose
 * digest is unchanged: it is recomputed from their bytes, and the key signed the former manifest as
 * a whole.
 */

#include "src/sign/manifest.h"

#include <string.h>
#include <unistd.h>

#include "src/base/file.h"

void sign_manifest_done(struct signing *signing)
{
	for (size_t i = 0; signing->lines && i < signing->n_lines; i++)
		free(signing->lines[i]);
	free(signing->lines);
	close_file(&signing->text_out);
	free(signing->text);
	manifest_done(&signing->former);
	manifest_done(&signing->digests);
}

static int load_former(struct signing *signing, struct diag *reterr)
{
	if (strcmp(signing->options->manifest_path, "-") == 0 || signing->options->force)
		return 0;
	int r = manifest_load(signing->options->manifest_path, &signing->former, reterr);
	if (r == -ENOENT)
		return 0;
	if (r == -EBADMSG)
		diag_hint(reterr, "--force overwrites it");
	if (r < 0)
		return r;
	if (manifest_is_signed_by(&signing->former, signing->key.certificate))
		return 0;
	sign_notice(signing, "'%s' is not this key's: everything is signed anew",
		signing->options->manifest_path);
	manifest_done(&signing->former);
	return 0;
}

int sign_manifest_begin(struct signing *signing, struct diag *reterr)
{
	int r = load_former(signing, reterr);

	if (r == 0 && signing->options->digests_path)
		r = manifest_load(signing->options->digests_path, &signing->digests, reterr);
	if (r < 0)
		return r;
	signing->n_lines =
		signing->options->digests_path ? signing->digests.n : signing->selection.n;
	signing->lines = calloc(signing->n_lines + 1, sizeof(*signing->lines));
	signing->text_out = open_memstream(&signing->text, &signing->text_size);
	if (!signing->lines || !signing->text_out)
		return diag_set(reterr, -ENOMEM, "out of memory");
	manifest_first_line(signing->text_out);
	return 0;
}

void sign_manifest_take(struct signing *signing, size_t index)
{
	if (!signing->lines[index])
		return;
	fputs(signing->lines[index], signing->text_out);
	free(signing->lines[index]);
	signing->lines[index] = NULL;
	signing->in_manifest++;
}

static void tell_of_former(const struct signing *signing)
{
	if (signing->taken_over)
		sign_notice(signing,
			"%zu were not signed again: their digests, recomputed from their bytes (the kernel's, of sealed ones), are those in '%s', which this key signed as a whole",
			(size_t)signing->taken_over, signing->options->manifest_path);
}

/*
 * Nothing has changed: then the file is not written, although an ECDSA key would make another last
 * line.
 */
static bool is_as_before(const struct signing *signing)
{
	size_t size = signing->former.trailer_offset;

	return size > 0 && signing->text_size > size && signing->in_manifest == signing->former.n &&
	       memcmp(signing->text, signing->former.text.data, size) == 0;
}

int sign_manifest_end(struct signing *signing, struct diag *reterr)
{
	const char *path = signing->options->manifest_path;

	if (signing->options->dry_run)
		return 0;
	fflush(signing->text_out);
	int r = manifest_trailer_line(signing->text_out, signing->text, signing->text_size,
		signing->in_manifest, signing->key.private_key ? &signing->key : NULL, reterr);
	if (r < 0)
		return r;
	if (fflush(signing->text_out) != 0)
		return diag_set(reterr, -ENOMEM, "out of memory");
	tell_of_former(signing);
	if (is_as_before(signing))
		return 0;
	r = strcmp(path, "-") == 0
		    ? write_all(STDOUT_FILENO, signing->text, signing->text_size)
		    : write_file_atomic(path, signing->text, signing->text_size, 0644);
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
static const char *path_in_manifest(const struct sign_item *item)
{
	const char *path = item->target->path;
	return path + (item->signing->options->select.root ? strspn(path, "/") : 0);
}

/* Is the former entry about these bytes and this claim, with all kinds of signatures? */
static bool is_still_right(const struct sign_item *item, const struct manifest_entry *former)
{
	const struct signing *signing = item->signing;
	const struct sign_request *request = &item->request;

	if (memcmp(&former->digests.verity, &request->digests.verity, BS_DIGEST_SIZE) != 0 ||
		former->claim.role != request->claim.role ||
		strcmp(former->claim.name, request->claim.name) != 0 ||
		(signing->options->has_sequence &&
			former->claim.sequence != signing->options->sequence))
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
	struct sign_item *item, const struct manifest_entry *former, struct diag *reterr)
{
	char *line = strndup(former->text, former->text_size);

	item->signing->lines[item->index] = line;
	return line ? 0 : diag_set(reterr, -ENOMEM, "out of memory");
}

static int put_line(struct sign_item *item, const struct manifest_entry *entry, struct diag *reterr)
{
	size_t size;
	char **line = &item->signing->lines[item->index];
	FILE *out = open_memstream(line, &size);

	if (out)
		manifest_file_line(out, entry);
	return out && fclose(out) == 0 ? 0 : diag_set(reterr, -ENOMEM, "out of memory");
}

static int sign_anew(struct sign_item *item, const char *path, struct diag *reterr)
{
	_cleanup_signatures_ struct signatures signatures = {0};
	struct sign_request *request = &item->request;

	request->fd = -EBADF; /* how it is sealed here says nothing of where it goes */
	/*
	 * The first signature shows whether the key is good, and `apply` checks all of them. Those
	 * of a token are checked always.
	 */
	request->unchecked = item->index > 0 && !item->signing->is_token;
	int r = item->signing->key.private_key ? sign_make(item, &signatures, reterr) : 0;
	if (r < 0)
		return r;
	const struct manifest_entry entry = {.path = (char *)path,
		.claim = request->claim,
		.digests = request->digests,
		.has_content = needs_content(request->routes),
		.signatures = signatures};
	return put_line(item, &entry, reterr);
}

int sign_manifest_add(struct sign_item *item, struct diag *reterr)
{
	struct signing *signing = item->signing;
	const char *path = path_in_manifest(item);
	const struct manifest_entry *former = manifest_find(&signing->former, path);

	if (former && is_still_right(item, former)) {
		signing->taken_over++;
		sign_report(item, SIGN_ALREADY, &former->claim);
		return copy_line(item, former, reterr);
	}
	if (signing->options->dry_run) {
		sign_report(item, SIGN_WOULD, &item->request.claim);
		return 0;
	}
	int r = sign_anew(item, path, reterr);
	if (r == 0)
		sign_report(item, signing->key.private_key ? SIGN_SIGNED : SIGN_READ,
			&item->request.claim);
	return r;
}

int sign_manifest_collect(struct sign_item *item, struct diag *reterr)
{
	_cleanup_signatures_ struct signatures signatures = {0};
	struct bytes *made = &signatures.by_route[signer_find(signer_claim.name)];
	struct manifest_entry entry = {.path = (char *)path_in_manifest(item)};
	struct sign_request *request = &item->request;
	const uint8_t *signature;
	size_t size;

	int r = signer_digests(request->fd, 0, &entry.digests, &item->sealed, reterr);
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
	sign_report(item, SIGN_READ, &entry.claim);
	return put_line(item, &entry, reterr);
}

int sign_manifest_request(struct sign_item *item, struct diag *reterr)
{
	const struct signing *signing = item->signing;
	const struct manifest_entry *entry = &signing->digests.entries[item->index];
	struct sign_request *request = &item->request;

	request->claim = entry->claim;
	request->digests = entry->digests;
	if (signing->options->has_sequence)
		request->claim.sequence = signing->options->sequence;
	if (needs_content(request->routes) && !entry->has_content) {
		diag_set(reterr, -EINVAL, "the content's hash of '%s' is not in '%s'", entry->path,
			signing->options->digests_path);
		diag_hint(reterr, "bpfsign digest --with ima-v2");
		return -EINVAL;
	}
	return signer_suit(request->routes, request->claim.role, reterr);
}
