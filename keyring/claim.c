/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The bytes of a claim, strictly, and its signature by cms.c. */

#include "keyring/claim.h"

#include <string.h>

#include "keyring/cms.h"
#include "src/base/text.h"

static void store_le(uint8_t *to, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t load_le(const uint8_t *from, size_t size)
{
	uint64_t value = 0;

	for (size_t i = size; i > 0; i--)
		value = value << 8 | from[i - 1];
	return value;
}

static bool all_zero(const void *data, size_t size)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

/* Checks of both directions. */
static int check_claim(const struct claim *claim, int error, struct diag *reterr)
{
	bool order = claim->role == BS_ROLE_ORDER;

	if (claim->role <= BS_ROLE_NONE || claim->role >= BS_ROLE_END)
		return diag_set(reterr, error, "the claim's role %d is unknown", (int)claim->role);
	if (memchr(claim->name, 0, sizeof(claim->name)) == NULL || !name_is_valid(claim->name))
		return diag_set(reterr, error, "the claim's name is not one ([a-z0-9._-]{1,63})");
	if (claim->digest_algorithm != (order ? 0 : BS_DIGEST_SHA256))
		return diag_set(reterr, error, "the claim's digest algorithm is %u, not SHA-256",
			claim->digest_algorithm);
	if (claim->digest_size != (order ? sizeof(claim->digest) : BS_DIGEST_SIZE))
		return diag_set(
			reterr, error, "the claim's digest has %u bytes", claim->digest_size);
	return 0;
}

int claim_encode(const struct claim *claim, struct bs_claim *ret, struct diag *reterr)
{
	int r = check_claim(claim, -EINVAL, reterr);
	if (r < 0)
		return r;

	struct bs_claim encoded = {
		.role = (uint8_t)claim->role,
		.digest_algorithm = claim->digest_algorithm,
	};
	memcpy(encoded.magic, BS_CLAIM_MAGIC, sizeof(encoded.magic));
	store_le(encoded.digest_size, claim->digest_size, sizeof(encoded.digest_size));
	store_le(encoded.sequence, claim->sequence, sizeof(encoded.sequence));
	memcpy(encoded.name, claim->name, strlen(claim->name));
	memcpy(encoded.digest, claim->digest, claim->digest_size);
	*ret = encoded;
	return 0;
}

static int claim_decode(const struct bs_claim *encoded, struct claim *ret, struct diag *reterr)
{
	struct claim claim = {
		.role = encoded->role,
		.sequence = load_le(encoded->sequence, sizeof(encoded->sequence)),
		.digest_algorithm = encoded->digest_algorithm,
		.digest_size =
			(uint16_t)load_le(encoded->digest_size, sizeof(encoded->digest_size)),
	};

	if (memcmp(encoded->magic, BS_CLAIM_MAGIC, sizeof(encoded->magic)) != 0)
		return diag_set(reterr, -EBADMSG, "this is no claim: it does not begin with '%s'",
			BS_CLAIM_MAGIC);
	memcpy(claim.name, encoded->name, sizeof(claim.name));
	memcpy(claim.digest, encoded->digest, sizeof(claim.digest));
	int r = check_claim(&claim, -EBADMSG, reterr);
	if (r < 0)
		return r;

	size_t used = strlen(claim.name);
	if (!all_zero(encoded->reserved, sizeof(encoded->reserved)) ||
		!all_zero(claim.name + used, sizeof(claim.name) - used) ||
		!all_zero(
			claim.digest + claim.digest_size, sizeof(claim.digest) - claim.digest_size))
		return diag_set(reterr, -EBADMSG, "the claim's padding is not zero");
	*ret = claim;
	return 0;
}

int claim_parse(const void *data, size_t size, struct claim *ret, const uint8_t **ret_signature,
	size_t *ret_signature_size, struct diag *reterr)
{
	struct bs_claim encoded;

	if (size < sizeof(encoded))
		return diag_set(reterr, -EBADMSG, "the claim is truncated: %zu of %zu bytes", size,
			sizeof(encoded));
	memcpy(&encoded, data, sizeof(encoded));
	const uint8_t *signature = (const uint8_t *)data + sizeof(encoded);
	size_t signature_size = size - sizeof(encoded);

	struct claim claim;
	int r = claim_decode(&encoded, &claim, reterr);
	if (r < 0)
		return r;
	if (signature_size == 0)
		return diag_set(reterr, -EBADMSG, "the claim has no signature");
	if (signature_size > BS_SIGNATURE_SIZE)
		return diag_set(reterr, -EBADMSG,
			"the claim's signature has %zu bytes, more than %d", signature_size,
			BS_SIGNATURE_SIZE);
	if (!cms_is_whole(signature, signature_size))
		return diag_set(
			reterr, -EBADMSG, "the claim's signature is truncated, or more follows");

	*ret = claim;
	*ret_signature = signature;
	*ret_signature_size = signature_size;
	return 0;
}

int claim_sign(const struct claim *claim, EVP_PKEY *key, X509 *certificate, struct bytes *ret,
	struct diag *reterr)
{
	_cleanup_bytes_ struct bytes signature = {0};
	struct bs_claim encoded;
	int r = claim_encode(claim, &encoded, reterr);

	if (r >= 0)
		r = cms_sign(&encoded, sizeof(encoded), key, certificate, &signature, reterr);
	if (r < 0)
		return r;
	if (signature.size > BS_SIGNATURE_SIZE)
		return diag_set(reterr, -EFBIG, "the signature has %zu bytes; at most %d fit",
			signature.size, BS_SIGNATURE_SIZE);

	uint8_t *data = malloc(sizeof(encoded) + signature.size + 1);
	if (!data)
		return diag_set(reterr, -ENOMEM, "out of memory");
	memcpy(data, &encoded, sizeof(encoded));
	memcpy(data + sizeof(encoded), signature.data, signature.size + 1);
	*ret = (struct bytes){data, sizeof(encoded) + signature.size};
	return 0;
}

int claim_verify(const struct claim *claim, const void *signature, size_t signature_size,
	X509 *const *certificates, size_t n, size_t *ret_index, struct diag *reterr)
{
	const struct bytes made = {(uint8_t *)signature, signature_size};
	struct bs_claim encoded;

	int r = claim_encode(claim, &encoded, reterr);
	return r < 0 ? r
		     : cms_verify(&encoded, sizeof(encoded), &made, certificates, n, ret_index,
			       reterr);
}
