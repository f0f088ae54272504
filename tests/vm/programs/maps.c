/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Every way to write a map that belongs to another program. MAP is id:N, pin:PATH or fd:N; id-ro:
 * and pin-ro: open it with BPF_F_RDONLY.
 */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/files.h"
#include "tests/vm/lib/kernel_btf.h"
#include "tests/vm/lib/sending.h"

#include <sys/mman.h>

#define VALUE     0x6576696c /* the value that every write leaves but that of update */
#define INHERITED 9          /* the descriptor that give leaves open */

/* --- maps ----------------------------------------------------------------------------------- */

static long try_open(const char *map)
{
	int read_only = strncmp(map, "id-ro:", 6) == 0 || strncmp(map, "pin-ro:", 7) == 0;
	const char *which = strchr(map, ':');
	union bpf_attr attr = {0};

	errno = EINVAL;
	need(which != NULL, map);
	which++;
	if (map[0] == 'f')
		return atoi(which);
	if (map[0] == 'i') {
		attr.map_id = (uint32_t)strtoul(which, NULL, 0);
		attr.open_flags = read_only ? BPF_F_RDONLY : 0;
		return bpf(BPF_MAP_GET_FD_BY_ID, &attr);
	}
	attr.pathname = pointer(which);
	attr.file_flags = read_only ? BPF_F_RDONLY : 0;
	return bpf(BPF_OBJ_GET, &attr);
}

static int open_map(const char *map)
{
	return step("open", try_open(map));
}

/* Makes a map and pins it. */
static void act_create(char **argument)
{
	static const struct {
		const char *word;
		unsigned type, flags;
	} types[] = {
		{"array", BPF_MAP_TYPE_ARRAY, BPF_F_MMAPABLE},
		{"rdonly_array", BPF_MAP_TYPE_ARRAY, BPF_F_RDONLY_PROG},
		{"prog_array", BPF_MAP_TYPE_PROG_ARRAY, 0},
		{"sockmap", BPF_MAP_TYPE_SOCKMAP, 0},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].word, argument[0]) == 0) {
			int map = step(
				"create", create(types[i].type, argument[1], types[i].flags, 0));
			step("pin", pin(map, argument[2]));
			return;
		}
	errno = EINVAL;
	could_not_try(argument[0]);
}

static void act_open(char **argument)
{
	open_map(argument[0]);
}

/* As the descriptor itself tells it (proc(5), fdinfo). */
static void act_id(char **argument)
{
	char path[64], line[128];
	unsigned id = 0;
	FILE *info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", open_map(argument[0]));
	info = fopen(path, "re");
	while (info && !id && fgets(line, sizeof(line), info))
		sscanf(line, "map_id: %u", &id);
	need(id != 0, path);
	printf("id: %u\n", id);
	fclose(info);
}

static void act_lookup(char **argument)
{
	union bpf_attr attr = {.map_fd = (uint32_t)open_map(argument[0])};
	uint32_t key = 0;
	uint64_t value = 0;

	attr.key = pointer(&key);
	attr.value = pointer(&value);
	step("lookup", bpf(BPF_MAP_LOOKUP_ELEM, &attr));
	printf("value: %llu\n", (unsigned long long)value);
}

static void act_update(char **argument)
{
	uint64_t value = strtoull(argument[1], NULL, 0);

	step("update", update(open_map(argument[0]), &value));
}

static void act_update_batch(char **argument)
{
	union bpf_attr attr = {0};
	uint32_t key = 0;
	uint64_t value = VALUE;

	attr.batch.map_fd = (uint32_t)open_map(argument[0]);
	attr.batch.keys = pointer(&key);
	attr.batch.values = pointer(&value);
	attr.batch.count = 1;
	step("update-batch", bpf(BPF_MAP_UPDATE_BATCH, &attr));
}

