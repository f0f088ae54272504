/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Every way to write a map that belongs to somebody else, without any library in between; output
 * and exit status as step.h says.
 *
 * MAP is id:N, pin:PATH or fd:N; id-ro: and pin-ro: open it with BPF_F_RDONLY.
 */

#include "step.h"

#include <fcntl.h>
#include <linux/btf.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define VALUE	  0x6576696c /* what a write leaves in the map, but for that of update */
#define INHERITED 9	     /* the descriptor that give leaves open */

/* --- maps ------------------------------------------------------------------------------- */

static int open_map(const char *map)
{
	int read_only = strncmp(map, "id-ro:", 6) == 0 || strncmp(map, "pin-ro:", 7) == 0;
	const char *which = strchr(map, ':');
	union bpf_attr attr = {0};

	if (!which)
		could_not_try(map);
	which++;
	if (map[0] == 'f')
		return atoi(which);
	if (map[0] == 'i') {
		attr.map_id = (uint32_t)strtoul(which, NULL, 0);
		attr.open_flags = read_only ? BPF_F_RDONLY : 0;
		return step("open", bpf(BPF_MAP_GET_FD_BY_ID, &attr));
	}
	attr.pathname = pointer(which);
	attr.file_flags = read_only ? BPF_F_RDONLY : 0;
	return step("open", bpf(BPF_OBJ_GET, &attr));
}

/* __u32 and __u64: a map whose types the kernel knows can be read as text where it is pinned. */
static long load_btf(void)
{
	static const struct {
		struct btf_header header;
		struct btf_type key;
		uint32_t key_bits;
		struct btf_type value;
		uint32_t value_bits;
		char strings[12];
	} btf = {
		.header = {.magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(btf.header),
			.type_len = 32, .str_off = 32, .str_len = sizeof(btf.strings)},
		.key = {.name_off = 1, .info = BTF_KIND_INT << 24, .size = 4},
		.key_bits = 32,
		.value = {.name_off = 5, .info = BTF_KIND_INT << 24, .size = 8},
		.value_bits = 64,
		.strings = "\0u32\0u64",
	};
	union bpf_attr attr = {.btf = pointer(&btf), .btf_size = sizeof(btf)};

	return bpf(BPF_BTF_LOAD, &attr);
}

static long create(unsigned type, const char *name, unsigned flags, int inner)
{
	union bpf_attr attr = {.map_type = type};

	attr.key_size = 4;
	attr.value_size = type == BPF_MAP_TYPE_ARRAY ? 8 : 4;
	attr.max_entries = 1;
	attr.map_flags = flags;
	attr.inner_map_fd = inner > 0 ? (uint32_t)inner : 0;
	strncpy(attr.map_name, name, sizeof(attr.map_name) - 1);
	if (type == BPF_MAP_TYPE_ARRAY) {
		long btf = load_btf();
		attr.btf_fd = btf < 0 ? 0 : (uint32_t)btf;
		attr.btf_key_type_id = btf < 0 ? 0 : 1;
		attr.btf_value_type_id = btf < 0 ? 0 : 2;
	}
	return bpf(BPF_MAP_CREATE, &attr);
}

static long update(int map, uint64_t value)
{
	uint32_t key = 0;
	union bpf_attr attr = {.map_fd = (uint32_t)map};

	attr.key = pointer(&key);
	attr.value = pointer(&value);
	return bpf(BPF_MAP_UPDATE_ELEM, &attr);
}

/* TYPE NAME PATH: makes a map and pins it. */
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
	union bpf_attr attr = {.pathname = pointer(argument[2])};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].word, argument[0]) == 0)
			attr.bpf_fd = (uint32_t)step("create",
				create(types[i].type, argument[1], types[i].flags, 0));
	step("pin", bpf(BPF_OBJ_PIN, &attr));
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
	if (!id)
		could_not_try(path);
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
	step("update", update(open_map(argument[0]), strtoull(argument[1], NULL, 0)));
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
	volatile uint64_t *value =
		map_memory(open_map(argument[0]), PROT_READ | PROT_WRITE);

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

/* --- descriptors from others ------------------------------------------------------------ */

/* MAP COMMAND...: executes the command with the map open as descriptor 9. */
static void act_give(char **argument)
{
	if (dup2(open_map(argument[0]), INHERITED) < 0)
		could_not_try("dup2");
	execv(argument[1], argument + 1);
	could_not_try(argument[1]);
}

static int unix_socket(const char *path, struct sockaddr_un *ret_address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		could_not_try("socket");
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	strncpy(ret_address->sun_path, path, sizeof(ret_address->sun_path) - 1);
	return fd;
}

union control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

