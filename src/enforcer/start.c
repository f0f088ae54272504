/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The start: the object is loaded, its maps filled and pinned, its hooks attached, then activated.
 * Knows nothing of YAML or keys. */

#include "src/enforcer/enforcer.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/enforce.skel.h"
#include "src/enforcer/internal.h"
#include "src/enforcer/mutation.h"
#include "src/base/file.h"
#include "src/base/hook.h"
#include "src/base/text.h"

#define FOREIGN_LIMIT 64 /* programs that are in the way, beside our own */

static void close_skeleton(struct enforce **skeleton)
{
	enforce__destroy(*skeleton);
}

/* A place for the pins, made afresh, and what the guard must know of it. */
static int prepare_pins(struct enforce *skeleton, struct diag *reterr)
{
	struct keeper place;
	int r = keeper_mount(&place);

	if (r < 0) {
		diag_set(reterr, r, "can't make a place for the pins: %s", strerror(-r));
		diag_hint(reterr, "'bpfsign status' shows what this kernel lacks");
		return r;
	}
	skeleton->rodata->pin_device = kernel_device(place.device);
	skeleton->rodata->pin_directory = place.directory;
	skeleton->rodata->pin_keeper = place.keeper;
	skeleton->rodata->pin_namespace = place.namespace;
	return 0;
}

static int prepare_addresses(struct enforce *skeleton, struct diag *reterr)
{
	const struct {
		const char *name;
		bool needed;
		__u64 *ret;
	} wanted[] = {
#define ADDRESS(name, needed) {#name, needed, &skeleton->rodata->address.name},
#include "bpf/contract/addresses.def"
#undef ADDRESS
	};

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		int r = addresses_find(wanted[i].name, wanted[i].ret);
		if (r < 0 && (wanted[i].needed || r != -ENOENT))
			return diag_set(reterr, r, "can't find the kernel's '%s': %s",
				wanted[i].name, strerror(-r));
	}
	return 0;
}

/* proc_pid_stat(5): field 22; the second, in parentheses, may hold anything. */
static int own_start(__u64 *ret)
{
	_cleanup_bytes_ struct bytes stat = {0};
	int r = read_file("/proc/self/stat", 4096, &stat);
	const char *end = r < 0 ? NULL : strrchr((const char *)stat.data, ')');

	if (r < 0)
		return r;
	for (int field = 2; end && field < 22; field++)
		end = strchr(end + 1, ' ');
	return end && sscanf(end, "%llu", ret) == 1 ? 0 : -EBADMSG;
}

static int prepare_constants(
	struct enforce *skeleton, const struct enforcer_options *options, struct diag *reterr)
{
	skeleton->rodata->start_mode = options->mode;
	skeleton->rodata->control_ring = options->control_ring;
	skeleton->rodata->report_every_exec = options->every_exec;
	skeleton->rodata->adopted_programs = (uint32_t)options->n_adopted;
	skeleton->rodata->initrd_device = options->initrd_device;
	skeleton->rodata->starter = (uint32_t)getpid();
	skeleton->rodata->count_contradictions = mutation_is("BPFSIGN_COUNT");
	skeleton->rodata->tear_marks = mutation_is("BPFSIGN_TEAR");
	if (getrandom(skeleton->rodata->start_nonce, BS_NONCE_SIZE, 0) != BS_NONCE_SIZE)
		return diag_set(reterr, -EIO, "no random bytes for the nonce of this start");
	int r = own_start(&skeleton->rodata->starter_ticks);
	if (r < 0)
		return diag_set(reterr, r, "can't read /proc/self/stat: %s", strerror(-r));
	r = prepare_addresses(skeleton, reterr);
	return r < 0 ? r : prepare_pins(skeleton, reterr);
}

/*
 * The kernel loads a file system's module when it is asked for by name. What we know of overlayfs
 * comes from the BTF of its module; should there be none, nothing on an overlay is verified.
 */
static void load_overlay(void)
{
	_cleanup_close_ int context = fsopen("overlay", FSOPEN_CLOEXEC);

	(void)context;
}

static int load(struct enforce **ret, const struct enforcer_options *options, struct diag *reterr)
{
	_cleanup_(close_skeleton) struct enforce *skeleton = enforce__open();
	if (!skeleton)
		return diag_set(reterr, -errno, "can't open the BPF object: %s", strerror(errno));

	attach_choose(skeleton);
	if (bpf_program__autoload(skeleton->progs.on_mmap_backing_file))
		skeleton->rodata->overlay_known = BS_OVERLAY_CHECKED;
	load_overlay();
	/* without a mapping here, which would be one that can be written, and forbid to freeze it
	 */
	bpf_map__set_map_flags(skeleton->maps.data_state, 0);
	int r = prepare_constants(skeleton, options, reterr);
	if (r < 0)
		return r;
	r = enforce__load(skeleton);
	if (r < 0) {
		diag_set(reterr, r, "the kernel refused the BPF object: %s", strerror(-r));
		diag_hint(reterr, "'bpfsign status' shows what this kernel lacks");
		return r;
	}
	*ret = TAKE_PTR(skeleton);
	return 0;
}

