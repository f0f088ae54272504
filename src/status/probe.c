/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Asks the running system. Features are looked for, versions never compared. */

#include "src/status/probe.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "src/base/file.h"
#include "src/base/text.h"
#include "src/enforcer/enforcer.h"

#define BPF_FS_MAGIC 0xcafe4a11 /* include/uapi/linux/magic.h */

/* The kernel functions that the BPF object cannot do without (all in v6.12). */
static const char *const needed_functions[] = {
	"bpf_get_fsverity_digest",
	"bpf_get_file_xattr",
	"bpf_verify_pkcs7_signature",
	"bpf_lookup_user_key",
	"bpf_key_put",
	"bpf_path_d_path",
	"bpf_get_task_exe_file",
	"bpf_put_file",
	"bpf_lsm_bpf_prog_load",
	"bpf_lsm_bpf_map_create",
	"bpf_lsm_inode_post_setxattr",
	"bpf_lsm_inode_post_removexattr",
	"bpf_rdonly_cast",
	"bpf_link_settle",
	"bpf_link_free",
};

static enum probe_result ask_root(char *detail, size_t size)
{
	snprintf(detail, size, "uid %u", geteuid());
	return geteuid() == 0 ? PROBE_YES : PROBE_NO;
}

/* bpf/kernel/compat.bpf.h reads registers, and numbers of system calls, as this one has them. */
static enum probe_result ask_processor(char *detail, size_t size)
{
	struct utsname name;

	if (uname(&name) < 0)
		return PROBE_UNKNOWN;
	snprintf(detail, size, "%s", name.machine);
	return strcmp(name.machine, "x86_64") == 0 ? PROBE_YES : PROBE_NO;
}

static enum probe_result ask_kernel(char *detail, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(needed_functions); i++) {
		int r = enforcer_kernel_has(needed_functions[i]);
		snprintf(detail, size, r < 0 ? "no BTF of the kernel" : "without %s",
			needed_functions[i]);
		if (r <= 0)
			return PROBE_NO;
	}
	snprintf(detail, size, "%zu functions found", ARRAY_SIZE(needed_functions));
	return PROBE_YES;
}

static enum probe_result ask_lsm(char *detail, size_t size)
{
	_cleanup_bytes_ struct bytes list = {0};

	if (read_file("/sys/kernel/security/lsm", 4096, &list) < 0) {
		snprintf(detail, size, "can't read /sys/kernel/security/lsm");
		return PROBE_UNKNOWN;
	}
	snprintf(detail, size, "%s", (const char *)list.data);
	for (char *rest = (char *)list.data, *name; (name = strsep(&rest, ",\n"));)
		if (strcmp(name, "bpf") == 0)
			return PROBE_YES;
	return PROBE_NO;
}

static enum probe_result ask_ftrace(char *detail, size_t size)
{
	_cleanup_bytes_ struct bytes value = {0};

	if (read_file("/proc/sys/kernel/ftrace_enabled", 16, &value) < 0) {
		snprintf(detail, size, "can't read kernel.ftrace_enabled");
		return PROBE_UNKNOWN;
	}
	snprintf(detail, size, "kernel.ftrace_enabled is %c", value.data[0]);
	return value.data[0] == '1' ? PROBE_YES : PROBE_NO;
}

/* kallsyms_show_value() of kernel/ksyms_common.c: 2 hides them from root too. */
static enum probe_result ask_addresses(char *detail, size_t size)
{
	_cleanup_bytes_ struct bytes value = {0};

	if (read_file("/proc/sys/kernel/kptr_restrict", 16, &value) < 0) {
		snprintf(detail, size, "can't read kernel.kptr_restrict");
		return PROBE_UNKNOWN;
	}
	snprintf(detail, size, "kernel.kptr_restrict is %c", value.data[0]);
	return value.data[0] < '2' ? PROBE_YES : PROBE_NO;
}

/* An operator at the console can boot with bpfsign=off: see the threat model. */
static enum probe_result ask_command_line(char *detail, size_t size)
{
	_cleanup_bytes_ struct bytes line = {0};

