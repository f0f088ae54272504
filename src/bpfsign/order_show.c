/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `bpfsign order show FILE`: the contents of an order, and whether its signer is the control
 * signer. */

#include "src/bpfsign/order_show.h"

#include <inttypes.h>
#include <string.h>

#include "keyring/anchors.h"
#include "keyring/claim.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/text.h"
#include "src/command/command.h"

/* The order's signer; NULL, with the reason, when it is unknown. */
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
