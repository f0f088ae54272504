/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * From a file to the facts about it: the claim about its digest that a signer's keyring
 * verifies. Facts only; decide.bpf.h judges them.
 */

#include "bpf/state/task.bpf.h"
#include "bpf/facts/measure.bpf.h"
#include "bpf/facts/overlay.bpf.h"

static __always_inline __u64 claim_sequence(const struct bs_claim *claim)
{
	return *(const __u64 *)claim->sequence; /* le64; every kernel we run on is little endian */
}

/* The magic is the purpose prefix: the kernel's signature check has no domain separation. */
static __always_inline bool claim_is_ours(const struct bs_claim *claim)
{
	static const char magic[16] = BS_CLAIM_MAGIC;

	return equal_u64s(claim->magic, magic, sizeof(magic)) &&
	       *(const __u32 *)claim->reserved == 0;
}

/* The conditions under which a claim counts. */
struct wanted {
	/* the entry whose signers are trusted; NULL: the entry that the claim names */
	struct bs_program *entry;
	__u32 roles; /* bit n: enum bs_role n */
};
#define ROLE(role) (1U << BS_ROLE_##role)

/* Is the fixed part of a claim well formed, in one of these roles, and for these bytes? */
static __always_inline int claim_check(
	const struct bs_claim *claim, const __u8 *digest, __u32 roles)
{
	if (!claim_is_ours(claim) || claim->name[0] == 0 || claim->name[BS_NAME_SIZE - 1])
		return BS_REASON_BAD_CLAIM;
	if (!(roles & (1U << (claim->role & 31))))
		return BS_REASON_WRONG_ROLE;
	if (claim->digest_algorithm != BS_DIGEST_SHA256 ||
		*(const __u16 *)claim->digest_size != BS_DIGEST_SIZE)
		return BS_REASON_BAD_CLAIM;
	return digest_equal(claim->digest, digest) ? BS_REASON_OK : BS_REASON_OTHER_DIGEST;
}

/* The reason for a result of the kernel's signature check. */
static __always_inline int signature_reason(int r)
{
	switch (r) {
	case 0:
		return BS_REASON_OK;
	case -ENOKEY:
		return BS_REASON_UNKNOWN_KEY;
	case -EKEYEXPIRED:
		return BS_REASON_EXPIRED_KEY;
	case -EKEYREVOKED:
		return BS_REASON_REVOKED_KEY;
	case -ENOMEM:
		return BS_REASON_NO_MEMORY;
	default:
		return BS_REASON_BAD_SIGNATURE;
	}
}

/*
 * The kernel's own check. While it looks for the key, and only then, this task may search the ring:
 * see on_key_permission(). A ring that is not guarded is no signer's.
 */
static __always_inline int signature_ask(
	struct bpf_dynptr *data, struct bpf_dynptr *signature, __s32 ring)
{
	struct task_state *task = task_find();

	if (!task)
		return -ENOMEM; /* every caller has one */
	if (!bpf_map_lookup_elem(&keyrings, &ring))
		return -ENOKEY;
	struct bpf_key *keyring = bpf_lookup_user_key(ring, 0);
	if (!keyring)
		return -ENOKEY;
	task->verifying = 1;
	int r = bpf_verify_pkcs7_signature(data, signature, keyring);
	task->verifying = 0;
	bpf_key_put(keyring);
	return r;
}

/*
 * Does a key in this ring verify the signature over the claim? Both are in map memory that no
 * user space can write. size: bytes of claim and signature together.
 */
static __noinline int signature_verify(struct bs_signed_claim *signed_claim, __u64 size, __s32 ring)
{
	struct bpf_dynptr data, signature;

	/* a negative serial would mean a keyring of the current task */
	if (!signed_claim || ring <= 0)
		return BS_REASON_UNKNOWN_KEY;
	if (size <= sizeof(struct bs_claim) || size > sizeof(*signed_claim))
		return BS_REASON_BAD_CLAIM;
	size -= sizeof(struct bs_claim);
	barrier_var(size); /* clang checks one register and passes another */
	if (size > BS_SIGNATURE_SIZE)
		return BS_REASON_BAD_CLAIM;
	if (bpf_dynptr_from_mem(&signed_claim->claim, sizeof(struct bs_claim), 0, &data) ||
		bpf_dynptr_from_mem(signed_claim->signature, size, 0, &signature))
		return BS_REASON_HELPER_FAILED;
	return signature_reason(signature_ask(&data, &signature, ring));
}

/* The xattr's bytes into scratch; its size, or a negative errno. */
static __always_inline int claim_read(struct file *file, struct bs_signed_claim *signed_claim)
{
	struct bpf_dynptr value;

	if (bpf_dynptr_from_mem(signed_claim, sizeof(*signed_claim), 0, &value))
		return -EINVAL;
	return bpf_get_file_xattr(file, BS_CLAIM_XATTR, &value);
}

