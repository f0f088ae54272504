/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Guesses the role of a file by its content, for convenience: only the role in the claim counts. */

#include "src/files/role.h"

#include <elf.h>
#include <string.h>

#include "src/base/file.h"

#define SEGMENTS_LIMIT 64
#define DYNAMIC_LIMIT  256

/* Traits that tell a program from a library; both are ET_DYN nowadays. */
struct traits {
	bool interpreter; /* PT_INTERP: programs have it, and libc.so.6 */
	bool soname;      /* DT_SONAME: libraries have it */
	bool pie;         /* DF_1_PIE: binutils marks programs so since 2.26 */
};

static int read_dynamic(int fd, const Elf64_Phdr *segment, struct traits *traits)
{
	Elf64_Dyn entries[DYNAMIC_LIMIT];
	size_t size = 0, n;

	int r = read_at(fd, entries, sizeof(entries), segment->p_offset, &size);
	if (r < 0)
		return r;
	n = (size < segment->p_filesz ? size : segment->p_filesz) / sizeof(*entries);
	for (size_t i = 0; i < n && entries[i].d_tag != DT_NULL; i++) {
		if (entries[i].d_tag == DT_SONAME)
			traits->soname = true;
		if (entries[i].d_tag == DT_FLAGS_1 && entries[i].d_un.d_val & DF_1_PIE)
			traits->pie = true;
	}
	return 0;
}

static int read_traits(int fd, const Elf64_Ehdr *header, struct traits *ret)
{
	Elf64_Phdr segments[SEGMENTS_LIMIT];
	struct traits traits = {0};
	size_t size = 0, n;

	int r = read_at(fd, segments, sizeof(segments), header->e_phoff, &size);
	if (r < 0)
		return r;
	n = size / sizeof(*segments) < header->e_phnum ? size / sizeof(*segments) : header->e_phnum;
	for (size_t i = 0; r >= 0 && i < n; i++) {
		if (segments[i].p_type == PT_INTERP)
			traits.interpreter = true;
		if (segments[i].p_type == PT_DYNAMIC)
			r = read_dynamic(fd, &segments[i], &traits);
	}
	if (r >= 0)
		*ret = traits;
	return r;
}

static int guess_elf(int fd, const Elf64_Ehdr *header, enum bs_role *ret)
{
	struct traits traits;

	if (header->e_type != ET_DYN) {
		*ret = header->e_type == ET_EXEC ? BS_ROLE_EXECUTABLE : BS_ROLE_COLLATERAL;
		return 0;
	}
	int r = read_traits(fd, header, &traits);
	if (r < 0)
		return r;
	bool library = !traits.pie && (traits.soname || !traits.interpreter);
	*ret = library ? BS_ROLE_LIBRARY : BS_ROLE_EXECUTABLE;
	return 0;
}

int role_guess(int fd, enum bs_role *ret)
{
	union {
		char text[sizeof(Elf64_Ehdr)];
		Elf64_Ehdr elf;
	} start = {0};
	size_t size = 0;

	int r = read_at(fd, &start, sizeof(start), 0, &size);
	if (r < 0)
		return r;
	if (size == sizeof(start) && memcmp(start.text, ELFMAG, SELFMAG) == 0 &&
		start.elf.e_ident[EI_CLASS] == ELFCLASS64)
		return guess_elf(fd, &start.elf, ret);
	*ret = size >= 2 && memcmp(start.text, "#!", 2) == 0 ? BS_ROLE_EXECUTABLE
							     : BS_ROLE_COLLATERAL;
	return 0;
}

int role_is_program(int fd, bool *ret)
{
	char start[SELFMAG] = {0};
	size_t size = 0;

	int r = read_at(fd, start, sizeof(start), 0, &size);
	if (r < 0)
		return r;
	*ret = (size == sizeof(start) && memcmp(start, ELFMAG, SELFMAG) == 0) ||
	       (size >= 2 && memcmp(start, "#!", 2) == 0);
	return 0;
}
