/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Keys and certificates out of files and tokens. secret.c asks for passphrases.
 */

#include <fcntl.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/key.h"
#include "keyring/secret.h"
#include "keyring/token.h"
#include "src/base/file.h"
#include "src/base/text.h"

#define CERTIFICATES_LIMIT 16 /* a chain; more in one file is a bundle */

/* One reading of a store, and everything that came out of it. */
struct reading {
	const char *label;
	bool may_ask;  /* not for a key in memory */
	bool is_token; /* a PIN is asked for, no passphrase */
	bool asked, answered;
	EVP_PKEY *private_keys[2];
	size_t n_private_keys;
	X509 *certificates[CERTIFICATES_LIMIT];
	size_t n_certificates;
	bool public_key; /* saw one; it is of no use here */
};

static void reading_done(struct reading *reading)
{
	for (size_t i = 0; i < reading->n_private_keys; i++)
		EVP_PKEY_free(reading->private_keys[i]);
	for (size_t i = 0; i < reading->n_certificates; i++)
		X509_free(reading->certificates[i]);
}

static int ask(char *buffer, int size, int writing, void *data)
{
	struct reading *reading = data;

	/* Once: OpenSSL tries one decoder after the other, and asks anew for each. */
	bool again = reading->asked;
	reading->asked = true;
	if (again || !reading->may_ask)
		return -1;
	_cleanup_free_ char *label = escape_text(reading->label, strlen(reading->label));
	_cleanup_free_ char *what = format_text(
		"%s of '%s'", reading->is_token ? "PIN" : "passphrase", label ? label : "");
	int n = what ? secret_ask(what, buffer, (size_t)size) : -1;
	reading->answered = n >= 0;
	/*
	 * Any other number below 0 would count as an answer, of no bytes, and use up one try of a
	 * token.
	 */
	return n < 0 ? -1 : n;
}

static int take_info(struct reading *reading, OSSL_STORE_INFO *info)
{
	switch (OSSL_STORE_INFO_get_type(info)) {
	case OSSL_STORE_INFO_PKEY:
		if (reading->n_private_keys == ARRAY_SIZE(reading->private_keys))
			return -E2BIG;
		reading->private_keys[reading->n_private_keys++] = OSSL_STORE_INFO_get1_PKEY(info);
		return 0;
	case OSSL_STORE_INFO_CERT:
		if (reading->n_certificates == ARRAY_SIZE(reading->certificates))
			return -E2BIG;
		reading->certificates[reading->n_certificates++] = OSSL_STORE_INFO_get1_CERT(info);
		return 0;
	case OSSL_STORE_INFO_PUBKEY:
		reading->public_key = true;
		return 0;
	default: /* parameters, revocation lists */
		return 0;
	}
}

/*
 * Everything in the store. OSSL_STORE_load() fails at the end of a file and at text behind the last
 * PEM block too; only then has it nothing to say of it.
 */
static int drain(OSSL_STORE_CTX *store, struct reading *reading, struct diag *reterr)
{
	while (!OSSL_STORE_eof(store)) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);
		if (!info && OSSL_STORE_error(store))
			break;
		int r = info ? take_info(reading, info) : 0;
		OSSL_STORE_INFO_free(info);
		if (r < 0)
			return diag_set(reterr, -EINVAL, "'%s' holds too many keys or certificates",
				reading->label);
	}
	if (openssl_failed())
		return openssl_diag(reterr, -EINVAL, "can't read '%s'", reading->label);
	return 0;
}

/* A passphrase or PIN was asked for, and no key came. */
static int explain_locked(const struct reading *reading, struct diag *reterr)
{
	openssl_forget();
	if (!reading->may_ask)
		return diag_set(reterr, -ENOKEY, "'%s' is an encrypted key", reading->label);
	return secret_explain(reading->label, reading->is_token ? "PIN" : "passphrase",
		reading->is_token ? "token with a PIN" : "encrypted key", reading->answered,
		reterr);
}

/* The certificate that goes with the private key; without a key, the only one there is. */
static int choose_certificate(const struct reading *reading, X509 **ret, struct diag *reterr)
{
	EVP_PKEY *key = reading->private_keys[0];

	if (!key && reading->n_certificates > 1) {
		diag_set(reterr, -EINVAL, "'%s' holds %zu certificates", reading->label,
			reading->n_certificates);
		diag_hint(reterr, "name a file with the signer's own");
		return -EINVAL;
	}
	for (size_t i = 0; i < reading->n_certificates; i++)
		if (!key || X509_check_private_key(reading->certificates[i], key) == 1) {
			*ret = reading->certificates[i];
			openssl_forget();
			return 0;
		}
	openssl_forget();
	if (reading->n_certificates > 0)
		return diag_set(
			reterr, -EINVAL, "'%s': the certificate is not the key's", reading->label);
	*ret = NULL;
	return 0;
}

/* From all that was read to the one key, or why not. */
static int choose_key(struct reading *reading, struct key *ret, struct diag *reterr)
{
	X509 *certificate = NULL;

	if (reading->n_private_keys > 1)
		return diag_set(
			reterr, -EINVAL, "'%s' holds more than one private key", reading->label);
	int r = choose_certificate(reading, &certificate, reterr);
	if (r < 0)
		return r;
	if (!certificate && reading->n_private_keys == 0) {
		diag_set(reterr, -EINVAL, "'%s' holds %s", reading->label,
			reading->public_key ? "only a public key" : "no key and no certificate");
		diag_hint(reterr, "give a certificate or a private key, PEM or DER");
		return -EINVAL;
	}

	if (certificate)
		X509_up_ref(certificate);
	if (reading->private_keys[0])
		EVP_PKEY_up_ref(reading->private_keys[0]);
	*ret = (struct key){reading->private_keys[0], certificate};
	return 0;
}

