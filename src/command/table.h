/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Tables on standard output. Nothing is cut, however narrow the terminal. */

#include <stdbool.h>
#include <stddef.h>

#define TABLE_COLUMNS   12  /* at most */
#define TABLE_CELL_SIZE 128 /* with the NUL */

struct table_column {
	const char *heading;
	bool is_number; /* aligned to the right */
};

/*
 * Prints n_rows rows. fill() writes the cells of a row, which begin as empty texts and are printed
 * as "-" then; it returns false for a row to leave out. 0, -ENOMEM or -EIO.
 */
int table_print(const struct table_column *columns, size_t n_columns, size_t n_rows,
	bool (*fill)(const void *context, size_t row, char cells[][TABLE_CELL_SIZE]),
	const void *context);
