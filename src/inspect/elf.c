/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the programs of an object file call and which addresses they take, read from the ELF file:
 * an instruction that carries a relocation says by its symbol what it means, and a subprogram
 * that is reached belongs to each program that reaches it, once. So does libbpf count at the load.
 */

#include "src/inspect/elf.h"

#include <gelf.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "src/base/base.h"

struct symbol {
	const char *name;
	GElf_Sym elf;
	bool reached; /* from the program under way */
};

struct relocation {
	size_t section; /* where the instruction is */
	uint64_t offset;
	size_t symbol;
};

struct elf_calls {
	Elf *elf;
	const struct bpf_object *bpf;
	struct btf *btf; /* libbpf's own has the types of externs overwritten; NULL: none */
	size_t section_names;
	struct symbol *symbols;
	size_t n_symbols;
	struct relocation *relocations; /* by section and offset */
	size_t n_relocations;
	size_t *pending; /* symbols of functions that are reached and not yet read */
	size_t n_pending;
	struct inspect_program *program; /* under way */
};

void elf_calls_free(struct elf_calls **object)
{
	if (!*object)
		return;
	btf__free((*object)->btf);
	elf_end((*object)->elf);
	free((*object)->symbols);
	free((*object)->relocations);
	free((*object)->pending);
	free(*object);
	*object = NULL;
}

static const char *section_name(const struct elf_calls *object, size_t section, GElf_Shdr *ret)
{
	Elf_Scn *scn = elf_getscn(object->elf, section);
	const char *name = scn && gelf_getshdr(scn, ret)
				   ? elf_strptr(object->elf, object->section_names, ret->sh_name)
				   : NULL;
	return name ?: "";
}

static int read_symbols(struct elf_calls *object, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t n = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;

	if (!data || object->symbols)
		return -EINVAL;
	object->symbols = calloc(n + 1, sizeof(*object->symbols));
	object->pending = calloc(n + 1, sizeof(*object->pending));
	if (!object->symbols || !object->pending)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct symbol *symbol = &object->symbols[i];
		if (!gelf_getsym(data, (int)i, &symbol->elf))
			return -EINVAL;
		symbol->name = elf_strptr(object->elf, header->sh_link, symbol->elf.st_name) ?: "";
	}
	object->n_symbols = n;
	return 0;
}

static int read_relocations(struct elf_calls *object, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t n = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
	struct relocation *larger =
		reallocarray(object->relocations, object->n_relocations + n + 1, sizeof(*larger));

	if (!larger)
		return -ENOMEM;
	object->relocations = larger;
	for (size_t i = 0; i < n; i++) {
		GElf_Rel rel;
		if (!data || !gelf_getrel(data, (int)i, &rel))
			return -EINVAL;
		larger[object->n_relocations++] =
			(struct relocation){header->sh_info, rel.r_offset, GELF_R_SYM(rel.r_info)};
	}
	return 0;
}

static int compare_relocations(const void *a, const void *b)
{
	const struct relocation *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	return x->offset == y->offset ? 0 : x->offset < y->offset ? -1 : 1;
}

static int read_elf(struct elf_calls *object)
{
	Elf_Scn *section = NULL;
	int r = elf_getshdrstrndx(object->elf, &object->section_names) < 0 ? -EINVAL : 0;

	while (r == 0 && (section = elf_nextscn(object->elf, section))) {
		GElf_Shdr header;
		if (!gelf_getshdr(section, &header))
			return -EINVAL;
		if (header.sh_type == SHT_SYMTAB)
			r = read_symbols(object, section, &header);
		else if (header.sh_type == SHT_REL)
			r = read_relocations(object, section, &header);
	}
	if (r == 0 && object->n_relocations)
		qsort(object->relocations, object->n_relocations, sizeof(*object->relocations),
			compare_relocations);
	return r == 0 && !object->symbols ? -EINVAL : r;
}

/* What the instruction at this place is about, or NULL: it says so itself. */
static const struct symbol *relocation_symbol(
	const struct elf_calls *object, size_t section, uint64_t offset)
{
	struct relocation wanted = {section, offset, 0};
	const struct relocation *found = bsearch(&wanted, object->relocations,
		object->n_relocations, sizeof(wanted), compare_relocations);

	return found && found->symbol < object->n_symbols ? &object->symbols[found->symbol] : NULL;
}

