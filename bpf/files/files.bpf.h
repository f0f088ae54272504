/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Files that an entitled program opens for reading: its templates, object files, configuration, and
 * the modules of a script. Under `collateral: strict` every file must be signed, except a few that
 * are exempted by the path that the program passed to open(): root controls what that path resolves
 * to, but not which path is passed.
 */

#include "bpf/contract/rules.h"
#include "bpf/state/task.bpf.h"
#include "bpf/facts/identity.bpf.h"
#include "bpf/facts/measure.bpf.h"
#include "bpf/facts/overlay.bpf.h"
#include "bpf/judge/conclude.bpf.h"
#include "bpf/judge/emit.bpf.h"
#include "bpf/task/mark.bpf.h"
#include "bpf/task/script.bpf.h"
#include "bpf/files/hold.bpf.h"

/*
 * The entry whose rules about files hold for this process, whether it is entitled or not: what it
 * reads and maps stays in it. NULL: none, nothing is checked.
 */
static __always_inline struct bs_program *entry_inside(const struct mark *mark)
{
	__u32 policy = 0;

	if (!(mark->verdict.flags & MARK_VERIFIED))
		return NULL;
	return policy_entry(mark->facts.name, &policy);
}

/* --- signed files --------------------------------------------------------------------------- */

/*
 * Is the file signed, in one of these roles, by a signer that the entry accepts? since_ns: the time
 * of the first read that counts.
 */
static __always_inline int file_reason(struct file *file, struct bs_program *entry, __u32 roles,
	__u64 since_ns, struct verification *scratch)
{
	struct wanted wanted = {.entry = entry, .roles = roles};

	if (!measure(file, &scratch->measured))
		return unmeasured_reason(file);
	if (!is_below(file))
		return BS_REASON_COPIED_UP;
	return identify(file, &scratch->measured, since_ns, &wanted, &scratch->facts);
}

/* --- names ---------------------------------------------------------------------------------- */

/* The name that the current task gave to open(2); empty: none, as of open_by_handle_at(2). */
static __always_inline void fill_asked(struct verification *scratch)
{
	struct task_struct *task = bpf_get_current_task_btf();

	__builtin_memset(scratch->asked, 0, sizeof(scratch->asked));
	int n = bpf_probe_read_kernel_str(
		scratch->asked, sizeof(scratch->asked), BPF_CORE_READ(task, nameidata, name, name));
	scratch->is_cut = n == sizeof(scratch->asked); /* or fills it: as good as cut */
}

/* The path that was opened, for rules and records. */
static __always_inline void fill_opened(struct verification *scratch, struct file *file)
{
	__builtin_memset(scratch->opened, 0, sizeof(scratch->opened));
	bpf_path_d_path(&file->f_path, scratch->opened, sizeof(scratch->opened));
}

/* The same over rules.h. Global: the verifier looks at it once, for all. */
__noinline int file_rule(
	struct bs_program *entry, struct verification *scratch, __u32 kind, bool asked)
{
	if (!entry || !scratch)
		return 0;
	return rules_file(&entry->files, kind, asked ? scratch->asked : scratch->opened);
}

#define SYSCTL_NUMBERS 16 /* bytes: four integers, two longs; no program fits */

/* --- what is exempt from `collateral: strict` ----------------------------------------------- */

struct clean_search {
	const char *path;
	__u32 dots;  /* of a component that has nothing else so far; 3: it has */
	__u32 clean; /* 1: the end was reached */
};

/* A letter of a path. A component that is empty, "." or ".." ends the loop. */
static int look_at_component(__u32 i, struct clean_search *search)
{
	char letter = search->path[i & (BS_PATH_SIZE - 1)];

	if (letter && letter != '/') {
		search->dots = letter == '.' && search->dots < 2 ? search->dots + 1 : 3;
		return 0;
	}
	if (i > 0 && search->dots < 3)
		return 1;
	search->dots = 0;
	search->clean = !letter;
	return !letter;
}

