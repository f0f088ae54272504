/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A program without a C library, which runs wherever its entry point is entered, in another
 * program's memory too: it makes a map and says so.
 */

#include <errno.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

static long call(long number, long a, const void *b, long c)
{
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return r;
}

static int answer(const char *text, long size, int status)
{
	call(SYS_write, STDOUT_FILENO, text, size);
	return status;
}

#define ANSWER(text, status) answer(text, sizeof(text) - 1, status)

__attribute__((noreturn, force_align_arg_pointer)) void _start(void);

void _start(void)
{
	static union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
	long r = call(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	int status = r >= 0        ? ANSWER("stray: allowed\n", 0)
		     : r == -EPERM ? ANSWER("stray: EPERM\n", 1)
				   : ANSWER("stray: another errno\n", 3);

	for (;;)
		call(SYS_exit_group, status, NULL, 0);
}
