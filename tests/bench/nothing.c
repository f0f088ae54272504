/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The program that scripts/bench executes: it does nothing. */

int main(void)
{
	return 0;
}
