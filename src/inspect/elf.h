/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The calls of an object file's programs; for object.c only. */

#include "src/inspect/inspect.h"
#include "src/base/base.h"

struct bpf_object;
struct bpf_program;
struct elf_calls; /* the parsed file */

/* file and bpf stay the caller's, and as long as *ret. -EINVAL for what is no object file. */
int elf_calls_open(const struct bytes *file, const struct bpf_object *bpf, struct elf_calls **ret);
void elf_calls_free(struct elf_calls **calls); /* safe on NULL */

/* The functions, maps and number of instructions of one program. */
int elf_calls_read(
	struct elf_calls *calls, const struct bpf_program *program, struct inspect_program *ret);

/* What the section `license` holds; empty without one. */
void elf_license(const struct elf_calls *calls, char *ret, size_t size);
