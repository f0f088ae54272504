/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rings in which the kernel itself looks for keys: fs-verity's, and IMA's. The kernel made those whose name begins
 * with a dot, which nobody else may use. Without CONFIG_INTEGRITY_TRUSTED_KEYRING IMA takes what is called
 * "_ima"; ours is in the user keyring that holds the signers' rings.
 */

#include <string.h>

#include "keyring/rings.h"
#include "src/util.h"

#define IMA_RING     "_ima"
#define PROC_LIMIT   (16 << 20)

static const char *const kernel_names[] = {".fs-verity", ".ima"};

/* Is it a keyring of this whole name? Its description is TYPE;UID;GID;PERMISSIONS;NAME, and a name may hold anything. */
static bool has_name(key_serial_t serial, const char *name)
{
	_cleanup_free_ char *description = NULL;
	int begin = 0;

	if (keyctl_describe_alloc(serial, &description) < 0)
		return false;
	sscanf(description, "keyring;%*u;%*u;%*x;%n", &begin);
	return begin && strcmp(description + begin, name) == 0;
}

/* A ring and the keys in it. */
static int list_ring(struct keyring_list *list, key_serial_t ring)
{
	int r = list_append(list, &ring, 1);
	return r < 0 ? r : list_children(list, ring);
}

/*
 * A line of /proc/keys: "3fe215a0 I------     1 perm 082f0000     0     0 keyring   .fs-verity: empty". A key's
 * description may hold a line like that, so the kernel is asked again.
 */
static int list_line(struct keyring_list *list, const char *line)
{
	char description[64];
	unsigned serial;

	if (sscanf(line, "%x %*s %*s %*s %*s %*s %*s keyring %63[^: ]", &serial, description) != 2)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(kernel_names); i++)
		if (strcmp(description, kernel_names[i]) == 0 &&
			has_name((key_serial_t)serial, kernel_names[i]))
			return list_ring(list, (key_serial_t)serial);
	return 0;
}

static int list_lines(struct keyring_list *list, char *text)
{
	char *line, *place = NULL;
	int r = 0;

	for (line = strtok_r(text, "\n", &place); line && r == 0; line = strtok_r(NULL, "\n", &place))
		r = list_line(list, line);
	return r;
}

/* Ours may not be there yet. */
static int list_ima(struct keyring_list *list)
{
	key_serial_t ring;
	int r = find_in_holder(IMA_RING, &ring);

	if (r == 0)
		r = list_ring(list, ring);
	return r == -ENOENT ? 0 : r;
}

int keyring_list_kernel(struct keyring_list *ret)
{
	_cleanup_keyring_list_ struct keyring_list list = {0};
	_cleanup_bytes_ struct bytes text = {0};
	int r = read_file("/proc/keys", PROC_LIMIT, &text);

	if (r == 0)
		r = list_lines(&list, (char *)text.data);
	if (r == 0)
		r = list_ima(&list);
	if (r < 0)
		return r;
	*ret = list;
	list = (struct keyring_list){0};
	return 0;
}
