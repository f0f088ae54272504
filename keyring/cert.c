/* SPDX-License-Identifier: GPL-2.0-or-later */

/* X.509 certificates. Knows OpenSSL and the kernel's parser; touches no file and no ring. */

#include "keyring/cert.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "keyring/token.h"
#include "src/base/text.h"

static int add_extension(X509 *certificate, int nid, const char *value)
{
	X509V3_CTX context;

	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	if (!extension)
		return -EIO;

	int added = X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
	return added == 1 ? 0 : -EIO;
}

static int add_extensions(X509 *certificate)
{
	if (add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") < 0 ||
		add_extension(certificate, NID_key_usage, "critical,digitalSignature") < 0 ||
		add_extension(certificate, NID_subject_key_identifier, "hash") < 0)
		return -EIO;
	return 0;
}

static int set_random_serial(X509 *certificate)
{
	BIGNUM *number = BN_new();
	/* 127 bits: positive and short, as RFC 5280 wants it. */
	int r = number && BN_rand(number, 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
				BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate))
			? 0
			: -EIO;
	BN_free(number);
	return r;
}

static int set_names(X509 *certificate, const char *name)
{
	X509_NAME *subject = X509_get_subject_name(certificate);

	if (X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
		    (const unsigned char *)name, -1, -1, 0) != 1 ||
		X509_set_issuer_name(certificate, subject) != 1)
		return -EIO;
	return 0;
}

static int set_dates(X509 *certificate, unsigned days)
{
	if (!X509_gmtime_adj(X509_getm_notBefore(certificate), 0) ||
		!X509_time_adj_ex(X509_getm_notAfter(certificate), (int)days, 0, NULL))
		return -EIO;
	return 0;
}

int cert_make(EVP_PKEY *key, const char *name, unsigned days, X509 **ret, struct diag *reterr)
{
	if (days < 1 || days > CERT_DAYS_LIMIT)
		return diag_set(reterr, -EINVAL,
			"a certificate cannot be valid for %u days (1 to %d)", days,
			CERT_DAYS_LIMIT);

	char text[KEY_PROPERTIES_SIZE];
	_cleanup_x509_ X509 *certificate = X509_new_ex(NULL, token_properties(key, text));
	if (!certificate || X509_set_version(certificate, X509_VERSION_3) != 1 ||
		set_random_serial(certificate) < 0 || set_names(certificate, name) < 0 ||
		set_dates(certificate, days) < 0 || X509_set_pubkey(certificate, key) != 1 ||
		add_extensions(certificate) < 0 || X509_sign(certificate, key, EVP_sha256()) <= 0)
		return openssl_diag(reterr, -EIO, "can't make a certificate for '%s'", name);

	*ret = TAKE_PTR(certificate);
	return 0;
}

static int rsa_algorithm(EVP_PKEY *key, char ret[ALGORITHM_NAME_SIZE], struct diag *reterr)
{
	int bits = EVP_PKEY_get_bits(key);

	/* The kernel's limit is 4096 (lib/crypto/mpi); less than 2048 is no protection. */
	if (bits < 2048 || bits > 4096) {
		diag_set(reterr, -EOPNOTSUPP,
			"the key is RSA with %d bits; 2048 to 4096 can be used", bits);
		diag_hint(reterr, "bpfsign keygen NAME --algorithm rsa2048");
		return -EOPNOTSUPP;
	}
	snprintf(ret, ALGORITHM_NAME_SIZE, "rsa%d", bits);
	return 0;
}

