/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The start of the enforcement: all that can refuse it, the start itself, and its report. */

#include "src/watchbpf/start.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/command/command.h"
#include "src/enforcer/enforcer.h"
#include "src/base/log.h"
#include "src/status/probe.h"
#include "src/base/file.h"
#include "src/base/text.h"
#include "src/watchbpf/self.h"
#include "src/watchbpf/watchbpf.h"

/*
 * Does this program run from the memory that the boot loader filled? Its device, as the kernel
 * numbers it.
 */
static bool is_initrd(uint32_t *ret_device)
{
	struct statfs fs;
	struct stat st;

	if (statfs("/", &fs) < 0 || stat("/proc/self/exe", &st) < 0 ||
		((unsigned)fs.f_type != RAMFS_MAGIC && (unsigned)fs.f_type != TMPFS_MAGIC))
		return false;
	*ret_device = kernel_device(st.st_dev);
	return true;
}

static int ask_place(struct start_options *start, struct diag *reterr)
{
	if (!start->initrd || is_initrd(&start->initrd_device))
		return 0;
	diag_set(reterr, -EINVAL, "--initrd is for an initrd: '/' is a file system on a disk");
	diag_hint(reterr, "watchbpf --enforce FILE, without it");
	return -EINVAL;
}

/* The first probe that fails is the message. */
static int ask_kernel(struct diag *reterr)
{
	for (const struct probe *probe = probe_list; probe->name; probe++) {
		char detail[256] = "";
		if (!probe->needed || probe->ask(detail, sizeof(detail)) == PROBE_YES)
			continue;
		diag_set(reterr, -EOPNOTSUPP, "can't enforce here, '%s' is not so: %s (%s)",
			probe->name, probe->question, detail);
		diag_hint(reterr, "%s", probe->cure);
		return -EOPNOTSUPP;
	}
	return 0;
}

#define FOREIGN_LIMIT 64 /* programs that are in the way of a start */

/* What is in the way, for add_adopted(). */
struct adoption {
	struct start_options *start;
	struct foreign_program foreign[FOREIGN_LIMIT];
	size_t n;
};

/*
 * Of all that PID 1 holds, the LSM programs: such a one can refuse. One of another kind could
 * answer in our place.
 */
static void add_adopted(void *userdata, uint32_t id)
{
	struct adoption *adoption = userdata;
	struct start_options *start = adoption->start;

	for (size_t i = 0; i < adoption->n; i++) {
		if (adoption->foreign[i].id != id ||
			strcmp(adoption->foreign[i].kind, "lsm") != 0 ||
			start->n_adopted == ARRAY_SIZE(start->adopted))
			continue;
		start->adopted[start->n_adopted++] = id;
		adoption->foreign[i].id = 0; /* PID 1 may hold the link and the program */
	}
}

static int ask_others(struct start_options *start, struct diag *reterr)
{
	struct adoption adoption = {.start = start};
	int n = start->adopt_init ? enforcer_foreign(adoption.foreign, FOREIGN_LIMIT) : 0;

	adoption.n = n < 0 ? 0 : n > FOREIGN_LIMIT ? FOREIGN_LIMIT : (size_t)n;
	if (adoption.n > 0)
		probe_init_programs(add_adopted, &adoption);
	return enforcer_make_way(start->adopted, start->n_adopted, reterr);
}

#define LOCK_FILE    STATE_DIRECTORY "/start.lock" /* nobody but root can hold it */
#define LOCK_MS      200
#define LOCK_SECONDS 600 /* longer than any start */

int start_lock(void)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, LOCK_FILE, O_RDWR | O_CREAT, 0600);

	for (unsigned i = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
		if (errno != EWOULDBLOCK)
			return -errno;
		if (i == LOCK_SECONDS * 1000 / LOCK_MS)
			return -EBUSY;
		usleep(LOCK_MS * 1000);
	}
	return TAKE_FD(fd);
}

