/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Attaching. A hook hangs on its link, and the link on its pin. The programs of
 * bpf/guard/last.bpf.h hang on the root cgroup, which holds them without a link; their pins are for
 * taking them off again.
 */

#include "src/enforcer/internal.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/enforce.skel.h"
#include "src/base/text.h"
#include "src/enforcer/mutation.h"

/* Two equal lines of hooks.def do not compile here, */
enum hook {
#define HOOK(name, without) HOOK_##name,
#include "bpf/contract/hooks.def"
#undef HOOK
	N_HOOKS,
};

/* and one without a program does not compile here. */
#define SIZE_OF(program) sizeof(((struct enforce *)0)->progs.program)
enum {
	PROGRAMS_SIZE = 0
#define HOOK(name, without) +SIZE_OF(on_##name)
#define STEP(name, does)    +SIZE_OF(name)
#include "bpf/contract/hooks.def"
#undef HOOK
};

_Static_assert(sizeof(((struct enforce *)0)->progs) == PROGRAMS_SIZE,
	"hooks.def has a line for every program of the object");
_Static_assert(PROGRAMS_SIZE <= BS_OWN_OBJECTS * sizeof(struct bpf_program *),
	"own_programs is large enough");
_Static_assert(HOOK_bpf == N_HOOKS - 1, "a command is answered when everything is attached");
_Static_assert(N_HOOKS <= BS_OWN_OBJECTS, "own_links is large enough");
_Static_assert(sizeof(((struct enforce *)0)->maps) <= BS_OWN_OBJECTS * sizeof(struct bpf_map *),
	"own_maps is large enough");

#define ON_CGROUP "on_cgroup_" /* a program of bpf/guard/last.bpf.h */

/* BPF_CGROUP_MAX_PROGS of kernel/bpf/cgroup.c for each hook of LSM that one can be attached to */
#define CGROUP_PROGRAMS 1024
#define ROOT_CGROUP     1 /* inode number of the root of every hierarchy (kernel/cgroup/cgroup.c) */

/*
 * The root cgroup, by a mount of our own that nobody else sees; what is mounted on /sys/fs/cgroup
 * may be anything. -EXDEV in a cgroup namespace that does not reach the root.
 */
static int open_root_cgroup(void)
{
	_cleanup_close_ int context = fsopen("cgroup2", FSOPEN_CLOEXEC);
	struct stat st;

	if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	int fd = fsmount(context, FSMOUNT_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && st.st_ino == ROOT_CGROUP)
		return fd;
	close(fd);
	return -EXDEV;
}

static bool is_of_cgroup(enum bpf_attach_type type)
{
	return type == BPF_LSM_CGROUP || type == BPF_CGROUP_SYSCTL;
}

/* Several may be attached at once: then one is detached only by who has its descriptor. */
static int attach_cgroup(struct bpf_program *program, enum bpf_attach_type type, const char *path)
{
	_cleanup_close_ int cgroup = open_root_cgroup();
	int r = cgroup < 0 ? cgroup : bpf_program__pin(program, path);

	if (r < 0)
		return r;
	return bpf_prog_attach(bpf_program__fd(program), cgroup, type, BPF_F_ALLOW_MULTI);
}

static int detach_pin(const char *name, enum bpf_attach_type type)
{
	_cleanup_free_ char *path = NULL;
	int r = keeper_path(name, &path);
	_cleanup_close_ int program = r < 0 ? r : bpf_obj_get(path);
	_cleanup_close_ int cgroup = program < 0 ? -EBADF : open_root_cgroup();

	if (program < 0)
		return program == -ENOENT ? 0 : program;
	r = cgroup < 0 ? cgroup : bpf_prog_detach2(program, cgroup, type);
	return r == -ENOENT ? 0 : r; /* pinned, and not attached any more or not yet */
}

/* By their pins. */
static const char *const names[N_HOOKS] = {
#define HOOK(name, without) "on_" #name,
#include "bpf/contract/hooks.def"
#undef HOOK
};

int attach_undo(void)
{
	int r = 0;

	for (size_t i = 0; i < N_HOOKS && r == 0; i++)
		if (strcmp(names[i], "on_cgroup_sysctl") == 0)
			r = detach_pin(names[i], BPF_CGROUP_SYSCTL);
		else if (strncmp(names[i], ON_CGROUP, strlen(ON_CGROUP)) == 0)
			r = detach_pin(names[i], BPF_LSM_CGROUP);
	return r;
}

/*
 * Hooks that not every kernel has, and the function by which its BTF tells. Without
 * CONFIG_FS_VERITY_BUILTIN_SIGNATURES there are no such signatures, and `require: [builtin]`
 * denies. Where v6.18 has no mmap_backing_file, what we read of an overlay's file is all there is.
 */
static const struct {
	const char *hook, *function;
} optional[] = {
	{"on_fsverity_verify_signature", "fsverity_verify_signature"},
	{"on_mmap_backing_file", "bpf_lsm_mmap_backing_file"},
	{"on_binder_transfer_file", "bpf_lsm_binder_transfer_file"},
};

static bool is_in_kernel(const char *hook)
{
	for (size_t i = 0; i < ARRAY_SIZE(optional); i++)
		if (strcmp(optional[i].hook, hook) == 0)
			return enforcer_kernel_has(optional[i].function) != 0;
	return true;
}

/* Not a step of the start. */
static bool is_hook(const char *program)
{
	return strncmp(program, "on_", strlen("on_")) == 0;
}

