/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A library that root puts into /etc/ld.so.preload: it runs inside the genuine control program and
 * tries to open the enforcement's maps for writing. Each try is one line in /run/preload.out, after
 * a line with the name of the program that loaded the library.
 */

#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel thread at whose place the pins are. */
static int keeper(void)
{
	FILE *file = fopen("/run/keeper", "re");
	int number = 0;

	if (!file || fscanf(file, "%d", &number) != 1)
		number = 0;
	if (file)
		fclose(file);
	return number;
}

static void try_pin(FILE *out, const char *name, unsigned flags)
{
	char path[128];
	union bpf_attr attr = {.file_flags = flags};

	snprintf(path, sizeof(path), "/proc/%d/root/../bpfsign/%s", keeper(), name);
	attr.pathname = (uintptr_t)path;
	long r = syscall(SYS_bpf, BPF_OBJ_GET, &attr, sizeof(attr));
	fprintf(out, "%s %s: %s\n", name, flags ? "read" : "write",
		r < 0 ? strerrorname_np(errno) : "allowed");
	if (r >= 0)
		close((int)r);
}

/* BS_COMMAND_READ, which makes the process the one that reads. */
static void try_place(FILE *out)
{
	union bpf_attr attr = {0};

	syscall(SYS_bpf, 0x42505349, &attr, sizeof(attr));
	fprintf(out, "to read: %s\n", strerrorname_np(errno));
}

__attribute__((constructor)) static void attack(void)
{
	static const char *const names[] = {"policies", "state", "keyrings", "own_programs",
		"own_maps", "tasks", "sequences", "owners", "taints", "on_bpf", "records", "alarms",
		"pods"};

	FILE *out = fopen("/run/preload.out", "ae");
	if (!out)
		return;
	fprintf(out, "%s: it ran\n", program_invocation_short_name);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		try_pin(out, names[i], 0);
	try_place(out);
	try_pin(out, "policies", BPF_F_RDONLY);
	fclose(out);
}
