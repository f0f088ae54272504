/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Beginning, joining and ending the enforcement. Knows libbpf; knows nothing of YAML or keys. */

#include "src/enforcer/enforcer.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/enforce.skel.h"
#include "src/enforcer/internal.h"
#include "src/base/file.h"
#include "src/base/text.h"

#define FOREIGN_LIMIT 64

static void close_skeleton(struct enforce **skeleton)
{
	enforce__destroy(*skeleton);
}

int enforcer_call(long command, int number)
{
	char attr[128] = {0};

	memcpy(attr, &number, sizeof(number));
	if (syscall(SYS_bpf, command, attr, sizeof(attr)) >= 0)
		return -ENODEV;
	return errno == ECANCELED ? 0 : -errno;
}

static int call_hook(long command)
{
	return enforcer_call(command, 0);
}

bool enforcer_is_control(void)
{
	return call_hook(BS_COMMAND_CONTROL) == 0;
}

bool enforcer_is_alive(void)
{
	return call_hook(BS_COMMAND_ALIVE) == 0;
}

bool enforcer_is_broken(void)
{
	return geteuid() == 0 && call_hook(BS_COMMAND_ALIVE) == -EPERM;
}

int enforcer_seal(void)
{
	return call_hook(BS_COMMAND_SEAL);
}

int enforcer_remove_pins(struct diag *reterr)
{
	int r = detach_all();

	if (r == 0)
		r = pins_remove(ENFORCER_PINS);

	if (r < 0)
		return diag_set(reterr, r, "can't remove the pins in '%s': %s", ENFORCER_PINS,
			strerror(-r));
	return 0;
}

/* The pin directory, made afresh, and what the guard must know of it. */
static int prepare_pins(struct enforce *skeleton, struct diag *reterr)
{
	struct stat st;
	int r;

	if (mkdir(ENFORCER_PINS, 0700) < 0 || stat(ENFORCER_PINS, &st) < 0) {
		r = -errno;
		diag_set(reterr, r, "can't make '%s': %s", ENFORCER_PINS, strerror(-r));
		diag_hint(reterr, "mount -t bpf bpf /sys/fs/bpf");
		return r;
	}
	skeleton->rodata->pin_device = major(st.st_dev) << 20 | minor(st.st_dev);
	skeleton->rodata->pin_directory = st.st_ino;
	return 0;
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
	if (getrandom(skeleton->rodata->start_nonce, BS_NONCE_SIZE, 0) != BS_NONCE_SIZE)
		return diag_set(reterr, -EIO, "no random bytes for the nonce of this start");
	return prepare_pins(skeleton, reterr);
}

/* A complete policy map: filled, then frozen against the system call. An fd, or -errno. */
static int make_policy(const struct image *image)
{
	_cleanup_close_ int fd =
		bpf_map_create(BPF_MAP_TYPE_HASH, "policy", sizeof(struct bs_program_key),
			sizeof(union bs_policy_value), image->n_entries ?: 1, NULL);
	if (fd < 0)
		return fd;
	mutation_point();
	for (size_t i = 0; i < image->n_entries; i++) {
		mutation_point();
		int r = bpf_map_update_elem(
			fd, &image->entries[i].key, &image->entries[i].value, BPF_NOEXIST);
		if (r < 0)
			return r;
	}
	mutation_point();
	int r = bpf_map_freeze(fd);
	mutation_point();
	return r < 0 ? r : TAKE_FD(fd);
}

int policy_publish(int policies_fd, const struct image *image)
{
	_cleanup_close_ int fd = make_policy(image);
	uint32_t zero = 0;

	if (fd < 0)
		return fd;
	return bpf_map_update_elem(policies_fd, &zero, &fd, BPF_ANY);
}

static int fill_keyrings(int fd, const int32_t *keys, size_t n, enum bs_guard kind)
{
	struct bs_guarded guarded = {.kind = kind};

	for (size_t i = 0; i < n; i++) {
		int r = bpf_map_update_elem(fd, &keys[i], &guarded, BPF_ANY);
		if (r < 0)
			return r;
	}
	return 0;
}

