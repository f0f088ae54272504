/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The plugin for rpm: remembers which files a transaction brings and takes away, and when it has
 * ended tells bpfsign-hook, which applies the manifests. Nothing here makes a transaction fail;
 * what could not be signed is said at the user's level by the hook itself, on standard error.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rpm/rpmlog.h>
#include <rpm/rpmts.h>

#include "abi.h"

#ifndef HOOK
#define HOOK "/usr/lib/bpfsign/bpfsign-hook"
#endif

/* Of the one transaction that a process of rpm has at a time: each path with its NUL. */
static struct {
	FILE *out; /* NULL: nothing is remembered */
	char *text;
	size_t size;
} changed;

static void forget(void)
{
	if (changed.out)
		fclose(changed.out);
	free(changed.text);
	changed.out = NULL;
	changed.text = NULL;
	changed.size = 0;
}

/* Only what really changes files: not --test, not what looks for problems, not --justdb. */
static int is_real(rpmts ts)
{
	return !(rpmtsFlags(ts) &
		 (RPMTRANS_FLAG_TEST | RPMTRANS_FLAG_BUILD_PROBS | RPMTRANS_FLAG_JUSTDB));
}

static rpmPluginRC begin(rpmPlugin unused_plugin, rpmts ts)
{
	(void)unused_plugin;
	forget();
	if (is_real(ts) && access(HOOK, X_OK) == 0)
		changed.out = open_memstream(&changed.text, &changed.size);
	return 0;
}

static void end(rpmPlugin unused_plugin)
{
	(void)unused_plugin;
	forget();
}

static void remember(const char *path)
{
	if (changed.out)
		fwrite(path, 1, strlen(path) + 1, changed.out);
}

/* A new file, complete and about to be renamed to dest. */
static rpmPluginRC file_prepare(rpmPlugin unused_plugin, rpmfi unused_fi, int unused_fd,
	const char *unused_path, const char *dest, mode_t mode, rpmFsmOp op)
{
	(void)unused_plugin;
	(void)unused_fi;
	(void)unused_fd;
	(void)unused_path;
	if (S_ISREG(mode) && !XFA_SKIPPING(XFO_ACTION(op)))
		remember(dest);
	return 0;
}

/* A file that is about to be removed. */
static rpmPluginRC file_pre(
	rpmPlugin unused_plugin, rpmfi unused_fi, const char *path, mode_t mode, rpmFsmOp op)
{
	(void)unused_plugin;
	(void)unused_fi;
	if (S_ISREG(mode) && XFO_ACTION(op) == FA_ERASE)
		remember(path);
	return 0;
}

/* In the child: standard input is what changed. */
static void execute_hook(const char *root)
{
	FILE *in = tmpfile();

	if (in && fwrite(changed.text, 1, changed.size, in) == changed.size && fflush(in) == 0 &&
		lseek(fileno(in), 0, SEEK_SET) == 0 && dup2(fileno(in), STDIN_FILENO) >= 0)
		execl(HOOK, HOOK, "rpm", "--root", root, (char *)NULL);
	_exit(127);
}

static void run_hook(const char *root)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		execute_hook(root);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		rpmlog(RPMLOG_WARNING, "bpfsign: " HOOK " failed: nothing was signed\n");
}

static rpmPluginRC transaction_post(rpmPlugin unused_plugin, rpmts ts, int unused_result)
{
	const char *root = rpmtsRootDir(ts);

	(void)unused_plugin;
	(void)unused_result; /* what was installed before a failure is there */
	if (!changed.out || fflush(changed.out) != 0 || changed.size == 0)
		return 0;
	run_hook(root && *root ? root : "/");
	forget();
	return 0;
}

extern struct rpmPluginHooks_s bpfsign_hooks;
struct rpmPluginHooks_s bpfsign_hooks = {
	.init = begin,
	.cleanup = end,
	.tsm_post = transaction_post,
	.fsm_file_pre = file_pre,
	.fsm_file_prepare = file_prepare,
};
