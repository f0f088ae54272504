/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Options of sign, digest and verify. */

#include "src/bpfsign/sign_arguments.h"

#include <stdlib.h>
#include <time.h>

#include "plugins/sign/signer.h"
#include "src/base/diag.h"
#include "src/base/text.h"
#include "src/command/arguments.h"
#include "src/names/names.h"

int sign_argument_role(const struct command *command, const char *text, enum bs_role *ret)
{
	int role = role_find(text);

	if (role <= BS_ROLE_NONE || role == BS_ROLE_ORDER)
		return command_usage(command,
			"--role '%s' is not executable, library, collateral or policy", text);
	*ret = (enum bs_role)role;
	return -1;
}

int sign_argument_program(const struct command *command, const char *text, const char **ret)
{
	*ret = text;
	return name_is_valid(text) ? -1
				   : command_usage(command,
					     "--name '%s' is not a name ([a-z0-9._-]{1,63})", text);
}

int sign_argument_routes(const struct command *command, const char *text, unsigned *ret)
{
	struct diag diag;

	if (signer_parse(text, ret, &diag) == 0)
		return -1;
	return command_usage(command, "--with '%s': %s%s%s", text, diag.message,
		diag.hint[0] ? "; " : "", diag.hint);
}

/* The time, unless SOURCE_DATE_EPOCH says another one. */
int sign_argument_default_sequence(const struct command *command, uint64_t *ret)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");

	if (epoch && *epoch)
		return arguments_number(
			command, "sequence of SOURCE_DATE_EPOCH", epoch, UINT64_MAX, ret);
	*ret = (uint64_t)time(NULL);
	return -1;
}