/* The function around this place is part of the program. */
static int reach(struct elf_calls *object, size_t section, uint64_t offset)
{
	for (size_t i = 0; i < object->n_symbols; i++) {
		struct symbol *symbol = &object->symbols[i];
		if (GELF_ST_TYPE(symbol->elf.st_info) != STT_FUNC ||
			symbol->elf.st_shndx != section || offset < symbol->elf.st_value ||
			offset - symbol->elf.st_value >= symbol->elf.st_size)
			continue;
		if (!symbol->reached)
			object->pending[object->n_pending++] = i;
		symbol->reached = true;
		return 0;
	}
	return -EINVAL;
}

static int add_extern(struct elf_calls *object, enum inspect_kind kind, const struct symbol *symbol)
{
	const struct btf *btf = object->btf;
	int r = inspect_add_function(object->program, kind, symbol->name, 0);

	for (size_t i = 0; r == 0 && i < object->program->n_functions; i++) {
		struct inspect_function *function = &object->program->functions[i];
		if (function->kind != kind || strcmp(function->name, symbol->name) != 0)
			continue;
		function->weak = GELF_ST_BIND(symbol->elf.st_info) == STB_WEAK;
		function->code =
			btf && btf__find_by_name_kind(btf, symbol->name, BTF_KIND_FUNC) > 0;
	}
	return r;
}

/* at: what libbpf calls the byte behind this instruction. */
static int read_call(struct elf_calls *object, size_t section, uint64_t at,
	const struct bpf_insn *instruction, const struct symbol *symbol)
{
	if (instruction->src_reg == 0)
		return inspect_add_function(
			object->program, INSPECT_HELPER, "", (uint32_t)instruction->imm);
	if (symbol && symbol->elf.st_shndx == SHN_UNDEF)
		return add_extern(object, INSPECT_KFUNC, symbol);
	if (instruction->src_reg != BPF_PSEUDO_CALL)
		return -EINVAL;
	if (symbol) {
		section = symbol->elf.st_shndx;
		at = symbol->elf.st_value + sizeof(*instruction);
	}
	return reach(object, section, at + (uint64_t)((int64_t)instruction->imm * 8));
}

static int add_map(struct elf_calls *object, const struct bpf_map *wanted)
{
	size_t place = 0;
	struct bpf_map *map;

	bpf_object__for_each_map (map, object->bpf) {
		if (map == wanted)
			return inspect_add_map(object->program, place);
		place++;
	}
	return 0; /* libbpf knows no such map, and refuses the object at its load */
}

static bool is_member(const struct btf *btf, const char *datasec, int variable)
{
	int id = btf__find_by_name_kind(btf, datasec, BTF_KIND_DATASEC);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;
	const struct btf_var_secinfo *members = type ? btf_var_secinfos(type) : NULL;

	for (unsigned i = 0; type && i < btf_vlen(type); i++)
		if (members[i].type == (uint32_t)variable)
			return true;
	return false;
}

/* `extern const void x __ksym` is a number from kallsyms; with a type, memory that can be read. */
static bool has_type(const struct btf *btf, int variable)
{
	const struct btf_type *type = btf__type_by_id(btf, (uint32_t)variable);

	for (int i = 0; type && i < 32; i++) {
		if (type->type == 0)
			return false;
		type = btf__type_by_id(btf, type->type);
		if (!type || !btf_is_mod(type))
			return true;
	}
	return true;
}

static int read_extern(struct elf_calls *object, const struct symbol *symbol)
{
	const struct btf *btf = object->btf;
	int variable = btf ? btf__find_by_name_kind(btf, symbol->name, BTF_KIND_VAR) : -ENOENT;

	if (variable > 0 && is_member(btf, ".kconfig", variable))
		return add_map(object, bpf_object__find_map_by_name(object->bpf, ".kconfig"));
	if (variable > 0 && !has_type(btf, variable))
		return 0;
	return add_extern(object, INSPECT_ADDRESS, symbol);
}

static int read_address(
	struct elf_calls *object, const struct bpf_insn *instruction, const struct symbol *symbol)
{
	GElf_Shdr header = {0};

