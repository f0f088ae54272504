/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Looking into rings, for all other files here. While the policy or the signers change, a look that
 * failed is made again: hook_again().
 */

#include "keyring/keyring_internal.h"
#include "src/base/hook.h"

/*
 * The error of a look. What the kernel refused to whoever named a user keyring is ENOKEY
 * (lookup_user_key(), v6.12). It makes one where there is none, so nothing else says that.
 */
static int look_error(key_serial_t ring)
{
	return errno == ENOKEY && ring == KEY_SPEC_USER_KEYRING ? EACCES : errno;
}

int keyring_look(key_serial_t ring, key_serial_t **ret, size_t *ret_n)
{
	void *content = NULL;
	int size, rounds = 0;

	do
		size = keyctl_read_alloc(ring, &content);
	while (size < 0 && hook_again(look_error(ring), &rounds));
	if (size < 0)
		return -errno;
	*ret = content;
	*ret_n = (size_t)size / sizeof(**ret);
	return 0;
}

int keyring_count(key_serial_t ring)
{
	long size;
	int rounds = 0;

	do
		size = keyctl_read(ring, NULL, 0);
	while (size < 0 && hook_again(look_error(ring), &rounds));
	return size < 0 ? -errno : (int)((size_t)size / sizeof(key_serial_t));
}

int keyring_look_user(key_serial_t *ret)
{
	key_serial_t serial;
	int rounds = 0;

	do
		serial = keyctl_get_keyring_ID(KEY_SPEC_USER_KEYRING, /* create= */ 0);
	while (serial < 0 && hook_again(look_error(KEY_SPEC_USER_KEYRING), &rounds));
	if (serial < 0)
		return -errno;
	*ret = serial;
	return 0;
}

int keyring_look_for(key_serial_t ring, const char *name, key_serial_t *ret)
{
	key_serial_t key;
	int rounds = 0;

	do
		key = keyctl_search(ring, "asymmetric", name, 0);
	while (key < 0 && hook_again(errno, &rounds));
	if (key < 0)
		return errno == ENOKEY ? 0 : -errno;
	*ret = key;
	return 1;
}
