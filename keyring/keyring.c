/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The kernel's keyrings. Everything that calls keyctl(2) is here. Only public keys come by:
 * the type "asymmetric" takes certificates.
 */

#include "keyring.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bpf/abi.h"
#include "keyring/cert.h"

#define PARENT_RING    "bpfsign"
#define RING_PREFIX    "bpfsign:"
#define RING_NAME_SIZE (sizeof(RING_PREFIX) + BS_NAME_SIZE)

/*
 * Whoever possesses it (verification is handed the ring as possessed) and root in any
 * session; nobody else, not even to look. Without POS_SEARCH on ring and key, verification says
 * ENOKEY even to root.
 */
#define PERMISSIONS (KEY_POS_ALL | KEY_USR_ALL)

/*
 * What is new belongs to its owner only through possession, and a session need not reach
 * _uid.0 (systemd's services have keyrings of their own). The process keyring ends with us.
 */
static int possess_user_keyring(void)
{
	return keyctl_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_PROCESS_KEYRING) < 0 ? -errno : 0;
}

/* Is this key a keyring of this very name? Its description is TYPE;UID;GID;PERMISSIONS;NAME. */
static bool is_ring(key_serial_t serial, const char *name)
{
	_cleanup_free_ char *description = NULL;

	if (keyctl_describe_alloc(serial, &description) < 0)
		return false;
	const char *last = strrchr(description, ';');
	return strncmp(description, "keyring;", 8) == 0 && last && strcmp(last + 1, name) == 0;
}

/* A direct child only: keyctl_search() would descend into rings that others have linked in. */
static int find_child(key_serial_t parent, const char *name, key_serial_t *ret)
{
	_cleanup_free_ void *content = NULL;
	int size = keyctl_read_alloc(parent, &content);

	if (size < 0)
		return -errno;
	const key_serial_t *children = content;
	for (size_t i = 0; i < (size_t)size / sizeof(*children); i++)
		if (is_ring(children[i], name)) {
			*ret = children[i];
			return 0;
		}
	return -ENOENT;
}

static int make_child(key_serial_t parent, const char *name, key_serial_t *ret)
{
	int r = find_child(parent, name, ret);
	if (r != -ENOENT)
		return r;

	key_serial_t serial = add_key("keyring", name, NULL, 0, parent);
	if (serial < 0 || keyctl_setperm(serial, PERMISSIONS) < 0)
		return -errno;
	*ret = serial;
	return 0;
}

static const char *ring_name(const char *signer, char text[RING_NAME_SIZE])
{
	snprintf(text, RING_NAME_SIZE, "%s%s", RING_PREFIX, signer);
	return text;
}

/* What keyctl(2) refused, with the cure for what is likely. */
static int explain(int r, struct diag *reterr, const char *what, const char *signer)
{
	diag_set(reterr, r, "can't %s the keyring of '%s': %s", what, signer, strerror(-r));
	if (r == -EPERM || r == -EACCES)
		diag_hint(reterr, "while enforcement is on, this needs an order (bpfsign order)");
	return r;
}

/* -EPERM: the caller's _uid.N is not the one that holds the rings. */
static int check_root(struct diag *reterr)
{
	if (getuid() == 0)
		return 0;
	diag_set(reterr, -EPERM, "only root can use the signers' keyrings");
	diag_hint(reterr, "run it as root");
	return -EPERM;
}

int keyring_find(const char *signer, key_serial_t *ret, struct diag *reterr)
{
	char name[RING_NAME_SIZE];
	key_serial_t parent, ring;

	int r = check_root(reterr);
	if (r < 0)
		return r;
	r = find_child(KEY_SPEC_USER_KEYRING, PARENT_RING, &parent);
	if (r >= 0)
		r = find_child(parent, ring_name(signer, name), &ring);
	if (r == -ENOENT) {
		diag_set(reterr, r, "signer '%s' has no keyring in the kernel", signer);
		diag_hint(reterr, "bpfsign enroll CERTIFICATE --signer %s", signer);
		return r;
	}
	if (r < 0)
		return diag_set(
			reterr, r, "can't look for the keyring of '%s': %s", signer, strerror(-r));
	*ret = ring;
	return 0;
}

int keyring_parent(key_serial_t *ret)
{
	return find_child(KEY_SPEC_USER_KEYRING, PARENT_RING, ret);
}

int keyring_make(const char *signer, key_serial_t *ret, struct diag *reterr)
{
	char name[RING_NAME_SIZE];
	key_serial_t parent, ring;

	int r = check_root(reterr);
	if (r < 0)
		return r;
	r = possess_user_keyring();
	if (r >= 0)
		r = make_child(KEY_SPEC_USER_KEYRING, PARENT_RING, &parent);
	if (r >= 0)
		r = make_child(parent, ring_name(signer, name), &ring);
	if (r < 0)
		return explain(r, reterr, "make", signer);
	*ret = ring;
	return 0;
}