	if (!symbol)
		return 0; /* a number */
	if (symbol->elf.st_shndx == SHN_UNDEF)
		return read_extern(object, symbol);
	const char *name = section_name(object, symbol->elf.st_shndx, &header);
	if (header.sh_flags & SHF_EXECINSTR)
		return reach(object, symbol->elf.st_shndx,
			symbol->elf.st_value + (uint64_t)(int64_t)instruction->imm);
	if (strcmp(name, ".maps") == 0)
		name = symbol->name;
	return add_map(object, bpf_object__find_map_by_name(object->bpf, name));
}

/* One function of a program. Symbols are libbpf's units, too. */
static int read_function(struct elf_calls *object, const struct symbol *function)
{
	size_t section = function->elf.st_shndx;
	Elf_Data *data = elf_getdata(elf_getscn(object->elf, section), NULL);
	uint64_t end = function->elf.st_value + function->elf.st_size;
	int r = 0;

	if (!data || !data->d_buf || end > data->d_size || end < function->elf.st_value ||
		function->elf.st_value % 8 || function->elf.st_size % 8)
		return -EINVAL;
	object->program->footprint.instructions += (uint32_t)(function->elf.st_size / 8);
	for (uint64_t at = function->elf.st_value; r == 0 && at < end; at += 8) {
		struct bpf_insn instruction;
		memcpy(&instruction, (const char *)data->d_buf + at, sizeof(instruction));
		const struct symbol *symbol = relocation_symbol(object, section, at);
		if (instruction.code == (BPF_JMP | BPF_CALL))
			r = read_call(object, section, at + 8, &instruction, symbol);
		else if (instruction.code == (BPF_LD | BPF_IMM | BPF_DW)) {
			r = read_address(object, &instruction, symbol);
			at += 8; /* it has two */
		}
	}
	return r;
}

static size_t find_entry(const struct elf_calls *object, const struct bpf_program *program)
{
	const char *name = bpf_program__name(program);
	const char *section = bpf_program__section_name(program);
	GElf_Shdr header;

	for (size_t i = 0; i < object->n_symbols; i++) {
		const struct symbol *symbol = &object->symbols[i];
		if (GELF_ST_TYPE(symbol->elf.st_info) != STT_FUNC ||
			strcmp(symbol->name, name) != 0)
			continue;
		const char *other = section_name(object, symbol->elf.st_shndx, &header);
		if (strcmp(other + (*other == '?'), section) == 0) /* libbpf takes the '?' off */
			return i;
	}
	return object->n_symbols;
}

int elf_calls_read(
	struct elf_calls *object, const struct bpf_program *program, struct inspect_program *ret)
{
	size_t entry = find_entry(object, program);
	int r = 0;

	if (entry == object->n_symbols)
		return -EINVAL;
	object->program = ret;
	ret->footprint.instructions = 0;
	for (size_t i = 0; i < object->n_symbols; i++)
		object->symbols[i].reached = i == entry;
	object->pending[0] = entry;
	object->n_pending = 1;
	while (r == 0 && object->n_pending)
		r = read_function(object, &object->symbols[object->pending[--object->n_pending]]);
	return r;
}

/* The bytes of the section of that name, or NULL. */
static const Elf_Data *find_section(const struct elf_calls *object, const char *name)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(object->elf, section)))
		if (strcmp(section_name(object, elf_ndxscn(section), &header), name) == 0)
			return elf_getdata(section, NULL);
	return NULL;
}

static int read_btf(struct elf_calls *object)
{
	const Elf_Data *data = find_section(object, ".BTF");

	if (!data || !data->d_buf)
		return 0;
	object->btf = btf__new(data->d_buf, (uint32_t)data->d_size);
	return object->btf ? 0 : -EINVAL;
}

int elf_calls_open(const struct bytes *file, const struct bpf_object *bpf, struct elf_calls **ret)
{
	_cleanup_(elf_calls_free) struct elf_calls *object = calloc(1, sizeof(*object));

	if (!object)
		return -ENOMEM;
	elf_version(EV_CURRENT);
	object->bpf = bpf;
	object->elf = elf_memory((char *)file->data, file->size);
	int r = object->elf ? read_elf(object) : -EINVAL;
	if (r == 0)
		r = read_btf(object);
	if (r == 0)
		*ret = TAKE_PTR(object);
	return r;
}

void elf_license(const struct elf_calls *object, char *ret, size_t size)
{
	const Elf_Data *data = find_section(object, "license");

	ret[0] = 0;
	if (data && data->d_buf)
		snprintf(ret, size, "%.*s", (int)data->d_size, (const char *)data->d_buf);
}