static int fill_own_programs(struct enforce *skeleton)
{
	struct bpf_program *program;
	uint32_t one = 1;

	bpf_object__for_each_program (program, skeleton->obj) {
		struct bpf_prog_info info = {0};
		uint32_t size = sizeof(info);
		if (!bpf_program__autoload(program))
			continue;
		int r = bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size);
		if (r == 0)
			r = bpf_map_update_elem(
				bpf_map__fd(skeleton->maps.own_programs), &info.id, &one, BPF_ANY);
		if (r < 0)
			return r;
	}
	return 0;
}

static int fill_own_maps(struct enforce *skeleton)
{
	struct bpf_map *map;
	uint32_t one = 1;

	bpf_object__for_each_map (map, skeleton->obj) {
		struct bpf_map_info info = {0};
		uint32_t size = sizeof(info);
		int r = bpf_obj_get_info_by_fd(bpf_map__fd(map), &info, &size);
		if (r == 0)
			r = bpf_map_update_elem(
				bpf_map__fd(skeleton->maps.own_maps), &info.id, &one, BPF_ANY);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What only the BPF side writes, or nobody after the start: no system call changes it any more. */
static int freeze_maps(struct enforce *skeleton)
{
	const struct bpf_map *maps[] = {skeleton->maps.state, skeleton->maps.own_programs,
		skeleton->maps.own_maps, skeleton->maps.tasks, skeleton->maps.verifications,
		skeleton->maps.claims, skeleton->maps.pendings, skeleton->maps.built_ins,
		skeleton->maps.holds, skeleton->maps.taints, skeleton->maps.discarded,
		skeleton->maps.owners, skeleton->maps.links, skeleton->maps.judgements};

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		int r = bpf_map_freeze(bpf_map__fd(maps[i]));
		if (r < 0)
			return r;
	}
	return 0;
}

static int fill_maps(struct enforce *skeleton, const struct image *image,
	const struct enforcer_options *options, struct diag *reterr)
{
	int keyrings = bpf_map__fd(skeleton->maps.keyrings);
	int r = fill_keyrings(keyrings, options->keys, options->n_keys, BS_GUARD_SIGNER);
	if (r == 0) /* last: our IMA ring is among the others too */
		r = fill_keyrings(
			keyrings, options->kernel_keys, options->n_kernel_keys, BS_GUARD_KERNEL);
	if (r == 0)
		r = fill_own_programs(skeleton);
	if (r == 0)
		r = fill_own_maps(skeleton);
	if (r == 0 && options->sequences)
		r = sequences_restore(bpf_map__fd(skeleton->maps.sequences), options->sequences);
	if (r == 0)
		r = freeze_maps(skeleton);
	if (r == 0)
		r = policy_publish(bpf_map__fd(skeleton->maps.policies), image);
	if (r < 0)
		return diag_set(reterr, r, "can't install the policy: %s", strerror(-r));
	return 0;
}

static int pin_maps(struct enforce *skeleton)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, skeleton->obj) {
		const char *name = bpf_map__name(map);
		_cleanup_free_ char *path = format_text("%s/%s", ENFORCER_PINS, name);
		if (!path)
			return -ENOMEM;
		if (strchr(name, '.'))
			continue; /* constants: nobody needs them again */
		int r = bpf_map__pin(map, path);
		if (r < 0)
			return r;
	}
	return 0;
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

	/*
	 * Without CONFIG_FS_VERITY_BUILTIN_SIGNATURES there are none, and `require: [builtin]`
	 * denies.
	 */
	if (enforcer_kernel_has("fsverity_verify_signature") == 0)
		bpf_program__set_autoload(skeleton->progs.on_fsverity_verify_signature, false);
	/* Not in v6.18: there, what we read of an overlay's file is all that there is. */
	if (enforcer_kernel_has("bpf_lsm_mmap_backing_file") == 0)
		bpf_program__set_autoload(skeleton->progs.on_mmap_backing_file, false);
	else
		skeleton->rodata->overlay_known = BS_OVERLAY_CHECKED;
	load_overlay();
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

