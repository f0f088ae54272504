/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * S14: mid_exec FILE ALICE CLAIM [EXECUTED [ARGUMENT...]]
 *
 * Executes FILE, which is made of ALICE's bytes but for an ELF header that enters at other_door().
 * When the kernel has read that header and asks for more (a FAN_ACCESS_PERM mark stops it there, and
 * voids the deny-write of an executable on 6.18 and 7.3), FILE is given ALICE's bytes, fs-verity and
 * the xattr in the file CLAIM. With EXECUTED, an overlay's name of FILE, that is executed; with arguments, FILE is
 * ALICE's bytes from the start, and what those name is executed, which has EXECUTED for its ELF interpreter. Exit status: that of
 * what ran; 3 when the kernel refused the writing.
 */

#include "swap.h"

static const char *file, *claim;
static uint8_t *alice;
static size_t size;

static int seal(void)
{
	return become(file, alice, size, claim);
}

int main(int argc, char **argv)
{
	int status = 0;

	need(argc > 3, "usage: mid_exec FILE ALICE CLAIM [EXECUTED [ARGUMENT...]]");
	file = argv[1];
	claim = argv[3];
	alice = read_whole(argv[2], &size);
	const char *executed = argc > 4 ? argv[4] : file;
	uint8_t *eve = malloc(size);
	need(eve != NULL, "malloc");
	memcpy(eve, alice, size);
	if (argc < 6)
		((Elf64_Ehdr *)eve)->e_entry = symbol(alice, "other_door");
	write_whole(file, eve, size);

	char *who[] = {(char *)executed, "who", NULL};
	int r = held(executed, 2, argc > 5 ? argv + 5 : who, seal, &status); /* the header was the first */
	return tell("mid_exec", r, status);
}
