/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where the complaints of policy_check() go. */

#include "src/policy/complain.h"

#include "src/names/names.h"

void complain_at(
	struct complaints *complaints, bool error, struct position position, struct diag *diag)
{
	diag_at(diag, complaints->policy->path, position.line, position.column);
	complaints->n_errors += error;
	complaints->complain(complaints->userdata, error, diag);
}

const char *complain_types(uint64_t types, char *text, size_t size)
{
	size_t used = 0;

	text[0] = 0;
	for (unsigned type = 0; type < 64 && used < size; type++)
		if (types & 1ULL << type)
			used += (size_t)snprintf(text + used, size - used, "%s'%s'",
				used ? ", " : "", prog_type_name(type) ?: "?");
	return text;
}