/* MAP SOCKET: sends the map to the first who connects. */
static void act_send(char **argument)
{
	struct sockaddr_un address;
	int map = open_map(argument[0]), server = unix_socket(argument[1], &address);
	union control control = {0};
	struct iovec byte = {.iov_base = &(char){0}, .iov_len = 1};
	struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &map, sizeof(int));
	if (bind(server, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(server, 1) < 0)
		could_not_try("bind");
	step("send", sendmsg(accept(server, NULL, NULL), &message, 0));
}

/* SOCKET VALUE: receives a map there and updates it. */
static void act_receive(char **argument)
{
	struct sockaddr_un address;
	int client = unix_socket(argument[0], &address), map;
	union control control = {0};
	struct iovec byte = {.iov_base = &(char){0}, .iov_len = 1};
	struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control)};

	if (connect(client, (struct sockaddr *)&address, sizeof(address)) < 0)
		could_not_try("connect");
	step("receive", recvmsg(client, &message, MSG_CMSG_CLOEXEC));
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_len != CMSG_LEN(sizeof(int))) {
		/* what the kernel makes of a refusal: the message without the descriptor */
		errno = message.msg_flags & MSG_CTRUNC ? EPERM : ENOMSG;
		step("descriptor", -1);
	}
	memcpy(&map, CMSG_DATA(header), sizeof(int));
	step("update", update(map, strtoull(argument[1], NULL, 0)));
}

/* --- programs --------------------------------------------------------------------------- */

#define INSN(c, d, s, o, i) \
	((struct bpf_insn){.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)})
#define SET(d, i)     INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define MOVE(d, s)    INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define ADD(d, i)     INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define MAP(d, fd)    INSN(BPF_LD | BPF_IMM | BPF_DW, d, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)
#define LOOKUP	      INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem)
#define IF_NULL(r, n) INSN(BPF_JMP | BPF_JEQ | BPF_K, r, 0, n, 0)
#define WRITE(r)      INSN(BPF_ST | BPF_MEM | BPF_DW, r, 0, 0, VALUE)
#define KEY	      INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0)
#define EXIT	      INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static int load(unsigned type, unsigned attach_type, uint32_t attach_btf_id, const char *name,
	const struct bpf_insn *insns, size_t n)
{
	union bpf_attr attr = {.prog_type = type};

	attr.expected_attach_type = attach_type;
	attr.attach_btf_id = attach_btf_id;
	attr.insns = pointer(insns);
	attr.insn_cnt = (uint32_t)n;
	attr.license = pointer("GPL");
	strncpy(attr.prog_name, name, sizeof(attr.prog_name) - 1);
	return step("load", bpf(BPF_PROG_LOAD, &attr));
}

#define LOAD(type, attach_type, btf_id, name, insns) \
	load(type, attach_type, btf_id, name, insns, sizeof(insns) / sizeof((insns)[0]))

static void run(int program)
{
	char packet[64] = {0};
	union bpf_attr attr = {0};

	attr.test.prog_fd = (uint32_t)program;
	attr.test.data_in = pointer(packet);
	attr.test.data_size_in = sizeof(packet);
	attr.test.repeat = 1;
	step("run", bpf(BPF_PROG_TEST_RUN, &attr));
}

/* A program of ours that names the map and writes it. */
static void act_program(char **argument)
{
	int map = open_map(argument[0]);
	const struct bpf_insn insns[] = {KEY, MOVE(BPF_REG_2, BPF_REG_10), ADD(BPF_REG_2, -4),
		MAP(BPF_REG_1, map), LOOKUP, IF_NULL(BPF_REG_0, 1), WRITE(BPF_REG_0),
		SET(BPF_REG_0, XDP_PASS), EXIT};

	run(LOAD(BPF_PROG_TYPE_XDP, 0, 0, "write_named", insns));
}

/* A map of maps of ours takes any descriptor; a program of ours that never names the map. */
static void act_map_in_map(char **argument)
{
	int map = open_map(argument[0]);
	int inner = step("create", create(BPF_MAP_TYPE_ARRAY, "inner", BPF_F_MMAPABLE, 0));
	int outer = step("create", create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "outer", 0, inner));
	const struct bpf_insn insns[] = {KEY, MOVE(BPF_REG_2, BPF_REG_10), ADD(BPF_REG_2, -4),
		MAP(BPF_REG_1, outer), LOOKUP, IF_NULL(BPF_REG_0, 6), MOVE(BPF_REG_1, BPF_REG_0),
		MOVE(BPF_REG_2, BPF_REG_10), ADD(BPF_REG_2, -4), LOOKUP, IF_NULL(BPF_REG_0, 1),
		WRITE(BPF_REG_0), SET(BPF_REG_0, XDP_PASS), EXIT};

	step("insert", update(outer, (uint32_t)map));
	run(LOAD(BPF_PROG_TYPE_XDP, 0, 0, "write_inner", insns));
}