/* The kernel never looks at notAfter again: without this a key would be good for ever. */
static int set_expiry(key_serial_t key, X509 *certificate, time_t now)
{
	time_t expiry = 0;
	int r = cert_expiry(certificate, &expiry);

	if (r < 0)
		return r;
	/* 0 would mean never; the field's 136 years are as good as never. */
	time_t left = expiry - now < 1 ? 1 : expiry - now;
	if (left > (time_t)UINT32_MAX)
		return 0;
	return keyctl_set_timeout(key, (unsigned)left) < 0 ? -errno : 0;
}

static int explain_refusal(int r, struct diag *reterr)
{
	diag_set(reterr, r, "the kernel does not take the certificate: %s", strerror(-r));
	if (r == -ENOPKG)
		diag_hint(reterr,
			"it knows RSA and ECDSA with SHA-2; the certificate's issuer used another");
	else if (r == -EBADMSG || r == -EKEYREJECTED)
		diag_hint(reterr, "make one with bpfsign keygen");
	else if (r == -EPERM || r == -EACCES)
		diag_hint(reterr, "while enforcement is on, this needs an order (bpfsign order)");
	else if (r == -EDQUOT)
		diag_hint(reterr, "raise kernel.keys.root_maxbytes and root_maxkeys");
	return r;
}

int keyring_add(key_serial_t ring, X509 *certificate, key_serial_t *ret_key, struct diag *reterr)
{
	char fingerprint[FINGERPRINT_TEXT_SIZE];
	_cleanup_bytes_ struct bytes der = {0};
	time_t now = time(NULL);

	int r = cert_check(certificate, now, reterr);
	if (r < 0)
		return r;
	r = cert_to_der(certificate, &der);
	if (r < 0)
		return diag_set(reterr, r, "can't encode the certificate");
	r = possess_user_keyring();
	if (r < 0)
		return diag_set(reterr, r, "can't reach root's user keyring: %s", strerror(-r));

	key_serial_t key = add_key(
		"asymmetric", cert_fingerprint(certificate, fingerprint), der.data, der.size, ring);
	if (key < 0)
		return explain_refusal(-errno, reterr);
	r = set_expiry(key, certificate, now);
	if (r >= 0 && keyctl_setperm(key, PERMISSIONS) < 0)
		r = -errno;
	if (r < 0) {
		keyctl_unlink(key, ring);
		return diag_set(
			reterr, r, "can't limit the key's life and access: %s", strerror(-r));
	}
	*ret_key = key;
	return 0;
}

/* "ex:" and an exact key identifier in hexadecimal: a and b, one after the other. */
static char *exact_query(const void *a, size_t a_size, const void *b, size_t b_size)
{
	static const char kind[] = "ex:";
	size_t start = sizeof(kind) - 1;
	char *query = malloc(start + 2 * (a_size + b_size) + 1);

	if (!query)
		return NULL;
	memcpy(query, kind, start);
	hex_encode(a, a_size, query + start);
	hex_encode(b, b_size, query + start + 2 * a_size);
	return query;
}

/* What is in a DER element, without tag and length; data moves there. Shorter than 64 KiB. */
static size_t skip_header(const uint8_t **data, size_t size)
{
	size_t header = 2;

	if (size >= 2 && (*data)[1] & 0x80)
		header += (*data)[1] & 0x7f;
	if (size < header)
		return 0;
	*data += header;
	return size - header;
}

/*
 * How the kernel finds the key of a signature (crypto/asymmetric_keys/x509_public_key.c): by
 * the subject key identifier or, without one, by serial number and issuer, both as in the DER.
 */
static char *key_query(X509 *certificate)
{
	const ASN1_OCTET_STRING *identifier = X509_get0_subject_key_id(certificate);
	if (identifier)
		return exact_query(ASN1_STRING_get0_data(identifier),
			(size_t)ASN1_STRING_length(identifier), "", 0);

	const ASN1_INTEGER *number = X509_get0_serialNumber(certificate);
	uint8_t der[64], *end = der;
	const uint8_t *serial = der, *issuer;
	size_t issuer_size;
	int size = i2d_ASN1_INTEGER(number, NULL);
	if (size < 0 || (size_t)size > sizeof(der) ||
		X509_NAME_get0_der(X509_get_issuer_name(certificate), &issuer, &issuer_size) != 1)
		return NULL;
	i2d_ASN1_INTEGER(number, &end);
	size_t serial_size = skip_header(&serial, (size_t)size);
	issuer_size = skip_header(&issuer, issuer_size);
	return exact_query(serial, serial_size, issuer, issuer_size);
}

int keyring_has(key_serial_t ring, X509 *certificate, key_serial_t *ret_key)
{
	_cleanup_free_ char *query = key_query(certificate);
	if (!query)
		return -EINVAL;

	key_serial_t key = keyctl_search(ring, "asymmetric", query, 0);
	if (key < 0)
		return errno == ENOKEY ? 0 : -errno;
	*ret_key = key;
	return 1;
}

int keyring_count(key_serial_t ring)
{
	long size = keyctl_read(ring, NULL, 0);
	return size < 0 ? -errno : (int)((size_t)size / sizeof(key_serial_t));
}

int keyring_clear(const char *signer, struct diag *reterr)
{
	key_serial_t ring;
	int r = keyring_find(signer, &ring, reterr);

	if (r < 0)
		return r;
	return keyctl_clear(ring) < 0 ? explain(-errno, reterr, "empty", signer) : 0;
}
