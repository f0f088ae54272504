/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A library of Eve's, which says where it runs. With EVE=PID:ADDRESS in the environment it writes
 * 13 there, which is in the memory of another process.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

int answer(void);

int answer(void)
{
	return 13;
}

__attribute__((constructor)) static void intrude(void)
{
	const char *order = getenv("EVE");
	unsigned long address;
	int evil = 13, pid;

	dprintf(STDOUT_FILENO, "intruder: it ran in %s\n", program_invocation_short_name);
	if (!order || sscanf(order, "%d:%lu", &pid, &address) != 2)
		return;
	struct iovec here = {&evil, sizeof(evil)}, there = {(void *)address, sizeof(evil)};
	ssize_t n = process_vm_writev(pid, &here, 1, &there, 1, 0);
	dprintf(STDOUT_FILENO, "intruder: write: %s\n", n < 0 ? strerrorname_np(errno) : "allowed");
}
