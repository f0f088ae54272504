/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What is loaded, and whose it is. The kernel is asked for numbers only, so that nothing of others
 * is obtained; all else comes from the map in which the enforcement keeps the owners.
 */

#include "src/enforcer/enforcer.h"

#include <dirent.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "src/enforcer/internal.h"
#include "src/base/text.h"

#define LINK_PREFIX "on_" /* of the pins of our links; all others are maps */

struct list {
	struct listed_object *items;
	size_t n, room;
};

static struct listed_object *add(struct list *list, uint32_t kind, uint32_t id)
{
	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : 256;
		struct listed_object *larger = reallocarray(list->items, room, sizeof(*larger));
		if (!larger)
			return NULL;
		list->items = larger;
		list->room = room;
	}
	list->items[list->n] = (struct listed_object){.owner.kind = kind, .owner.id = id};
	return &list->items[list->n++];
}

static int compare(const void *a, const void *b)
{
	const struct bs_owner *x = &((const struct listed_object *)a)->owner;
	const struct bs_owner *y = &((const struct listed_object *)b)->owner;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->id == y->id ? 0 : x->id < y->id ? -1 : 1;
}

static struct listed_object *find(const struct list *list, uint32_t kind, uint32_t id)
{
	struct listed_object wanted = {.owner.kind = kind, .owner.id = id};
	return list->n ? bsearch(&wanted, list->items, list->n, sizeof(wanted), compare) : NULL;
}

/* Every id of one kind. The kernel's functions of that kind have one shape. */
static int add_ids(struct list *list, uint32_t kind, int (*next)(__u32, __u32 *))
{
	uint32_t id = 0;
	int r;

	while ((r = next(id, &id)) == 0)
		if (!add(list, kind, id))
			return -ENOMEM;
	return r == -ENOENT ? 0 : r;
}

static int add_all_ids(struct list *list)
{
	int r = add_ids(list, BS_KIND_MAP, bpf_map_get_next_id);

	if (r == 0)
		r = add_ids(list, BS_KIND_PROGRAM, bpf_prog_get_next_id);
	if (r == 0)
		r = add_ids(list, BS_KIND_LINK, bpf_link_get_next_id);
	if (r == 0 && list->n)
		qsort(list->items, list->n, sizeof(*list->items), compare);
	return r;
}

/* Is this a map of entries like these? Another version may have left the pins. */
static int check_size(int fd, uint32_t key, uint32_t value)
{
	struct bpf_map_info info = {0};
	uint32_t size = sizeof(info);
	int r = bpf_obj_get_info_by_fd(fd, &info, &size);

	return r < 0 ? r : info.key_size == key && info.value_size == value ? 0 : -EPROTO;
}

/* The texts are the kernel side's, but what is printed ends. */
static void set_owner(struct listed_object *object, const struct bs_owner *owner)
{
	object->known = true;
	object->owner = *owner;
	object->owner.name[sizeof(owner->name) - 1] = 0;
	object->owner.signer[sizeof(owner->signer) - 1] = 0;
	object->owner.object[sizeof(owner->object) - 1] = 0;
}

/* The map changes while it is read: what is gone is skipped, and its end is its size at most. */
static int read_owners(struct list *list, struct diag *reterr)
{
	_cleanup_close_ int fd = keeper_open("owners", BPF_F_RDONLY);
	struct bs_owner owner;
	uint64_t key, next;
	void *previous = NULL;

	int r = fd < 0 ? fd : check_size(fd, sizeof(key), sizeof(owner));
	if (r < 0)
		return diag_set(reterr, r, "can't read the owners: %s", strerror(-r));
	for (size_t i = 0; i < 1 << 20 && bpf_map_get_next_key(fd, previous, &next) == 0; i++) {
		key = next;
		previous = &key;
		if (bpf_map_lookup_elem(fd, &key, &owner) < 0)
			continue;
		struct listed_object *object = find(list, owner.kind, owner.id);
		if (object)
			set_owner(object, &owner);
	}
	return 0;
}

static void set_own(struct list *list, uint32_t kind, uint32_t id, const char *name, uint32_t type)
{
	struct listed_object *object = find(list, kind, id);

	if (!object)
		return;
	object->own = true;
	object->owner.type = type;
	snprintf(object->owner.object, sizeof(object->owner.object), "%.15s", name);
}

/* The ids that are the keys of one of our maps. */
static void read_own_ids(
	struct list *list, const char *map, uint32_t kind, const char *name, uint32_t type)
{
	_cleanup_close_ int fd = keeper_open(map, BPF_F_RDONLY);
	uint32_t id = 0, next;

	if (fd < 0)
		return;
	for (void *previous = NULL; bpf_map_get_next_key(fd, previous, &next) == 0;) {
		id = next;
		previous = &id;
		set_own(list, kind, id, name, type);
	}
}

static void read_own_map(struct list *list, const char *pin)
{
	_cleanup_close_ int fd = keeper_open(pin, BPF_F_RDONLY);
	struct bpf_map_info info = {0};
	uint32_t size = sizeof(info);

	if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0)
		set_own(list, BS_KIND_MAP, info.id, info.name, info.type);
}

/* The policy in force is no pin but the element of one. */
static void read_own_policy(struct list *list)
{
	_cleanup_close_ int fd = keeper_open("policies", BPF_F_RDONLY);
	uint32_t zero = 0, id;

	if (fd >= 0 && bpf_map_lookup_elem(fd, &zero, &id) == 0)
		set_own(list, BS_KIND_MAP, id, "policy", BPF_MAP_TYPE_HASH);
}

/* Our links stay closed: whoever obtains a link may use none any more. */
static void read_own(struct list *list)
{
	DIR *pins = NULL;
	struct dirent *entry;

	keeper_list(&pins);
	read_own_ids(list, "own_maps", BS_KIND_MAP, "constants", BPF_MAP_TYPE_ARRAY);
	while (pins && (entry = readdir(pins)))
		if (entry->d_name[0] != '.' &&
			strncmp(entry->d_name, LINK_PREFIX, strlen(LINK_PREFIX)) != 0)
			read_own_map(list, entry->d_name);
	if (pins)
		closedir(pins);
	read_own_ids(list, "own_programs", BS_KIND_PROGRAM, "", 0);
	read_own_ids(list, "own_links", BS_KIND_LINK, "", 0);
	read_own_policy(list);
}

int enforcer_list(struct listed_object **ret, size_t *ret_n, struct diag *reterr)
{
	struct list list = {0};

	int r = add_all_ids(&list);
	if (r < 0)
		diag_set(reterr, r, "can't list what is loaded: %s", strerror(-r));
	if (r == 0)
		r = read_owners(&list, reterr);
	if (r == 0)
		read_own(&list);
	if (r < 0) {
		if (r == -EPERM || r == -EACCES)
			diag_hint(reterr,
				"this program is not signed as the policy demands, or not run by root");
		free(list.items);
		return r;
	}
	*ret = list.items;
	*ret_n = list.n;
	return 0;
}

const char *enforcer_link_type(uint32_t type)
{
	static const char *const newer[] = {
		"netfilter", "tcx", "uprobe_multi", "netkit", "sockmap"};

	if (type > INT32_MAX) /* libbpf compares as int */
		return NULL;
	const char *name = libbpf_bpf_link_type_str((enum bpf_link_type)type);
	if (!name && type >= 10 && type - 10 < ARRAY_SIZE(newer)) /* since v6.4 */
		name = newer[type - 10];
	return name;
}
