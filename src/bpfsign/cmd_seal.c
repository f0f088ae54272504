/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `bpfsign seal` and `bpfsign unseal`: may an order change the signers' keyrings? */

#include "src/base/base.h"
#include "src/base/log.h"
#include "src/bpfsign/bpfsign.h"
#include "src/command/arguments.h"
#include "src/enforcer/enforcer.h"
#include "src/trust/order_submit.h"

enum { OPTION_ORDER };
const struct option_spec unseal_options[] = {
	[OPTION_ORDER] = {"order", 0, "FILE", "the control signer's order"},
	{0},
};

/* "off" and "observe" are the same here: nothing is refused, so nothing could be sealed. */
static int not_enforced(struct diag *reterr)
{
	diag_set(reterr, -EALREADY, "nothing is enforced, so anybody could change the keyrings");
	diag_hint(reterr, "watchbpf --enforce POLICY first");
	return -EALREADY;
}

static int seal(struct diag *reterr)
{
	if (!enforcer_is_alive())
		return not_enforced(reterr);
	if (!enforcer_is_control()) {
		diag_set(reterr, -EPERM,
			"the kernel does not take this program for the control program");
		diag_hint(reterr, "run the signed bpfsign, as the policy demands, as root");
		return -EPERM;
	}
	int r = enforcer_seal();
	if (r == -EPERM)
		return diag_set(reterr, r, "sealing the keyrings takes root");
	return r < 0 ? not_enforced(reterr) : 0;
}

static int unseal(const char *order, struct diag *reterr)
{
	_cleanup_(enforcer_free) struct enforcer *enforcer = NULL;

	if (!enforcer_is_alive())
		return not_enforced(reterr);
	int r = enforcer_join(&enforcer, reterr);
	if (r < 0)
		return r;
	if (!order) {
		diag_set(reterr, -EPERM, "unsealing needs an order of the control signer");
		diag_hint(reterr,
			"bpfsign order unseal --nonce NONCE --key CONTROL-KEY, with the nonce of 'bpfsign status'");
		return -EPERM;
	}
	return order_submit(enforcer, order, "unseal", NULL, reterr);
}

/* A refusal is the answer no; anything else that fails, that we could not find out. */
static int finish(int r, const struct diag *diag, const char *done)
{
	if (r == 0) {
		puts(done);
		return EXIT_YES;
	}
	diag_print(diag);
	return r == -EPERM || r == -EALREADY ? EXIT_NO : EXIT_UNKNOWN;
}

int cmd_seal(const struct command *command, int argc, char **argv)
{
	struct diag diag = {0};
	const char *value;

	int status = arguments_end(command_option(command, argc, argv, &value));
	if (status < 0)
		status = arguments_count(command, argc, 0, 0);
	if (status >= 0)
		return status;
	return finish(
		seal(&diag), &diag, "sealed: no order but 'unseal' changes the signers' keyrings");
}

int cmd_unseal(const struct command *command, int argc, char **argv)
{
	const char *order = NULL, *value;
	struct diag diag = {0};
	int option;

	while ((option = command_option(command, argc, argv, &value)) >= 0)
		order = value;
	int status = arguments_end(option);
	if (status < 0)
		status = arguments_count(command, argc, 0, 0);
	if (status >= 0)
		return status;
	return finish(
		unseal(order, &diag), &diag, "unsealed: orders change the signers' keyrings again");
}
