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

/*
 * "3fe215a0 I------     1 perm 082f0000     0     0 keyring   .fs-verity: empty": the serial of the ring of this
 * name; 0: none.
 */
static key_serial_t find_line(const char *text, const char *name)
{
	char description[64];
	unsigned serial;

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%x %*s %*s %*s %*s %*s %*s keyring %63[^: \n]", &serial, description) == 2 &&
			strcmp(description, name) == 0)
			return (key_serial_t)serial;
	}
	return 0;
}

/* A ring and the keys in it. */
static int list_ring(struct keyring_list *list, key_serial_t ring)
{
	int r = list_append(list, &ring, 1);
	return r < 0 ? r : list_children(list, ring);
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

	for (size_t i = 0; i < ARRAY_SIZE(kernel_names) && r == 0; i++) {
		key_serial_t ring = find_line((const char *)text.data, kernel_names[i]);
		r = ring ? list_ring(&list, ring) : 0;
	}
	if (r == 0)
		r = list_ima(&list);
	if (r < 0)
		return r;
	*ret = list;
	list = (struct keyring_list){0};
	return 0;
}
