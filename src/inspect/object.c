/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An object file to the footprints of its programs, as libbpf would load them but not loaded. */

#include "src/base/file.h"
#include "src/inspect/inspect.h"

#include <string.h>

#include <bpf/libbpf.h>

#include "src/inspect/elf.h"
#include "src/names/names.h"

#define OBJECT_LIMIT (64 << 20) /* bytes */

static char complaint[512]; /* libbpf's first */

static int keep_complaint(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level == LIBBPF_WARN && !complaint[0])
		vsnprintf(complaint, sizeof(complaint), format, arguments);
	complaint[strcspn(complaint, "\n")] = 0;
	return 0;
}

/* What the file name gives: libbpf names the maps of .data and the like after it. */
static void object_name(const char *path, char *ret, size_t size)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;

	snprintf(ret, size, "%.*s", (int)strcspn(base, "."), base);
}

static struct bpf_object *open_object(const char *path, const struct bytes *file)
{
	char name[BS_NAME_SIZE];
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = name);

	object_name(path, name, sizeof(name));
	complaint[0] = 0;
	libbpf_print_fn_t former = libbpf_set_print(keep_complaint);
	struct bpf_object *object = bpf_object__open_mem(file->data, file->size, &options);
	int error = errno;
	libbpf_set_print(former);
	errno = error;
	return object;
}

static int read_maps(const struct bpf_object *object, struct inspection *ret)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, object) {
		struct inspect_map *next = inspection_add_map(ret);
		if (!next)
			return -ENOMEM;
		snprintf(next->name, sizeof(next->name), "%s", bpf_map__name(map));
		next->type = bpf_map__type(map);
		next->read_only = bpf_map__map_flags(map) & BPF_F_RDONLY_PROG;
		next->pinned = bpf_map__pin_path(map) != NULL;
	}
	return 0;
}

/* "fentry.s/tcp_connect": "fentry.s" before the slash, "tcp_connect" behind it, or "". */
static const char *split_section(const char *section, char *ret, size_t size)
{
	const char *slash = strchr(section, '/');

	snprintf(ret, size, "%.*s", (int)strcspn(section, "/"), section);
	return slash ? slash + 1 : "";
}

/*
 * A name in the BTF is told at the load, a tracepoint's at the attach, others' no policy can name.
 * As the section has it: "bpf_lsm_" and the like the kernel side leaves out, too.
 */
static void set_target(struct bs_footprint *footprint, const char *target)
{
	bool at_load = footprint->type == BPF_PROG_TYPE_TRACING ||
		       footprint->type == BPF_PROG_TYPE_LSM || footprint->type == BPF_PROG_TYPE_EXT;

	if (!*target || (!at_load && footprint->type != BPF_PROG_TYPE_TRACEPOINT))
		return;
	snprintf(footprint->target, sizeof(footprint->target), "%s", target);
	if (at_load)
		footprint->flags |= BS_FOOTPRINT_TARGET;
}

/* libbpf asks for a sleepable program when its section ends so; syscall programs always are. */
static bool is_sleepable(const char *prefix, const struct bpf_program *program)
{
	size_t n = strlen(prefix);

	return (n > 2 && strcmp(prefix + n - 2, ".s") == 0) || strcmp(prefix, "syscall") == 0 ||
	       (bpf_program__flags(program) & BPF_F_SLEEPABLE);
}

/* GPL in one of the spellings of the kernel's license_is_gpl_compatible(). */
static bool is_gpl(const char *license)
{
	static const char *const words[] = {"GPL", "GPL v2", "GPL and additional rights",
		"Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(license, words[i]) == 0)
			return true;
	return false;
}

static void read_program(
	const struct bpf_program *program, const char *license, struct inspect_program *ret)
{
	const char *section = bpf_program__section_name(program);
	const char *attach = attach_type_name(bpf_program__expected_attach_type(program));
	char prefix[64];

	snprintf(ret->name, sizeof(ret->name), "%s", bpf_program__name(program));
	snprintf(ret->section, sizeof(ret->section), "%s", section);
	ret->optional = !bpf_program__autoload(program);
	ret->footprint.type = bpf_program__type(program);
	ret->footprint.attach_type = bpf_program__expected_attach_type(program);
	if (ret->footprint.attach_type && ret->footprint.type != BPF_PROG_TYPE_STRUCT_OPS)
		snprintf(ret->attach, sizeof(ret->attach), "%s", attach ?: "?");
	const char *target = split_section(section, prefix, sizeof(prefix));
	set_target(&ret->footprint, target);
	if (is_sleepable(prefix, program))
		ret->footprint.flags |= BS_FOOTPRINT_SLEEPABLE;
	if (is_gpl(license))
		ret->footprint.flags |= BS_FOOTPRINT_GPL;
}

static int read_programs(const char *path, const struct bpf_object *object, struct elf_calls *calls,
	struct inspection *ret, struct diag *reterr)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, object) {
		struct inspect_program *next = inspection_add_program(ret);
		if (!next)
			return diag_set(reterr, -ENOMEM, "out of memory");
		read_program(program, ret->license, next);
		int r = elf_calls_read(calls, program, next);
		if (r < 0)
			return diag_set(reterr, r, "can't follow the calls of program '%s' in '%s'",
				next->name, path);
	}
	return 0;
}

int inspect_object(const char *path, struct inspection *ret, struct diag *reterr)
{
	_cleanup_inspection_ struct inspection inspection = {0};
	_cleanup_(elf_calls_free) struct elf_calls *calls = NULL;
	_cleanup_bytes_ struct bytes file = {0};

	int r = read_file(path, OBJECT_LIMIT, &file);
	if (r < 0)
		return diag_set(reterr, r, "can't read object file '%s': %s", path, strerror(-r));
	struct bpf_object *object = open_object(path, &file);
	if (!object)
		return diag_set(reterr, -EINVAL, "'%s' is not an object file that libbpf takes%s%s",
			path, complaint[0] ? ": " : "", complaint);
	r = elf_calls_open(&file, object, &calls);
	if (r < 0)
		diag_set(reterr, r, "can't read the ELF sections of '%s'", path);
	else
		elf_license(calls, inspection.license, sizeof(inspection.license));
	if (r == 0 && (r = read_maps(object, &inspection)) < 0)
		diag_set(reterr, r, "out of memory");
	if (r == 0)
		r = read_programs(path, object, calls, &inspection, reterr);
	bpf_object__close(object);
	if (r == 0) {
		*ret = inspection;
		inspection = (struct inspection){0};
	}
	return r;
}