static void act_freeze(char **argument)
{
	union bpf_attr attr = {.map_fd = (uint32_t)open_map(argument[0])};

	step("freeze", bpf(BPF_MAP_FREEZE, &attr));
}

static void *map_memory(int map, int protection)
{
	void *memory = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), protection, MAP_SHARED, map, 0);

	step("mmap", memory == MAP_FAILED ? -1 : 0);
	return memory;
}

static void act_mmap_read(char **argument)
{
	const uint64_t *value = map_memory(open_map(argument[0]), PROT_READ);

	printf("value: %llu\n", (unsigned long long)*value);
}

static void act_mmap_write(char **argument)
{
	volatile uint64_t *value = map_memory(open_map(argument[0]), PROT_READ | PROT_WRITE);

	*value = VALUE;
}

/* read(2) of the pin, no bpf() at all. */
static void act_read(char **argument)
{
	char text[4096];
	int file = step("open", open(argument[0], O_RDONLY | O_CLOEXEC));
	ssize_t n = read(file, text, sizeof(text));

	step("read", n);
	fwrite(text, 1, (size_t)n, stdout);
}

/* --- descriptors from others ---------------------------------------------------------------- */

/* Executes the command with the map open as descriptor 9. */
static void act_give(char **argument)
{
	set_up("dup2", dup2(set_up(argument[0], try_open(argument[0])), INHERITED));
	execv(argument[1], argument + 1);
	could_not_try(argument[1]);
}

/* Sends the map to the first process that connects. */
static void act_send(char **argument)
{
	int map = set_up(argument[0], try_open(argument[0]));
	int client = set_up("accept", accept(listen_at(argument[1]), NULL, NULL));

	step("send", send_descriptor(client, map));
}

/* Receives a map there and updates it. */
static void act_receive(char **argument)
{
	int map = step("receive", receive_descriptor(connect_to(argument[0])));
	uint64_t value = strtoull(argument[1], NULL, 0);

	step("update", update(map, &value));
}

/* --- programs ------------------------------------------------------------------------------- */

#define WRITE(r) INSN(BPF_ST | BPF_MEM | BPF_DW, r, 0, 0, VALUE)
#define KEY      INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0)

/* A program of ours that names the map and writes it. */
static void act_program(char **argument)
{
	int map = open_map(argument[0]);
	const struct bpf_insn insns[] = {KEY, MOVE(BPF_REG_2, BPF_REG_10), ADD(BPF_REG_2, -4),
		MAP(BPF_REG_1, map), LOOKUP, IF_NULL(BPF_REG_0, 1), WRITE(BPF_REG_0),
		SET(BPF_REG_0, XDP_PASS), EXIT};

	int program = step("load", LOAD(BPF_PROG_TYPE_XDP, 0, 0, "write_named", insns));
	step("run", run_once((uint32_t)program));
}

/* A map of maps of ours takes any descriptor; a program of ours that never names the map. */
static void act_map_in_map(char **argument)
{
	int map = open_map(argument[0]);
	int inner = set_up("inner", create(BPF_MAP_TYPE_ARRAY, "inner", BPF_F_MMAPABLE, 0));
	int outer = step("create", create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "outer", 0, inner));
	const struct bpf_insn insns[] = {KEY, MOVE(BPF_REG_2, BPF_REG_10), ADD(BPF_REG_2, -4),
		MAP(BPF_REG_1, outer), LOOKUP, IF_NULL(BPF_REG_0, 6), MOVE(BPF_REG_1, BPF_REG_0),
		MOVE(BPF_REG_2, BPF_REG_10), ADD(BPF_REG_2, -4), LOOKUP, IF_NULL(BPF_REG_0, 1),
		WRITE(BPF_REG_0), SET(BPF_REG_0, XDP_PASS), EXIT};

	step("insert", update(outer, &map));
	int program = step("load", LOAD(BPF_PROG_TYPE_XDP, 0, 0, "write_inner", insns));
	step("run", run_once((uint32_t)program));
}