	if (read_file("/proc/cmdline", 65536, &line) < 0) {
		snprintf(detail, size, "can't read /proc/cmdline");
		return PROBE_UNKNOWN;
	}
	for (char *rest = (char *)line.data, *word; (word = strsep(&rest, " \n"));)
		if (strcmp(word, "bpfsign=off") == 0)
			return PROBE_NO;
	return PROBE_YES;
}

/* The last fence of an enforcement that lost its hooks. */
static enum probe_result ask_intact(char *detail, size_t size)
{
	if (geteuid() != 0)
		return PROBE_UNKNOWN;
	if (!enforcer_is_broken())
		return PROBE_YES;
	_cleanup_free_ char *missing = NULL;
	enforcer_missing(0, &missing);
	snprintf(detail, size, "its hooks are gone, so bpf() is refused to everybody%s%s",
		missing ? "; missing: " : "", missing ?: "");
	return PROBE_NO;
}

/* The paths of a policy and of `exec:` are those that PID 1 sees. */
static enum probe_result ask_namespace(char *detail, size_t size)
{
	char ours[64] = "", inits[64] = "";

	if (readlink("/proc/self/ns/mnt", ours, sizeof(ours) - 1) < 0 ||
		readlink("/proc/1/ns/mnt", inits, sizeof(inits) - 1) < 0)
		return PROBE_UNKNOWN;
	snprintf(detail, size, "%s", ours);
	return strcmp(ours, inits) == 0 ? PROBE_YES : PROBE_NO;
}

/* The pins are in its mount namespace: src/enforcer/keeper.c. */
static enum probe_result ask_place(char *detail, size_t size)
{
	snprintf(detail, size, "kdevtmpfs");
	return enforcer_has_keeper() ? PROBE_YES : PROBE_NO;
}

/* The mask of statx(2) shows the features of a file system. */
static enum probe_result ask_verity(char *detail, size_t size)
{
	struct statx st;

	snprintf(detail, size, "/usr");
	if (statx(AT_FDCWD, "/usr", 0, STATX_BASIC_STATS, &st) < 0)
		return PROBE_UNKNOWN;
	if (!(st.stx_attributes_mask & STATX_ATTR_VERITY))
		return PROBE_NO;
	return access("/sys/fs/ext4/features/verity", F_OK) == 0 ? PROBE_YES : PROBE_UNKNOWN;
}

static enum probe_result ask_foreign(char *detail, size_t size)
{
	struct foreign_program foreign[8];

	if (enforcer_is_alive()) {
		snprintf(detail, size, "enforcement is on: asked when it began");
		return PROBE_YES;
	}
	int n = enforcer_foreign(foreign, ARRAY_SIZE(foreign));
	if (n < 0) {
		snprintf(detail, size, "%s", strerror(-n));
		return PROBE_UNKNOWN;
	}
	if (n > 0)
		snprintf(detail, size, "%s '%s', id %u", foreign[0].kind, foreign[0].name,
			foreign[0].id);
	return n == 0 ? PROBE_YES : PROBE_NO;
}

/* v6.18 has no such hook; stable updates brought it to v6.12. */
static enum probe_result ask_overlay(char *detail, size_t size)
{
	_cleanup_bytes_ struct bytes list = {0};
	int checks = enforcer_kernel_has("bpf_lsm_mmap_backing_file");

	if (checks < 0 || read_file("/proc/filesystems", 65536, &list) < 0)
		return PROBE_UNKNOWN;
	if (!strstr((const char *)list.data, "\toverlay\n")) {
		snprintf(detail, size, "the module is not loaded");
		return PROBE_NO;
	}
	snprintf(detail, size,
		checks ? "with the kernel's cross-check" : "this kernel gives no cross-check");
	return PROBE_YES;
}

