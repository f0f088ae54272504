/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The claim and its CMS, in the one form that verify_pkcs7_message_sig() of the kernel takes. */

#include "claim.h"

#include <string.h>

#include "keyring/openssl.h"
#include "keyring/token.h"

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

/* What both directions insist on. */
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

/* Bytes of the DER SEQUENCE at data with its header; 0 if there is none that fits. */
static size_t der_sequence_size(const uint8_t *data, size_t size)
{
	size_t header = 2, content;

	if (size < 2 || data[0] != 0x30)
		return 0;
	content = data[1];
	if (content == 0x80)
		return 0; /* indefinite length: BER */
	if (content > 0x80) {
		size_t n = content - 0x80;
		if (n > 2 || size < 2 + n)
			return 0;
		content = 0;
		for (size_t i = 0; i < n; i++)
			content = content << 8 | data[2 + i];
		header += n;
	}
	return content <= size - header ? header + content : 0;
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
	if (der_sequence_size(signature, signature_size) != signature_size)
		return diag_set(
			reterr, -EBADMSG, "the claim's signature is truncated, or more follows");

	*ret = claim;
	*ret_signature = signature;
	*ret_signature_size = signature_size;
	return 0;
}

/*
 * The signer is named by the subject key identifier, where there is one: it depends on the
 * key only, so that any certificate of the key finds it (the kernel matches either form).
 */
static CMS_ContentInfo *make_cms(const struct bs_claim *encoded, EVP_PKEY *key, X509 *certificate)
{
	unsigned flags =
		CMS_BINARY | CMS_DETACHED | CMS_NOATTR | CMS_NOCERTS | CMS_NOSMIMECAP | CMS_PARTIAL;
	if (X509_get0_subject_key_id(certificate))
		flags |= CMS_USE_KEYID;

	char text[KEY_PROPERTIES_SIZE];
	_cleanup_bio_ BIO *content = BIO_new_mem_buf(encoded, sizeof(*encoded));
	_cleanup_cms_ CMS_ContentInfo *cms = CMS_sign_ex(
		NULL, NULL, NULL, NULL, flags, NULL, token_properties(key, text));
	if (!content || !cms || !CMS_add1_signer(cms, certificate, key, EVP_sha256(), flags) ||
		CMS_final(cms, content, NULL, flags) != 1)
		return NULL;
	return TAKE_PTR(cms);
}

int claim_sign(const struct claim *claim, EVP_PKEY *key, X509 *certificate, struct bytes *ret,
	struct diag *reterr)
{
	struct bs_claim encoded;
	int r = claim_encode(claim, &encoded, reterr);
	if (r < 0)
		return r;

	_cleanup_cms_ CMS_ContentInfo *cms = make_cms(&encoded, key, certificate);
	if (!cms)
		return openssl_diag(reterr, -EIO, "can't sign the claim for '%s'", claim->name);
	int size = i2d_CMS_ContentInfo(cms, NULL);
	if (size < 0)
		return openssl_diag(
			reterr, -EIO, "can't encode the signature for '%s'", claim->name);
	if (size > BS_SIGNATURE_SIZE)
		return diag_set(reterr, -EFBIG, "the signature has %d bytes; at most %d fit", size,
			BS_SIGNATURE_SIZE);

	uint8_t *data = malloc(sizeof(encoded) + (size_t)size + 1);
	if (!data)
		return diag_set(reterr, -ENOMEM, "out of memory");
	memcpy(data, &encoded, sizeof(encoded));
	uint8_t *end = data + sizeof(encoded);
	i2d_CMS_ContentInfo(cms, &end);
	*end = 0;
	*ret = (struct bytes){data, sizeof(encoded) + (size_t)size};
	return 0;
}

