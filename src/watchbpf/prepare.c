/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From a policy file to the bytes and keys that the kernel side takes. */

#include "src/watchbpf/prepare.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "keyring/anchors.h"
#include "keyring/kernel_rings.h"
#include "keyring/keyring.h"
#include "plugins/sign/signer.h"
#include "plugins/sign/verity.h"
#include "src/base/file.h"
#include "src/names/names.h"
#include "src/sign/policy_signature.h"

void prepared_done(struct prepared *prepared)
{
	policy_done(&prepared->policy);
	image_done(&prepared->image);
	functions_free(&prepared->functions);
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

	int r = policy_signature_find(path, fd, digest, anchors, &claim, &anchor, reterr);
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
	int r = functions_load(/* path= */ NULL, &ret->functions, reterr);

	if (r < 0)
		return r;
	return image_build(
		&ret->policy, ret->functions, ring_of, (void *)anchors, &ret->image, reterr);
}

/* What must not change while we enforce, and whose orders loosen it. */
static int collect_keys(const struct anchors *anchors, struct prepared *ret, struct diag *reterr)
{
	const char *control = anchors_control(anchors);

	int r = keyring_list(&ret->keys) ?: kernel_rings_list(&ret->kernel_keys);
	if (r < 0)
		return diag_set(reterr, r, "can't list the signers' keyrings: %s", strerror(-r));
	return control ? usable_ring(anchors, control, &ret->control_ring, reterr) : 0;
}

int prepare(const char *path, struct prepared *ret, struct diag *reterr)
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
	if (r < 0)
		return r;
	*ret = prepared;
	prepared = (struct prepared){0};
	return 0;
}
