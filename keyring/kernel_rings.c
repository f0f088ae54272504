/* SPDX-License-Identifier: GPL-2.0-or-later */

/* IMA's and fs-verity's rings. Knows nothing of the signers' rings. */

#include "keyring/kernel_rings.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "keyring/keyring_internal.h"
#include "src/base/file.h"

#define IMA_TRUSTED   ".ima"
#define IMA_UNTRUSTED "_ima"
#define IMA_PINNED    "bpfsign.ima-pinned"
#define FSVERITY      ".fs-verity"

static const struct {
	const char *word;
	enum anchor_mark mark;
} rings[KERNEL_RING_END] = {
	[KERNEL_RING_IMA] = {"ima", ANCHOR_IMA},
	[KERNEL_RING_FSVERITY] = {"fsverity", ANCHOR_FSVERITY},
};

const char *kernel_rings_word(enum kernel_ring which)
{
	return rings[which].word;
}

unsigned kernel_rings_mark(enum kernel_ring which)
{
	return rings[which].mark;
}

/*
 * A ring of the kernel's, whose name begins with a dot: user space cannot make one (EPERM).
 * /proc/keys is the only way to its serial: "SERIAL FLAGS USAGE TIMEOUT PERM UID GID TYPE
 * DESCRIPTION". A description may hold a line like that, so the kernel is asked again.
 */
static int find_by_name(const char *name, key_serial_t *ret)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, "/proc/keys", O_RDONLY, 0);
	_cleanup_file_ FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	_cleanup_free_ char *line = NULL;
	size_t room = 0;

	if (!file)
		return fd < 0 ? fd : -errno;
	TAKE_FD(fd);
	while (getline(&line, &room, file) > 0) {
		char type[16], description[64];
		unsigned serial;
		if (sscanf(line, "%x %*s %*s %*s %*s %*s %*s %15s %63[^: \n]", &serial, type,
			    description) == 3 &&
			strcmp(type, "keyring") == 0 && strcmp(description, name) == 0 &&
			keyring_is_ring((key_serial_t)serial, name)) {
			*ret = (key_serial_t)serial;
			return 0;
		}
	}
	return -ENOENT;
}

int kernel_rings_find(enum kernel_ring which, const char **ret_name, key_serial_t *ret)
{
	const char *name = which == KERNEL_RING_IMA ? IMA_TRUSTED : FSVERITY;
	int r = find_by_name(name, ret);

	if (r == -ENOENT && which == KERNEL_RING_IMA) {
		name = IMA_UNTRUSTED;
		r = keyring_in_holder(name, KEYRING_FIND, ret);
	}
	*ret_name = name;
	/* To others than root they are invisible. */
	return r == -ENOENT && geteuid() != 0 ? -EPERM : r;
}

int kernel_rings_list(struct keyring_list *ret)
{
	_cleanup_keyring_list_ struct keyring_list list = {0};
	const char *name;
	key_serial_t ring;

	for (enum kernel_ring which = 0; which < KERNEL_RING_END; which++) {
		int r = kernel_rings_find(which, &name, &ring);
		if (r == 0)
			r = keyring_list_ring(&list, ring);
		if (r < 0 && r != -ENOENT)
			return r;
	}
	*ret = list;
	list = (struct keyring_list){0};
	return 0;
}

/* The ring, ready to be changed by this process. */
static int open_ring(enum kernel_ring which, const char **ret_name, key_serial_t *ret)
{
	int r = kernel_rings_find(which, ret_name, ret);

	/* Those with a dot need no possession, and do not allow it: they belong to root. */
	return r < 0 || (*ret_name)[0] == '.' ? r : keyring_possess(*ret);
}

static int explain_add(int r, const char *name, struct diag *reterr)
{
	if (r != -EPERM && r != -EACCES && r != -ENOKEY && r != -EKEYREJECTED)
		return keyring_explain_refusal(r, reterr);
	diag_set(reterr, r, "the keyring '%s' does not take the certificate: %s", name,
		strerror(-r));
	if (strcmp(name, IMA_UNTRUSTED) == 0)
		diag_hint(reterr,
			"it was closed when it was pinned; the next boot's 'bpfsign enroll --all' adds the key");
	else if (strcmp(name, IMA_TRUSTED) == 0)
		diag_hint(reterr, "it takes only what a key of the kernel's own has signed");
	else
		diag_hint(reterr, "somebody closed it (keyctl restrict_keyring); reboot");
	return r;
}

