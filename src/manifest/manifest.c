/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes a manifest and looks up its entries. load.c and parse.c read it. */

#include "src/manifest/manifest.h"

#include <inttypes.h>
#include <string.h>

#include "keyring/base64.h"
#include "keyring/cms.h"
#include "src/base/text.h"
#include "src/names/names.h"

/* Bytes under the signature of the trailer: a purpose of its own, then the SHA-256. */
struct trailer_subject {
	char magic[32];
	uint8_t digest[SHA256_SIZE];
};
#define TRAILER_MAGIC "bpfsign manifest v1, all of it"

void manifest_done(struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->n; i++) {
		free(manifest->entries[i].path);
		signatures_done(&manifest->entries[i].signatures);
	}
	free(manifest->entries);
	free(manifest->by_path);
	bytes_done(&manifest->trailer);
	bytes_done(&manifest->text);
	*manifest = (struct manifest){0};
}

static int by_path(const void *a, const void *b)
{
	const struct manifest_entry *const *first = a, *const *second = b;
	int order = strcmp((*first)->path, (*second)->path);

	return order ? order : (*first)->line > (*second)->line ? 1 : -1;
}

int manifest_sort(struct manifest *manifest, const char *file, struct diag *reterr)
{
	manifest->by_path = calloc(manifest->n + 1, sizeof(*manifest->by_path));
	if (!manifest->by_path)
		return diag_set(reterr, -ENOMEM, "out of memory");
	for (size_t i = 0; i < manifest->n; i++)
		manifest->by_path[i] = &manifest->entries[i];
	qsort(manifest->by_path, manifest->n, sizeof(*manifest->by_path), by_path);
	for (size_t i = 1; i < manifest->n; i++) {
		const struct manifest_entry *entry = manifest->by_path[i];
		if (strcmp(manifest->by_path[i - 1]->path, entry->path) != 0)
			continue;
		diag_set(reterr, -EBADMSG, "the path is that of line %u",
			manifest->by_path[i - 1]->line);
		diag_at(reterr, file, entry->line, 6);
		return -EBADMSG;
	}
	return 0;
}

static int compare_path(const void *key, const void *element)
{
	const struct manifest_entry *const *entry = element;
	return strcmp(key, (*entry)->path);
}

const struct manifest_entry *manifest_find(const struct manifest *manifest, const char *path)
{
	const struct manifest_entry **found =
		manifest->n ? bsearch(path, manifest->by_path, manifest->n,
				      sizeof(*manifest->by_path), compare_path)
			    : NULL;

	return found ? *found : NULL;
}

bool manifest_is_signed_by(const struct manifest *manifest, X509 *certificate)
{
	struct trailer_subject subject = {.magic = TRAILER_MAGIC};
	size_t index;

	memcpy(subject.digest, manifest->trailed, sizeof(subject.digest));
	return manifest->trailer.size > 0 &&
	       cms_verify(&subject, sizeof(subject), &manifest->trailer, &certificate, 1, &index,
		       NULL) == 0;
}

/* --- writing -------------------------------------------------------------------------------- */

void manifest_first_line(FILE *out)
{
	fputs("bpfsign manifest v1\n", out);
}

static void write_path(FILE *out, const char *path)
{
	for (; *path; path++) {
		if (*path > ' ' && *path <= '~' && *path != '\\')
			fputc(*path, out);
		else
			fprintf(out, "\\x%02x", (uint8_t)*path);
	}
}

void manifest_file_line(FILE *out, const struct manifest_entry *entry)
{
	const struct claim *claim = &entry->claim;
	char hex[2 * SHA256_SIZE + 1];

	fputs("file ", out);
	write_path(out, entry->path);
	fprintf(out, " %s %s %" PRIu64 " sha256:%s", role_name(claim->role), claim->name,
		claim->sequence, hex_encode(entry->digests.verity, BS_DIGEST_SIZE, hex));
	if (entry->has_content)
		fprintf(out, " content:%s", hex_encode(entry->digests.content, SHA256_SIZE, hex));
	for (size_t i = 0; i < SIGNERS; i++) {
		const struct bytes *signature = &entry->signatures.by_route[i];
		if (!signature->data)
			continue;
		fprintf(out, " %s:", signers[i]->name);
		base64_write(out, signature->data, signature->size);
	}
	fputc('\n', out);
}

static int sign_trailer(const void *text, size_t size, const struct key *key, struct bytes *ret,
	struct diag *reterr)
{
	struct trailer_subject subject = {.magic = TRAILER_MAGIC};

	if (openssl_sha256(text, size, subject.digest) < 0)
		return diag_set(reterr, -EIO, "can't compute a SHA-256");
	return cms_sign(&subject, sizeof(subject), key->private_key, key->certificate, ret, reterr);
}

int manifest_trailer_line(FILE *out, const void *text, size_t size, size_t count,
	const struct key *key, struct diag *reterr)
{
	_cleanup_bytes_ struct bytes made = {0};
	int r = key ? sign_trailer(text, size, key, &made, reterr) : 0;

	if (r < 0)
		return r;
	fprintf(out, "end %zu%s", count, key ? " " : "");
	if (key)
		base64_write(out, made.data, made.size);
	fputc('\n', out);
	return 0;
}
