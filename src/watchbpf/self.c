/* SPDX-License-Identifier: GPL-2.0-or-later */

/* This program's own file under a policy. */

#include "src/watchbpf/self.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <unistd.h>

#include "keyring/anchors.h"
#include "plugins/sign/verity.h"
#include "src/base/file.h"
#include "src/base/log.h"
#include "src/names/names.h"
#include "plugins/sign/signer.h"

int self_path(char *path, size_t size, struct diag *reterr)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);

	if (n < 0)
		return diag_set(reterr, -errno, "can't find this program's own file");
	path[n] = 0;
	return 0;
}

static const struct policy_program *find_program(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->n_programs; i++)
		if (strcmp(policy->programs[i].name, name) == 0)
			return &policy->programs[i];
	return NULL;
}

static bool path_listed(const struct policy_program *program, const char *path)
{
	for (size_t i = 0; i < program->n_exec; i++)
		if (strcmp(program->exec[i], path) == 0)
			return true;
	return program->n_exec == 0;
}

/* Would the kernel, under this entry, mark the program that is about to attach? */
static int compare_self(const struct policy_program *program, const struct claim *claim,
	const struct anchor *anchor, const char *path, struct diag *reterr)
{
	if (claim->role != BS_ROLE_EXECUTABLE || strcmp(claim->name, program->name))
		return diag_set(reterr, -EPERM,
			"'%s' is signed as '%s' in the role '%s', not as '%s'", path, claim->name,
			role_name(claim->role), program->name);
	if (strcmp(anchor->signer, program->signer))
		return diag_set(reterr, -EPERM, "'%s' is signed by '%s', the policy wants '%s'",
			path, anchor->signer, program->signer);
	if (claim->sequence < program->min_sequence)
		return diag_set(
			reterr, -EPERM, "'%s' is older than the policy's min-sequence", path);
	if (!path_listed(program, path))
		return diag_set(reterr, -EPERM, "the policy's `exec:` does not list '%s'", path);
	return 0;
}

/* Is it one of `digests:`? No claim is needed then. */
static bool digest_listed(
	const struct policy_program *program, const uint8_t digest[BS_DIGEST_SIZE])
{
	for (size_t i = 0; i < program->digests.n; i++)
		if (memcmp(program->digests.items[i].bytes, digest, BS_DIGEST_SIZE) == 0)
			return true;
	return false;
}

/* The file at path, below root. */
static int check_watcher(const char *root, const char *path, const struct policy *policy,
	const struct anchors *anchors, struct diag *reterr)
{
	const struct policy_program *program = find_program(policy, "watchbpf");
	_cleanup_close_ int directory = open_path(AT_FDCWD, root, O_PATH | O_DIRECTORY, 0);
	_cleanup_close_ int fd =
		directory < 0 ? directory : open_below(directory, path, O_RDONLY, RESOLVE_IN_ROOT);
	uint8_t digest[BS_DIGEST_SIZE];
	const struct anchor *anchor;
	struct claim claim;
	bool sealed;

	if (fd < 0)
		return diag_set(reterr, fd, "can't open '%s': %s", path, strerror(-fd));
	int r = verity_digest(fd, digest, &sealed, reterr);
	if (r == 0 && !sealed)
		r = diag_set(reterr, -EPERM, "'%s' is not sealed with fs-verity", path);
	if (r == 0 && digest_listed(program, digest))
		return 0;
	if (r == 0)
		r = signer_read_claim(path, fd, digest, anchors, &claim, &anchor, reterr);
	return r < 0 ? r : compare_self(program, &claim, anchor, path, reterr);
}

int self_check(const char *root, const struct policy *policy, struct diag *reterr)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	char path[4096] = "";
	struct diag why;

	int r = self_path(path, sizeof(path), reterr);
	if (r == 0)
		r = anchors_load(&anchors, reterr);
	if (r < 0)
		return r;
	r = check_watcher(root ?: "/", path, policy, &anchors, root ? &why : reterr);
	if (r == 0)
		return 0;
	if (root) {
		log_warning("nobody will watch: '%s' below '%s': %s", path, root, why.message);
		return 0;
	}
	if (reterr) {
		char said[sizeof(reterr->message)];
		memcpy(said, reterr->message, sizeof(said));
		diag_set(reterr, -EPERM, "the policy would lock out watchbpf itself: %.900s", said);
		diag_hint(reterr, "bpfsign sign --name watchbpf --key KEY %s", path);
	}
	return -EPERM;
}