/* store may be NULL: opening it failed. */
static int collect(
	OSSL_STORE_CTX *store, struct reading *reading, struct key *ret, struct diag *reterr)
{
	if (!store)
		return openssl_diag(reterr, -EINVAL, "can't read '%s'", reading->label);

	int r = drain(store, reading, reterr);
	OSSL_STORE_close(store);
	/* A passphrase that was asked for and a key that did not come: that is the reason. */
	if (reading->asked && reading->n_private_keys == 0)
		return explain_locked(reading, reterr);
	return r < 0 ? r : choose_key(reading, ret, reterr);
}

static int key_from_bio(BIO *bio, struct reading *reading, struct key *ret, struct diag *reterr)
{
	openssl_forget(); /* drain() takes errors left in the queue for its own */
	UI_METHOD *ui = UI_UTIL_wrap_read_pem_callback(ask, 0);
	OSSL_STORE_CTX *store = bio && ui ? OSSL_STORE_attach(bio, "file", NULL, NULL, ui, reading,
						    NULL, NULL, NULL)
					  : NULL;
	int r = collect(store, reading, ret, reterr);

	UI_destroy_method(ui);
	return r;
}

static int key_from_store(
	const char *uri, struct reading *reading, struct key *ret, struct diag *reterr)
{
	UI_METHOD *ui = UI_UTIL_wrap_read_pem_callback(ask, 0);
	OSSL_STORE_CTX *store = ui ? OSSL_STORE_open(uri, ui, reading, NULL, NULL) : NULL;
	int r = collect(store, reading, ret, reterr);

	UI_destroy_method(ui);
	if (r == -EINVAL && !store)
		diag_hint(reterr, "is OpenSSL's provider for such URIs installed and configured?");
	return r;
}

static int key_from_engine(
	const char *uri, struct reading *reading, struct key *ret, struct diag *reterr)
{
	EVP_PKEY *key = NULL;
	X509 *certificate = NULL;
	int r = token_load(uri, &key, &certificate, reterr);

	if (r < 0)
		return r;
	if (key)
		reading->private_keys[reading->n_private_keys++] = key;
	if (certificate)
		reading->certificates[reading->n_certificates++] = certificate;
	return choose_key(reading, ret, reterr);
}

static int key_from_uri(
	const char *uri, struct reading *reading, struct key *ret, struct diag *reterr)
{
	int r = token_prepare(uri, reterr);
	if (r < 0)
		return r;

	openssl_forget();
	if (token_needs_engine(uri))
		return key_from_engine(uri, reading, ret, reterr);
	reading->is_token = strncmp(uri, "file:", 5) != 0;
	return key_from_store(uri, reading, ret, reterr);
}

int key_parse(
	const void *data, size_t size, const char *label, struct key *ret, struct diag *reterr)
{
	_cleanup_(reading_done) struct reading reading = {.label = label};

	if (size > KEY_FILE_LIMIT)
		return diag_set(reterr, -EFBIG, "'%s' is too large for a key file", label);
	_cleanup_bio_ BIO *bio = BIO_new_mem_buf(data, (int)size);
	return key_from_bio(bio, &reading, ret, reterr);
}

/* "pkcs11:…", "handle:…": a scheme of RFC 3986, and no such file. */
static bool is_uri(const char *uri)
{
	size_t n = strspn(uri, "abcdefghijklmnopqrstuvwxyz0123456789+.-");
	return n > 1 && uri[n] == ':' && access(uri, F_OK) < 0;
}

static int open_key_file(const char *path, int *ret_fd, struct diag *reterr)
{
	struct stat st;
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);

	if (fd < 0)
		return diag_set(reterr, fd, "can't open '%s': %s", path, strerror(-fd));
	if (fstat(fd, &st) < 0)
		return diag_set(reterr, -errno, "can't examine '%s': %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return diag_set(reterr, -EISDIR, "'%s' is a directory, not a key", path);
	if (S_ISREG(st.st_mode) && st.st_size > KEY_FILE_LIMIT)
		return diag_set(reterr, -EFBIG, "'%s' is too large for a key file", path);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* A TPM's key, wrapped by the TPM, as a PEM file that only its provider reads? */
static bool is_of_tpm(int fd)
{
	static const char begin[] = "-----BEGIN TSS2 PRIVATE KEY-----";
	char text[sizeof(begin) - 1];
	size_t size = 0;

	return read_at(fd, text, sizeof(text), 0, &size) == 0 && size == sizeof(text) &&
	       memcmp(text, begin, size) == 0;
}

int key_load(const char *uri, struct key *ret, struct diag *reterr)
{
	_cleanup_(reading_done) struct reading reading = {.label = uri, .may_ask = true};
	_cleanup_close_ int fd = -EBADF;

	if (is_uri(uri))
		return key_from_uri(uri, &reading, ret, reterr);
	int r = open_key_file(uri, &fd, reterr);
	if (r < 0)
		return r;
	bool of_tpm = is_of_tpm(fd);
	if (of_tpm)
		token_prepare_tpm();
	_cleanup_bio_ BIO *bio = BIO_new_fd(fd, BIO_NOCLOSE);
	r = key_from_bio(bio, &reading, ret, reterr);
	if (r == -EINVAL && of_tpm)
		diag_hint(reterr,
			"a TPM's key needs OpenSSL's provider tpm2 (tpm2-openssl) and its TPM");
	return r;
}
