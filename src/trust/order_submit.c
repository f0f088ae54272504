/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Carries orders to the kernel, which decides. The comparisons here only give a better message.
 */

#include "src/trust/order_submit.h"

#include <string.h>

#include "keyring/claim.h"
#include "keyring/kernel_rings.h"
#include "keyring/keyring.h"
#include "src/base/file.h"
#include "src/names/names.h"
#include "src/trust/order.h"

static int check_order(const struct bytes *order, const char *verb,
	const uint8_t argument[BS_DIGEST_SIZE], struct diag *reterr)
{
	const uint8_t *signature;
	size_t signature_size;
	struct claim claim;

	int r = claim_parse(order->data, order->size, &claim, &signature, &signature_size, reterr);
	if (r < 0)
		return r;
	if (verb && strcmp(claim.name, verb))
		return diag_set(reterr, -EPERM, "the order says '%s', not '%s'", claim.name, verb);
	if (argument && memcmp(claim.digest, argument, BS_DIGEST_SIZE))
		return diag_set(
			reterr, -EPERM, "the order '%s' is for another argument", claim.name);
	return 0;
}

int order_submit(struct enforcer *enforcer, const char *path, const char *verb,
	const uint8_t argument[BS_DIGEST_SIZE], struct diag *reterr)
{
	_cleanup_bytes_ struct bytes order = {0};
	uint32_t reason = BS_REASON_ORDER_BAD;

	int r = read_file(path, sizeof(struct bs_signed_claim), &order);
	if (r < 0)
		return diag_set(reterr, r, "can't read the order '%s': %s", path, strerror(-r));
	r = check_order(&order, verb, argument, reterr);
	if (r < 0)
		return r;
	r = enforcer_order(enforcer, order.data, order.size, &reason);
	if (r < 0)
		return diag_set(reterr, r, "can't submit the order '%s': %s", path, strerror(-r));
	if (reason == BS_REASON_OK)
		return 0;
	diag_set(reterr, -EPERM, "the kernel refused the order '%s': %s (%s)", path,
		reason_sentence(reason), reason_name(reason));
	diag_hint(reterr, "%s", reason_cure(reason));
	return -EPERM;
}

int order_submit_check_keyrings(struct enforcer *enforcer, struct diag *reterr)
{
	int32_t parent;
	int r = keyring_parent(&parent);

	if (r == 0)
		r = enforcer_guards_keyring(enforcer, parent);
	if (r > 0)
		return 0;
	diag_set(reterr, -EPERM, "the keyring of the signers is not the one that is guarded");
	diag_hint(reterr, "somebody put another in its place; reboot");
	return -EPERM;
}

int order_submit_keys_begin(
	const char *path, const char *verb, const char *word, struct diag *reterr)
{
	_cleanup_(enforcer_free) struct enforcer *enforcer = NULL;
	uint8_t digest[BS_DIGEST_SIZE];

	if (!enforcer_is_alive())
		return 0;
	if (!path) {
		diag_set(reterr, -EPERM, "the signers can't change while enforcement is on");
		diag_hint(reterr,
			"bpfsign order %s '%s' --nonce NONCE --key CONTROL-KEY, then --order %s.order",
			verb, word, verb);
		return -EPERM;
	}
	int r = order_verb_find(verb)->digest(word, digest, reterr);
	if (r == 0)
		r = enforcer_join(&enforcer, reterr);
	if (r == 0)
		r = order_submit_check_keyrings(enforcer, reterr);
	return r < 0 ? r : order_submit(enforcer, path, verb, digest, reterr);
}

/*
 * New keys in the rings are guarded like the rest. Removed keys stay guarded, which does no harm.
 */
static int guard_keys(void)
{
	_cleanup_keyring_list_ struct keyring_list list = {0}, kernels = {0};
	int r = kernel_rings_list(&kernels); /* first: our IMA ring is in both */

	if (r >= 0)
		r = enforcer_guard_keys(kernels.serials, kernels.n, BS_GUARD_KERNEL);
	if (r >= 0)
		r = keyring_list(&list);
	return r < 0 ? r : enforcer_guard_keys(list.serials, list.n, BS_GUARD_SIGNER);
}

int order_submit_keys_end(struct diag *reterr)
{
	_cleanup_(enforcer_free) struct enforcer *enforcer = NULL;

	if (!enforcer_is_alive())
		return 0;
	int r = enforcer_join(&enforcer, reterr);
	if (r == -EPERM)
		/* it was our own signer: the hook on the keyring moved the trust already */
		return 0;
	if (r == 0)
		r = guard_keys();
	if (r == 0)
		r = enforcer_order_done(enforcer);
	if (r < 0)
		diag_set(reterr, r, "can't have the running programs verified again: %s",
			strerror(-r));
	return r;
}
