/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * lockdown [wait FILE] ACT [FILE]: the ways to change the kernel, or to read it, from outside; each
 * is undone at once. "wait FILE": says "waiting", and goes on when FILE is there.
 */

#include "tests/vm/lib/bpf.h"
#include "tests/vm/lib/perf.h"

#include <elf.h>
#include <endian.h>
#include <linux/kexec.h>
#include <linux/module.h>
#include <sys/io.h>
#include <sys/mman.h>

#define MARKER "~Module signature appended~\n"

/* --- modules -------------------------------------------------------------------------------- */

/* Between a module's signature and MARKER: struct module_signature of the kernel. */
struct trailer {
	uint8_t kinds[3], lengths[2], padding[3];
	uint32_t size_be; /* of the signature, which is before it */
};

/* The size of a module without its signature. */
static long unsigned_size(int file)
{
	char marker[sizeof(MARKER) - 1];
	struct trailer trailer;
	long end = lseek(file, -(long)sizeof(marker), SEEK_END);

	need(end >= 0 && pread(file, marker, sizeof(marker), end) == sizeof(marker) &&
			memcmp(marker, MARKER, sizeof(marker)) == 0 &&
			pread(file, &trailer, sizeof(trailer), end - (long)sizeof(trailer)) > 0,
		"the module has no signature");
	return end - (long)sizeof(trailer) - be32toh(trailer.size_be);
}

static void act_strip(char **argument)
{
	int file = open_file(argument[0], O_RDWR);

	set_up("strip", ftruncate(file, unsigned_size(file)));
}

static void act_insert(char **argument)
{
	step("module", syscall(SYS_finit_module, open_file(argument[0], O_RDONLY), "", 0));
}

static void act_insert_memory(char **argument)
{
	size_t size;
	void *module = read_whole(argument[0], &size);

	step("module", syscall(SYS_init_module, module, size, ""));
}

static void act_remove(char **argument)
{
	step("remove", syscall(SYS_delete_module, argument[0], O_NONBLOCK));
}

/* --- another kernel ------------------------------------------------------------------------- */

static void load_kernel(void)
{
	static char page[4096]; /* of zeroes: it is not meant to be started */
	struct kexec_segment segment = {page, sizeof(page), (void *)0x1000000, sizeof(page)};

	step("kexec", syscall(SYS_kexec_load, 0x1000000UL, 1UL, &segment, 0UL));
}

static long unload_kernel(void)
{
	return syscall(SYS_kexec_load, 0UL, 0UL, NULL, 0UL);
}

static void act_kexec(char **argument)
{
	load_kernel();
	set_up("to unload it again", unload_kernel());
}

/* KERNEL, or KERNEL,INITRAMFS */
static void act_kexec_file(char **argument)
{
	char *kernel = strdup(argument[0]), *initramfs = strchr(kernel, ',');
	unsigned long flags = initramfs ? 0 : KEXEC_FILE_NO_INITRAMFS;

	if (initramfs)
		*initramfs++ = 0;
	int image = open_file(kernel, O_RDONLY);
	int files = initramfs ? open_file(initramfs, O_RDONLY) : -1;
	step("kexec-file", syscall(SYS_kexec_file_load, image, files, 1UL, "", flags));
	set_up("to unload it again",
		syscall(SYS_kexec_file_load, -1, -1, 0UL, NULL, (long)KEXEC_FILE_UNLOAD));
}

/* Left loaded, for a start of the enforcement that comes later. */
static void act_kexec_stays(char **argument)
{
	load_kernel();
}

static void act_kexec_unload(char **argument)
{
	step("unload", unload_kernel());
}

/* --- memory, ports, registers --------------------------------------------------------------- */

static void read_byte(const char *what, const char *path, off_t at)
{
	char byte;
	int file = step(what, open(path, O_RDONLY | O_CLOEXEC));

	step("read", pread(file, &byte, 1, at));
}

/* The first MiB may be read on every kernel. */
static void act_dev_mem(char **argument)
{
	read_byte("dev-mem", "/dev/mem", 0xf0000);
}

static void act_kcore(char **argument)
{
	read_byte("kcore", "/proc/kcore", 0);
}

static void act_ioperm(char **argument)
{
	step("ioperm", ioperm(0x80, 1, 1));
}

static void act_iopl(char **argument)
{
	step("iopl", iopl(3));
}

/* IA32_MISC_ENABLE, as it is. */
static void act_msr(char **argument)
{
	uint64_t value;
	int file = open_file("/dev/cpu/0/msr", O_RDWR);

	need(pread(file, &value, sizeof(value), 0x1a0) == sizeof(value), "reading a register");
	step("msr", pwrite(file, &value, sizeof(value), 0x1a0));
}

/* --- probes and traces ---------------------------------------------------------------------- */

static void put(const char *what, const char *path, int flags, const char *text)
{
	int file = step(what, open(path, O_WRONLY | O_CLOEXEC | flags));

	step("write", write(file, text, strlen(text)));
	close(file);
}

static void act_kprobe_event(char **argument)
{
	const char *path = "/sys/kernel/tracing/kprobe_events";

	put("open", path, O_APPEND, "p:eve/eve vfs_read");
	set_up("to remove it again", write(open_file(path, O_WRONLY | O_APPEND), "-:eve/eve", 9));
}

static void act_kprobe_perf(char **argument)
{
	struct perf_event_attr attr = {.kprobe_func = pointer("vfs_read")};

	attr.type = (uint32_t)number_in("/sys/bus/event_source/devices/kprobe/type");
	step("kprobe-perf", perf_open(&attr));
}

