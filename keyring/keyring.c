/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The kernel's keyrings: the signers' ones, and the way to all of ours. Their keys:
 * keyring_keys.c.
 */

#include "keyring/keyring.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf/contract/abi.h"
#include "keyring/keyring_internal.h"
#include "src/base/base.h"

#define PARENT_RING    "bpfsign"
#define RING_PREFIX    "bpfsign:"
#define RING_NAME_SIZE (sizeof(RING_PREFIX) + BS_NAME_SIZE)

/*
 * The owner of the user keyring that holds all of ours, _uid.3209793536: an unused uid, from the
 * range above 2^31 that systemd and useradd leave alone. The kernel itself keeps every user keyring
 * in its .user_reg, which not even root may change; root's own (_uid.0) cannot be guarded, since
 * everything that root runs uses it, and clearing it would take our rings along.
 */
#define HOLDER_UID KEYRING_HOLDER_UID

/* glibc's setresuid() would change all threads; this is about the calling one, and for a moment. */
static int set_uids(uid_t real, uid_t effective, uid_t saved)
{
	return syscall(SYS_setresuid, real, effective, saved) < 0 ? -errno : 0;
}

/*
 * KEY_SPEC_USER_KEYRING is that of the real uid. The effective one, and so our rights, stay. By
 * this name it is possessed, by its serial it would not be: it is not root's.
 */
static int enter_holder(uid_t ret_uids[3])
{
	if (getresuid(&ret_uids[0], &ret_uids[1], &ret_uids[2]) < 0)
		return -errno;
	return set_uids(HOLDER_UID, ret_uids[1], ret_uids[1]);
}

/* A result from there is of no use when we cannot leave: r, or the error of leaving. */
static int leave_holder(const uid_t uids[3], int r)
{
	int left = set_uids(uids[0], uids[1], uids[2]);
	return left < 0 ? left : r;
}

/*
 * A new ring belongs to its owner only through possession, and a session need not reach
 * any of ours (systemd's services have keyrings of their own). The process keyring ends with us.
 */
int keyring_possess(key_serial_t ring)
{
	return keyctl_link(ring, KEY_SPEC_PROCESS_KEYRING) < 0 ? -errno : 0;
}

bool keyring_is_ring(key_serial_t serial, const char *name)
{
	_cleanup_free_ char *description = NULL;
	int begin = 0;

	if (keyctl_describe_alloc(serial, &description) < 0)
		return false;
	/* TYPE;UID;GID;PERMISSIONS;NAME, and a name may hold anything. */
	sscanf(description, "keyring;%*u;%*u;%*x;%n", &begin);
	return begin && (!name || strcmp(description + begin, name) == 0);
}

/* A direct child only: keyctl_search() would descend into rings that others have linked in. */
static int find_child(key_serial_t parent, const char *name, key_serial_t *ret)
{
	_cleanup_free_ key_serial_t *children = NULL;
	size_t n;
	int r = keyring_look(parent, &children, &n);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		if (keyring_is_ring(children[i], name)) {
			*ret = children[i];
			return 0;
		}
	return -ENOENT;
}

/* A ring of the same name gives way. */
static int renew_child(key_serial_t parent, const char *name, key_serial_t *ret)
{
	key_serial_t serial = add_key("keyring", name, NULL, 0, parent);
	if (serial < 0 || keyctl_setperm(serial, KEYRING_PERMISSIONS) < 0)
		return -errno;
	*ret = serial;
	return 0;
}

static int make_child(key_serial_t parent, const char *name, key_serial_t *ret)
{
	int r = find_child(parent, name, ret);
	return r == -ENOENT ? renew_child(parent, name, ret) : r;
}

static const char *ring_name(const char *signer, char text[RING_NAME_SIZE])
{
	snprintf(text, RING_NAME_SIZE, "%s%s", RING_PREFIX, signer);
	return text;
}

/* The ring of all rings, and the user keyring that holds it. */
static int find_parent(key_serial_t *ret, key_serial_t *ret_holder)
{
	uid_t uids[3];
	int r = enter_holder(uids);

	if (r < 0)
		return r;
	r = keyring_look_user(ret_holder);
	if (r == 0)
		r = find_child(KEY_SPEC_USER_KEYRING, PARENT_RING, ret);
	return leave_holder(uids, r);
}

int keyring_in_holder(const char *name, enum keyring_how how, key_serial_t *ret)
{
	static int (*const ways[])(key_serial_t, const char *, key_serial_t *) = {
		[KEYRING_FIND] = find_child,
		[KEYRING_MAKE] = make_child,
		[KEYRING_RENEW] = renew_child,
	};
	uid_t uids[3];
	int r = enter_holder(uids);

	if (r < 0)
		return r;
	if (how != KEYRING_FIND)
		r = keyring_possess(KEY_SPEC_USER_KEYRING);
	if (r >= 0)
		r = ways[how](KEY_SPEC_USER_KEYRING, name, ret);
	return leave_holder(uids, r);
}

