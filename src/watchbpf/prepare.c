/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Everything between a policy file and the start of its enforcement that can say no. */

#include "src/watchbpf/prepare.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <unistd.h>

#include "keyring/anchors.h"
#include "keyring/kernel_rings.h"
#include "keyring/keyring.h"
#include "src/base/file.h"
#include "src/base/log.h"
#include "src/names/names.h"
#include "plugins/sign/signer.h"
#include "plugins/sign/verity.h"
#include "src/sign/policy_signature.h"

void prepared_done(struct prepared *prepared)
{
	policy_done(&prepared->policy);
	image_done(&prepared->image);
	keyring_list_done(&prepared->keys);
	keyring_list_done(&prepared->kernel_keys);
	*prepared = (struct prepared){0};
}

/* A policy counts when the control signer signed it or, without one, any enrolled signer. */
static int check_signature(const char *path, int fd, const uint8_t digest[BS_DIGEST_SIZE],
	const struct anchors *anchors, struct diag *reterr)
{
	const struct anchor *anchor = NULL;
	const char *control = anchors_control(anchors);
	struct claim claim;

	int r = policy_signature(path, fd, digest, anchors, &claim, &anchor, reterr);
	if (r == 0 && claim.role != BS_ROLE_POLICY)
		r = diag_set(reterr, -EKEYREJECTED, "'%s' is signed in the role '%s'", path,
			role_name(claim.role));
	else if (r == 0 && control && strcmp(anchor->signer, control))
		r = diag_set(reterr, -EKEYREJECTED,
			"'%s' is signed by '%s', not by the control signer '%s'", path,
			anchor->signer, control);
	if (r < 0)
		diag_hint(reterr, "bpfsign sign --role policy --key KEY '%s'", path);
	return r;
}

static int load_policy(
	const char *path, const struct anchors *anchors, struct prepared *ret, struct diag *reterr)
{
	_cleanup_bytes_ struct bytes text = {0};
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY, 0);

	int r = fd < 0 ? fd : read_fd(fd, POLICY_SIZE_LIMIT, &text);
	if (r < 0)
		return diag_set(reterr, r, "can't read '%s': %s", path, strerror(-r));
	r = policy_parse(path, text.data, text.size, &ret->policy, reterr);
	if (r < 0)
		return r;
	r = verity_digest_of(text.data, text.size, ret->digest);
	if (r < 0)
		return diag_set(reterr, r, "can't hash '%s': %s", path, strerror(-r));
	return check_signature(path, fd, ret->digest, anchors, reterr);
}

static void print_complaint(void *userdata, bool error, const struct diag *diag)
{
	struct diag *first = userdata;

	if (!error && getenv(PREPARE_TOLD))
		return; /* printed before this program executed itself */
	if (!error) {
		struct diag warning = *diag;
		snprintf(warning.message, sizeof(warning.message), "warning: %.1000s",
			diag->message);
		diag_print(&warning);
	} else if (!first->message[0]) {
		*first = *diag;
	}
}

static int check_policy(const struct policy *policy, struct diag *reterr)
{
	struct diag first = {0};

	if (policy_check(policy, print_complaint, &first) == 0)
		return 0;
	if (reterr)
		*reterr = first;
	return -EINVAL;
}

/* A ring is usable when a key of its signer, not expired, is in it now. */
static int usable_ring(
	const struct anchors *anchors, const char *signer, key_serial_t *ret, struct diag *reterr)
{
	int r = keyring_find(signer, ret, reterr);
	if (r < 0)
		return r;
	for (size_t i = 0; i < anchors->n; i++) {
		key_serial_t key;
		if (strcmp(anchors->items[i].signer, signer) == 0 &&
			keyring_has(*ret, anchors->items[i].certificate, &key) > 0)
			return 0;
	}
	diag_set(reterr, -ENOKEY, "the keyring of signer '%s' has no usable key", signer);
	diag_hint(reterr, "bpfsign enroll KEY --signer %s", signer);
	return -ENOKEY;
}

static int ring_of(void *userdata, const char *signer, struct diag *reterr)
{
	key_serial_t ring;
	int r = usable_ring(userdata, signer, &ring, reterr);

	return r < 0 ? r : ring;
}

/* The policy in the words of the kernel that is to enforce it. */
static int build_image(const struct anchors *anchors, struct prepared *ret, struct diag *reterr)
{
	_cleanup_functions_ struct functions *functions = NULL;

	int r = functions_load(/* path= */ NULL, &functions, reterr);
	if (r < 0)
		return r;
	return image_build(&ret->policy, functions, ring_of, (void *)anchors, &ret->image, reterr);
}

/* What must not change while we enforce, and whose orders loosen it. */
static int collect_keys(const struct anchors *anchors, struct prepared *ret, struct diag *reterr)
{
	const char *control = anchors_control(anchors);

	int r = keyring_list(&ret->keys) ?: beside_list(&ret->kernel_keys);
	if (r < 0)
		return diag_set(reterr, r, "can't list the signers' keyrings: %s", strerror(-r));
	return control ? usable_ring(anchors, control, &ret->control_ring, reterr) : 0;
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
		r = claim_of_file(path, fd, digest, anchors, &claim, &anchor, reterr);
	return r < 0 ? r : compare_self(program, &claim, anchor, path, reterr);
}

/*
 * This program, as the kernel will measure it next: its own file or, in an initrd, that of the real
 * root. The real root may be anybody's work: it does not keep the enforcement from beginning.
 */
static int check_self(const char *root, const struct policy *policy, const struct anchors *anchors,
	struct diag *reterr)
{
	char path[4096] = "";
	struct diag why;

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return diag_set(reterr, -errno, "can't find this program's own file");
	int r = check_watcher(root ?: "/", path, policy, anchors, root ? &why : reterr);
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

int prepare(const char *path, const char *root, struct prepared *ret, struct diag *reterr)
{
	_cleanup_prepared_ struct prepared prepared = {0};
	_cleanup_anchors_ struct anchors anchors = {0};

	int r = anchors_load(&anchors, reterr);
	if (r == 0)
		r = load_policy(path, &anchors, &prepared, reterr);
	if (r == 0)
		r = check_policy(&prepared.policy, reterr);
	if (r == 0)
		r = build_image(&anchors, &prepared, reterr);
	if (r == 0)
		r = collect_keys(&anchors, &prepared, reterr);
	if (r == 0)
		r = check_self(root, &prepared.policy, &anchors, reterr);
	if (r < 0)
		return r;
	*ret = prepared;
	prepared = (struct prepared){0};
	return 0;
}