/* Where the entry of an ELF file is in it. */
static uint64_t entry_offset(const char *path)
{
	size_t size;
	const char *file = read_whole(path, &size);
	const Elf64_Ehdr *header = (const void *)file;
	const Elf64_Phdr *segment = (const void *)(file + header->e_phoff);

	for (int i = 0; i < header->e_phnum; i++, segment++)
		if (segment->p_type == PT_LOAD &&
			header->e_entry - segment->p_vaddr < segment->p_filesz)
			return header->e_entry - segment->p_vaddr + segment->p_offset;
	need(0, "an ELF file without an entry");
	return 0;
}

/* At the entry of the ELF file. attr has to be zeroed; the path stays the caller's. */
static void fill_uprobe(struct perf_event_attr *attr, const char *path)
{
	attr->size = sizeof(*attr);
	attr->type = (uint32_t)number_in("/sys/bus/event_source/devices/uprobe/type");
	attr->uprobe_path = pointer(path);
	attr->probe_offset = entry_offset(path);
}

static void act_uprobe_perf(char **argument)
{
	struct perf_event_attr attr = {};

	fill_uprobe(&attr, argument[0]);
	step("uprobe-perf", perf_open(&attr));
}

/* The same with a number that has a higher bit than the 32 that the kernel takes. */
static void act_uprobe_wide(char **argument)
{
	struct perf_event_attr attr = {};

	fill_uprobe(&attr, argument[0]);
	step("uprobe-wide", syscall(SYS_perf_event_open | 1L << 32, &attr, -1, 0, -1, 0));
}

/* A system call of 32 bits. Returns what syscall(2) does. */
static long call_32(long number, long a, long b, long c, long d, long e)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory", "r8", "r9", "r10", "r11");
	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
}

struct low {
	struct perf_event_attr attr;
	char path[4096];
};

/* Memory that a call of 32 bits can name. */
static struct low *low_memory(const char *path)
{
	struct low *low = mmap(NULL, sizeof(*low), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	need(low != MAP_FAILED, "mmap");
	snprintf(low->path, sizeof(low->path), "%s", path);
	return low;
}

static void act_uprobe_32(char **argument)
{
	struct low *low = low_memory(argument[0]);

	fill_uprobe(&low->attr, low->path);
	step("uprobe-32", call_32(336, (long)&low->attr, -1, 0, -1, 0));
}

/* fchownat(2) of 32 bits has the number of perf_event_open(2) of 64. */
static void act_chown_32(char **argument)
{
	struct low *low = low_memory(argument[0]);

	step("chown-32", call_32(298, AT_FDCWD, (long)low->path, -1, -1, 0));
}

/* Samples with the kernel's registers. */
static void act_perf(char **argument)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = 1000000,
		.sample_type = PERF_SAMPLE_REGS_INTR,
		.sample_regs_intr = 1,
		.disabled = 1};

	step("perf", perf_open(&attr));
}

static void act_trace_write(char **argument)
{
	put("tracefs", argument[0], 0, "1");
}

static void act_debugfs(char **argument)
{
	put("debugfs", argument[0], 0, "func no_such_function +p");
}

static void act_read(char **argument)
{
	read_byte("open", argument[0], 0);
}

/* --- hibernation ---------------------------------------------------------------------------- */

/* The way to stop when the memory is on the disk: it can be set only if hibernation is possible. */
static void act_hibernation(char **argument)
{
	int file = open_file("/sys/power/disk", O_WRONLY);

	step("disk", write(file, "shutdown", 8));
}

static void act_snapshot(char **argument)
{
	step("snapshot", open("/dev/snapshot", O_RDONLY | O_CLOEXEC));
}

static const struct act acts[] = {
	{"strip", 1, act_strip, "FILE"},
	{"insert", 1, act_insert, "FILE"},
	{"insert-memory", 1, act_insert_memory, "FILE"},
	{"remove", 1, act_remove, "MODULE"},
	{"kexec", 0, act_kexec, NULL},
	{"kexec-file", 1, act_kexec_file, "KERNEL[,INITRAMFS]"},
	{"kexec-stays", 0, act_kexec_stays, NULL},
	{"kexec-unload", 0, act_kexec_unload, NULL},
	{"dev-mem", 0, act_dev_mem, NULL},
	{"kcore", 0, act_kcore, NULL},
	{"ioperm", 0, act_ioperm, NULL},
	{"iopl", 0, act_iopl, NULL},
	{"msr", 0, act_msr, NULL},
	{"kprobe-event", 0, act_kprobe_event, NULL},
	{"kprobe-perf", 0, act_kprobe_perf, NULL},
	{"uprobe-perf", 1, act_uprobe_perf, "FILE"},
	{"uprobe-wide", 1, act_uprobe_wide, "FILE"},
	{"uprobe-32", 1, act_uprobe_32, "FILE"},
	{"chown-32", 1, act_chown_32, "FILE"},
	{"perf", 0, act_perf, NULL},
	{"trace-write", 1, act_trace_write, "FILE"},
	{"debugfs", 1, act_debugfs, "FILE"},
	{"read", 1, act_read, "FILE"},
	{"hibernation", 0, act_hibernation, NULL},
	{"snapshot", 0, act_snapshot, NULL},
};

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "wait") == 0) {
		puts("waiting");
		fflush(stdout);
		await_file(argv[2]);
		argv += 2;
	}
	return ACT_MAIN(acts, argv);
}
