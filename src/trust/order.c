/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What an order is made of, and what one that is there says. */

#include "src/trust/order.h"

#include <inttypes.h>
#include <string.h>

#include "keyring/anchors.h"
#include "keyring/cert.h"
#include "keyring/key.h"
#include "plugins/sign/verity.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/text.h"
#include "src/command/command.h"
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

/* Whoever signed it; NULL, with the reason, when nobody known did. */
static const struct anchor *find_signer(const struct anchors *anchors, const struct claim *order,
	const uint8_t *signature, size_t size, struct diag *reterr)
{
	_cleanup_free_ X509 **certificates = anchors_certificates(anchors);
	size_t index;

	if (!certificates ||
		claim_verify(order, signature, size, certificates, anchors->n, &index, reterr) < 0)
		return NULL;
	return &anchors->items[index];
}

static void show_text(const struct claim *order, const char *argument, const char *nonce,
	const struct anchor *anchor, const struct diag *diag)
{
	printf("verb:     %s\ncounter:  %" PRIu64 "\nargument: %s\nnonce:    %s\n", order->name,
		order->sequence, argument, nonce);
	if (!anchor)
		printf("signer:   unknown (%s)\n", diag->message);
	else
		printf("signer:   %s%s\n", anchor->signer,
			anchor->control ? "" : ", who is not the control signer");
}

static void show_json(const struct claim *order, const char *argument, const char *nonce,
	const struct anchor *anchor)
{
	struct json json;

	json_start(&json, stdout);
	json_object_begin(&json, NULL);
	json_string(&json, "verb", order->name);
	json_unsigned(&json, "counter", order->sequence);
	json_string(&json, "argument", argument);
	json_string(&json, "nonce", nonce);
	json_string(&json, "signer", anchor ? anchor->signer : NULL);
	json_bool(&json, "control", anchor && anchor->control);
	json_object_end(&json);
	json_finish(&json);
}

static int load(const char *path, struct bytes *ret, struct claim *ret_order,
	const uint8_t **ret_signature, size_t *ret_size, struct diag *reterr)
{
	int r = read_file(path, sizeof(struct bs_signed_claim), ret);
	if (r < 0)
		return diag_set(reterr, r, "can't read order '%s': %s", path, strerror(-r));
	r = claim_parse(ret->data, ret->size, ret_order, ret_signature, ret_size, reterr);
	if (r >= 0 && ret_order->role != BS_ROLE_ORDER)
		r = diag_set(reterr, -EBADMSG, "this is a claim about a file, not an order");
	if (r < 0)
		diag_at(reterr, path, 0, 0);
	return r;
}

int order_show(const char *path, bool use_json)
{
	_cleanup_bytes_ struct bytes bytes = {0};
	_cleanup_anchors_ struct anchors anchors = {0};
	char argument[2 * BS_DIGEST_SIZE + 1], nonce[2 * BS_NONCE_SIZE + 1];
	const uint8_t *signature = NULL;
	struct claim order = {0};
	struct diag diag = {0};
	size_t size = 0;

	int r = load(path, &bytes, &order, &signature, &size, &diag);
	if (r >= 0)
		r = anchors_load(&anchors, &diag);
	if (r < 0)
		return log_diag(EXIT_UNKNOWN, &diag);

	const struct anchor *anchor = find_signer(&anchors, &order, signature, size, &diag);
	hex_encode(order.digest, BS_DIGEST_SIZE, argument);
	hex_encode(order.digest + BS_DIGEST_SIZE, BS_NONCE_SIZE, nonce);
	if (use_json)
		show_json(&order, argument, nonce, anchor);
	else
		show_text(&order, argument, nonce, anchor, &diag);
	return anchor && anchor->control ? EXIT_YES : EXIT_NO;
}
