/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Any bytes as a manifest. What parses must be written as the same bytes. */

#include "tests/fuzz/seed.h"
#include "src/manifest/manifest.h"

static struct key key;
static struct bytes seeds[2];

static struct bytes make_seed(bool with_signatures)
{
	struct manifest_entry entry = {.path = (char *)"usr/bin/a b",
		.claim = {.role = BS_ROLE_EXECUTABLE,
			.name = "alice",
			.sequence = 7,
			.digest_algorithm = BS_DIGEST_SHA256,
			.digest_size = BS_DIGEST_SIZE},
		.has_content = !with_signatures};
	struct sign_request request = {.fd = -EBADF,
		.claim = entry.claim,
		.key = key.private_key,
		.certificate = key.certificate,
		.routes = 1U << signer_find("claim") | 1U << signer_find("builtin")};
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	require(!with_signatures || signatures_make(&request, &entry.signatures, NULL) == 0,
		"cannot sign");
	manifest_first_line(out);
	manifest_file_line(out, &entry);
	fflush(out);
	require(manifest_trailer_line(out, text, size, 1, with_signatures ? &key : NULL, NULL) == 0,
		"cannot seal");
	fclose(out);
	signatures_done(&entry.signatures);
	return (struct bytes){(uint8_t *)text, size};
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	key = seed_key();
	seeds[0] = make_seed(/* with_signatures= */ false);
	seeds[1] = make_seed(/* with_signatures= */ true);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit, unsigned seed)
{
	return mutate_from(seeds, 2, data, size, limit, seed);
}

/* All but the last line, whose signature only parses: how many bytes that is. */
static size_t check_round_trip(const uint8_t *data, size_t size, const struct manifest *manifest)
{
	char *text = NULL;
	size_t written = 0;
	FILE *out = open_memstream(&text, &written);

	manifest_first_line(out);
	for (size_t i = 0; i < manifest->n; i++)
		manifest_file_line(out, &manifest->entries[i]);
	fclose(out);
	require(written < size && memcmp(data, text, written) == 0, "another text");
	free(text);
	return written;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_manifest_ struct manifest manifest = {0};
	struct diag diag = {0};

	int r = manifest_parse("fuzz", data, size, &manifest, &diag);
	if (r < 0) {
		require(r == -EBADMSG && diag.message[0], "refused without words");
		return 0;
	}
	for (size_t i = 0; i < manifest.n; i++)
		require(manifest_find(&manifest, manifest.entries[i].path) == &manifest.entries[i],
			"an entry is not found");
	size_t sealed = check_round_trip(data, size, &manifest);
	/* A CMS has bytes that mean nothing; what it signs has none. */
	if (manifest_is_signed_by(&manifest, key.certificate))
		require(sealed < seeds[1].size && memcmp(data, seeds[1].data, sealed) == 0,
			"forged");
	return 0;
}
