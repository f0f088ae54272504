/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Private keys: read, made, written. They stay in this process: no kernel ring ever sees one. */

#include "key.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CERTIFICATES_LIMIT 16 /* a chain; more in one file is a bundle */

void key_done(struct key *key)
{
	EVP_PKEY_free(key->private_key);
	X509_free(key->certificate);
	*key = (struct key){0};
}

/* One reading of a store, and everything that came out of it. */
struct reading {
	const char *label;
	bool may_prompt;
	bool encrypted; /* a passphrase was asked for */
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

/* OpenSSL's UI reads from /dev/tty, or from a stdin that is a terminal. */
static bool have_terminal(void)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, "/dev/tty", O_RDWR, 0);
	return fd >= 0 || isatty(STDIN_FILENO);
}

static int ask_passphrase(char *buffer, int size, int writing, void *data)
{
	struct reading *reading = data;

	/* Once: OpenSSL tries one decoder after the other, and asks anew for each. */
	bool again = reading->encrypted;
	reading->encrypted = true;
	if (again || !reading->may_prompt)
		return -1;
	_cleanup_free_ char *label = escape_text(reading->label, strlen(reading->label));
	_cleanup_free_ char *prompt = format_text("passphrase of '%s': ", label ? label : "");
	if (!prompt || EVP_read_pw_string(buffer, size, prompt, /* verify= */ 0) != 0)
		return -1;
	return (int)strlen(buffer);
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

static int explain_encrypted(const struct reading *reading, struct diag *reterr)
{
	openssl_forget();
	if (reading->may_prompt)
		return diag_set(reterr, -ENOKEY, "'%s': wrong passphrase", reading->label);
	diag_set(reterr, -ENOKEY, "'%s': encrypted key without a terminal", reading->label);
	diag_hint(reterr, "run it on a terminal, or keep this key on a token");
	return -ENOKEY;
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
static int settle_on(struct reading *reading, struct key *ret, struct diag *reterr)
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
	if (reading->encrypted && reading->n_private_keys == 0)
		return explain_encrypted(reading, reterr);
	return r < 0 ? r : settle_on(reading, ret, reterr);
}

static int key_from_bio(BIO *bio, struct reading *reading, struct key *ret, struct diag *reterr)
{
	UI_METHOD *ui = UI_UTIL_wrap_read_pem_callback(ask_passphrase, 0);
	OSSL_STORE_CTX *store = bio && ui ? OSSL_STORE_attach(bio, "file", NULL, NULL, ui, reading,
						    NULL, NULL, NULL)
					  : NULL;
	int r = collect(store, reading, ret, reterr);

	UI_destroy_method(ui);
	return r;
}

static int key_from_uri(
	const char *uri, struct reading *reading, struct key *ret, struct diag *reterr)
{
	UI_METHOD *ui = UI_UTIL_wrap_read_pem_callback(ask_passphrase, 0);
	OSSL_STORE_CTX *store = ui ? OSSL_STORE_open(uri, ui, reading, NULL, NULL) : NULL;
	int r = collect(store, reading, ret, reterr);

	UI_destroy_method(ui);
	if (r == -EINVAL && !store)
		diag_hint(reterr, "is OpenSSL's provider for such URIs installed and configured?");
	return r;
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

int key_load(const char *uri, struct key *ret, struct diag *reterr)
{
	_cleanup_(reading_done) struct reading reading = {
		.label = uri, .may_prompt = have_terminal()};
	_cleanup_close_ int fd = -EBADF;

	if (is_uri(uri))
		return key_from_uri(uri, &reading, ret, reterr);
	int r = open_key_file(uri, &fd, reterr);
	if (r < 0)
		return r;
	_cleanup_bio_ BIO *bio = BIO_new_fd(fd, BIO_NOCLOSE);
	return key_from_bio(bio, &reading, ret, reterr);
}

/* Replaces what certificate the key has by the one in another file. */
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
		return -ENOMEM;
	memcpy(copy, data, (size_t)size);
	copy[size] = 0;
	*ret = (struct bytes){copy, (size_t)size};
	return 0;
}
