/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `watchbpf stop`, which needs an order. */

#include <string.h>

#include "src/base/base.h"
#include "src/base/log.h"
#include "src/command/arguments.h"
#include "src/trust/order_submit.h"
#include "src/watchbpf/watchbpf.h"

static int stop(const char *order, struct diag *reterr)
{
	_cleanup_(enforcer_free) struct enforcer *enforcer = NULL;

	int r = enforcer_join(&enforcer, reterr);
	if (r < 0)
		return r;
	if (!order) {
		diag_set(reterr, -EPERM, "stopping needs an order of the control signer");
		diag_hint(reterr,
			"bpfsign order stop --nonce NONCE --key CONTROL-KEY, with the nonce of 'watchbpf status'");
		return -EPERM;
	}
	r = order_submit(enforcer, order, "stop", NULL, reterr);
	if (r < 0)
		return r;
	if (enforcer_save_sequences(enforcer, SEQUENCES_FILE) < 0)
		log_warning("can't write '%s': older versions may count at the next start",
			SEQUENCES_FILE);
	return enforcer_remove_pins(reterr);
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
