/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The fs-verity digest of an inode of which we have only the address: the file below an overlay's.
 * For a file that a hook was given, bpf_get_fsverity_digest() answers. The structs read here are
 * freed with the inode (fs/verity/open.c), which every caller holds by an open file.
 */

#include "bpf/contract/abi.h"
#include "bpf/kernel/kernel.bpf.h"
#include "bpf/state/maps.bpf.h"

/* enum hash_algo, include/uapi/linux/hash_info.h; the value comes from the running kernel. */
enum hash_algo {
	HASH_ALGO_SHA256 = 4,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* Only what differs from one kernel to the next; until v6.17 the inode has it. */
struct inode___verity {
	struct fsverity_info *i_verity_info;
};

/* v6.18 to v7.0: at this distance from the inode, in the file system's own struct around it. */
struct fsverity_operations___offset {
	long inode_info_offs;
};

struct rhash_head {
	struct rhash_head *next; /* bit 0: the end of the chain (include/linux/rhashtable.h) */
};

/* Since v7.1: in a hash table by the inode's address. */
struct fsverity_info___hashed {
	struct rhash_head rhash_head;
};

struct bucket_table {
	unsigned int size; /* a power of two */
	unsigned int nest; /* not 0: buckets is a tree, of a table that grew without memory */
	__u32 hash_rnd;
	struct bucket_table *future_tbl; /* while it is resized */
	struct rhash_head *buckets[0];   /* bit 0: locked */
};

struct rhashtable {
	struct bucket_table *tbl;
};

struct fsverity_hash_alg {
	unsigned int digest_size;
	enum hash_algo algo_id;
};

struct merkle_tree_params {
	const struct fsverity_hash_alg *hash_alg;
};

struct fsverity_info {
	struct merkle_tree_params tree_params;
	unsigned char file_digest[64];
	const struct inode *inode; /* that it belongs to */
};

#pragma clang attribute pop

static __always_inline __u32 rotate_left(__u32 word, int bits)
{
	return word << bits | word >> (32 - bits);
}

/* jhash2() of include/linux/jhash.h for the two words of an address. */
static __always_inline __u32 hash_address(__u64 address, __u32 initial)
{
	__u32 start = 0xdeadbeef + (2 << 2) + initial;
	__u32 a = start + (__u32)address, b = start + (address >> 32), c = start;

	c = (c ^ b) - rotate_left(b, 14);
	a = (a ^ c) - rotate_left(c, 11);
	b = (b ^ a) - rotate_left(a, 25);
	c = (c ^ b) - rotate_left(b, 16);
	a = (a ^ c) - rotate_left(c, 4);
	b = (b ^ a) - rotate_left(a, 14);
	return (c ^ b) - rotate_left(b, 24);
}

#define VERITY_CHAIN                                                                               \
	32 /* entries of a bucket that are looked at; the table grows at an average of 3/4 */

static __always_inline struct fsverity_info *verity_in_table(
	struct bucket_table *table, __u64 inode)
{
	__u32 size = BPF_CORE_READ(table, size);
	struct rhash_head *at = NULL;

	if (!table || !size || BPF_CORE_READ(table, nest))
		return NULL;
	__u64 bucket = hash_address(inode, BPF_CORE_READ(table, hash_rnd)) & (size - 1);
	bpf_core_read(&at, sizeof(at), &table->buckets[bucket]);
	at = (struct rhash_head *)((__u64)at & ~1ULL);
	for (int i = 0; i < VERITY_CHAIN && at && !((__u64)at & 1); i++) {
		struct fsverity_info *info =
			(void *)at -
			bpf_core_field_offset(struct fsverity_info___hashed, rhash_head);
		if ((__u64)BPF_CORE_READ(info, inode) == inode)
			return info;
		at = BPF_CORE_READ(at, next);
	}
	return NULL;
}

static __always_inline struct fsverity_info *verity_hashed(__u64 inode)
{
	const struct rhashtable *all = (void *)address.fsverity_info_hash;
	struct bucket_table *table = all ? BPF_CORE_READ(all, tbl) : NULL;

	return verity_in_table(table, inode)
		       ?: verity_in_table(BPF_CORE_READ(table, future_tbl), inode);
}

/* The fs-verity information of this inode, or NULL. */
static __always_inline struct fsverity_info *verity_info(struct inode *inode)
{
	struct inode___verity *direct = (void *)inode;
	struct fsverity_operations___offset *operations;
	struct fsverity_info___hashed *hashed = NULL;
	struct fsverity_info *info = NULL;

	if (bpf_core_field_exists(direct->i_verity_info))
		return BPF_CORE_READ(direct, i_verity_info);
	if (bpf_core_field_exists(hashed->rhash_head))
		return verity_hashed((__u64)inode);
	operations = (void *)BPF_CORE_READ(inode, i_sb, s_vop);
	if (operations && bpf_core_field_exists(operations->inode_info_offs))
		bpf_probe_read_kernel(&info, sizeof(info),
			(void *)inode + BPF_CORE_READ(operations, inode_info_offs));
	return info;
}

/*
 * The digest of the inode at this address into map memory, which is all zero before; false: none,
 * or not SHA-256. Global: the verifier looks at it once, for all.
 */
__noinline int verity_measure(__u64 address, struct measurement *ret)
{
	struct inode *inode = (void *)address;

	if (!address || !ret)
		return false;
	struct fsverity_info *info = verity_info(inode);
	if (!info || BPF_CORE_READ(info, inode) != inode)
		return false;
	if (BPF_CORE_READ(info, tree_params.hash_alg, digest_size) != BS_DIGEST_SIZE ||
		BPF_CORE_READ(info, tree_params.hash_alg, algo_id) !=
			bpf_core_enum_value(enum hash_algo, HASH_ALGO_SHA256))
		return false;
	if (bpf_core_read(ret->digest, BS_DIGEST_SIZE, &info->file_digest))
		return false;
	ret->algorithm = BS_DIGEST_SHA256;
	ret->size = BS_DIGEST_SIZE;
	return true;
}
