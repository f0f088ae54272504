/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `collateral:`, `unsigned-files:`, `libraries:`, `jit:` and `file-signers:` to their bytes. The
 * kernel side knows no path of its own: what every program is refused without a line is here.
 */

#include "src/image/files.h"

#include <string.h>

#include "src/base/base.h"
#include "src/image/pattern.h"

/*
 * What nearly every program asks for, and root can fill: locales, time zones, and where the loader
 * looks for libraries. The C library does without them, so they are refused without a line unless
 * they are signed or the entry names them.
 */
static const char *const quiet[] = {
	"/etc/ld.so.cache",
	"/usr/lib/locale/*",
	"/usr/lib/x86_64-linux-gnu/gconv/*",
	"/usr/share/locale/*",
	"/etc/localtime",
	"/usr/share/zoneinfo/*",
};

/* `libraries: trusted-paths`. */
static const char *const library_paths[] = {"/lib/*", "/lib64/*", "/usr/lib/*", "/usr/lib64/*"};

_Static_assert(POLICY_FILES + ARRAY_SIZE(quiet) + ARRAY_SIZE(library_paths) <= BS_FILE_RULES,
	"every list fits");

static void add_rule(
	struct bs_files *files, const char *path, enum bs_file_kind kind, uint32_t line)
{
	struct bs_file_rule *rule = &files->rules[files->n++];

	image_pattern(path, rule->bytes, rule->mask, sizeof(rule->mask));
	rule->kind = kind;
	rule->line = line;
}

static void add_list(
	struct bs_files *files, const struct policy_file_list *list, enum bs_file_kind kind)
{
	for (size_t i = 0; i < list->n; i++)
		add_rule(files, list->items[i].path, kind, list->items[i].position.line);
}

/* The policy's own lines first: a record names the line that decided. */
static void add_collateral(struct bs_files *files, const struct policy_files *policy)
{
	switch ((enum bs_collateral)files->collateral.value) {
	case BS_COLLATERAL_STRICT:
		add_list(files, &policy->unsigned_files, BS_FILE_UNSIGNED);
		for (size_t i = 0; i < ARRAY_SIZE(quiet); i++)
			add_rule(files, quiet[i], BS_FILE_QUIET, /* line= */ 0);
		break;
	case BS_COLLATERAL_LISTED:
		add_list(files, &policy->signed_files, BS_FILE_SIGNED);
		break;
	case BS_COLLATERAL_OFF:
		break;
	}
}

void image_files(const struct policy_program *program, struct bs_files *ret)
{
	const struct policy_files *files = &program->files;

	ret->collateral = image_value(&files->collateral);
	ret->libraries = image_value(&files->libraries);
	ret->jit = image_value(&files->jit);
	add_collateral(ret, files);
	if (ret->libraries.value == BS_LIBRARIES_TRUSTED_PATHS)
		for (size_t i = 0; i < ARRAY_SIZE(library_paths); i++)
			add_rule(ret, library_paths[i], BS_FILE_LIBRARY, ret->libraries.line);
}

int image_ring(const struct policy *policy, const char *signer, struct position position,
	image_ring_fn ring, void *userdata, __s32 *ret, struct diag *reterr)
{
	int serial = ring(userdata, signer, reterr);

	if (serial == 0) /* would read as the ring of `unsigned` */
		serial = diag_set(reterr, -ENOKEY, "no keyring for signer '%s'", signer);
	if (serial < 0) {
		diag_at(reterr, policy->path, position.line, position.column);
		return serial;
	}
	*ret = serial;
	return 0;
}

int image_file_rings(const struct policy *policy, const struct policy_program *program,
	image_ring_fn ring, void *userdata, struct bs_files *ret, struct diag *reterr)
{
	const struct policy_files *files = &program->files;

	for (size_t i = 0; i < files->n_signers; i++) {
		int r = image_ring(policy, files->signers[i].name, files->signers[i].position, ring,
			userdata, &ret->rings[i], reterr);
		if (r < 0)
			return r;
	}
	ret->n_signers = (uint32_t)files->n_signers;
	return 0;
}