const struct probe probe_list[] = {
	{"root", "run by root", "run it as root", true, ask_root},
	{"processor", "the kernel runs on x86-64, whose registers we read",
		"there is no enforcement on other processors yet; sign and verify work", true,
		ask_processor},
	{"kernel", "the kernel has the functions we need", "boot Linux 6.12 or later with BTF",
		true, ask_kernel},
	{"bpf-lsm", "bpf is an active security module",
		"add bpf to the list in lsm= on the kernel command line and reboot", true, ask_lsm},
	{"ftrace", "BPF programs on hooks run", "sysctl kernel.ftrace_enabled=1", true, ask_ftrace},
	{"addresses", "the kernel tells root its own addresses",
		"sysctl kernel.kptr_restrict=1; it may be 2 again when watchbpf has begun", true,
		ask_addresses},
	{"command-line", "the kernel command line does not say bpfsign=off",
		"boot without bpfsign=off, which is the way out at the console", true,
		ask_command_line},
	{"intact", "no enforcement was torn down since the boot", "reboot", true, ask_intact},
	{"namespace", "in the mount namespace of PID 1",
		"run it outside of containers, as a service without options like PrivateMounts=",
		true, ask_namespace},
	{"pins", "there is a place for the pins: a kernel thread's mount namespace",
		"boot a kernel with CONFIG_DEVTMPFS, and mount a whole /proc", true, ask_place},
	{"fs-verity", "the file system of /usr has fs-verity",
		"tune2fs -O verity on the device (ext4), or sign files on a file system that has it",
		false, ask_verity},
	{"overlay", "files on overlayfs, as in containers, can be verified",
		"modprobe overlay, before watchbpf begins", false, ask_overlay},
	{"foreign", "no foreign LSM, fmod_ret or freplace program is loaded",
		"remove it, or accept it with watchbpf --adopt ID", false, ask_foreign},
	{NULL, NULL, NULL, false, NULL},
};

static void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static bool holds_bpf(int pid)
{
	_cleanup_free_ char *path = format_text("/proc/%d/fd", pid);
	_cleanup_(close_directory) DIR *directory = path ? opendir(path) : NULL;
	struct dirent *entry;
	char target[64];

	while (directory && (entry = readdir(directory))) {
		ssize_t n = readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);
		if (n > 0 && strncmp(target, "anon_inode:bpf", strlen("anon_inode:bpf")) == 0)
			return true;
	}
	return false;
}

/*
 * "prog_id:\t21" of bpf_prog_show_fdinfo() and bpf_link_show_fdinfo(), kernel/bpf/syscall.c of
 * v6.12.
 */
static bool program_of(const char *path, uint32_t *ret)
{
	_cleanup_bytes_ struct bytes info = {0};

	const char *line = read_file(path, 4096, &info) == 0
				   ? strstr((const char *)info.data, "prog_id:")
				   : NULL;
	return line && sscanf(line, "prog_id: %u", ret) == 1;
}

void probe_init_programs(void (*fn)(void *userdata, uint32_t id), void *userdata)
{
	_cleanup_(close_directory) DIR *directory = opendir("/proc/1/fdinfo");
	struct dirent *entry;
	uint32_t id;

	while (directory && (entry = readdir(directory))) {
		_cleanup_free_ char *path = format_text("/proc/1/fdinfo/%s", entry->d_name);
		if (path && entry->d_name[0] != '.' && program_of(path, &id))
			fn(userdata, id);
	}
}

void probe_bpf_users(void (*fn)(void *userdata, int pid, const char *name), void *userdata)
{
	_cleanup_(close_directory) DIR *processes = opendir("/proc");
	struct dirent *entry;

	while (processes && (entry = readdir(processes))) {
		int pid = atoi(entry->d_name);
		if (pid <= 0 || pid == getpid() || !holds_bpf(pid))
			continue;
		_cleanup_bytes_ struct bytes name = {0};
		_cleanup_free_ char *path = format_text("/proc/%d/comm", pid);
		if (path && read_file(path, 64, &name) == 0) {
			name.data[strcspn((char *)name.data, "\n")] = 0;
			fn(userdata, pid, (const char *)name.data);
		}
	}
}
