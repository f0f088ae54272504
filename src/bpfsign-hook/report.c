/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The report: one line in the transaction, the rest in the log and in `status`. */

#include <fcntl.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "src/base/file.h"
#include "src/base/log.h"
#include "src/base/state.h"
#include "src/bpfsign-hook/bpfsign-hook.h"

#define AT_BOOT "apply-at-boot"

/* Files that cannot be sealed where an image is built are sealed at its first boot. */
static void leave_to_boot(const struct transaction *transaction)
{
	struct diag diag;
	_cleanup_close_ int directory = state_open(transaction->root, /* make= */ true, &diag);
	int r = directory < 0 ? directory : write_file_at(directory, AT_BOOT, "", 0, 0600);

	if (directory >= 0 && r < 0)
		diag_set(&diag, r, "can't write '%s" STATE_DIRECTORY "/" AT_BOOT "': %s",
			transaction->root, strerror(-r));
	fprintf(stderr, "bpfsign: no fs-verity here: %s\n",
		r == 0 ? "signatures are applied at the first boot (bpfsign-apply.service)"
		       : diag.message);
}

static void boot_is_done(const struct transaction *transaction)
{
	_cleanup_close_ int directory = -EBADF;

	if (strcmp(transaction->manager, "boot") != 0)
		return;
	directory = state_open(transaction->root, /* make= */ false, NULL);
	if (directory >= 0)
		unlinkat(directory, AT_BOOT, 0);
}

/* The first one stands for all: a transaction has other things to say. */
static void tell(const struct transaction *transaction)
{
	const struct unsigned_file *first = transaction->failures.items;

	if (transaction->applied)
		printf("bpfsign: %zu file%s signed\n", transaction->applied,
			transaction->applied == 1 ? "" : "s");
	if (transaction->failures.n == 1)
		fprintf(stderr, "bpfsign: '%s' could not be signed: %s\n", first->what, first->why);
	else if (transaction->failures.n > 1)
		fprintf(stderr,
			"bpfsign: %zu could not be signed, the first is '%s': %s; 'bpfsign status' shows all\n",
			transaction->failures.n, first->what, first->why);
}

void transaction_report(struct transaction *transaction)
{
	struct diag diag;

	if (unsigned_save(transaction->root, &transaction->failures, &diag) < 0)
		log_diag(0, &diag);
	tell(transaction);
	if (transaction->is_image && transaction->unsealable)
		leave_to_boot(transaction);
	else
		boot_is_done(transaction);
	if (transaction->is_image)
		return; /* the log is another system's */
	openlog("bpfsign", 0, LOG_DAEMON);
	for (size_t i = 0; i < transaction->failures.n; i++)
		syslog(LOG_WARNING, "'%s' could not be signed: %s",
			transaction->failures.items[i].what, transaction->failures.items[i].why);
}
