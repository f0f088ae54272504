/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "src/base/memory.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

void memory_lock(void)
{
	static const struct rlimit none, unlimited = {RLIM_INFINITY, RLIM_INFINITY};

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0); /* a program in core_pattern gets it whatever the limit */
	/* Under a limit all later mappings would count too, and fail in the end. */
	if (setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0)
		mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}
