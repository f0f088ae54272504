/* SPDX-License-Identifier: GPL-2.0-or-later */

/* CMS in the one form that verify_pkcs7_message_sig() of the kernel takes, and no other. */

#include "keyring/cms.h"

#include <string.h>

#include "keyring/openssl.h"
#include "keyring/token.h"
#include "src/base/base.h"

/* Bytes of the DER SEQUENCE at data with its header; 0 if there is none that fits. */
static size_t sequence_size(const uint8_t *data, size_t size)
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

bool cms_is_whole(const void *data, size_t size)
{
	return size > 0 && sequence_size(data, size) == size;
}

/*
 * The signer is named by the subject key identifier, where there is one: it depends on the
 * key only, so that any certificate of the key finds it (the kernel matches either form).
 */
static CMS_ContentInfo *make(const void *data, size_t size, EVP_PKEY *key, X509 *certificate)
{
	unsigned flags =
		CMS_BINARY | CMS_DETACHED | CMS_NOATTR | CMS_NOCERTS | CMS_NOSMIMECAP | CMS_PARTIAL;
	if (X509_get0_subject_key_id(certificate))
		flags |= CMS_USE_KEYID;

	char text[KEY_PROPERTIES_SIZE];
	_cleanup_bio_ BIO *content = BIO_new_mem_buf(data, (int)size);
	_cleanup_cms_ CMS_ContentInfo *cms =
		CMS_sign_ex(NULL, NULL, NULL, NULL, flags, NULL, token_properties(key, text));
	if (!content || !cms || !CMS_add1_signer(cms, certificate, key, EVP_sha256(), flags) ||
		CMS_final(cms, content, NULL, flags) != 1)
		return NULL;
	return TAKE_PTR(cms);
}

int cms_sign(const void *data, size_t size, EVP_PKEY *key, X509 *certificate, struct bytes *ret,
	struct diag *reterr)
{
	_cleanup_cms_ CMS_ContentInfo *cms = make(data, size, key, certificate);
	uint8_t *signature, *end;

	if (!cms)
		return openssl_diag(reterr, -EIO, "can't sign");
	int signature_size = i2d_CMS_ContentInfo(cms, NULL);
	if (signature_size < 0)
		return openssl_diag(reterr, -EIO, "can't encode the signature");
	end = signature = malloc((size_t)signature_size + 1);
	if (!signature)
		return diag_set(reterr, -ENOMEM, "out of memory");
	i2d_CMS_ContentInfo(cms, &end);
	*end = 0;
	*ret = (struct bytes){signature, (size_t)signature_size};
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

static int parse(const struct bytes *signature, CMS_ContentInfo **ret, CMS_SignerInfo **ret_signer,
	struct diag *reterr)
{
	const unsigned char *next = signature->data;
	_cleanup_cms_ CMS_ContentInfo *cms =
		d2i_CMS_ContentInfo(NULL, &next, (long)signature->size);

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
 * The data as CMS_verify() reads it. Not as a bare memory BIO: of that it makes one of its own,
 * which it loses when the CMS names a digest that it does not know (OpenSSL 3.0.19,
 * crypto/cms/cms_smime.c).
 */
static BIO *content_of(const void *data, size_t size)
{
	_cleanup_bio_ BIO *content = BIO_new_mem_buf(data, (int)size);
	BIO *filter = content ? BIO_new(BIO_f_null()) : NULL;

	return filter ? BIO_push(filter, TAKE_PTR(content)) : NULL;
}

/* Did this certificate's key make the signature? A CMS is used up by one verification. */
static bool verified_by(
	const void *data, size_t size, const struct bytes *signature, X509 *certificate)
{
	const unsigned char *next = signature->data;
	_cleanup_cms_ CMS_ContentInfo *cms =
		d2i_CMS_ContentInfo(NULL, &next, (long)signature->size);
	_cleanup_bio_ BIO *content = content_of(data, size);
	STACK_OF(X509) *candidates = sk_X509_new_null();
	/* Whom to trust is the caller's list; chains and dates are nothing to the kernel. */
	unsigned flags = CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY;
	bool verified = cms && content && candidates && sk_X509_push(candidates, certificate) > 0 &&
			CMS_verify(cms, candidates, NULL, content, NULL, flags) == 1;

	sk_X509_free(candidates);
	openssl_forget();
	return verified;
}

int cms_verify(const void *data, size_t size, const struct bytes *signature,
	X509 *const *certificates, size_t n, size_t *ret_index, struct diag *reterr)
{
	_cleanup_cms_ CMS_ContentInfo *cms = NULL;
	CMS_SignerInfo *signer = NULL;
	bool known = false;

	int r = parse(signature, &cms, &signer, reterr);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		if (CMS_SignerInfo_cert_cmp(signer, certificates[i]) != 0)
			continue;
		known = true;
		if (verified_by(data, size, signature, certificates[i])) {
			*ret_index = i;
			return 0;
		}
	}
	openssl_forget();
	if (known)
		return diag_set(reterr, -EKEYREJECTED, "the signature does not verify");
	return diag_set(reterr, -ENOKEY, "no known key made the signature");
}
