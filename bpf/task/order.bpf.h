/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Orders loosen the enforcement. They are signed by the control signer, whose key is not on this
 * machine. The control program stores an order in its task storage and looks it up; the hook on
 * that bpf() call verifies it, executes it and writes the answer.
 */

#include "bpf/state/task.bpf.h"
#include "bpf/facts/identity.bpf.h"
#include "bpf/judge/emit.bpf.h"

enum verb {
	VERB_NONE,
	VERB_STOP,
	VERB_OBSERVE,
	VERB_ENFORCE,
	VERB_POLICY,
	VERB_ENROLL,
	VERB_UNENROLL,
	VERB_UNSEAL,
};

static __noinline int order_verb(const struct bs_claim *claim)
{
	static const char verbs[][BS_NAME_SIZE] = {
		[VERB_STOP] = "stop",
		[VERB_OBSERVE] = "observe",
		[VERB_ENFORCE] = "enforce",
		[VERB_POLICY] = "policy",
		[VERB_ENROLL] = "enroll",
		[VERB_UNENROLL] = "unenroll",
		[VERB_UNSEAL] = "unseal",
	};

	if (!claim)
		return VERB_NONE;
	for (int verb = VERB_STOP; verb <= VERB_UNSEAL; verb++)
		if (name_equal(claim->name, verbs[verb]))
			return verb;
	return VERB_NONE;
}

static __always_inline bool is_our_nonce(const __u8 *nonce)
{
	const volatile __u64 *ours = (const volatile __u64 *)start_nonce; /* set before the load */
	const __u64 *theirs = (const __u64 *)nonce;
	__u64 difference = 0;

	for (int i = 0; i < BS_NONCE_SIZE / 8; i++)
		difference |= ours[i] ^ theirs[i];
	return !difference;
}

/* The nonce that orders must name, for people, through the state. */
static __always_inline void nonce_show(void)
{
	const volatile __u64 *ours = (const volatile __u64 *)start_nonce;
	__u64 *shown = (__u64 *)state.nonce;

	for (int i = 0; i < BS_NONCE_SIZE / 8; i++)
		shown[i] = ours[i];
}

/* Is an order's fixed part well formed, for this start, and newer than the last one? */
static __noinline int order_check(const struct bs_claim *claim)
{
	if (!claim)
		return BS_REASON_HELPER_FAILED;
	if (!claim_is_ours(claim) || claim->role != BS_ROLE_ORDER || claim->digest_algorithm ||
		*(const __u16 *)claim->digest_size != sizeof(claim->digest))
		return BS_REASON_ORDER_BAD;
	if (order_verb(claim) == VERB_NONE)
		return BS_REASON_ORDER_VERB;
	if (!is_our_nonce(claim->digest + BS_DIGEST_SIZE))
		return BS_REASON_ORDER_NONCE;
	return claim_sequence(claim) > state.order_counter ? BS_REASON_OK
							   : BS_REASON_ORDER_REPLAYED;
}

/* Signature reasons in an order's words. */
static __always_inline int order_signature(struct bs_signed_claim *signed_claim, __u64 size)
{
	if (!control_ring)
		return BS_REASON_NO_CONTROL;
	int reason = signature_verify(signed_claim, size, control_ring);
	if (!reason || reason == BS_REASON_NO_MEMORY || reason == BS_REASON_BAD_CLAIM)
		return reason == BS_REASON_BAD_CLAIM ? BS_REASON_ORDER_BAD : reason;
	return BS_REASON_ORDER_SIGNATURE;
}

/* Uses an order up: of two that race with one counter, one is a replay. */
static __always_inline int order_take(__u64 counter)
{
	__u64 last = state.order_counter;

	if (counter <= last)
		return BS_REASON_ORDER_REPLAYED;
	if (__sync_val_compare_and_swap(&state.order_counter, last, counter) != last)
		return BS_REASON_ORDER_REPLAYED;
	return BS_REASON_OK;
}

/* A task that did, under observation, what is denied from now on is judged again and loses its
 * mark. */
static __always_inline void enforce_again(void)
{
	state.mode = BS_MODE_ENFORCE;
	trust_move();
}

/* The effect of each verb here; the control program does the rest. */
static __always_inline void order_execute(int verb, struct task_state *task)
{
	if (verb == VERB_STOP)
		state.mode = BS_MODE_OFF;
	else if (verb == VERB_OBSERVE)
		state.mode = BS_MODE_OBSERVE;
	else if (verb == VERB_ENFORCE)
		enforce_again();
	else if (verb == VERB_ENROLL || verb == VERB_UNENROLL)
		task->order |= ORDER_KEYS; /* until it says that it is done, or execs or ends */
	else if (verb == VERB_POLICY)
		task->order |= ORDER_POLICY;
	else if (verb == VERB_UNSEAL)
		state.keyring_seal = 0;
}

/* The control program has carried the order out: all marks and files are verified again. */
static __always_inline void order_done(struct bs_order *order, struct task_state *task)
{
	task->order = 0;
	trust_move();
	order->reason = BS_REASON_OK;
	order->status = BS_ORDER_ANSWERED;
}

static __noinline int order_verify(struct verification *scratch, __u64 size)
{
	if (!scratch)
		return BS_REASON_NO_MEMORY;
	int reason = order_check(&scratch->signed_claim.claim);
	if (!reason)
		reason = order_signature(&scratch->signed_claim, size);
	if (!reason && state.keyring_seal) {
		int verb = order_verb(&scratch->signed_claim.claim);
		if (verb == VERB_ENROLL || verb == VERB_UNENROLL)
			return BS_REASON_KEYRING_SEAL; /* not used up: it counts after `unseal` */
	}
	if (!reason)
		reason = order_take(claim_sequence(&scratch->signed_claim.claim));
	return reason;
}

/*
 * Answers the current control task's order if it has submitted one. The order is copied to
 * scratch first: its own task could rewrite the original between check and use.
 */
__noinline int order_answer(struct task_state *task)
{
	struct task_struct *current = bpf_get_current_task_btf();
	struct bs_order *order = bpf_task_storage_get(&orders, current, NULL, 0);

	if (!task || !order)
		return 0;
	if (order->status == BS_ORDER_DONE)
		order_done(order, task);
	if (order->status != BS_ORDER_SUBMITTED)
		return 0;

	struct verification *scratch = verification_make();
	if (scratch)
		bpf_probe_read_kernel(&scratch->signed_claim, sizeof(scratch->signed_claim),
			&order->signed_claim);
	int reason = order_verify(scratch, order->size);
	order->reason = reason;
	order->status = BS_ORDER_ANSWERED;

	struct request request = {.op = BS_OP_ORDER, .flags = BS_RECORD_ALARM};
	if (scratch)
		request.object = scratch->signed_claim.claim.name;
	emit(&request, &task->mark, reason); /* before it is carried out: `stop` silences us */
	if (!reason && scratch)
		order_execute(order_verb(&scratch->signed_claim.claim), task);
	return 0;
}
