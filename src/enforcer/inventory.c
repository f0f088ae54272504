/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What is loaded when enforcement begins. Each map and program is obtained once while nothing is
 * denied yet: the hooks on that write down that it was there, with its name, so that a policy can
 * speak of it and `watchbpf list` shows it.
 */

#include "src/enforcer/internal.h"

#include <stdlib.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "src/base/base.h"

struct ids {
	uint32_t *items;
	size_t n;
};

struct inventory {
	struct ids maps, programs;
};

static int add(struct ids *ids, uint32_t id)
{
	uint32_t *grown = reallocarray(ids->items, ids->n + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	ids->items = grown;
	ids->items[ids->n++] = id;
	return 0;
}

static int take(struct ids *ids, int (*next)(uint32_t, uint32_t *))
{
	uint32_t id = 0;
	int r;

	while ((r = next(id, &id)) == 0)
		if ((r = add(ids, id)) < 0)
			return r;
	return r == -ENOENT ? 0 : r;
}

int inventory_take(struct inventory **ret)
{
	_cleanup_(inventory_free) struct inventory *inventory = calloc(1, sizeof(*inventory));

	if (!inventory)
		return -ENOMEM;
	int r = take(&inventory->maps, bpf_map_get_next_id);
	if (r == 0)
		r = take(&inventory->programs, bpf_prog_get_next_id);
	if (r == 0)
		*ret = TAKE_PTR(inventory);
	return r;
}

/* How many are still there. */
static size_t show(const struct ids *ids, int (*get)(uint32_t))
{
	size_t n = 0;

	for (size_t i = 0; i < ids->n; i++) {
		_cleanup_close_ int fd = get(ids->items[i]);
		n += fd >= 0;
	}
	return n;
}

void inventory_show(const struct inventory *inventory, struct enforcer_before *ret)
{
	*ret = (struct enforcer_before){
		.maps = show(&inventory->maps, bpf_map_get_fd_by_id),
		.programs = show(&inventory->programs, bpf_prog_get_fd_by_id),
	};
}

void inventory_free(struct inventory **inventory)
{
	if (!*inventory)
		return;
	free((*inventory)->maps.items);
	free((*inventory)->programs.items);
	free(*inventory);
	*inventory = NULL;
}
