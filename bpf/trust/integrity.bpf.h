/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The facts of the kernel's own integrity stack about a file: IMA's verdict, the keyring that it
 * comes from, and the built-in signatures of fs-verity. decide.bpf.h knows whether an entry
 * requires them. The structs are those of security/integrity/, which no kernel header shows;
 * checked on 6.12, 6.18 and 7.3.
 */

#include "bpf/state/task.bpf.h"
#include "bpf/facts/measure.bpf.h"
#include "bpf/facts/verity.bpf.h"
#include "bpf/trust/keys.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct atomic_long {
	long counter;
};

struct mutex {
	struct atomic_long owner; /* not 0: somebody holds it. PREEMPT_RT has no such field */
};

/* enum integrity_status, include/linux/integrity.h; the value comes from the running kernel. */
enum integrity_status {
	INTEGRITY_PASS = 0,
};

/* enum lsm_integrity_type, include/linux/security.h; the same. */
enum lsm_integrity_type {
	LSM_INT_FSVERITY_BUILTINSIG_VALID = 2,
};

struct ima_digest_data {
	unsigned char algo;
	unsigned char length;
	unsigned char digest[0];
};

/*
 * security/integrity/ima/ima.h, since v6.8; of an inode at i_security + ima_blob_sizes.lbs_inode
 * since v6.10.
 */
struct ima_iint_cache {
	struct mutex mutex;
	unsigned long flags;
	unsigned long atomic_flags;
	enum integrity_status ima_bprm_status : 4;
	struct ima_digest_data *ima_hash;
};

struct lsm_blob_sizes {
	int lbs_inode;
};

#pragma clang attribute pop

/* Macros of security/integrity/ima/ima.h: the same since v5.19, when IMA learned of fs-verity. */
#define IMA_HASH              0x00000100
#define IMA_BPRM_APPRAISED    0x00020000
#define IMA_DIGSIG_REQUIRED   0x01000000
#define IMA_NEW_FILE          0x04000000
#define IMA_MODSIG_ALLOWED    0x20000000
#define IMA_VERITY_REQUIRED   0x80000000
#define IMA_CHANGE_XATTR      (1 << 0) /* of atomic_flags */
#define IMA_CHANGE_ATTR       (1 << 2)
#define IMA_DIGSIG            (1 << 3)
#define EVM_KEY_MASK          3 /* security/integrity/evm/evm.h: has keys, of either kind */
#define INTEGRITY_KEYRING_IMA 1 /* security/integrity/integrity.h: its index in the array */

/* --- IMA's keyring -------------------------------------------------------------------------- */

/*
 * Is IMA's ring one that we guard? Without CONFIG_INTEGRITY_TRUSTED_KEYRING the kernel takes the
 * ring "_ima" among the keyrings of the task that caused the first appraisal, and keeps it. Another
 * array than IMA's would not hold a ring of that name, so a wrong address denies.
 */
static __always_inline int ima_ring_reason(void)
{
	struct key *ring = NULL;
	char name[8] = {};

	if (!address.keyring ||
		bpf_probe_read_kernel(&ring, sizeof(ring),
			(struct key **)address.keyring + INTEGRITY_KEYRING_IMA) ||
		!ring)
		return BS_REASON_IMA_KEYRING;
	__s32 serial = BPF_CORE_READ(ring, serial);
	struct bs_guarded *guarded = bpf_map_lookup_elem(&keyrings, &serial);
	if (!guarded || guarded->kind != BS_GUARD_KERNEL || !is_same_key(guarded, ring))
		return BS_REASON_IMA_KEYRING;
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(ring, description));
	if (!equal_u64s(name, "_ima\0\0\0", 8) && !equal_u64s(name, ".ima\0\0\0", 8))
		return BS_REASON_IMA_KEYRING;
	return BS_REASON_OK;
}

/*
 * With a portable signature of EVM's over the attributes, IMA takes a plain hash for signed
 * (ima_appraise.c: INTEGRITY_PASS_IMMUTABLE), and EVM's keyring is found in the same way as IMA's.
 * Keys that EVM once has stay.
 */
static __always_inline int evm_reason(void)
{
	int initialized = 0;

	if (!address.evm_initialized || bpf_probe_read_kernel(&initialized, sizeof(initialized),
						(void *)address.evm_initialized))
		return BS_REASON_EVM;
	return initialized & EVM_KEY_MASK ? BS_REASON_EVM : BS_REASON_OK;
}

/* May IMA's verdict be trusted at all? `watchbpf status` shows the answer. */
static __noinline int ima_trust_reason(void)
{
	int reason = ima_ring_reason() ?: evm_reason();

	state.ima = reason;
	return reason;
}

/* --- IMA's verdict -------------------------------------------------------------------------- */

static __always_inline struct ima_iint_cache *ima_iint(struct inode *inode)
{
	void *blobs = BPF_CORE_READ(inode, i_security);
	struct ima_iint_cache *iint = NULL;

	struct lsm_blob_sizes *sizes = (void *)address.ima_blob_sizes;
	if (!sizes || !blobs)
		return NULL;
	int offset = BPF_CORE_READ(sizes, lbs_inode);
	bpf_probe_read_kernel(&iint, sizeof(iint), blobs + offset);
	return iint;
}

