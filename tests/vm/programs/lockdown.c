/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * lockdown [wait FILE] ACT [FILE]: the ways to change the kernel, or to read it, from outside; each
 * is undone at once. Output and exit status as step.h says.
 */

#include "tests/vm/lib/step.h"

#include <endian.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <sys/io.h>
#include <sys/stat.h>

#define MARKER "~Module signature appended~\n"

/* --- modules -------------------------------------------------------------------------------- */

/* What stands between a module's signature and MARKER: struct module_signature of the kernel. */
struct trailer {
	uint8_t kinds[3], lengths[2], padding[3];
	uint32_t size_be; /* of the signature, which is before it */
};

static int open_file(const char *path, int flags)
{
	int file = open(path, flags | O_CLOEXEC);

	if (file < 0)
		could_not_try(path);
	return file;
}

/* The size of a module without its signature. */
static long unsigned_size(int file)
{
	char marker[sizeof(MARKER) - 1];
	struct trailer trailer;
	long end = lseek(file, -(long)sizeof(marker), SEEK_END);

	if (end < 0 || pread(file, marker, sizeof(marker), end) != sizeof(marker) ||
		memcmp(marker, MARKER, sizeof(marker)) ||
		pread(file, &trailer, sizeof(trailer), end - (long)sizeof(trailer)) < 0)
		could_not_try("the module has no signature");
	return end - (long)sizeof(trailer) - be32toh(trailer.size_be);
}

static void act_strip(const char *path)
{
	int file = open_file(path, O_RDWR);

	step("strip", ftruncate(file, unsigned_size(file)));
}

static void act_insert(const char *path)
{
	step("module", syscall(SYS_finit_module, open_file(path, O_RDONLY), "", 0));
}

static void act_insert_memory(const char *path)
{
	int file = open_file(path, O_RDONLY);
	struct stat st;

	if (fstat(file, &st) < 0)
		could_not_try(path);
	void *module = malloc((size_t)st.st_size);
	if (!module || read(file, module, (size_t)st.st_size) != st.st_size)
		could_not_try(path);
	step("module", syscall(SYS_init_module, module, st.st_size, ""));
}

static void act_remove(const char *name)
{
	step("remove", syscall(SYS_delete_module, name, O_NONBLOCK));
}

/* --- another kernel ------------------------------------------------------------------------- */

/* A page of nothing: it is not meant to be started. */
static void act_kexec(const char *path)
{
	static char page[4096];
	struct kexec_segment segment = {page, sizeof(page), (void *)0x1000000, sizeof(page)};

	step("kexec", syscall(SYS_kexec_load, 0x1000000UL, 1UL, &segment, 0UL));
	step("unload", syscall(SYS_kexec_load, 0UL, 0UL, NULL, 0UL));
}

/* KERNEL, or KERNEL,INITRAMFS */
static void act_kexec_file(const char *path)
{
	char *kernel = strdup(path), *initramfs = strchr(kernel, ',');
	unsigned long flags = initramfs ? 0 : KEXEC_FILE_NO_INITRAMFS;

	if (initramfs)
		*initramfs++ = 0;
	int image = open_file(kernel, O_RDONLY);
	int files = initramfs ? open_file(initramfs, O_RDONLY) : -1;
	step("kexec-file", syscall(SYS_kexec_file_load, image, files, 1UL, "", flags));
	step("unload", syscall(SYS_kexec_file_load, -1, -1, 0UL, NULL, (long)KEXEC_FILE_UNLOAD));
}

/* Left loaded, for who starts later. */
static void act_kexec_stays(const char *path)
{
	static char page[4096];
	struct kexec_segment segment = {page, sizeof(page), (void *)0x1000000, sizeof(page)};

	step("kexec", syscall(SYS_kexec_load, 0x1000000UL, 1UL, &segment, 0UL));
}

static void act_kexec_unload(const char *path)
{
	step("unload", syscall(SYS_kexec_load, 0UL, 0UL, NULL, 0UL));
}

/* --- memory, ports, registers --------------------------------------------------------------- */

static void read_byte(const char *what, const char *path, off_t at)
{
	char byte;
	int file = step(what, open(path, O_RDONLY | O_CLOEXEC));

	step("read", pread(file, &byte, 1, at));
}

/* The first MiB may be read on every kernel. */
static void act_dev_mem(const char *path)
{
	read_byte("dev-mem", "/dev/mem", 0xf0000);
}

