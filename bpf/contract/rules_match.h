/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Comparisons of texts and bits for rules.h and the BPF side, which the verifier can follow at
 * little cost.
 */

#include <linux/types.h>

#ifdef __bpf__
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#endif

#define RULES static inline __attribute__((always_inline))

/*
 * Calls look(i, context) for each i below n until one answers 1. Under bpf_loop() the verifier
 * follows it once, however many there are; a loop of C it follows as often as it may run.
 */
#ifdef __bpf__
#define RULES_EACH(n, look, context) bpf_loop(n, look, context, 0)
#else
#define RULES_EACH(n, look, context)                                                               \
	for (__u32 rules_i = 0; rules_i < (n) && !look(rules_i, context);)                         \
	rules_i++
#endif

/*
 * 1 when value is 0, else 0, without a branch: the verifier would follow both. The empty asm keeps
 * the compiler from putting one back.
 */
RULES __u64 rules_is_zero(__u64 value)
{
	__u64 sign = value | (0 - value);

	__asm__ volatile("" : "+r"(sign));
	return (sign >> 63) ^ 1;
}

/* 1 when the text matches; both NUL padded, size a multiple of 8. */
RULES __u64 rules_match(const void *text, const void *bytes, const void *mask, int size)
{
	const __u64 *words = text, *wanted = bytes, *counts = mask;
	__u64 difference = 0;

	for (int i = 0; i < size / 8; i++)
		difference |= (words[i] ^ wanted[i]) & counts[i];
	return rules_is_zero(difference);
}

/* The index of the lowest bit of a value that is not 0 (de Bruijn's sequence). */
RULES __u32 rules_lowest_bit(__u64 value)
{
	static const __u8 indices[64] = {0, 1, 2, 53, 3, 7, 54, 27, 4, 38, 41, 8, 34, 55, 48, 28,
		62, 5, 39, 46, 44, 42, 22, 9, 24, 35, 59, 56, 49, 18, 29, 11, 63, 52, 6, 26, 37, 40,
		33, 47, 61, 45, 43, 21, 23, 58, 17, 10, 51, 25, 36, 32, 60, 20, 57, 16, 50, 31, 19,
		15, 30, 14, 13, 12};

	return indices[((value & (0 - value)) * 0x022fdd63cc95386dULL) >> 58];
}
