/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * `signed-programs`: the kernel's own verdict on a program's signature, and the keyring that
 * verified it. The caller chooses the keyring, so it must be that of the entry's signer.
 *
 * v6.18 to v7.1: bpf_prog_verify_signature() (kernel/bpf/syscall.c) fails the load before this
 * hook, so attr.signature here means verified. Since v7.2 prog->aux->sig holds the verdict.
 */

#include "bpf/state/maps.bpf.h"
#include "bpf/objects/objects.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct bpf_prog_aux___signed {
	struct {
		__s32 keyring_serial;
		__u8 verdict; /* 0: unsigned */
	} sig;
};
union bpf_attr___signed {
	struct {
		__u64 signature;
		__s32 keyring_id;
	};
};
#pragma clang attribute pop

static __always_inline int signer_reason(const struct mark *mark, __s32 serial)
{
	struct bs_program *entry = entry_of(mark);

	if (entry && entry->ring > 0 && entry->ring == serial)
		return BS_REASON_OK;
	return BS_REASON_PROGRAM_SIGNER;
}

static __noinline int program_signature_reason(
	struct mark *mark, struct bpf_prog *prog, union bpf_attr *attr)
{
	struct bpf_prog_aux___signed *aux = (void *)BPF_CORE_READ(prog, aux);
	union bpf_attr___signed *asked = (void *)attr;

	if (!mark || !(mark->verdict.program_flags & BS_PROGRAM_SIGNED))
		return BS_REASON_OK;
	if (bpf_core_field_exists(aux->sig)) {
		if (!BPF_CORE_READ(aux, sig.verdict))
			return BS_REASON_PROGRAM_UNSIGNED;
		return signer_reason(mark, BPF_CORE_READ(aux, sig.keyring_serial));
	}
	if (!bpf_core_field_exists(asked->signature))
		return BS_REASON_NO_PROGRAM_SIGNATURES;
	if (!BPF_CORE_READ(asked, signature))
		return BS_REASON_PROGRAM_UNSIGNED;
	return signer_reason(mark, BPF_CORE_READ(asked, keyring_id));
}