/* The policy's entry for a name, and the id of the policy it came from. */
static __always_inline struct bs_program *policy_entry(const char *name, __u32 *ret_policy)
{
	__u32 zero = 0;
	void *policy = bpf_map_lookup_elem(&policies, &zero);

	if (!policy)
		return NULL;
	*ret_policy = ((struct bpf_map *)policy)->id;
	return bpf_map_lookup_elem(policy, name);
}

/*
 * The entry that the policy gives these bytes by `digests:`, with its name in *ret_name; or NULL.
 */
static __noinline struct bs_program *digest_entry(const __u8 *digest, char *ret_name)
{
	struct bs_program_key key = {BS_DIGEST_KEY};
	__u32 policy = 0;

	if (!digest || !ret_name)
		return NULL;
	__builtin_memcpy(key.name + sizeof(BS_DIGEST_KEY) - 1, digest, BS_DIGEST_SIZE);
	struct bs_digest *found = (struct bs_digest *)policy_entry(key.name, &policy);
	if (!found)
		return NULL;
	name_copy(ret_name, found->name);
	return policy_entry(found->name, &policy);
}

/*
 * An attribute of this inode has changed, and whoever reads its claim from now on finds the new
 * one. Which files of overlays have it below is unknown: all of them are verified again.
 */
static __always_inline void claim_changed(struct inode *inode)
{
	if (!inode)
		return;
	bpf_inode_storage_delete(&claims, inode);
	if (inode->i_flags & S_VERITY)
		__sync_fetch_and_add(&state.claim_changes, 1);
}

static __always_inline __u32 claim_changes(struct file *file)
{
	return is_overlay(file) ? state.claim_changes : 0;
}

/* Do the facts still hold? Their age is checked elsewhere. */
static __always_inline bool facts_hold(struct file *file, const struct facts *facts)
{
	return facts->trust == trust_generation() && facts->changes == claim_changes(file);
}

/* For tests: are these facts, which were kept with an inode, whole? */
static __always_inline bool facts_are_whole(const struct facts *facts)
{
	return facts->name[0] && !facts->name[BS_NAME_SIZE - 1] && facts->role && facts->ring > 0 &&
	       facts->verified_ns > FACTS_BEING_WRITTEN;
}

/*
 * Facts of this file that were verified before and still hold, into *ret. verified_ns is written
 * last, once for each storage: bytes read after it are complete.
 */
static __always_inline bool facts_find(struct file *file, const __u8 *digest, struct facts *ret)
{
	struct inode *inode = file->f_inode; /* once: see peek() */
	struct facts *facts = bpf_inode_storage_get(&claims, inode, NULL, 0);

	if (!facts)
		return false;
	__u64 verified_ns = *(volatile __u64 *)&facts->verified_ns;
	if (verified_ns <= FACTS_BEING_WRITTEN)
		return false;
	*ret = *facts;
	if (count_contradictions)
		contradiction_count(!facts_are_whole(ret));
	if (!facts_hold(file, ret) || bpf_ktime_get_boot_ns() - verified_ns > FACTS_AGE_NS) {
		bpf_inode_storage_delete(&claims, inode);
		return false;
	}
	return digest_equal(ret->digest, digest);
}

/*
 * Keeps the facts with the inode, in storage that was made before its claim was read: where the
 * claim has changed meanwhile, claim_changed() has taken that away, and nobody finds them. Of
 * several tasks that verified one file the first does; without memory they are verified again next
 * time.
 */
static __always_inline void facts_keep(struct facts *kept, const struct facts *facts)
{
	if (!kept || __sync_val_compare_and_swap(&kept->verified_ns, 0, FACTS_BEING_WRITTEN))
		return;
	__builtin_memcpy(kept->digest, facts->digest, sizeof(kept->digest));
	name_copy(kept->name, facts->name);
	kept->sequence = facts->sequence;
	kept->role = facts->role;
	kept->ring = facts->ring;
	kept->trust = facts->trust;
	kept->changes = facts->changes;
	barrier();
	*(volatile __u64 *)&kept->verified_ns = facts->verified_ns;
}

/* Does the entry trust this keyring? files: those of its `file-signers` count too. */
static __always_inline bool is_believed(const struct bs_program *entry, __s32 ring, bool files)
{
	bool believed = ring == entry->ring;

	for (__u32 i = 0; i < BS_SIGNERS && files; i++)
		believed |= i < entry->files.n_signers && ring == entry->files.rings[i];
	return believed && ring > 0;
}

