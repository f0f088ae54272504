/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Certificates as keys of the type "asymmetric", in any ring. No private key comes here. */

#include <string.h>
#include <time.h>

#include "keyring/cert.h"
#include "keyring/key_id.h"
#include "keyring/keyring_internal.h"
#include "src/base/base.h"

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

int keyring_explain_refusal(int r, struct diag *reterr)
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

/* A new key in a ring that this process possesses. */
static int put_key(key_serial_t ring, X509 *certificate, key_serial_t *ret, struct diag *reterr)
{
	char fingerprint[FINGERPRINT_TEXT_SIZE];
	_cleanup_bytes_ struct bytes der = {0};

	int r = cert_to_der(certificate, &der);
	if (r < 0)
		return diag_set(reterr, r, "can't encode the certificate");
	key_serial_t key = add_key(
		"asymmetric", cert_fingerprint(certificate, fingerprint), der.data, der.size, ring);
	if (key < 0)
		return keyring_explain_refusal(-errno, reterr);
	r = set_expiry(key, certificate, time(NULL));
	if (r >= 0 && keyctl_setperm(key, KEYRING_PERMISSIONS) < 0)
		r = -errno;
	if (r < 0) {
		keyctl_unlink(key, ring);
		return diag_set(
			reterr, r, "can't limit the key's life and access: %s", strerror(-r));
	}
	*ret = key;
	return 0;
}

int keyring_make_key(X509 *certificate, key_serial_t *ret, struct diag *reterr)
{
	int r = cert_check(certificate, time(NULL), reterr);
	return r < 0 ? r : put_key(KEY_SPEC_PROCESS_KEYRING, certificate, ret, reterr);
}

int keyring_add(key_serial_t ring, X509 *certificate, key_serial_t *ret_key, struct diag *reterr)
{
	int r = cert_check(certificate, time(NULL), reterr);

	if (r < 0)
		return r;
	r = keyring_possess(ring);
	if (r < 0)
		return keyring_explain_refusal(r, reterr);
	return put_key(ring, certificate, ret_key, reterr);
}

int keyring_search(key_serial_t ring, X509 *certificate, key_serial_t *ret)
{
	char fingerprint[FINGERPRINT_TEXT_SIZE];

	return keyring_look_for(ring, cert_fingerprint(certificate, fingerprint), ret);
}

int keyring_remove(key_serial_t ring, X509 *certificate, struct diag *reterr)
{
	key_serial_t key;
	int r = keyring_search(ring, certificate, &key);

	if (r == 0 || r == -EKEYEXPIRED || r == -EKEYREVOKED)
		return 0;
	if (r < 0)
		return diag_set(reterr, r, "can't look into the keyring: %s", strerror(-r));
	if (keyctl_unlink(key, ring) < 0) {
		r = -errno;
		diag_set(reterr, r, "can't take the key out of its keyring: %s", strerror(-r));
		if (r == -EPERM || r == -EACCES)
			diag_hint(reterr,
				"while enforcement is on, this needs an order (bpfsign order)");
		return r;
	}
	return 1;
}

int keyring_has(key_serial_t ring, X509 *certificate, key_serial_t *ret_key)
{
	_cleanup_free_ char *query = key_id_query(certificate);

	return query ? keyring_look_for(ring, query, ret_key) : -EINVAL;
}
