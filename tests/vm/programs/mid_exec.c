/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * mid_exec FILE ALICE CLAIM [EXECUTED [ARGUMENT...]]: fs-verity in the middle of an exec.
 *
 * Executes FILE, which has the bytes of ALICE but for an ELF header that enters at other_door().
 * When the kernel has read that header and asks for more (a FAN_ACCESS_PERM mark stops it there,
 * and voids the deny-write of an executable on 6.18 and 7.3), FILE is given ALICE's bytes,
 * fs-verity and the xattr in the file CLAIM. EXECUTED is an overlay's name of FILE, and is executed
 * instead. With arguments these are executed: a program that has EXECUTED for its ELF interpreter;
 * FILE is glibc's then, and its header enters at _exit(). The exit status is that of the program
 * that ran, or says that the writing was refused.
 */

#include "tests/vm/lib/swap.h"

static const char *file, *claim;
static uint8_t *alice;
static size_t size;

static int seal(void)
{
	return become(file, alice, size, claim);
}

/* glibc's _exit(), which begins with these, in ld.so: addresses are offsets in its code. */
static uint64_t exit_of(const uint8_t *interpreter)
{
	/* mov $exit_group, %esi; mov $exit, %edx */
	static const uint8_t begin[] = {0xbe, 0xe7, 0, 0, 0, 0xba, 0x3c, 0, 0, 0};
	const uint8_t *found = memmem(interpreter, size, begin, sizeof(begin));

	need(found != NULL, "no _exit() in the interpreter");
	return (uint64_t)(found - interpreter);
}

int main(int argc, char **argv)
{
	errno = EINVAL;
	need(argc > 3, "usage: mid_exec FILE ALICE CLAIM [EXECUTED [ARGUMENT...]]");
	file = argv[1];
	claim = argv[3];
	alice = read_whole(argv[2], &size);
	const char *executed = argc > 4 ? argv[4] : file;
	uint8_t *eve = malloc(size);
	need(eve != NULL, "malloc");
	memcpy(eve, alice, size);
	((Elf64_Ehdr *)eve)->e_entry = argc < 6 ? symbol(alice, "other_door") : exit_of(alice);
	write_whole(file, eve, size);

	char *who[] = {(char *)executed, "who", NULL};
	/* the first read was that of the header */
	return swap_in_exec("mid_exec", executed, 2, argc > 5 ? argv + 5 : who, seal);
}
