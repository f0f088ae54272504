/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What of `digests:` and `require:` contradicts itself, or locks out. */

#include "src/base/text.h"
#include "src/policy/check.h"

#include <string.h>

static void complain_twice(struct complaints *complaints, const struct policy_digest *digest,
	const struct policy_program *other)
{
	char hex[2 * BS_DIGEST_SIZE + 1];
	struct diag diag;

	diag_set(&diag, 0, "digest 'sha256:%s' is program '%s' already",
		hex_encode(digest->bytes, sizeof(digest->bytes), hex), other->name);
	diag_hint(&diag, "remove it here or there: bytes can be one program only");
	complain_at(complaints, /* error= */ true, digest->position, &diag);
}

static bool has_digest(const struct policy_program *program, const uint8_t *bytes)
{
	for (size_t i = 0; i < program->digests.n; i++)
		if (memcmp(program->digests.items[i].bytes, bytes, BS_DIGEST_SIZE) == 0)
			return true;
	return false;
}

/* The digests of program n that an entry before it has. */
static void check_twice(struct complaints *complaints, size_t n)
{
	const struct policy_program *programs = complaints->policy->programs;

	for (size_t i = 0; i < programs[n].digests.n; i++)
		for (size_t j = 0; j < n; j++)
			if (has_digest(&programs[j], programs[n].digests.items[i].bytes))
				complain_twice(
					complaints, &programs[n].digests.items[i], &programs[j]);
}

/* Without a signer, nobody could have signed what it reads and maps but a `file-signers:`. */
static void check_nobody(struct complaints *complaints, const struct policy_program *program)
{
	const struct policy_files *files = &program->files;
	struct diag diag;

	if (!program->digests.n || files->n_signers)
		return;
	if (program->files.collateral.number == BS_COLLATERAL_OFF &&
		files->libraries.number == BS_LIBRARIES_TRUSTED_PATHS)
		return;
	diag_set(&diag, 0,
		"'%s' has 'digests' and no 'file-signers': of what it opens and maps nothing can be signed",
		program->name);
	diag_hint(&diag, "add 'file-signers: [NAME]' with who signs its libraries");
	complain_at(complaints, /* error= */ false, program->digests.key, &diag);
}

void check_conditions(struct complaints *complaints)
{
	for (size_t i = 0; i < complaints->policy->n_programs; i++) {
		check_twice(complaints, i);
		check_nobody(complaints, &complaints->policy->programs[i]);
	}
}
