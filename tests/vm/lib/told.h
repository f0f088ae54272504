/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A program that runs until it is ended and does what each line of standard input says: "THREAD ACT
 * [WORD...]". An act answers one line that begins with "THREAD ACT:", as tests/vm/lib/loop.sh
 * expects it.
 */

#include "tests/vm/lib/act.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local long self; /* the number of the thread */
static _Thread_local char *act_name;

/* The answer: a text, or the errno of a call. Returns the exit status. */
__attribute__((format(printf, 1, 2))) static inline int say(const char *format, ...)
{
	va_list arguments;

	flockfile(stdout);
	printf("%ld %s: ", self, act_name);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	fflush(stdout);
	funlockfile(stdout);
	return ALLOWED;
}

static inline int say_result(long r)
{
	int e = errno;

	say("%s", r >= 0 ? "allowed" : strerrorname_np(e));
	if (r >= 0)
		return ALLOWED;
	return e == EPERM ? REFUSED : OTHER_ERRNO;
}

/* A call failed that must succeed before the act can be tried. */
static inline int say_could_not(const char *what)
{
	say("could not try: %s: %s", what, strerrorname_np(errno));
	return COULD_NOT_TRY;
}

struct told {
	const char *name;
	int words; /* that it needs behind its name */
	int (*run)(char **word);
};

/* words: THREAD ACT [WORD...] NULL. */
static inline int do_told(const struct told *acts, size_t n_acts, char **words)
{
	int n = 0;

	act_name = words[1];
	while (words[n])
		n++;
	for (size_t i = 0; i < n_acts; i++)
		if (strcmp(acts[i].name, words[1]) == 0 && n - 2 >= acts[i].words)
			return acts[i].run(words + 2);
	say("no such act, or too few words");
	return COULD_NOT_TRY;
}

#define DO_TOLD(acts, words) do_told(acts, sizeof(acts) / sizeof((acts)[0]), words)

#define TOLD_WORDS 8

/* Cuts a line into its words, in words[TOLD_WORDS + 1]. */
static inline void cut_line(char *line, char **words)
{
	int n = 0;

	memset(words, 0, (TOLD_WORDS + 1) * sizeof(*words));
	for (char *word; n < TOLD_WORDS && (word = strsep(&line, " \n"));)
		if (*word)
			words[n++] = word;
	errno = EINVAL;
	need(n >= 2, "a line is THREAD ACT [WORD...]");
}