static int refuse_foreign(const struct foreign_program *foreign, int n,
	const struct enforcer_options *options, struct diag *reterr)
{
	for (int i = 0; i < n && i < FOREIGN_LIMIT; i++) {
		if (id_is_listed(foreign[i].id, options->adopted, options->n_adopted))
			continue;
		diag_set(reterr, -EEXIST,
			"a foreign %s program '%s' (id %u) is loaded and could outvote the enforcement",
			foreign[i].kind, foreign[i].name, foreign[i].id);
		diag_hint(reterr, "remove it, or accept it with --adopt %u", foreign[i].id);
		return -EEXIST;
	}
	if (n > FOREIGN_LIMIT)
		return diag_set(
			reterr, -EEXIST, "%d foreign programs could outvote the enforcement", n);
	return 0;
}

/* The kernel frees a detached program (ours, of a moment ago) only after a grace period. */
static int check_foreign(
	const struct enforcer_options *options, unsigned seconds, struct diag *reterr)
{
	struct foreign_program foreign[FOREIGN_LIMIT];
	int r = 0;

	for (unsigned i = 0; i < 5 * seconds; i++) {
		int n = enforcer_foreign(foreign, ARRAY_SIZE(foreign));
		if (n < 0)
			return diag_set(
				reterr, n, "can't list the loaded BPF programs: %s", strerror(-n));
		r = refuse_foreign(foreign, n, options, reterr);
		if (r == 0)
			return 0;
		usleep(200000);
	}
	return r;
}

/* The hook on this open tells the kernel side where the pins are mounted. */
static int show_pins(struct enforce *skeleton, struct diag *reterr)
{
	_cleanup_close_ int directory =
		open_path(AT_FDCWD, ENFORCER_PINS, O_RDONLY | O_DIRECTORY, 0);
	struct bs_state state = {0};
	uint32_t zero = 0;
	int r = directory < 0
			? directory
			: bpf_map_lookup_elem(bpf_map__fd(skeleton->maps.state), &zero, &state);

	if (r < 0)
		return diag_set(reterr, r, "can't open '%s': %s", ENFORCER_PINS, strerror(-r));
	if (state.pin_mount || mutation_skips("on_file_open"))
		return 0;
	diag_set(reterr, -ENODEV, "the hooks are attached but do not run");
	diag_hint(reterr, "sysctl kernel.ftrace_enabled=1");
	return -ENODEV;
}

/* The last step, and the proof that what was attached really runs. */
static int begin(struct enforce *skeleton, const struct inventory *inventory,
	const struct enforcer_options *options, struct diag *reterr)
{
	int r = attach_all(skeleton, reterr);
	if (r == 0)
		r = show_pins(skeleton, reterr);
	if (r == 0 && !mutation_skips("on_bpf"))
		r = sealed_inventory(bpf_map__fd(skeleton->maps.taints), reterr);
	if (r == 0 && options->prove)
		r = options->prove(reterr);
	if (r < 0)
		return r;
	inventory_show(inventory, options->before);
	mutation_point();
	r = call_hook(BS_COMMAND_ACTIVATE);
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

	int r = enforcer_remove_pins(reterr); /* left by a start or a stop that was killed */
	if (r == -ENOENT || r == 0)
		r = check_foreign(options, r == 0 ? 60 : 15, reterr);
	if (r == 0 && (r = inventory_take(&inventory)) < 0)
		diag_set(reterr, r, "can't list what is loaded: %s", strerror(-r));
	if (r == 0)
		r = load(&skeleton, options, reterr);
	if (r < 0)
		return r;
	r = fill_maps(skeleton, image, options, reterr);
	mutation_point();
	if (r == 0 && (r = pin_maps(skeleton)) < 0)
		diag_set(reterr, r, "can't pin the maps in '%s': %s", ENFORCER_PINS, strerror(-r));
	if (r == 0)
		r = begin(skeleton, inventory, options, reterr);
	if (r < 0)
		enforcer_remove_pins(NULL); /* still not active: nothing guards them */
	return r;
}