/*
 * Does the name that was asked for say where it leads: absolute, without an empty component, "." or
 * ".."? Global: see emit().
 */
__noinline int is_clean(struct verification *scratch)
{
	struct clean_search search = {};

	if (!scratch || scratch->is_cut || scratch->asked[0] != '/')
		return 0;
	search.path = scratch->asked;
	bpf_loop(BS_PATH_SIZE, look_at_component, &search, 0);
	return search.clean;
}

static const char others_files[][16] = {
#define OTHERS_FILE(name, whose) name,
#include "bpf/files/pseudo.def"
#undef OTHERS_FILE
};

/* Is it one of pseudo.def, which hold what a process put there? */
static __always_inline bool is_of_others(struct file *file)
{
	char name[16] = {};
	bool found = false;

	bpf_probe_read_kernel_str(
		name, sizeof(name), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	for (unsigned i = 0; i < sizeof(others_files) / sizeof(others_files[0]); i++)
		found |= equal_u64s(name, others_files[i], 16);
	return found;
}

/* A sysctl of a few bytes holds numbers; a longer one may hold a text of root's. */
static __always_inline bool is_number(const struct inode *inode)
{
	struct proc_inode *proc =
		(void *)number_of(inode) - bpf_core_field_offset(struct proc_inode, vfs_inode);
	const struct ctl_table *sysctl = BPF_CORE_READ(proc, sysctl_entry);

	return sysctl && BPF_CORE_READ(sysctl, maxlen) <= SYSCTL_NUMBERS;
}

/* It takes words of its own only. */
static __always_inline bool is_lockdown(struct file *file)
{
	static const char lockdown[16] = "lockdown";
	char name[16] = {};

	bpf_probe_read_kernel_str(
		name, sizeof(name), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	return equal_u64s(name, lockdown, sizeof(name));
}

/*
 * Does the kernel alone say what is in this pseudo file? What can be written holds the bytes of
 * whoever wrote it. A pin is judged by its owner: decide_pin().
 */
static __always_inline bool is_of_kernel(struct file *file, unsigned long magic)
{
	const struct inode *inode = peek(file)->f_inode;

	if (magic == CGROUP2_SUPER_MAGIC || magic == BPF_FS_MAGIC)
		return true; /* cgroups of version 2 take numbers and their own words only */
	if (!(inode->i_mode & S_IWUGO))
		return !is_of_others(file);
	return (magic == PROC_SUPER_MAGIC && is_number(inode)) ||
	       (magic == SECURITYFS_MAGIC && is_lockdown(file));
}

/* A file of the kernel's, asked for by its usual name. */
static __always_inline bool is_pseudo(struct file *file, const char *asked)
{
	unsigned long magic = peek(file)->f_inode->i_sb->s_magic;

	if (BEGINS(asked, "/proc/"))
		return magic == NSFS_MAGIC ||
		       (magic == PROC_SUPER_MAGIC && is_of_kernel(file, magic));
	return BEGINS(asked, "/sys/") &&
	       (magic == SYSFS_MAGIC || magic == DEBUGFS_MAGIC || magic == TRACEFS_MAGIC ||
		       magic == SECURITYFS_MAGIC || magic == CGROUP_SUPER_MAGIC ||
		       magic == CGROUP2_SUPER_MAGIC || magic == BPF_FS_MAGIC) &&
	       is_of_kernel(file, magic);
}

/*
 * Does `unsigned-files:` name the file: by the name that was asked for, and by where it is? A file
 * of proc is where the kernel puts it, below a number for /proc/self.
 */
static __always_inline bool is_named_unsigned(
	struct file *file, struct bs_program *entry, struct verification *scratch)
{
	if (!file_rule(entry, scratch, BS_FILE_UNSIGNED, true))
		return false;
	if (BEGINS(scratch->asked, "/proc/") &&
		peek(file)->f_inode->i_sb->s_magic == PROC_SUPER_MAGIC)
		return true;
	fill_opened(scratch, file);
	return file_rule(entry, scratch, BS_FILE_UNSIGNED, false);
}

/* Documentation/admin-guide/devices.txt */
static const struct {
	char name[16];
	__u32 number; /* major << 20 | minor */
} harmless_devices[] = {
	{"/dev/null", 1 << 20 | 3},
	{"/dev/zero", 1 << 20 | 5},
	{"/dev/full", 1 << 20 | 7},
	{"/dev/random", 1 << 20 | 8},
	{"/dev/urandom", 1 << 20 | 9},
	{"/dev/tty", 5 << 20 | 0},
	{"/dev/console", 5 << 20 | 1},
	{"/dev/ptmx", 5 << 20 | 2},
	{"/dev/net/tun", 10 << 20 | 200},
};

/* Is it the device that is asked for? Root could mount her terminal over /dev/null. */
static __always_inline bool is_harmless_device(const struct inode *inode, const char *asked)
{
	const __u32 number = inode->i_rdev, major = number >> 20;
	bool found = BEGINS(asked, "/dev/pts") && asked[8] == '/' && major >= 136 && major <= 143;

	for (unsigned i = 0; i < sizeof(harmless_devices) / sizeof(harmless_devices[0]); i++)
		found |= number == harmless_devices[i].number &&
			 equal_u64s(asked, harmless_devices[i].name, 16);
	return found && (inode->i_mode & S_IFMT) == S_IFCHR;
}

/* Is the file in a directory where the entry trusts libraries? */
static __always_inline bool is_trusted_path(
	struct file *file, struct bs_program *entry, struct verification *scratch)
{
	if (entry->files.libraries.value != BS_LIBRARIES_TRUSTED_PATHS)
		return false;
	fill_opened(scratch, file);
	return file_rule(entry, scratch, BS_FILE_LIBRARY, false);
}

/*
 * Is the file that was opened called like a shared library: libc.so.6? Other files there are
 * data.
 */
__noinline int is_library_name(struct verification *scratch)
{
	__u64 found = 0;

	if (!scratch)
		return 0;
	fill_last(scratch, /* asked= */ false);
	for (__u32 i = 0; i < sizeof(scratch->last) - 4; i++) {
		const char *at = scratch->last + i;
		__u64 end = rules_is_zero(at[3]) | rules_is_zero(at[3] ^ '.');
		found |= rules_is_zero((at[0] ^ '.') | (at[1] ^ 's') | (at[2] ^ 'o')) & end;
		barrier_var(found);
	}
	return found != 0;
}

static __always_inline bool is_exempt(
	struct file *file, struct bs_program *entry, struct verification *scratch)
{
	if (is_trusted_path(file, entry, scratch) && is_library_name(scratch))
		return true;
	return is_clean(scratch) &&
	       (is_pseudo(file, scratch->asked) ||
		       is_harmless_device(peek(file)->f_inode, scratch->asked) ||
		       is_named_unsigned(file, entry, scratch));
}

/*
 * A file without which every program does, and that root can fill: refused without a line, under
 * observation too, where a process would count as one that had read it.
 */
static __always_inline bool is_done_without(struct bs_program *entry, struct verification *scratch)
{
	return file_rule(entry, scratch, BS_FILE_QUIET, true) && mode() != BS_MODE_OFF;
}

/* --- the verdict ---------------------------------------------------------------------------- */

/* `collateral: [...]`: neither the name that was asked for nor the path is in the list. */
static __always_inline bool is_unlisted(
	struct file *file, struct bs_program *entry, struct verification *scratch)
{
	fill_opened(scratch, file);
	return !file_rule(entry, scratch, BS_FILE_SIGNED, true) &&
	       !file_rule(entry, scratch, BS_FILE_SIGNED, false);
}

/*
 * Does an interpreter ask for its script? By its last part: Python and others turn the name
 * that the kernel gave them into an absolute one.
 */
static __always_inline bool is_script(const struct task_state *task, struct verification *scratch)
{
	if (!(task->mark.verdict.flags & MARK_SCRIPT))
		return false;
	fill_last(scratch, /* asked= */ true);
	return scratch->is_cut || name_equal(task->mark.asked, scratch->last);
}

/*
 * Python runs a directory that has its script's name, with the modules that are in it. A directory
 * that has the last part of that name only may be a package's, if the script's name was absolute.
 */
static __always_inline int listed_reason(
	const struct task_state *task, struct verification *scratch)
{
	if (!(task->mark.verdict.flags & MARK_SCRIPT))
		return BS_REASON_OK;
	fill_asked(scratch);
	if (task->mark.given ? name_number(scratch) == task->mark.given : is_script(task, scratch))
		return BS_REASON_SWAPPED;
	return BS_REASON_OK;
}

static __always_inline int read_reason(struct file *file, struct task_state *task,
	struct bs_program *entry, struct verification *scratch)
{
	const __u32 roles = ROLE(COLLATERAL) | ROLE(LIBRARY) | ROLE(EXECUTABLE);

	fill_asked(scratch);
	int reason =
		file_reason(file, entry, roles, bpf_ktime_get_boot_ns(), scratch) ?: hold(file);
	if (is_script(task, scratch) &&
		(reason || !digest_equal(scratch->facts.digest, task->mark.facts.digest)))
		return BS_REASON_SWAPPED; /* the kernel opened one file, the interpreter another */
	if (!reason)
		return BS_REASON_OK;
	if (entry->files.collateral.value == BS_COLLATERAL_LISTED)
		return is_unlisted(file, entry, scratch) ? BS_REASON_OK : reason;
	return is_exempt(file, entry, scratch) ? BS_REASON_OK : reason;
}

/* A verified process has opened the file for reading. */
static __noinline int decide_read(struct file *file)
{
	struct task_state *task = task_current();
	struct bs_program *entry = task ? entry_inside(&task->mark) : NULL;
	struct verification *scratch = verification_make();
	struct request request = {.op = BS_OP_READ, .flags = BS_RECORD_FILE};

	if (!task)
		return conclude(&request, NULL, BS_REASON_NO_MEMORY);
	if (!file || !entry || entry->files.collateral.value == BS_COLLATERAL_OFF)
		return 0; /* nothing is checked */
	if (!scratch)
		return conclude_inside(&request, task, BS_REASON_NO_MEMORY);
	int reason = (peek(file)->f_inode->i_mode & S_IFMT) == S_IFDIR
			     ? listed_reason(task, scratch)
			     : read_reason(file, task, entry, scratch);
	if (!reason)
		return 0;
	if (is_done_without(entry, scratch))
		return -EPERM;
	fill_opened(scratch, file);
	request.line = entry->files.collateral.line;
	request.object = scratch->opened;
	return conclude_inside(&request, task, reason);
}

/* Is the file made by O_TMPFILE, to be read? The kernel asks no file_post_open about it. */
static __always_inline bool is_nameless(const struct file *file)
{
	return (file->f_flags & O_TMPFILE) && (file->f_mode & FMODE_READ);
}

/* A file without a name: root can write it through /proc. */
static __noinline int decide_nameless(struct file *file)
{
	struct task_state *task = task_find();
	struct bs_program *entry = task ? entry_inside(&task->mark) : NULL;
	struct request request = {.op = BS_OP_READ, .flags = BS_RECORD_FILE};

	if (!task)
		return conclude(&request, NULL, BS_REASON_NO_MEMORY);
	if (!file || !entry || entry->files.collateral.value != BS_COLLATERAL_STRICT)
		return 0;

	struct verification *scratch = verification_make();
	if (!scratch)
		return conclude_inside(&request, task, BS_REASON_NO_MEMORY);
	fill_asked(scratch);
	if (is_clean(scratch) && is_named_unsigned(file, entry, scratch))
		return 0;
	request.line = entry->files.collateral.line;
	request.object = scratch->asked;
	return conclude_inside(&request, task, BS_REASON_UNSIGNED);
}