/* Only binds the map to a program of ours, which keeps it alive and may be dumped with it. */
static void act_bind(char **argument)
{
	union bpf_attr attr = {0};

	attr.prog_bind_map.map_fd = (uint32_t)open_map(argument[0]);
	attr.prog_bind_map.prog_fd =
		(uint32_t)set_up("load", load_constant(XDP_PASS, BPF_PROG_TYPE_XDP, 0, "bound"));
	step("bind", bpf(BPF_PROG_BIND_MAP, &attr));
}

/* An array of programs of another owner gets a program of ours. */
static void act_prog_array(char **argument)
{
	int map = open_map(argument[0]);
	int next = set_up("load", load_constant(XDP_DROP, BPF_PROG_TYPE_XDP, 0, "next"));

	step("update", update(map, &next));
}

/* A map of sockets of another owner gets a verdict of ours. */
static void act_sockmap(char **argument)
{
	union bpf_attr attr = {.target_fd = (uint32_t)open_map(argument[0])};

	attr.attach_bpf_fd = (uint32_t)set_up(
		"load", load_constant(0 /* SK_DROP */, BPF_PROG_TYPE_SK_SKB, 0, "verdict"));
	attr.attach_type = BPF_SK_SKB_STREAM_VERDICT;
	step("attach", bpf(BPF_PROG_ATTACH, &attr));
}

/* --- the iterator --------------------------------------------------------------------------- */

/* A program of ours that names no map iterates over this one, and writes as it goes. */
static void act_iterator(char **argument)
{
	const struct bpf_insn insns[] = {/* struct bpf_iter__bpf_map_elem: meta, map, key, value */
		INSN(BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_1, 24, 0),
		IF_NULL(BPF_REG_1, 1), WRITE(BPF_REG_1), SET(BPF_REG_0, 0), EXIT};
	union bpf_iter_link_info info = {.map.map_fd = (uint32_t)open_map(argument[0])};
	union bpf_attr link = {0}, iterator = {0};
	char nothing[64];

	link.link_create.prog_fd = (uint32_t)step(
		"load", LOAD(BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER,
				btf_function("bpf_iter_bpf_map_elem"), "overwrite", insns));
	link.link_create.attach_type = BPF_TRACE_ITER;
	link.link_create.iter_info = pointer(&info);
	link.link_create.iter_info_len = sizeof(info);
	iterator.iter_create.link_fd = (uint32_t)step("link", bpf(BPF_LINK_CREATE, &link));
	int file = step("iterate", bpf(BPF_ITER_CREATE, &iterator));
	while (read(file, nothing, sizeof(nothing)) > 0)
		;
}

static const struct act acts[] = {
	{"create", 3, act_create, "array|rdonly_array|prog_array|sockmap NAME PATH"},
	{"open", 1, act_open, "MAP"},
	{"id", 1, act_id, "MAP"},
	{"lookup", 1, act_lookup, "MAP"},
	{"update", 2, act_update, "MAP VALUE"},
	{"update-batch", 1, act_update_batch, "MAP"},
	{"freeze", 1, act_freeze, "MAP"},
	{"mmap-read", 1, act_mmap_read, "MAP"},
	{"mmap-write", 1, act_mmap_write, "MAP"},
	{"read", 1, act_read, "PATH"},
	{"give", 2, act_give, "MAP COMMAND..."},
	{"send", 2, act_send, "MAP SOCKET"},
	{"receive", 2, act_receive, "SOCKET VALUE"},
	{"program", 1, act_program, "MAP"},
	{"map-in-map", 1, act_map_in_map, "MAP"},
	{"bind", 1, act_bind, "MAP"},
	{"prog-array", 1, act_prog_array, "MAP"},
	{"sockmap", 1, act_sockmap, "MAP"},
	{"iterator", 1, act_iterator, "MAP"},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
