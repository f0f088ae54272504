/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Any bytes as the value of the xattr. What parses must encode to the same bytes; what verifies
 * must be the one claim that was ever signed with this key.
 */

#include "keyring/claim.h"
#include "tests/fuzz/seed.h"

static struct key key;
static struct bytes valid;

static const struct claim signed_claim = {
	.role = BS_ROLE_EXECUTABLE,
	.name = "alice",
	.sequence = 1,
	.digest_algorithm = BS_DIGEST_SHA256,
	.digest_size = BS_DIGEST_SIZE,
	.digest = {1, 2, 3},
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	key = seed_key();
	require(claim_sign(&signed_claim, key.private_key, key.certificate, &valid, NULL) == 0,
		"cannot sign");
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit, unsigned seed)
{
	return mutate_from(&valid, 1, data, size, limit, seed);
}

static void check_verification(
	const uint8_t *data, const struct claim *claim, const uint8_t *signature, size_t size)
{
	size_t index = 1;
	struct diag diag = {0};

	int r = claim_verify(claim, signature, size, &key.certificate, 1, &index, &diag);
	if (r == 0) {
		require(index == 0, "verified by nobody");
		require(memcmp(data, valid.data, sizeof(struct bs_claim)) == 0, "forged");
		return;
	}
	require(r == -ENOKEY || r == -EKEYREJECTED || r == -EBADMSG, "another errno");
	require(diag.message[0], "refused without words");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bs_claim encoded;
	struct claim claim;
	struct diag diag = {0};
	const uint8_t *signature;
	size_t signature_size;

	int r = claim_parse(data, size, &claim, &signature, &signature_size, &diag);
	if (r < 0) {
		require(r == -EBADMSG && diag.message[0], "refused without words");
		return 0;
	}
	require(claim_encode(&claim, &encoded, NULL) == 0, "what parsed does not encode");
	require(memcmp(&encoded, data, sizeof(encoded)) == 0, "the round trip changed the claim");
	require(signature == data + sizeof(encoded) && signature + signature_size == data + size,
		"the signature is not the rest");
	check_verification(data, &claim, signature, signature_size);
	return 0;
}
