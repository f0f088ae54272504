/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Loads a BPF program with a signature that the kernel verifies (Linux 6.18 and later), which the
 * libraries of Debian 12 do not know. The signature is a CMS signature, made elsewhere, over the
 * bytes that `bytes` writes: the instructions, and since 7.3 behind them the contents of the maps
 * in fd_array, which are frozen and belong to this program alone.
 */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/files.h"

#include <stddef.h>

/* BPF_PROG_LOAD as of v6.18: <linux/bpf.h> of Debian 12 is older. */
struct load_attr {
	union {
		union bpf_attr old;
		__u8 bytes[144];
	};
	__s32 prog_token_fd;
	__u32 fd_array_cnt;
	__aligned_u64 signature;
	__u32 signature_size;
	__s32 keyring_id;
};
_Static_assert(offsetof(struct load_attr, signature) == 152, "as in v6.18");
_Static_assert(sizeof(struct load_attr) == 168, "as in v6.18");

/* BPF_MAP_CREATE as of v6.18. */
struct create_attr {
	__u32 map_type, key_size, value_size, max_entries;
	__u32 map_flags, inner_map_fd, numa_node;
	char map_name[BPF_OBJ_NAME_LEN];
	__u32 unused[9]; /* map_ifindex to map_token_fd */
	__aligned_u64 excl_prog_hash;
	__u32 excl_prog_hash_size;
	__u32 _pad;
};
_Static_assert(offsetof(struct create_attr, excl_prog_hash) == 80, "as in v6.18");

static const struct bpf_insn plain[] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 2 /* XDP_PASS */},
	{.code = BPF_JMP | BPF_EXIT},
};

/* Returns the value in the first map of fd_array. */
static const struct bpf_insn with_map[] = {
	{.code = BPF_LD | BPF_IMM | BPF_DW,
		.dst_reg = BPF_REG_1,
		.src_reg = BPF_PSEUDO_MAP_IDX_VALUE},
	{.code = 0},
	{.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_1},
	{.code = BPF_ALU64 | BPF_AND | BPF_K, .dst_reg = BPF_REG_0, .imm = 3},
	{.code = BPF_JMP | BPF_EXIT},
};
static const uint64_t contents = 2;

/* path "-": no signature at all. */
static void load_signed(const struct bpf_insn *insns, size_t size, const char *path,
	const char *keyring, const int *map)
{
	struct load_attr attr = {0};

	attr.old.prog_type = BPF_PROG_TYPE_XDP;
	attr.old.insns = pointer(insns);
	attr.old.insn_cnt = (__u32)(size / sizeof(*insns));
	attr.old.license = pointer("GPL");
	strcpy(attr.old.prog_name, "signed_program");
	if (map) {
		attr.old.fd_array = pointer(map);
		attr.fd_array_cnt = 1;
	}
	if (strcmp(path, "-") != 0) {
		size_t size_of_signature;
		attr.signature = pointer(read_whole(path, &size_of_signature));
		attr.signature_size = (__u32)size_of_signature;
		attr.keyring_id = (__s32)strtol(keyring, NULL, 0);
	}
	step("load", syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)));
}

/* An array of one value, frozen; of the program with this SHA-256 alone. */
static int create_frozen(const char *hash, uint64_t value)
{
	struct create_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = sizeof(value),
		.max_entries = 1,
		.map_name = "signed_map"};
	union bpf_attr freeze = {0};
	unsigned char digest[32];

	for (size_t i = 0; i < sizeof(digest); i++)
		if (sscanf(hash + 2 * i, "%2hhx", &digest[i]) != 1)
			could_not_try("the hash");
	attr.excl_prog_hash = pointer(digest);
	attr.excl_prog_hash_size = sizeof(digest);
	int map = set_up("create", syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
	set_up("update", update(map, &value));
	freeze.map_fd = (__u32)map;
	set_up("freeze", bpf(BPF_MAP_FREEZE, &freeze));
	return map;
}

static void act_bytes(char **argument)
{
	int map = strncmp(argument[0], "map", 3) == 0;

	fwrite(map ? with_map : plain, 1, map ? sizeof(with_map) : sizeof(plain), stdout);
	if (strcmp(argument[0], "map-contents") == 0)
		fwrite(&contents, 1, sizeof(contents), stdout);
}

static void act_load(char **argument)
{
	load_signed(plain, sizeof(plain), argument[0], argument[1], NULL);
}

static void act_load_altered(char **argument)
{
	struct bpf_insn altered[sizeof(plain) / sizeof(plain[0])];

	memcpy(altered, plain, sizeof(plain));
	altered[0].imm = 1; /* XDP_DROP */
	load_signed(altered, sizeof(altered), argument[0], argument[1], NULL);
}

static void act_load_map(char **argument)
{
	int map = create_frozen(argument[2], contents);

	load_signed(with_map, sizeof(with_map), argument[0], argument[1], &map);
}

static void act_load_altered_map(char **argument)
{
	int map = create_frozen(argument[2], contents - 1);

	load_signed(with_map, sizeof(with_map), argument[0], argument[1], &map);
}

static const struct act acts[] = {
	{"bytes", 1, act_bytes, "plain|map|map-contents"},
	{"load", 2, act_load, "SIGNATURE|- KEYRING"},
	{"load-altered", 2, act_load_altered, "SIGNATURE KEYRING"},
	{"load-map", 3, act_load_map, "SIGNATURE KEYRING SHA256-OF-INSTRUCTIONS"},
	{"load-altered-map", 3, act_load_altered_map, "SIGNATURE KEYRING SHA256-OF-INSTRUCTIONS"},
};

int main(int argc, char **argv)
{
	return ACT_MAIN(acts, argv);
}