static int ec_algorithm(EVP_PKEY *key, char ret[ALGORITHM_NAME_SIZE], struct diag *reterr)
{
	char group[64] = "of no name";
	size_t size;

	int explicit = 0;

	EVP_PKEY_get_group_name(key, group, sizeof(group), &size);
	EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit);
	openssl_forget();
	if (explicit) {
		diag_set(reterr, -EOPNOTSUPP, "the key spells out its curve instead of naming it");
		diag_hint(reterr, "openssl ec -in KEY -param_enc named_curve -out NEW-KEY");
		return -EOPNOTSUPP;
	}
	int nid = EC_curve_nist2nid(group);
	if (nid == NID_undef)
		nid = OBJ_txt2nid(group);
	if (nid != NID_X9_62_prime256v1 && nid != NID_secp384r1) {
		diag_set(reterr, -EOPNOTSUPP,
			"the key is ECDSA on curve '%s'; P-256 and P-384 can be used", group);
		diag_hint(reterr, "bpfsign keygen NAME --algorithm ecdsa-p256");
		return -EOPNOTSUPP;
	}
	snprintf(
		ret, ALGORITHM_NAME_SIZE, "%s", nid == NID_secp384r1 ? "ecdsa-p384" : "ecdsa-p256");
	return 0;
}

int cert_algorithm(X509 *certificate, char ret[ALGORITHM_NAME_SIZE], struct diag *reterr)
{
	EVP_PKEY *key = X509_get0_pubkey(certificate);

	if (!key)
		return openssl_diag(
			reterr, -EOPNOTSUPP, "the certificate's public key cannot be read");
	if (EVP_PKEY_is_a(key, "RSA"))
		return rsa_algorithm(key, ret, reterr);
	if (EVP_PKEY_is_a(key, "EC"))
		return ec_algorithm(key, ret, reterr);

	const char *type = EVP_PKEY_get0_type_name(key);
	diag_set(reterr, -EOPNOTSUPP, "the kernel cannot verify signatures of type '%s'",
		type ? type : "unknown");
	diag_hint(reterr, "use RSA with 2048 to 4096 bits, or ECDSA on P-256 or P-384");
	return -EOPNOTSUPP;
}

/*
 * What the kernel's X.509 parser knows of signatures (crypto/asymmetric_keys/x509_cert_parser.c),
 * without SHA-1. Nobody is asked to verify the issuer's, but a certificate that can be made anew
 * for another key is none.
 */
static int check_signature_algorithm(X509 *certificate, struct diag *reterr)
{
	int digest = NID_undef, key = NID_undef;

	X509_get_signature_info(certificate, &digest, &key, NULL, NULL);
	openssl_forget();
	bool known = key == NID_rsaEncryption || key == NID_X9_62_id_ecPublicKey;
	bool strong = digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512;
	if (known && strong)
		return 0;

	const char *name = OBJ_nid2ln(X509_get_signature_nid(certificate));
	diag_set(reterr, -EOPNOTSUPP, "the certificate is signed by '%s'", name ? name : "unknown");
	diag_hint(reterr,
		"have it issued with RSA (PKCS #1 v1.5) or ECDSA, and SHA-256, -384 or -512");
	return -EOPNOTSUPP;
}

static int check(X509 *certificate, time_t now, struct diag *reterr)
{
	char algorithm[ALGORITHM_NAME_SIZE], date[DATE_TEXT_SIZE];
	time_t expiry;

	int r = cert_algorithm(certificate, algorithm, reterr);
	if (r >= 0)
		r = check_signature_algorithm(certificate, reterr);
	if (r < 0)
		return r;
	/* UINT32_MAX: a certificate without this extension. */
	if (!(X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE)) {
		diag_set(reterr, -EOPNOTSUPP, "the certificate's key usage excludes signatures");
		diag_hint(reterr, "use one with keyUsage digitalSignature");
		return -EOPNOTSUPP;
	}
	if (cert_expiry(certificate, &expiry) < 0)
		return diag_set(reterr, -EINVAL, "the certificate's dates cannot be read");
	if (expiry <= now) {
		diag_set(reterr, -EKEYEXPIRED, "the certificate expired on %s",
			cert_date(expiry, date));
		diag_hint(reterr, "use a newer one, or make one with bpfsign keygen");
		return -EKEYEXPIRED;
	}
	return 0;
}

int cert_check(X509 *certificate, time_t now, struct diag *reterr)
{
	int r = check(certificate, now, reterr);

	openssl_forget(); /* of a lookup that found nothing */
	return r;
}