static void act_kcore(const char *path)
{
	read_byte("kcore", "/proc/kcore", 0);
}

static void act_ioperm(const char *path)
{
	step("ioperm", ioperm(0x80, 1, 1));
}

static void act_iopl(const char *path)
{
	step("iopl", iopl(3));
}

/* IA32_MISC_ENABLE, as it is. */
static void act_msr(const char *path)
{
	uint64_t value;
	int file = open_file("/dev/cpu/0/msr", O_RDWR);

	if (pread(file, &value, sizeof(value), 0x1a0) != sizeof(value))
		could_not_try("reading a register");
	step("msr", pwrite(file, &value, sizeof(value), 0x1a0));
}

/* --- probes and traces ---------------------------------------------------------------------- */

static void put(const char *what, const char *path, int flags, const char *text)
{
	int file = step(what, open(path, O_WRONLY | O_CLOEXEC | flags));

	step("write", write(file, text, strlen(text)));
	close(file);
}

static void act_kprobe_event(const char *path)
{
	put("open", "/sys/kernel/tracing/kprobe_events", O_APPEND, "p:eve/eve vfs_read");
	put("open", "/sys/kernel/tracing/kprobe_events", O_APPEND, "-:eve/eve");
}

static long number_in(const char *path)
{
	char text[16] = "";

	if (read(open_file(path, O_RDONLY), text, sizeof(text) - 1) <= 0)
		could_not_try(path);
	return atol(text);
}

static long perf(struct perf_event_attr *attr)
{
	attr->size = sizeof(*attr);
	return syscall(SYS_perf_event_open, attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

static void act_kprobe_perf(const char *path)
{
	struct perf_event_attr attr = {.kprobe_func = pointer("vfs_read")};

	attr.type = (uint32_t)number_in("/sys/bus/event_source/devices/kprobe/type");
	step("kprobe-perf", perf(&attr));
}

/* Samples with the kernel's registers. */
static void act_perf(const char *path)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = 1000000,
		.sample_type = PERF_SAMPLE_REGS_INTR,
		.sample_regs_intr = 1,
		.disabled = 1};

	step("perf", perf(&attr));
}

static void act_trace_write(const char *path)
{
	put("tracefs", path, 0, "1");
}

static void act_debugfs(const char *path)
{
	put("debugfs", path, 0, "func no_such_function +p");
}

static void act_read(const char *path)
{
	read_byte("open", path, 0);
}

/* --- hibernation ---------------------------------------------------------------------------- */

/* What the machine is to do when its memory is on the disk: asked for only if that is possible. */
static void act_hibernation(const char *path)
{
	int file = open_file("/sys/power/disk", O_WRONLY);

	step("disk", write(file, "shutdown", 8));
}

static void act_snapshot(const char *path)
{
	step("snapshot", open("/dev/snapshot", O_RDONLY | O_CLOEXEC));
}

/*
 * -----------------------------------------------------------------------------------------------
 */

static const struct act {
	const char *name;
	void (*run)(const char *path);
} acts[] = {
	{"strip", act_strip},
	{"insert", act_insert},
	{"insert-memory", act_insert_memory},
	{"remove", act_remove},
	{"kexec", act_kexec},
	{"kexec-file", act_kexec_file},
	{"kexec-stays", act_kexec_stays},
	{"kexec-unload", act_kexec_unload},
	{"dev-mem", act_dev_mem},
	{"kcore", act_kcore},
	{"ioperm", act_ioperm},
	{"iopl", act_iopl},
	{"msr", act_msr},
	{"kprobe-event", act_kprobe_event},
	{"kprobe-perf", act_kprobe_perf},
	{"perf", act_perf},
	{"trace-write", act_trace_write},
	{"debugfs", act_debugfs},
	{"read", act_read},
	{"hibernation", act_hibernation},
	{"snapshot", act_snapshot},
};

/* Says that it waits, and goes on when the file is there: what it is was settled before. */
static char **wait_first(char **argv)
{
	if (!argv[1] || strcmp(argv[1], "wait") != 0 || !argv[2])
		return argv;
	puts("waiting");
	while (access(argv[2], F_OK) < 0)
		usleep(50000);
	return argv + 2;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	argv = wait_first(argv);
	for (size_t i = 0; argv[1] && i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(argv[1], acts[i].name) == 0) {
			acts[i].run(argv[2] ? argv[2] : "");
			return ALLOWED;
		}
	errno = EINVAL;
	could_not_try("usage: lockdown [wait FILE] ACT [FILE]");
}