/* own_fd: of the map of our own programs, once they are loaded; or -1. */
static int refuse_foreign(
	int own_fd, const uint32_t *adopted, size_t n_adopted, struct diag *reterr)
{
	struct foreign_program foreign[FOREIGN_LIMIT + BS_OWN_OBJECTS];
	int n = enforcer_foreign(foreign, ARRAY_SIZE(foreign));
	uint32_t one;

	if (n < 0)
		return diag_set(reterr, n, "can't list the loaded BPF programs: %s", strerror(-n));
	for (int i = 0; i < n && i < (int)ARRAY_SIZE(foreign); i++) {
		if (id_is_listed(foreign[i].id, adopted, n_adopted) ||
			(own_fd >= 0 && bpf_map_lookup_elem(own_fd, &foreign[i].id, &one) == 0))
			continue;
		diag_set(reterr, -EEXIST,
			"a foreign %s program '%s' (id %u) is loaded and could outvote the enforcement",
			foreign[i].kind, foreign[i].name, foreign[i].id);
		diag_hint(reterr, "remove it, or accept it with --adopt %u", foreign[i].id);
		return -EEXIST;
	}
	if (n > (int)ARRAY_SIZE(foreign))
		return diag_set(reterr, -EEXIST,
			"more than %d foreign programs could outvote the enforcement",
			FOREIGN_LIMIT);
	return 0;
}

int enforcer_make_way(const uint32_t *adopted, size_t n_adopted, struct diag *reterr)
{
	int r = enforcer_remove_pins(reterr);

	if (r < 0 && r != -ENOENT)
		return r;
	/* the kernel frees our own detached programs only after a grace period for each */
	for (unsigned tries = r == 0 ? 300 : 75; tries; tries--) {
		r = refuse_foreign(-1, adopted, n_adopted, reterr);
		if (r != -EEXIST)
			return r;
		usleep(200000);
	}
	return r;
}

/* The last step, and the proof that what was attached really runs. */
static int begin(struct enforce *skeleton, const struct inventory *inventory,
	const struct enforcer_options *options, struct diag *reterr)
{
	int r = attach_all(skeleton, reterr);
	if (r == 0)
		r = holders_take(skeleton, reterr);
	if (r == 0 && !mutation_skips("on_bpf"))
		r = settle_inventory(bpf_map__fd(skeleton->maps.taints), options->warn, reterr);
	if (r == 0 && options->prove)
		r = options->prove(reterr);
	if (r == 0 && !mutation_skips("on_bpf")) /* programs loaded before it refused them */
		r = refuse_foreign(bpf_map__fd(skeleton->maps.own_programs), options->adopted,
			options->n_adopted, reterr);
	if (r == 0)
		r = attach_check_fence(skeleton, reterr);
	if (r < 0)
		return r;
	inventory_show(inventory, options->before);
	mutation_point();
	mutation_stop("activate");
	r = hook_call(BS_COMMAND_ACTIVATE, 0);
	if (r == -ENOLINK || r == -EBUSY) {
		diag_set(reterr, r,
			r == -EBUSY ? "a process came to where the pins are while it began"
				    : "hooks were detached while it began");
		diag_hint(reterr, "end whoever does that, and try again");
		return r;
	}
	if (r < 0) {
		diag_set(reterr, -ENODEV, "the hooks are attached but do not run");
		diag_hint(reterr, "sysctl kernel.ftrace_enabled=1");
		return -ENODEV;
	}
	return 0;
}

int enforcer_start(
	const struct image *image, const struct enforcer_options *options, struct diag *reterr)
{
	_cleanup_(inventory_free) struct inventory *inventory = NULL;
	_cleanup_(close_skeleton) struct enforce *skeleton = NULL;

	int r = inventory_take(&inventory);
	if (r < 0)
		diag_set(reterr, r, "can't list what is loaded: %s", strerror(-r));
	if (r == 0)
		r = load(&skeleton, options, reterr);
	if (r == 0)
		r = fill_maps(skeleton, image, options, reterr);
	mutation_point();
	if (r == 0 && (r = pins_make(skeleton)) < 0)
		diag_set(reterr, r, "can't pin the maps: %s", strerror(-r));
	if (r == 0)
		r = begin(skeleton, inventory, options, reterr);
	if (r < 0)
		enforcer_remove_pins(NULL); /* still not active: nothing guards them */
	return r;
}