char *cert_fingerprint(X509 *certificate, char text[FINGERPRINT_TEXT_SIZE])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1)
		size = 0;
	openssl_forget();
	return hex_encode(digest, size, text);
}

int cert_common_name(X509 *certificate, char ret[BS_NAME_SIZE], struct diag *reterr)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	unsigned char *text = NULL;

	if (index < 0)
		return diag_set(reterr, -EINVAL, "the certificate has no common name");
	int n = ASN1_STRING_to_UTF8(
		&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
	if (n < 0)
		return openssl_diag(
			reterr, -EINVAL, "the certificate's common name cannot be read");

	/* A name with a NUL in it is not the name that it seems to be. */
	bool valid = strlen((char *)text) == (size_t)n && name_is_valid((char *)text);
	if (valid)
		snprintf(ret, BS_NAME_SIZE, "%s", (char *)text);
	else
		diag_set(reterr, -EINVAL,
			"the certificate's common name '%s' cannot name a signer ([a-z0-9._-]{1,63})",
			(char *)text);
	OPENSSL_free(text);
	return valid ? 0 : -EINVAL;
}

static int time_of(const ASN1_TIME *time, time_t *ret)
{
	struct tm tm;

	if (!time || ASN1_TIME_to_tm(time, &tm) != 1) {
		openssl_forget();
		return -EINVAL;
	}
	*ret = timegm(&tm);
	return 0;
}

int cert_expiry(X509 *certificate, time_t *ret)
{
	return time_of(X509_get0_notAfter(certificate), ret);
}

int cert_beginning(X509 *certificate, time_t *ret)
{
	return time_of(X509_get0_notBefore(certificate), ret);
}

char *cert_date(time_t when, char text[DATE_TEXT_SIZE])
{
	struct tm tm;

	if (!gmtime_r(&when, &tm) || strftime(text, DATE_TEXT_SIZE, "%Y-%m-%d", &tm) == 0)
		snprintf(text, DATE_TEXT_SIZE, "?");
	return text;
}

int cert_key_id(X509 *certificate, uint8_t ret[4])
{
	const ASN1_OCTET_STRING *identifier = X509_get0_subject_key_id(certificate);
	int size = identifier ? ASN1_STRING_length(identifier) : 0;

	openssl_forget();
	if (size < 4)
		return -EINVAL;
	memcpy(ret, ASN1_STRING_get0_data(identifier) + size - 4, 4);
	return 0;
}

X509 *cert_keep(X509 *certificate)
{
	X509_up_ref(certificate);
	return certificate;
}

bool cert_same(X509 *a, X509 *b)
{
	return X509_cmp(a, b) == 0;
}

bool cert_same_key(X509 *a, X509 *b)
{
	EVP_PKEY *key_a = X509_get0_pubkey(a), *key_b = X509_get0_pubkey(b);
	bool same = key_a && key_b && EVP_PKEY_eq(key_a, key_b) == 1;

	openssl_forget();
	return same;
}

/* The content of a memory BIO, as bytes of our own. */
static int bytes_of(BIO *bio, struct bytes *ret)
{
	char *data = NULL;
	long size = BIO_get_mem_data(bio, &data);
	uint8_t *copy = malloc((size_t)size + 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, (size_t)size);
	copy[size] = 0;
	*ret = (struct bytes){copy, (size_t)size};
	return 0;
}

int cert_to_der(X509 *certificate, struct bytes *ret)
{
	_cleanup_bio_ BIO *bio = BIO_new(BIO_s_mem());

	if (!bio || i2d_X509_bio(bio, certificate) != 1) {
		openssl_forget();
		return -EIO;
	}
	return bytes_of(bio, ret);
}

int cert_to_pem(X509 *certificate, struct bytes *ret)
{
	_cleanup_bio_ BIO *bio = BIO_new(BIO_s_mem());

	if (!bio || PEM_write_bio_X509(bio, certificate) != 1) {
		openssl_forget();
		return -EIO;
	}
	return bytes_of(bio, ret);
}
