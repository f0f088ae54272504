/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The number by which the code of probe says whose it is: "probe who" loads it with one
 * instruction. Eve's code is Alice's with EVE in that instruction.
 */

#include "tests/vm/lib/act.h"

#include <stdint.h>

#define ALICE 0x6c61c0deU
#define EVE   0x65766572U

/* The offset of the one instruction operand that says ALICE, which lies in one page. */
static inline off_t find_alice(const uint8_t *data, size_t size, size_t page)
{
	const uint32_t alice = ALICE;
	off_t found = -1;

	for (size_t i = 0; i + 5 < size; i++) /* movl $imm32, register: b8+r imm32 */
		if ((data[i] & 0xf8) == 0xb8 && memcmp(data + i + 1, &alice, 4) == 0) {
			need(found < 0, "more than one place says ALICE");
			found = (off_t)i + 1;
		}
	need(found >= 0, "no place says ALICE");
	need((size_t)found / page == ((size_t)found + 3) / page, "ALICE lies across two pages");
	return found;
}
