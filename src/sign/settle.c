/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The last step of signing and applying. */

#include "src/sign/settle.h"

#include <unistd.h>

#include "plugins/sign/verity.h"
#include "src/enforcer/enforcer.h"

/*
 * No warning is due for a file that was sealed before, whose pages are most likely verified ones,
 * nor for a library that is in use while nothing is enforced: its cached pages are accepted as they
 * are when enforcement begins.
 */
int settle_file(const char *path, int fd, bool was_sealed, enum bs_role role, struct diag *reterr)
{
	bool silent = was_sealed || (role == BS_ROLE_LIBRARY && !enforcer_is_alive());

	if (role == BS_ROLE_POLICY)
		return 0;
	int r = verity_settle(path, fd, reterr);
	return silent ? 0 : r;
}
