/* SPDX-License-Identifier: GPL-2.0-or-later */

/* `bpfsign unenroll SIGNER`: none of its keys counts any more. */

#include <string.h>

#include "keyring/anchors.h"
#include "keyring/keyring.h"
#include "src/base/base.h"
#include "src/base/log.h"
#include "src/bpfsign/bpfsign.h"
#include "src/command/arguments.h"
#include "src/trust/order_submit.h"
#include "src/trust/trust.h"

enum { OPTION_ORDER, OPTION_DRY_RUN };
const struct option_spec unenroll_options[] = {
	[OPTION_ORDER] = {"order", 0, "FILE", "the control signer's order, while enforcing"},
	[OPTION_DRY_RUN] = {"dry-run", 'n', NULL, "say what would be removed"},
	{0},
};

static void print_rings(const struct anchor *anchor)
{
	for (enum kernel_ring which = 0; which < KERNEL_RING_END; which++) {
		key_serial_t ring, key;
		const char *name;
		if (kernel_rings_find(which, &name, &ring) == 0 &&
			kernel_rings_has(which, anchor->certificate, &key) == 1)
			printf("would take key %d out of '%s'\n", key, name);
	}
}

static void print_certificates(const struct anchors *anchors, const char *signer)
{
	for (size_t i = 0; i < anchors->n; i++)
		if (strcmp(anchors->items[i].signer, signer) == 0) {
			printf("would remove %.16s of '%s'\n", anchors->items[i].fingerprint,
				signer);
			print_rings(&anchors->items[i]);
		}
}

static int preview(const char *signer, struct diag *reterr)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	key_serial_t ring;

	int r = anchors_load(&anchors, reterr);
	if (r < 0)
		return r;
	print_certificates(&anchors, signer);
	if (keyring_find(signer, &ring, NULL) == 0)
		printf("would empty the keyring %d of '%s' (%d keys)\n", ring, signer,
			keyring_count(ring));
	return 0;
}

/* Keys that were taken out of the ring; 0 without a ring, which stays when it is empty. */
static int empty_ring(const char *signer, struct diag *reterr)
{
	key_serial_t ring;

	int r = keyring_find(signer, &ring, reterr);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	int n = keyring_count(ring);
	r = keyring_clear(signer, reterr);
	return r < 0 ? r : n;
}

/* The certificates on disk tell which keys of the kernel's own rings are the signer's. */
static int leave_rings(const char *signer, struct diag *reterr)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	int r = anchors_load(&anchors, reterr);

	return r < 0 ? r : trust_retire_from_rings(&anchors, signer, reterr);
}

/*
 * The kernel first: where enforcement refuses it (an order is needed then), the disk stays as it is
 * too. A signer that is in one place only is removed from there.
 */
static int unenroll(const char *signer, const char *order, struct diag *reterr)
{
	int r = order_submit_keys_begin(order, "unenroll", signer, reterr);
	int in_kernel = r < 0 ? r : empty_ring(signer, reterr);
	if (in_kernel < 0)
		return in_kernel;
	r = order_submit_keys_end(reterr);
	if (r >= 0)
		r = leave_rings(signer, reterr);
	if (r < 0)
		return r;

	int on_disk = anchors_remove(signer, reterr);
	return on_disk == -ENOENT && in_kernel > 0 ? 0 : on_disk;
}

int cmd_unenroll(const struct command *command, int argc, char **argv)
{
	const char *argument;
	const char *order = NULL;
	bool dry_run = false;
	struct diag diag;
	int option;

	while ((option = command_option(command, argc, argv, &argument)) >= 0)
		if (option == OPTION_ORDER)
			order = argument;
		else
			dry_run = true;
	int status = arguments_end(option);
	if (status < 0)
		status = arguments_count(command, argc, 1, 1);
	if (status < 0)
		status = arguments_name(command, "signer", argv[optind]);
	if (status >= 0)
		return status;

	const char *signer = argv[optind];
	int r = dry_run ? preview(signer, &diag) : unenroll(signer, order, &diag);
	if (r < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	if (!dry_run)
		printf("unenrolled '%s'; what it signed counts as unsigned\n", signer);
	return EXIT_YES;
}
