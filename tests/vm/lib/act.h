/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Acts: one thing that may be forbidden is tried, and the kernel's answer is printed.
 *
 * A program has a table of acts and gives it to act_main(), which runs the one that the command
 * line names. An act first sets up what it needs by set_up() and need(), which print nothing and
 * end the program with COULD_NOT_TRY. It then calls step() for each thing that may be refused:
 * "STEP: allowed" or "STEP: ERRNO" on standard output; the first refusal ends the program. A setup
 * that fails is therefore never taken for a denial, and the name of the step says what was denied.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>

/*
 * Exit statuses: all allowed; refused with EPERM; the act was not reached; refused with another
 * errno.
 */
enum { ALLOWED, REFUSED, COULD_NOT_TRY, OTHER_ERRNO };

struct act {
	const char *name;
	int arguments;                /* the number of words that it needs; more may follow */
	void (*run)(char **argument); /* returns when all was allowed */
	const char *help;             /* the words, for the usage; may be NULL */
};

_Noreturn static inline void could_not_try(const char *why)
{
	fprintf(stderr, "could not try: %s: %s\n", why, strerror(errno));
	exit(COULD_NOT_TRY);
}

static inline void need(int condition, const char *why)
{
	if (!condition)
		could_not_try(why);
}

/* Takes the result of a call that must succeed before the act can be tried; returns it. */
static inline int set_up(const char *why, long r)
{
	need(r >= 0, why);
	return (int)r;
}

/* Prints the answer to a step, by errno where r is negative; returns the exit status. */
static inline int report(const char *step, long r)
{
	int e = errno;

	printf("%s: %s\n", step, r >= 0 ? "allowed" : strerrorname_np(e));
	fflush(stdout);
	if (r >= 0)
		return ALLOWED;
	return e == EPERM ? REFUSED : OTHER_ERRNO;
}

/* The same, but does not return from a refusal; returns r. */
static inline int step(const char *name, long r)
{
	int status = report(name, r);

	if (status != ALLOWED)
		exit(status);
	return (int)r;
}

/* The exit status of a child; one that was killed tried nothing. */
static inline int wait_for(pid_t child)
{
	int status = 0;

	need(child >= 0, "a child");
	need(waitpid(child, &status, 0) == child, "waitpid");
	errno = EINTR;
	need(WIFEXITED(status), "a child was killed");
	return WEXITSTATUS(status);
}

_Noreturn static inline void act_usage(const struct act *acts, size_t n)
{
	fprintf(stderr, "usage:\n");
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "  %s %s %s\n", program_invocation_short_name, acts[i].name,
			acts[i].help ? acts[i].help : "");
	exit(COULD_NOT_TRY);
}

/* Runs the act that argv[1] names with the words that follow it; the exit status of main(). */
static inline int act_main(const struct act *acts, size_t n, char **argv)
{
	int words = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (argv[words])
		words++;
	for (size_t i = 0; words > 1 && i < n; i++)
		if (strcmp(argv[1], acts[i].name) == 0 && words - 2 >= acts[i].arguments) {
			acts[i].run(argv + 2);
			return ALLOWED;
		}
	act_usage(acts, n);
}

#define ACT_MAIN(acts, argv) act_main(acts, sizeof(acts) / sizeof((acts)[0]), argv)
