/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes orders: the table of verbs, and the digest of each verb's argument. */

#include "src/trust/order.h"

#include <string.h>

#include "keyring/anchors.h"
#include "keyring/cert.h"
#include "keyring/key.h"
#include "plugins/sign/verity.h"
#include "src/base/file.h"
#include "src/base/text.h"
#include "src/policy/policy.h"

/* As everywhere for a policy: the fs-verity digest of its content. */
static int digest_policy(const char *path, uint8_t ret[BS_DIGEST_SIZE], struct diag *reterr)
{
	_cleanup_bytes_ struct bytes bytes = {0};

	int r = read_file(path, POLICY_SIZE_LIMIT, &bytes);
	if (r >= 0)
		r = verity_digest_of(bytes.data, bytes.size, ret);
	return r < 0 ? diag_set(reterr, r, "can't read policy '%s': %s", path, strerror(-r)) : 0;
}

static int digest_certificate(const char *path, uint8_t ret[BS_DIGEST_SIZE], struct diag *reterr)
{
	_cleanup_bytes_ struct bytes der = {0};
	_cleanup_key_ struct key key = {0};

	int r = key_load(path, &key, reterr);
	if (r < 0)
		return r;
	if (!key.certificate)
		return diag_set(reterr, -EINVAL, "'%s' holds no certificate", path);
	r = cert_to_der(key.certificate, &der);
	if (r >= 0)
		r = openssl_sha256(der.data, der.size, ret);
	return r < 0 ? diag_set(reterr, r, "can't digest certificate '%s'", path) : 0;
}

static int digest_signer(const char *signer, uint8_t ret[BS_DIGEST_SIZE], struct diag *reterr)
{
	if (!anchors_name_is_valid(signer))
		return diag_set(reterr, -EINVAL, "'%s' cannot name a signer", signer);
	int r = openssl_sha256(signer, strlen(signer), ret);
	return r < 0 ? diag_set(reterr, r, "can't digest '%s'", signer) : 0;
}

const struct order_verb order_verbs[] = {
	{"stop", NULL, NULL},
	{"observe", NULL, NULL},
	{"enforce", NULL, NULL},
	{"policy", "FILE", digest_policy},
	{"enroll", "CERTIFICATE", digest_certificate},
	{"unenroll", "SIGNER", digest_signer},
	{"unseal", NULL, NULL},
	{NULL, NULL, NULL},
};
_Static_assert(ARRAY_SIZE(order_verbs) <= ORDER_VERBS_LIMIT, "callers have room for the names");

const struct order_verb *order_verb_find(const char *name)
{
	for (const struct order_verb *verb = order_verbs; verb->name; verb++)
		if (strcmp(verb->name, name) == 0)
			return verb;
	return NULL;
}

int order_make(const struct order_verb *verb, const char *argument, uint64_t counter,
	const uint8_t nonce[BS_NONCE_SIZE], struct claim *ret, struct diag *reterr)
{
	struct claim order = {
		.role = BS_ROLE_ORDER, .sequence = counter, .digest_size = sizeof(order.digest)};

	snprintf(order.name, sizeof(order.name), "%s", verb->name);
	if (verb->digest) {
		int r = verb->digest(argument, order.digest, reterr);
		if (r < 0)
			return r;
	}
	memcpy(order.digest + BS_DIGEST_SIZE, nonce, BS_NONCE_SIZE);
	*ret = order;
	return 0;
}