static int make_parent(key_serial_t *ret)
{
	return keyring_in_holder(PARENT_RING, KEYRING_MAKE, ret);
}

/* The error of keyctl(2), with the cure for the likely cause. */
static int explain(int r, struct diag *reterr, const char *what, const char *signer)
{
	diag_set(reterr, r, "can't %s the keyring of '%s': %s", what, signer, strerror(-r));
	if (r == -EPERM || r == -EACCES)
		diag_hint(reterr, "while enforcement is on, this needs an order (bpfsign order)");
	else if (r == -EINVAL)
		diag_hint(reterr, "run it outside of user namespaces");
	return r;
}

/* The rings are root's. */
static int check_root(struct diag *reterr)
{
	if (getuid() == 0)
		return 0;
	diag_set(reterr, -EPERM, "only root can use the signers' keyrings");
	diag_hint(reterr, "run it as root");
	return -EPERM;
}

int keyring_find(const char *signer, key_serial_t *ret, struct diag *reterr)
{
	char name[RING_NAME_SIZE];
	key_serial_t holder, parent, ring;

	int r = check_root(reterr);
	if (r < 0)
		return r;
	r = find_parent(&parent, &holder);
	if (r >= 0)
		r = find_child(parent, ring_name(signer, name), &ring);
	if (r == -ENOENT) {
		diag_set(reterr, r, "signer '%s' has no keyring in the kernel", signer);
		diag_hint(reterr, "bpfsign enroll CERTIFICATE --signer %s", signer);
		return r;
	}
	if (r < 0) {
		diag_set(reterr, r, "can't look for the keyring of '%s': %s", signer, strerror(-r));
		if (r == -EBUSY)
			diag_hint(reterr, "policy or signers change all the time; try again");
		return r;
	}
	*ret = ring;
	return 0;
}

void keyring_list_done(struct keyring_list *list)
{
	free(list->serials);
	*list = (struct keyring_list){0};
}

static int list_append(struct keyring_list *list, const key_serial_t *serials, size_t n)
{
	key_serial_t *grown = reallocarray(list->serials, list->n + n, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	memcpy(grown + list->n, serials, n * sizeof(*serials));
	list->serials = grown;
	list->n += n;
	return 0;
}

static int list_children(struct keyring_list *list, key_serial_t ring)
{
	_cleanup_free_ key_serial_t *children = NULL;
	size_t n;

	if (!keyring_is_ring(ring, /* name= */ NULL))
		return 0;
	int r = keyring_look(ring, &children, &n);
	return r < 0 || n == 0 ? r : list_append(list, children, n);
}

int keyring_list_ring(struct keyring_list *list, key_serial_t ring)
{
	int r = list_append(list, &ring, 1);
	return r < 0 ? r : list_children(list, ring);
}

int keyring_list(struct keyring_list *ret)
{
	_cleanup_keyring_list_ struct keyring_list list = {0};
	key_serial_t parents[2]; /* the user keyring, the ring of rings */

	int r = find_parent(&parents[1], &parents[0]);
	if (r == -ENOENT)
		return 0;
	if (r >= 0)
		r = list_append(&list, parents, ARRAY_SIZE(parents));
	if (r >= 0)
		r = list_children(&list, parents[1]);
	for (size_t i = ARRAY_SIZE(parents), rings = list.n; r >= 0 && i < rings; i++)
		r = list_children(&list, list.serials[i]);
	if (r < 0)
		return r;
	*ret = list;
	list = (struct keyring_list){0};
	return 0;
}

int keyring_parent(key_serial_t *ret)
{
	key_serial_t holder;
	return find_parent(ret, &holder);
}

int keyring_make(const char *signer, key_serial_t *ret, struct diag *reterr)
{
	char name[RING_NAME_SIZE];
	key_serial_t parent, ring;

	int r = check_root(reterr);
	if (r < 0)
		return r;
	r = make_parent(&parent);
	if (r >= 0)
		r = make_child(parent, ring_name(signer, name), &ring);
	if (r < 0)
		return explain(r, reterr, "make", signer);
	*ret = ring;
	return 0;
}

int keyring_clear(const char *signer, struct diag *reterr)
{
	key_serial_t ring;
	int r = keyring_find(signer, &ring, reterr);

	if (r < 0)
		return r;
	return keyctl_clear(ring) < 0 ? explain(-errno, reterr, "empty", signer) : 0;
}