/* By our own name for it: another certificate of the same key is another key to the ring. */
static int find_key(key_serial_t ring, X509 *certificate, key_serial_t *ret)
{
	int r = keyring_search(ring, certificate, ret);
	return r == -EKEYEXPIRED ? 0 : r;
}

int kernel_rings_add(
	enum kernel_ring which, X509 *certificate, key_serial_t *ret_key, struct diag *reterr)
{
	const char *name;
	key_serial_t ring, key;
	int r = open_ring(which, &name, &ring);

	if (r == -ENOENT)
		return diag_set(reterr, -EOPNOTSUPP, "this kernel has no keyring '%s'", name);
	if (r >= 0)
		r = find_key(ring, certificate, ret_key);
	if (r < 0)
		return diag_set(
			reterr, r, "can't look into the keyring '%s': %s", name, strerror(-r));
	if (r > 0)
		return 0;
	/* A key of its own: one in a signer's ring too could not be used while that is guarded. */
	r = keyring_make_key(certificate, &key, reterr);
	if (r < 0)
		return r;
	if (keyctl_link(key, ring) < 0)
		return explain_add(-errno, name, reterr);
	*ret_key = key;
	return 0;
}

int kernel_rings_has(enum kernel_ring which, X509 *certificate, key_serial_t *ret_key)
{
	const char *name;
	key_serial_t ring;
	int r = kernel_rings_find(which, &name, &ring);

	if (r >= 0)
		r = find_key(ring, certificate, ret_key);
	return r == -ENOENT ? 0 : r;
}

int kernel_rings_remove(enum kernel_ring which, X509 *certificate, struct diag *reterr)
{
	const char *name;
	key_serial_t ring, key;
	int r = open_ring(which, &name, &ring);

	if (r >= 0)
		r = find_key(ring, certificate, &key);
	if (r == -ENOENT || r == 0)
		return 0;
	if (r < 0)
		return diag_set(
			reterr, r, "can't look into the keyring '%s': %s", name, strerror(-r));
	if (keyctl_unlink(key, ring) < 0)
		return diag_set(reterr, -errno, "can't take the key out of the keyring '%s': %s",
			name, strerror(errno));
	return 1;
}

int kernel_rings_count(enum kernel_ring which)
{
	const char *name;
	key_serial_t ring;

	return kernel_rings_find(which, &name, &ring) < 0 ? 0 : keyring_count(ring);
}

int kernel_rings_renew_ima(struct diag *reterr)
{
	key_serial_t ring;

	if (find_by_name(IMA_TRUSTED, &ring) == 0)
		return 0;
	int r = keyring_in_holder(IMA_UNTRUSTED, KEYRING_RENEW, &ring);
	return r < 0 ? diag_set(reterr, r, "can't make IMA's keyring: %s", strerror(-r)) : 0;
}

int kernel_rings_close_ima(struct diag *reterr)
{
	const char *name;
	key_serial_t ring;
	int r = open_ring(KERNEL_RING_IMA, &name, &ring);

	if (r < 0)
		return diag_set(reterr, r, "can't find the keyring of IMA: %s", strerror(-r));
	/* EEXIST: it has a restriction, as .ima has, or ours. */
	if (keyctl_restrict_keyring(ring, NULL, NULL) < 0 && errno != EEXIST)
		return diag_set(
			reterr, -errno, "can't close the keyring '%s': %s", name, strerror(errno));
	return 0;
}

int kernel_rings_ima_is_pinned(void)
{
	key_serial_t ring;

	if (find_by_name(IMA_TRUSTED, &ring) == 0)
		return 1;
	int r = keyring_in_holder(IMA_PINNED, KEYRING_FIND, &ring);
	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

int kernel_rings_ima_set_pinned(struct diag *reterr)
{
	key_serial_t ring;
	int r = keyring_in_holder(IMA_PINNED, KEYRING_MAKE, &ring);

	return r < 0 ? diag_set(reterr, r, "can't note that IMA's keyring is pinned: %s",
			       strerror(-r))
		     : 0;
}
