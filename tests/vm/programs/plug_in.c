/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A library that an honest program loads. */

int answer(void);

int answer(void)
{
	return 42;
}