/* The one signer of a CMS of our form; NULL, with the reason, for any other form. */
static CMS_SignerInfo *only_signer(CMS_ContentInfo *cms, struct diag *reterr)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
	X509_ALGOR *digest = NULL;
	const char *wrong = NULL;

	if (sk_CMS_SignerInfo_num(signers) != 1) {
		diag_set(reterr, -EBADMSG, "the signature has %d signers instead of one",
			signers ? sk_CMS_SignerInfo_num(signers) : 0);
		return NULL;
	}
	CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(signers, 0);
	CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest, NULL);
	if (OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data)
		wrong = "the signature is over something that is not data";
	else if (CMS_is_detached(cms) != 1)
		wrong = "the signature carries its content";
	else if (CMS_signed_get_attr_count(signer) >= 0)
		wrong = "the signature has signed attributes";
	else if (!digest || OBJ_obj2nid(digest->algorithm) != NID_sha256)
		wrong = "the signature's digest is not SHA-256";
	if (!wrong)
		return signer;
	diag_set(reterr, -EBADMSG, "%s", wrong);
	return NULL;
}

static int parse_cms(const void *signature, size_t size, CMS_ContentInfo **ret,
	CMS_SignerInfo **ret_signer, struct diag *reterr)
{
	const unsigned char *next = signature;
	_cleanup_cms_ CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &next, (long)size);

	if (!cms)
		return openssl_diag(reterr, -EBADMSG, "the signature is no CMS");
	if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed)
		return diag_set(reterr, -EBADMSG, "the CMS is not of signed data");
	CMS_SignerInfo *signer = only_signer(cms, reterr);
	if (!signer) {
		openssl_forget();
		return -EBADMSG;
	}
	*ret = TAKE_PTR(cms);
	*ret_signer = signer;
	return 0;
}

/*
 * The claim as CMS_verify() reads it. Not as a bare memory BIO: of that it makes one of its own, which it
 * loses when the CMS names a digest that it does not know (OpenSSL 3.0.19, crypto/cms/cms_smime.c).
 */
static BIO *content_of(const struct bs_claim *encoded)
{
	_cleanup_bio_ BIO *content = BIO_new_mem_buf(encoded, sizeof(*encoded));
	BIO *filter = content ? BIO_new(BIO_f_null()) : NULL;

	return filter ? BIO_push(filter, TAKE_PTR(content)) : NULL;
}

/* Did this certificate's key make the signature? A CMS is used up by one verification. */
static bool verified_by(
	const struct bs_claim *encoded, const void *signature, size_t size, X509 *certificate)
{
	const unsigned char *next = signature;
	_cleanup_cms_ CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &next, (long)size);
	_cleanup_bio_ BIO *content = content_of(encoded);
	STACK_OF(X509) *candidates = sk_X509_new_null();
	/* Whom to trust is the caller's list; chains and dates are nothing to the kernel. */
	unsigned flags = CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY;
	bool verified = cms && content && candidates && sk_X509_push(candidates, certificate) > 0 &&
			CMS_verify(cms, candidates, NULL, content, NULL, flags) == 1;

	sk_X509_free(candidates);
	openssl_forget();
	return verified;
}

int claim_verify(const struct claim *claim, const void *signature, size_t signature_size,
	X509 *const *certificates, size_t n, size_t *ret_index, struct diag *reterr)
{
	_cleanup_cms_ CMS_ContentInfo *cms = NULL;
	CMS_SignerInfo *signer = NULL;
	struct bs_claim encoded;
	bool known = false;

	int r = claim_encode(claim, &encoded, reterr);
	if (r >= 0)
		r = parse_cms(signature, signature_size, &cms, &signer, reterr);
	if (r < 0)
		return r;

	for (size_t i = 0; i < n; i++) {
		if (CMS_SignerInfo_cert_cmp(signer, certificates[i]) != 0)
			continue;
		known = true;
		if (verified_by(&encoded, signature, signature_size, certificates[i])) {
			*ret_index = i;
			return 0;
		}
	}
	openssl_forget();
	if (known)
		return diag_set(reterr, -EKEYREJECTED, "the signature does not verify");
	return diag_set(reterr, -ENOKEY, "no known key made the signature");
}