/* Has IMA verified this fs-verity digest? */
static __always_inline bool is_ima_digest(struct ima_iint_cache *iint, const __u8 *digest)
{
	struct ima_digest_data *hash = BPF_CORE_READ(iint, ima_hash);
	__u8 bytes[BS_DIGEST_SIZE] __attribute__((aligned(8))) = {};

	if (!hash || BPF_CORE_READ(hash, length) != sizeof(bytes) ||
		BPF_CORE_READ(hash, algo) != bpf_core_enum_value(enum hash_algo, HASH_ALGO_SHA256))
		return false;
	if (bpf_core_read(bytes, sizeof(bytes), &hash->digest))
		return false;
	return digest_equal(bytes, digest);
}

/*
 * All must hold at once: appraised for an exec, under a rule that demands a signature of the
 * fs-verity digest (such a rule accepts no signature of another kind); passed, by a signature; and
 * no attribute has changed since. The unwanted flags are those that an IMA policy of Eve's could
 * set, who may load one where none is loaded: `hash` sets IMA_DIGSIG by itself.
 */
static __always_inline bool is_passed(unsigned long flags, unsigned long atomic_flags)
{
	const unsigned long wanted = IMA_BPRM_APPRAISED | IMA_DIGSIG_REQUIRED | IMA_VERITY_REQUIRED;
	const unsigned long unwanted = IMA_HASH | IMA_NEW_FILE | IMA_MODSIG_ALLOWED;

	return (flags & (wanted | unwanted)) == wanted &&
	       (atomic_flags & (IMA_DIGSIG | IMA_CHANGE_XATTR | IMA_CHANGE_ATTR)) == IMA_DIGSIG;
}

/*
 * The same, not during another task's appraisal, which clears IMA_CHANGE_XATTR first and the
 * appraised flags only then. Read before and after the lock was free, both belong together.
 */
static __always_inline bool ima_passed(struct ima_iint_cache *iint)
{
	unsigned long atomic_flags = BPF_CORE_READ(iint, atomic_flags);
	unsigned long flags = BPF_CORE_READ(iint, flags);

	if (!bpf_core_field_exists(iint->mutex.owner) || BPF_CORE_READ(iint, mutex.owner.counter))
		return false;
	return is_passed(flags, atomic_flags) && flags == BPF_CORE_READ(iint, flags) &&
	       atomic_flags == BPF_CORE_READ(iint, atomic_flags);
}

/*
 * Has IMA passed this file with this fs-verity digest in the exec that is under way? inode: its
 * address, since the file of a script is closed by now. If another inode is there by now, IMA has
 * passed a file with the same bytes.
 */
static __noinline int ima_reason(__u64 inode, const __u8 *digest)
{
	struct ima_iint_cache *iint = digest ? ima_iint((struct inode *)inode) : NULL;
	int reason = ima_trust_reason();
	bool passed = false;

	if (reason)
		return reason;
	for (int i = 0; i < 4 && iint && !passed; i++)
		passed = ima_passed(iint);
	if (!passed || BPF_CORE_READ_BITFIELD_PROBED(iint, ima_bprm_status) !=
			       bpf_core_enum_value(enum integrity_status, INTEGRITY_PASS))
		return BS_REASON_IMA;
	return is_ima_digest(iint, digest) ? BS_REASON_OK : BS_REASON_IMA;
}

/* --- built-in signatures -------------------------------------------------------------------- */

/*
 * fs-verity is about to verify the signature at this address over this digest.
 * lsm/inode_setintegrity, which says that the signature was right, does not say what it is for: the
 * digest of an inode is not known yet, and on a disk of Eve's the next task to read it may find
 * another one.
 */
static __always_inline void built_in_begin(struct fsverity_info *info, __u64 signature)
{
	struct pending *pending = task_storage_make(&pendings, bpf_get_current_task_btf());

	if (!pending)
		return; /* no built-in signature will be known, which denies */
	pending->signature = signature;
	bpf_core_read(pending->digest, sizeof(pending->digest), &info->file_digest);
}

static __always_inline void built_in_keep(struct inode *inode, __u64 signature)
{
	struct pending *pending =
		bpf_task_storage_get(&pendings, bpf_get_current_task_btf(), NULL, 0);
	struct built_in *built_in;

	if (!pending || pending->signature != signature)
		return;
	built_in = inode_storage_make(&built_ins, inode);
	if (built_in)
		__builtin_memcpy(built_in->digest, pending->digest, sizeof(built_in->digest));
	pending->signature = 0;
}

/* Has the kernel verified a built-in signature of this file, for this digest? */
static __always_inline int built_in_reason(struct file *file, const __u8 *digest)
{
	struct built_in *built_in = bpf_inode_storage_get(&built_ins, file->f_inode, NULL, 0);

	return built_in && digest_equal(built_in->digest, digest) ? BS_REASON_OK
								  : BS_REASON_BUILTIN;
}

/* --- IMA's hash ----------------------------------------------------------------------------- */

/* IMA's hash of the file, for the record; none where it has none. May read the whole file. */
static __always_inline void measure_by_ima(
	struct file *file, const __u8 *digest, struct bs_hash *hash)
{
	long algorithm = bpf_ima_file_hash(file, hash->bytes, sizeof(hash->bytes));

	hash->kind = BS_HASH_NONE;
	if (algorithm < 0)
		return;
	hash->algorithm = algorithm;
	hash->kind = digest_equal(hash->bytes, digest) ? BS_HASH_VERITY : BS_HASH_CONTENT;
}