/* Only binds the map to a program of ours, which keeps it alive and may be dumped with it. */
static void act_bind(char **argument)
{
	static const struct bpf_insn insns[] = {SET(BPF_REG_0, XDP_PASS), EXIT};
	union bpf_attr attr = {0};

	attr.prog_bind_map.map_fd = (uint32_t)open_map(argument[0]);
	attr.prog_bind_map.prog_fd = (uint32_t)LOAD(BPF_PROG_TYPE_XDP, 0, 0, "bound", insns);
	step("bind", bpf(BPF_PROG_BIND_MAP, &attr));
}

/* Somebody else's array of programs gets one of ours. */
static void act_prog_array(char **argument)
{
	static const struct bpf_insn insns[] = {SET(BPF_REG_0, XDP_DROP), EXIT};
	int map = open_map(argument[0]);

	step("update", update(map, (uint32_t)LOAD(BPF_PROG_TYPE_XDP, 0, 0, "next", insns)));
}

/* Somebody else's sockets get a verdict of ours. */
static void act_sockmap(char **argument)
{
	static const struct bpf_insn insns[] = {SET(BPF_REG_0, 0 /* SK_DROP */), EXIT};
	union bpf_attr attr = {.target_fd = (uint32_t)open_map(argument[0])};

	attr.attach_bpf_fd = (uint32_t)LOAD(BPF_PROG_TYPE_SK_SKB, 0, 0, "verdict", insns);
	attr.attach_type = BPF_SK_SKB_STREAM_VERDICT;
	step("attach", bpf(BPF_PROG_ATTACH, &attr));
}

/* --- the iterator ----------------------------------------------------------------------- */

/* How many bytes follow a struct btf_type. */
static size_t btf_rest(const struct btf_type *type)
{
	size_t n = type->info & 0xffff;

	switch (type->info >> 24 & 0x1f) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return n * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return n * 12;
	case BTF_KIND_FUNC_PROTO:
		return n * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return n * sizeof(struct btf_var_secinfo);
	default:
		return 0;
	}
}

static int read_all(int file, char *to, size_t size)
{
	for (size_t at = 0; at < size;) {
		ssize_t n = read(file, to + at, size - at);
		if (n <= 0)
			return -1;
		at += (size_t)n;
	}
	return 0;
}

/* The running kernel's number for one of its functions. */
static uint32_t btf_function(const char *name)
{
	int file = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (file < 0 || fstat(file, &status) < 0)
		could_not_try("/sys/kernel/btf/vmlinux");
	char *btf = malloc((size_t)status.st_size);
	if (!btf || read_all(file, btf, (size_t)status.st_size) < 0)
		could_not_try("/sys/kernel/btf/vmlinux");
	const struct btf_header *header = (void *)btf;
	const char *strings = btf + header->hdr_len + header->str_off;
	char *at = btf + header->hdr_len + header->type_off, *end = at + header->type_len;
	for (uint32_t id = 1; at < end; id++) {
		const struct btf_type *type = (void *)at;
		if ((type->info >> 24 & 0x1f) == BTF_KIND_FUNC &&
			strcmp(strings + type->name_off, name) == 0)
			return id;
		at += sizeof(*type) + btf_rest(type);
	}
	errno = ENOENT;
	could_not_try(name);
	return 0;
}

/* A program of ours that names no map iterates over this one, and writes as it goes. */
static void act_iterator(char **argument)
{
	const struct bpf_insn insns[] = {
		/* struct bpf_iter__bpf_map_elem: meta, map, key, value */
		INSN(BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_1, 24, 0),
		IF_NULL(BPF_REG_1, 1), WRITE(BPF_REG_1), SET(BPF_REG_0, 0), EXIT};
	union bpf_iter_link_info info = {.map.map_fd = (uint32_t)open_map(argument[0])};
	union bpf_attr link = {0}, iterator = {0};
	char nothing[64];

	link.link_create.prog_fd = (uint32_t)LOAD(BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER,
		btf_function("bpf_iter_bpf_map_elem"), "overwrite", insns);
	link.link_create.attach_type = BPF_TRACE_ITER;
	link.link_create.iter_info = pointer(&info);
	link.link_create.iter_info_len = sizeof(info);
	iterator.iter_create.link_fd = (uint32_t)step("link", bpf(BPF_LINK_CREATE, &link));
	int file = step("iterate", bpf(BPF_ITER_CREATE, &iterator));
	while (read(file, nothing, sizeof(nothing)) > 0)
		;
}

static const struct act {
	const char *name;
	int arguments; /* needed */
	void (*run)(char **argument);
	const char *help;
} acts[] = {
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
	for (size_t i = 0; argc > 1 && i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(argv[1], acts[i].name) == 0 && argc - 2 >= acts[i].arguments) {
			acts[i].run(argv + 2);
			return ALLOWED;
		}
	fprintf(stderr, "usage:\n");
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		fprintf(stderr, "  maps %s %s\n", acts[i].name, acts[i].help);
	return COULD_NOT_TRY;
}
