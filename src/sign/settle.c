/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The last step of signing and applying. */

#include "src/sign/settle.h"

#include <unistd.h>

#include "src/enforcer/enforcer.h"
#include "src/base/log.h"
#include "plugins/sign/verity.h"

/*
 * Not worth a warning is a file that was sealed before, whose pages are most likely verified ones,
 * nor a library that is in use while nothing is enforced: what is cached then counts as it is.
 */
void settle_file(const char *path, int fd, bool was_sealed, enum bs_role role, FILE *out)
{
	bool silent = was_sealed || (role == BS_ROLE_LIBRARY && access(ENFORCER_PINS, F_OK) < 0);
	struct diag diag;

	if (role == BS_ROLE_POLICY || verity_settle(path, fd, &diag) == 0 || silent)
		return;
	log_warning_to(out, "signed, but not usable until it has left the memory:");
	diag_write(out, &diag);
}
