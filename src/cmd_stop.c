/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Orders as watchbpf carries them to the kernel, and `watchbpf stop`. */

#include "watch.h"

#include <string.h>

#include "arguments.h"
#include "keyring/claim.h"
#include "log.h"
#include "names.h"

static int check_argument(
	const struct bytes *order, const uint8_t argument[BS_DIGEST_SIZE], struct diag *reterr)
{
	const uint8_t *signature;
	size_t signature_size;
	struct claim claim;

	int r = claim_parse(order->data, order->size, &claim, &signature, &signature_size, reterr);
	if (r < 0)
		return r;
	if (argument && (strcmp(claim.name, "policy") ||
				memcmp(claim.digest, argument, BS_DIGEST_SIZE)))
		return diag_set(reterr, -EPERM, "the order is not for this policy");
	return 0;
}

int order_submit(struct enforcer *enforcer, const char *path,
	const uint8_t argument[BS_DIGEST_SIZE], struct diag *reterr)
{
	_cleanup_bytes_ struct bytes order = {0};
	uint32_t reason = BS_REASON_ORDER_BAD;

	int r = read_file(path, sizeof(struct bs_signed_claim), &order);
	if (r < 0)
		return diag_set(reterr, r, "can't read the order '%s': %s", path, strerror(-r));
	r = check_argument(&order, argument, reterr);
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

static int stop(const char *order, struct diag *reterr)
{
	_cleanup_(enforcer_free) struct enforcer *enforcer = NULL;
	struct bs_state state = {0};

	int r = enforcer_join(&enforcer, reterr);
	if (r < 0)
		return r;
	if (!order) {
		diag_set(reterr, -EPERM, "stopping needs an order of the control signer");
		diag_hint(reterr, "bpfsign order stop --nonce NONCE --key CONTROL-KEY, with the nonce of 'watchbpf status'");
		return -EPERM;
	}
	r = order_submit(enforcer, order, NULL, reterr);
	if (r == 0 && (r = enforcer_state(enforcer, &state, NULL)) == 0 &&
		state.mode != BS_MODE_OFF)
		return diag_set(reterr, -EPERM, "'%s' is no order to stop", order);
	return r < 0 ? r : enforcer_remove_pins(reterr);
}

int cmd_stop(const struct command *command, int argc, char **argv)
{
	const char *order = NULL, *value;
	struct diag diag = {0};
	int option;

	while ((option = command_option(command, argc, argv, &value)) >= 0)
		order = value;
	int r = arguments_end(option);
	if (r < 0)
		r = arguments_count(command, argc, 0, 0);
	if (r >= 0)
		return r;
	if (!enforcer_is_alive()) {
		log_info("nothing is enforced");
		return EXIT_NO;
	}
	r = stop(order, &diag);
	if (r < 0) {
		diag_print(&diag);
		return r == -EPERM ? EXIT_NO : EXIT_UNKNOWN;
	}
	log_info("enforcement has ended");
	return EXIT_YES;
}

int cmd_reasons(const struct command *command, int argc, char **argv)
{
	const char *value;
	int r = arguments_end(command_option(command, argc, argv, &value));

	if (r >= 0)
		return r;
	for (unsigned i = 0; i < BS_REASON_END; i++)
		printf("%-26s %s%s%s\n", reason_name(i), reason_sentence(i),
			reason_cure(i)[0] ? "; cure: " : "", reason_cure(i));
	return EXIT_YES;
}
