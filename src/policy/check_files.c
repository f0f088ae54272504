/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The warnings about what may be read and executed inside a program. Its signature says what it
 * is as long as nothing that decides what it does comes from elsewhere: each of these settings
 * lets something in.
 */

#include "src/policy/check.h"

#include <string.h>

static void warn(struct complaints *complaints, struct position position, struct diag *diag)
{
	complain_at(complaints, /* error= */ false, position, diag);
}

/* A control program reads what cannot be sealed; off is its default. */
static void check_control_collateral(
	struct complaints *complaints, const struct policy_program *program)
{
	struct diag diag;

	if (program->files.collateral.number != BS_COLLATERAL_STRICT)
		return;
	if (strcmp(program->name, "bpfsign") == 0)
		diag_set(&diag, 0,
			"'bpfsign' can read only what is signed already: with 'collateral: strict' it cannot sign or enroll");
	else
		diag_set(&diag, 0,
			"'%s' reads policies, orders and certificates, which have no fs-verity: with 'collateral: strict' it is refused them",
			program->name);
	diag_hint(&diag,
		"remove it: by default it is off for this program, which verifies what it reads");
	warn(complaints, program->files.collateral.key, &diag);
}

static void check_collateral(struct complaints *complaints, const struct policy_program *program)
{
	struct diag diag;

	switch (program->files.collateral.number) {
	case BS_COLLATERAL_STRICT:
		return;
	case BS_COLLATERAL_LISTED:
		diag_set(&diag, 0,
			"'%s' may read what is not in 'collateral' unsigned: whoever can write such a file can change what it does; a script has no rights under this entry",
			program->name);
		break;
	case BS_COLLATERAL_OFF:
		diag_set(&diag, 0,
			"'%s' may read any file unsigned: whoever can write one that it reads can change what it does; a script has no rights under this entry",
			program->name);
		break;
	}
	diag_hint(&diag,
		"remove 'collateral', sign what it reads, and name the rest in 'unsigned-files'");
	warn(complaints, program->files.collateral.key, &diag);
}

static void check_unsigned_files(
	struct complaints *complaints, const struct policy_program *program)
{
	const struct policy_file_list *list = &program->files.unsigned_files;
	struct diag diag;

	if (list->n && program->files.collateral.number != BS_COLLATERAL_STRICT) {
		diag_set(&diag, 0,
			"'unsigned-files' has no effect: 'collateral' of '%s' is not 'strict'",
			program->name);
		diag_hint(&diag, "remove one of the two");
		warn(complaints, list->key, &diag);
		return;
	}
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->items[i].path, "/*") != 0)
			continue;
		diag_set(&diag, 0,
			"'/*' in 'unsigned-files' is every file: as weak as 'collateral: off'");
		diag_hint(&diag, "name the files that the program needs unsigned");
		warn(complaints, list->items[i].position, &diag);
	}
}

static void check_code(struct complaints *complaints, const struct policy_program *program)
{
	const struct policy_files *files = &program->files;
	struct diag diag;

	if (files->libraries.number == BS_LIBRARIES_TRUSTED_PATHS) {
		diag_set(&diag, 0,
			"'%s' may map unsigned files below /lib, /lib64, /usr/lib and /usr/lib64 as code: whoever can write there can change what it does",
			program->name);
		diag_hint(&diag, "sign them with 'bpfsign sign --libraries FILE', and remove it");
		warn(complaints, files->libraries.key, &diag);
	}
	if (files->jit.number) {
		diag_set(&diag, 0,
			"'%s' may execute memory that is no signed file: its code can come from anywhere",
			program->name);
		diag_hint(&diag, "remove it, unless the program makes its own code");
		warn(complaints, files->jit.key, &diag);
	}
}

static void check_signers(struct complaints *complaints, const struct policy_program *program)
{
	const struct policy_files *files = &program->files;
	struct diag diag;

	for (size_t i = 0; i < files->n_signers; i++) {
		if (strcmp(files->signers[i].name, program->signer) != 0)
			continue;
		diag_set(&diag, 0, "'%s' in 'file-signers' has no effect: it is the entry's signer",
			program->signer);
		diag_hint(&diag, "remove it");
		warn(complaints, files->signers[i].position, &diag);
	}
}

void check_files(struct complaints *complaints, const struct policy_program *program)
{
	if (program->is_control)
		check_control_collateral(complaints, program);
	else
		check_collateral(complaints, program);
	check_unsigned_files(complaints, program);
	check_code(complaints, program);
	check_signers(complaints, program);
}