int start_may_begin(
	struct start_options *start, const char *policy, struct prepared *ret, struct diag *reterr)
{
	int r = ask_place(start, reterr);
	if (r == 0)
		r = ask_kernel(reterr);
	if (r == 0)
		r = prepare(policy, ret, reterr);
	if (r == 0)
		r = self_check(start->initrd, &ret->policy, reterr);
	if (r == 0)
		r = ask_others(start, reterr);
	return r;
}

static void name_user(void *userdata, int pid, const char *name)
{
	(void)userdata;
	log_warning("'%s' (pid %d) uses BPF already and has no mark; restart it if it is entitled",
		name, pid);
}

static void warn_of_kexec_image(void)
{
	char detail[64] = "";

	if (probe_kernel_kexec_image(detail, sizeof(detail)))
		log_warning(
			"another kernel is loaded already (%s): it would start without the enforcement; 'kexec -u' unloads it",
			detail);
}

#define LOADER_FAILED 127 /* ld.so(8) found a library that it could not map */

/*
 * The last look before anything is denied: executed again, would this program be the control
 * program? A tracer, a seccomp filter or an unsettled file of ours would lock everybody out.
 */
static int prove_self(struct diag *reterr)
{
	char path[4096] = "";
	int status = -1;

	if (self_path(path, sizeof(path), reterr) < 0)
		return -ENOENT;
	pid_t child = fork();
	if (child == 0) {
		execl(path, "watchbpf", "self-test", NULL);
		_exit(EXIT_UNKNOWN);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return diag_set(reterr, -EAGAIN, "can't execute '%s' to prove that it works", path);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_YES)
		return 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) == LOADER_FAILED) {
		diag_set(reterr, -EPERM, "'%s' would not get its libraries: not all are signed",
			path);
		diag_hint(reterr, "bpfsign sign --libraries --key KEY %s", path);
		return -EPERM;
	}
	diag_set(reterr, -EPERM, "the kernel would not take '%s' for the control program", path);
	diag_hint(reterr, "run it without a tracer or seccomp filter; 'bpfsign settle %s'", path);
	return -EPERM;
}

/* The starter was executed unmarked, so it becomes what the policy says of its own file. */
int start_again(char **argv)
{
	char path[4096] = "";

	struct diag diag = {0};
	int r = self_path(path, sizeof(path), &diag);
	if (r < 0)
		return log_diag(r, &diag);
	setenv(PREPARE_TOLD, "1", 1);
	execv(path, argv);
	return log_error_errno(-errno, "can't execute '%s' again", path);
}

/* What the policy calls by the owner of that name, and who must be executed again. */
static void report_before(const struct enforcer_before *before, const struct start_options *start)
{
	log_info("%zu programs and %zu maps were loaded before: owner '" BS_OWNER_BEFORE
		 "' ('watchbpf list' shows them)",
		before->programs, before->maps);
	for (size_t i = 0; i < start->n_adopted; i++)
		log_warning("program %u is accepted by --adopt, and could outvote the enforcement",
			start->adopted[i]);
	probe_bpf_users(name_user, NULL);
	warn_of_kexec_image();
}

static void warn(const char *message)
{
	log_warning("%s", message);
}

int start_enforcement(
	const struct start_options *start, const struct prepared *prepared, struct diag *reterr)
{
	_cleanup_free_ char *sequences = format_text("%s" SEQUENCES_FILE, start->initrd ?: "");
	struct enforcer_before before = {0};
	struct enforcer_options options = {
		.mode = start->mode,
		.control_ring = prepared->control_ring,
		.keys = prepared->keys.serials,
		.n_keys = prepared->keys.n,
		.kernel_keys = prepared->kernel_keys.serials,
		.n_kernel_keys = prepared->kernel_keys.n,
		.every_exec = start->every_exec,
		.adopted = start->adopted,
		.n_adopted = start->n_adopted,
		.sequences = sequences,
		.initrd_device = start->initrd_device,
		.prove = start->initrd ? NULL : prove_self, /* there, nothing has fs-verity */
		.warn = warn,
		.before = &before,
	};

	if (!sequences)
		return diag_set(reterr, -ENOMEM, "out of memory");
	int r = enforcer_start(&prepared->image, &options, reterr);
	if (r == 0)
		report_before(&before, start);
	return r;
}