void attach_choose(struct enforce *skeleton)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, skeleton->obj) {
		const char *name = bpf_program__name(program);
		if (!is_hook(name))
			continue;
		if (!is_in_kernel(name))
			bpf_program__set_autoload(program, false);
		else if (!mutation_skips(name)) {
			skeleton->rodata->meant_hooks++;
			skeleton->rodata->meant_links +=
				!is_of_cgroup(bpf_program__expected_attach_type(program));
		}
	}
}

int enforcer_missing(uint32_t meant, char **ret)
{
	_cleanup_free_ char *missing = NULL;
	bool pinned[N_HOOKS];
	uint32_t n = 0;

	for (size_t i = 0; i < N_HOOKS; i++)
		n += pinned[i] =
			keeper_has(names[i]) != 0; /* without the right to look, none is named */
	for (size_t i = 0; i < N_HOOKS && n != meant; i++) {
		if (pinned[i] || mutation_skips(names[i]) || !is_in_kernel(names[i]))
			continue;
		char *longer = format_text(
			"%s%s%s", missing ?: "", missing ? ", " : "", names[i] + strlen("on_"));
		if (!longer)
			return -ENOMEM;
		free(missing);
		missing = longer;
	}
	*ret = TAKE_PTR(missing);
	return *ret != NULL;
}

static int remember_link(struct enforce *skeleton, const struct bpf_link *link)
{
	struct bpf_link_info info = {0};
	uint32_t size = sizeof(info), one = 1;

	int r = bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &size);
	if (r < 0)
		return r;
	return bpf_map_update_elem(bpf_map__fd(skeleton->maps.own_links), &info.id, &one, BPF_ANY);
}

/* Attaches one program and pins its link, or the program itself: from then on it outlives us. */
static int attach_program(
	struct enforce *skeleton, struct bpf_program *program, struct bpf_link **ret_link)
{
	_cleanup_free_ char *path = NULL;
	int r = keeper_path(bpf_program__name(program), &path);
	if (r < 0)
		return r;

	enum bpf_attach_type type = bpf_program__expected_attach_type(program);
	if (is_of_cgroup(type))
		return attach_cgroup(program, type, path);
	struct bpf_link *link = bpf_program__attach(program);
	if (!link)
		return -errno;
	*ret_link = link; /* the skeleton destroys it */
	r = remember_link(skeleton, link);
	return r < 0 ? r : bpf_link__pin(link, path);
}

int attach_all(struct enforce *skeleton, struct diag *reterr)
{
	const struct {
		struct bpf_program *program;
		struct bpf_link **link;
	} hooks[] = {
#define HOOK(name, without) {skeleton->progs.on_##name, &skeleton->links.on_##name},
#include "bpf/contract/hooks.def"
#undef HOOK
	};

	for (size_t i = 0; i < N_HOOKS; i++) {
		const char *name = bpf_program__name(hooks[i].program);
		mutation_stop(name);
		if (mutation_skips(name) || !bpf_program__autoload(hooks[i].program))
			continue;
		mutation_point();
		int r = attach_program(skeleton, hooks[i].program, hooks[i].link);
		if (r < 0)
			return diag_set(reterr, r, "can't attach '%s': %s", name, strerror(-r));
	}
	return bpf_map_freeze(bpf_map__fd(skeleton->maps.own_links));
}

/*
 * Does the program hang on the root cgroup, and none of the same hook after it, which could take
 * back what it says (bpf_set_retval() of kernel/bpf/cgroup.c)?
 */
static int check_fence_program(int cgroup, const struct bpf_program *program, struct diag *reterr)
{
	const enum bpf_attach_type type = bpf_program__expected_attach_type(program);
	struct bpf_prog_info own = {0};
	uint32_t size = sizeof(own), ids[CGROUP_PROGRAMS], n = ARRAY_SIZE(ids);
	const char *name = bpf_program__name(program);

	int r = bpf_obj_get_info_by_fd(bpf_program__fd(program), &own, &size);
	if (r == 0)
		r = bpf_prog_query(cgroup, type, BPF_F_QUERY_EFFECTIVE, NULL, ids, &n);
	if (r < 0)
		return diag_set(
			reterr, r, "can't list the programs of the root cgroup: %s", strerror(-r));
	if (!id_is_listed(own.id, ids, n))
		return diag_set(reterr, -ENOLINK, "'%s' was detached while it began", name);
	for (; ids[n - 1] != own.id; n--) {
		struct bpf_prog_info other;
		r = enforcer_program_info(ids[n - 1], &other);
		if (r == 0 && other.attach_btf_id == own.attach_btf_id)
			return diag_set(reterr, -EEXIST,
				"'%s' (id %u) was attached to the root cgroup after '%s'",
				other.name, other.id, name);
		if (r < 0 && r != -ENOENT)
			return diag_set(reterr, r, "can't look at program %u: %s", ids[n - 1],
				strerror(-r));
	}
	return 0;
}

int attach_check_fence(struct enforce *skeleton, struct diag *reterr)
{
	_cleanup_close_ int cgroup = open_root_cgroup();
	struct bpf_program *program;
	int r = 0;

	bpf_object__for_each_program (program, skeleton->obj)
		if (r == 0 && is_of_cgroup(bpf_program__expected_attach_type(program)) &&
			!mutation_skips(bpf_program__name(program)))
			r = check_fence_program(cgroup, program, reterr);
	return r;
}
