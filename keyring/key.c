/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Private keys: made, written, and matched with their certificates. They stay in this process: no
 * kernel ring ever sees one.
 */

#include "keyring/key.h"

#include <openssl/pem.h>
#include <openssl/provider.h>
#include <string.h>

#include "keyring/token.h"
#include "src/base/base.h"

void key_done(struct key *key)
{
	EVP_PKEY_free(key->private_key);
	X509_free(key->certificate);
	*key = (struct key){0};
}

void key_drop_private(struct key *key)
{
	EVP_PKEY_free(key->private_key);
	key->private_key = NULL;
}

/* Replaces the key's certificate, if it has one, by that in another file. */
static int use_certificate(struct key *key, const char *path, struct diag *reterr)
{
	_cleanup_key_ struct key other = {0};
	int r = key_load(path, &other, reterr);

	if (r < 0)
		return r;
	if (!other.certificate)
		return diag_set(reterr, -EINVAL, "'%s' holds no certificate", path);
	if (X509_check_private_key(other.certificate, key->private_key) != 1) {
		openssl_forget();
		return diag_set(reterr, -EINVAL, "the certificate in '%s' is not the key's", path);
	}
	X509_free(key->certificate);
	key->certificate = TAKE_PTR(other.certificate);
	return 0;
}

static int find_certificate(struct key *key, const struct anchors *anchors,
	enum key_origin *ret_origin, struct diag *reterr)
{
	for (size_t i = 0; i < anchors->n; i++) {
		X509 *certificate = anchors->items[i].certificate;
		if (X509_check_private_key(certificate, key->private_key) == 1) {
			X509_up_ref(certificate);
			key->certificate = certificate;
			*ret_origin = KEY_FROM_ANCHOR;
			openssl_forget();
			return 0;
		}
	}
	openssl_forget();
	*ret_origin = KEY_MADE;
	/* Its name is never looked at: the CMS names the key by its identifier. */
	return cert_make(key->private_key, "bpfsign", CERT_DAYS_DEFAULT, &key->certificate, reterr);
}

int key_load_signing(const char *uri, const char *certificate_path, const struct anchors *anchors,
	struct key *ret, enum key_origin *ret_origin, struct diag *reterr)
{
	_cleanup_key_ struct key key = {0};
	enum key_origin origin = KEY_FROM_FILE;
	int r = key_load(uri, &key, reterr);

	if (r < 0)
		return r;
	if (!key.private_key) {
		diag_set(reterr, -EINVAL, "'%s' holds a certificate but no private key", uri);
		diag_hint(reterr, "--key names the private key, --certificate the certificate");
		return -EINVAL;
	}
	if (certificate_path)
		r = use_certificate(&key, certificate_path, reterr);
	else if (!key.certificate)
		r = find_certificate(&key, anchors, &origin, reterr);
	if (r >= 0)
		r = cert_check(key.certificate, time(NULL), reterr);
	if (r < 0)
		return r;

	*ret = key;
	key = (struct key){0};
	*ret_origin = origin;
	return 0;
}

bool key_is_token(const struct key *key)
{
	const OSSL_PROVIDER *provider = EVP_PKEY_get0_provider(key->private_key);
	const char *name = provider ? OSSL_PROVIDER_get0_name(provider) : NULL;

	return !name || (strcmp(name, "default") != 0 && strcmp(name, "fips") != 0);
}

EVP_PKEY *key_copy(const struct key *key)
{
	EVP_PKEY *copy = key_is_token(key) ? NULL : EVP_PKEY_dup(key->private_key);

	openssl_forget();
	if (!copy && EVP_PKEY_up_ref(key->private_key) == 1)
		copy = key->private_key;
	return copy;
}

void key_free_copy(EVP_PKEY *copy)
{
	EVP_PKEY_free(copy);
}

const char *const key_algorithms[] = {
	"rsa2048", "rsa3072", "rsa4096", "ecdsa-p256", "ecdsa-p384", NULL};

int key_generate(const char *algorithm, EVP_PKEY **ret, struct diag *reterr)
{
	size_t n = 0;
	EVP_PKEY *key;

	while (key_algorithms[n] && strcmp(key_algorithms[n], algorithm) != 0)
		n++;
	if (!key_algorithms[n])
		return diag_set(reterr, -EINVAL, "unknown algorithm '%s'", algorithm);

	if (strncmp(algorithm, "rsa", 3) == 0)
		key = EVP_RSA_gen((unsigned)strtoul(algorithm + 3, NULL, 10));
	else
		key = EVP_EC_gen(strcmp(algorithm, "ecdsa-p384") == 0 ? "P-384" : "P-256");
	if (!key)
		return openssl_diag(reterr, -EIO, "can't generate a key of type '%s'", algorithm);
	*ret = key;
	return 0;
}

int key_to_pem(const struct key *key, struct bytes *ret, struct diag *reterr)
{
	/* Such a BIO is zeroed when it is freed. */
	_cleanup_bio_ BIO *bio = BIO_new(BIO_s_secmem());
	char *data = NULL;

	if (!bio ||
		PEM_write_bio_PrivateKey(bio, key->private_key, NULL, NULL, 0, NULL, NULL) != 1 ||
		PEM_write_bio_X509(bio, key->certificate) != 1)
		return openssl_diag(reterr, -EIO, "can't write the key as PEM");

	long size = BIO_get_mem_data(bio, &data);
	uint8_t *copy = malloc((size_t)size + 1);
	if (!copy)
		return diag_set(reterr, -ENOMEM, "out of memory");
	memcpy(copy, data, (size_t)size);
	copy[size] = 0;
	*ret = (struct bytes){copy, (size_t)size};
	return 0;
}

static void context_freep(EVP_PKEY_CTX **context)
{
	EVP_PKEY_CTX_free(*context);
}

int key_sign_digest(
	EVP_PKEY *key, const uint8_t digest[SHA256_SIZE], struct bytes *ret, struct diag *reterr)
{
	char text[KEY_PROPERTIES_SIZE];
	_cleanup_(context_freep) EVP_PKEY_CTX *context =
		EVP_PKEY_CTX_new_from_pkey(NULL, key, token_properties(key, text));
	_cleanup_bytes_ struct bytes signature = {0};

	if (!context || EVP_PKEY_sign_init(context) != 1 ||
		EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) != 1 ||
		EVP_PKEY_sign(context, NULL, &signature.size, digest, SHA256_SIZE) != 1)
		return openssl_diag(reterr, -EIO, "can't sign with the key");
	signature.data = malloc(signature.size + 1);
	if (!signature.data)
		return diag_set(reterr, -ENOMEM, "out of memory");
	if (EVP_PKEY_sign(context, signature.data, &signature.size, digest, SHA256_SIZE) != 1)
		return openssl_diag(reterr, -EIO, "can't sign with the key");
	*ret = signature;
	signature = (struct bytes){0};
	return 0;
}