/* The keyring that verifies the claim in scratch goes to facts->ring. */
static __always_inline int claim_signer(struct verification *scratch, __u64 size,
	const struct bs_program *entry, bool files, struct facts *facts)
{
	facts->ring = entry->ring;
	int reason = signature_verify(&scratch->signed_claim, size, entry->ring);

	for (__u32 i = 0; i < BS_SIGNERS && files && reason == BS_REASON_UNKNOWN_KEY; i++) {
		if (i >= entry->files.n_signers)
			break;
		facts->ring = entry->files.rings[i];
		reason = signature_verify(&scratch->signed_claim, size, facts->ring);
	}
	return reason;
}

/* Verifies a claim read into scratch; *facts is filled when that succeeds. */
static __noinline int claim_verify(struct verification *scratch, __u64 size,
	struct measurement *measured, const struct wanted *wanted, struct facts *facts)
{
	if (!scratch || !measured || !wanted || !facts)
		return BS_REASON_HELPER_FAILED;

	struct bs_claim *claim = &scratch->signed_claim.claim;
	int reason = claim_check(claim, measured->digest, wanted->roles);
	if (reason)
		return reason;

	__u32 policy = 0;
	struct bs_program *entry = wanted->entry ?: policy_entry(claim->name, &policy);
	if (!entry)
		return BS_REASON_NOT_IN_POLICY;
	facts->trust = trust_generation(); /* before the check: a change meanwhile moves it */
	reason = claim_signer(scratch, size, entry, wanted->entry, facts);
	if (reason)
		return reason;

	__builtin_memcpy(facts->digest, measured->digest, BS_DIGEST_SIZE);
	name_copy(facts->name, claim->name);
	facts->role = claim->role;
	facts->sequence = claim_sequence(claim);
	facts->verified_ns = bpf_ktime_get_boot_ns();
	return BS_REASON_OK;
}

/* Facts that were verified before, for an entry that may trust other signers, or another role. */
static __always_inline bool facts_suffice(
	struct file *file, const __u8 *digest, const struct wanted *wanted, struct facts *facts)
{
	__u32 policy = 0;

	if (!facts_find(file, digest, facts) || !(wanted->roles & (1U << (facts->role & 31))))
		return false;
	struct bs_program *entry = wanted->entry ?: policy_entry(facts->name, &policy);
	return entry && is_believed(entry, facts->ring, wanted->entry);
}

/*
 * Facts of a file that the policy names by its digest: no claim is needed. Only as an executable,
 * and where such a program reads and maps its own file.
 */
static __always_inline bool is_listed(
	const __u8 *digest, const struct wanted *wanted, struct facts *facts)
{
	struct bs_program *entry = NULL;

	if (wanted->roles & ROLE(EXECUTABLE))
		entry = digest_entry(digest, facts->name);
	if (!entry || (wanted->entry && wanted->entry != entry))
		return false;
	__builtin_memcpy(facts->digest, digest, BS_DIGEST_SIZE);
	facts->trust = trust_generation();
	facts->role = BS_ROLE_EXECUTABLE;
	facts->sequence = 0;
	facts->ring = 0; /* no signature */
	return true;
}

/* Why there is no claim to look at. Only what the file itself says is not asked again. */
static __always_inline int unread_reason(int error)
{
	switch (error) {
	case -ENODATA:
		return BS_REASON_NO_CLAIM;
	case -ERANGE: /* too long */
	case -EOPNOTSUPP:
		return BS_REASON_BAD_CLAIM;
	case -ENOMEM:
		return BS_REASON_NO_MEMORY;
	default:
		return BS_REASON_UNREADABLE;
	}
}

/* From a measured digest to the facts about its file, or the reason why there are none. */
static __noinline int identify(struct file *file, struct measurement *measured, __u64 since_ns,
	const struct wanted *wanted, struct facts *ret)
{
	if (!file || !measured || !wanted || !ret)
		return BS_REASON_HELPER_FAILED;
	if (!is_settled(file, since_ns))
		return BS_REASON_NOT_SETTLED;
	if (is_listed(measured->digest, wanted, ret))
		return BS_REASON_OK;
	if (facts_suffice(file, measured->digest, wanted, ret))
		return BS_REASON_OK;

	struct verification *scratch = verification_make();
	if (!scratch)
		return BS_REASON_NO_MEMORY;
	/* before the claim is read: a change meanwhile takes it away, or moves it */
	struct facts *kept = inode_storage_make(&claims, file->f_inode);
	ret->changes = claim_changes(file);
	int size = claim_read(file, &scratch->signed_claim);
	if (size < 0)
		return unread_reason(size);
	int reason = claim_verify(scratch, size, measured, wanted, ret);
	if (!reason)
		facts_keep(kept, ret);
	return reason;
}
