/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The layout of security.ima is libimaevm's, the signature OpenSSL's: libimaevm before 1.6 keeps
 * its parameters in globals, and 1.4 does not know the kind of signature that enforcement can rest
 * on.
 */

#include "plugins/sign/ima_signature.h"

#include <arpa/inet.h>
#include <imaevm.h>
#include <linux/xattr.h>
#include <openssl/rsa.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "keyring/key.h"
#include "src/base/base.h"

#define VALUE_LIMIT  2048 /* bytes; with RSA-4096 it is 521 */
#define KEY_ID_SIZE  4
#define RESERVE_SIZE 1 /* the NUL that follows all bytes */

/* The whole value: its type, then libimaevm's header. */
struct value_header {
	uint8_t type;
	struct signature_v2_hdr rest;
} __attribute__((packed));

_Static_assert(sizeof(struct value_header) == 9, "the kernel's struct signature_v2_hdr");

/* By these bytes the kernel finds the key: the end of the subject key identifier. */
static int key_id(X509 *certificate, uint8_t ret[KEY_ID_SIZE])
{
	const ASN1_OCTET_STRING *identifier = X509_get0_subject_key_id(certificate);
	int size = identifier ? ASN1_STRING_length(identifier) : 0;

	if (size < KEY_ID_SIZE)
		return -EINVAL;
	memcpy(ret, ASN1_STRING_get0_data(identifier) + size - KEY_ID_SIZE, KEY_ID_SIZE);
	return 0;
}

static EVP_PKEY_CTX *make_context(EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);

	if (context && init(context) == 1 &&
		(!EVP_PKEY_is_a(key, "RSA") ||
			EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1) &&
		EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1)
		return context;
	EVP_PKEY_CTX_free(context);
	return NULL;
}

int ima_signature_sign(const struct ima_kind *kind, const uint8_t hash[SHA256_SIZE],
	const struct sign_request *request, struct bytes *ret, struct diag *reterr)
{
	struct value_header header = {.type = kind->type,
		.rest = {.version = kind->version, .hash_algo = PKEY_HASH_SHA256}};

	if (key_id(request->certificate, (uint8_t *)&header.rest.keyid) < 0) {
		diag_set(reterr, -EINVAL, "the certificate has no subject key identifier");
		diag_hint(reterr, "make one that has it: the kernel finds the key by that");
		return -EINVAL;
	}
	_cleanup_bytes_ struct bytes made = {0}, signature = {0};
	int r = key_sign_digest(request->key, hash, &signature, reterr);
	if (r < 0)
		return r;
	made.data = malloc(sizeof(header) + signature.size + RESERVE_SIZE);
	if (!made.data)
		return diag_set(reterr, -ENOMEM, "out of memory");
	header.rest.sig_size = htons((uint16_t)signature.size);
	made.size = sizeof(header) + signature.size;
	memcpy(made.data, &header, sizeof(header));
	memcpy(made.data + sizeof(header), signature.data, signature.size);
	made.data[made.size] = 0;
	*ret = made;
	made = (struct bytes){0};
	return 0;
}

static int parse(const struct ima_kind *kind, const struct bytes *signature,
	struct value_header *ret, struct diag *reterr)
{
	struct value_header header;

	if (signature->size <= sizeof(header))
		return diag_set(reterr, -EBADMSG, "the IMA signature is truncated");
	memcpy(&header, signature->data, sizeof(header));
	if (header.type != kind->type || header.rest.version != kind->version)
		return diag_set(reterr, -EBADMSG, "the IMA signature is of type %u, version %u",
			header.type, header.rest.version);
	if (ntohs(header.rest.sig_size) != signature->size - sizeof(header))
		return diag_set(
			reterr, -EBADMSG, "the IMA signature is truncated, or more follows");
	if (header.rest.hash_algo != PKEY_HASH_SHA256)
		return diag_set(
			reterr, -EOPNOTSUPP, "the IMA signature is over another hash than SHA-256");
	*ret = header;
	return 0;
}

static bool verified_by(
	const struct bytes *signature, const uint8_t hash[SHA256_SIZE], X509 *certificate)
{
	const size_t header = sizeof(struct value_header);
	EVP_PKEY_CTX *context = make_context(X509_get0_pubkey(certificate), EVP_PKEY_verify_init);
	int verified = context ? EVP_PKEY_verify(context, signature->data + header,
					 signature->size - header, hash, SHA256_SIZE)
			       : 0;

	EVP_PKEY_CTX_free(context);
	openssl_forget();
	return verified == 1;
}

int ima_signature_check(const struct ima_kind *kind, const struct bytes *signature,
	const uint8_t hash[SHA256_SIZE], X509 *const *certificates, size_t n, size_t *ret_index,
	struct diag *reterr)
{
	struct value_header header;
	bool known = false;

	int r = parse(kind, signature, &header, reterr);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		uint8_t id[KEY_ID_SIZE];
		if (key_id(certificates[i], id) < 0 ||
			memcmp(id, &header.rest.keyid, sizeof(id)) != 0)
			continue;
		known = true;
		if (verified_by(signature, hash, certificates[i])) {
			*ret_index = i;
			return 0;
		}
	}
	if (known)
		return diag_set(reterr, -EKEYREJECTED,
			"the IMA signature does not verify: it is for other bytes, or forged");
	return diag_set(reterr, -ENOKEY, "no known key made the IMA signature");
}

/* One fsetxattr(2) is one transaction of the file system: the old value or the new one. */
int ima_signature_apply(
	const char *path, int fd, const struct bytes *signature, struct diag *reterr)
{
	if (fsetxattr(fd, XATTR_NAME_IMA, signature->data, signature->size, 0) < 0) {
		int r = -errno;
		diag_set(
			reterr, r, "can't write the IMA signature of '%s': %s", path, strerror(-r));
		if (r == -EPERM)
			diag_hint(reterr, "only root may write " XATTR_NAME_IMA);
		if (r == -EOPNOTSUPP)
			diag_hint(reterr, "its file system does not keep " XATTR_NAME_IMA);
		return r;
	}
	if (fsync(fd) < 0)
		return diag_set(
			reterr, -errno, "can't write '%s' to disk: %s", path, strerror(errno));
	return 0;
}

static bool is_of_kind(const struct ima_kind *kind, const uint8_t *value, ssize_t size)
{
	return size >= 2 && value[0] == kind->type && value[1] == kind->version;
}

int ima_signature_read(const struct ima_kind *kind, const char *path, int fd, struct bytes *ret,
	struct diag *reterr)
{
	uint8_t value[VALUE_LIMIT];
	ssize_t size = fgetxattr(fd, XATTR_NAME_IMA, value, sizeof(value));

	if (size < 0 && errno == ERANGE)
		return diag_set(reterr, -EBADMSG, "the IMA signature is oversized");
	if (size < 0 && errno != ENODATA && errno != EOPNOTSUPP)
		return diag_set(reterr, -errno, "can't read the IMA signature of '%s': %s", path,
			strerror(errno));
	if (!is_of_kind(kind, value, size))
		return diag_set(reterr, -ENODATA, "'%s' has no such IMA signature", path);
	uint8_t *copy = malloc((size_t)size + RESERVE_SIZE);
	if (!copy)
		return diag_set(reterr, -ENOMEM, "out of memory");
	memcpy(copy, value, (size_t)size);
	copy[size] = 0;
	*ret = (struct bytes){copy, (size_t)size};
	return 0;
}
