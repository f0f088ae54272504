/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The one file that knows libsmartcols. */

#include "src/command/table.h"

#include <errno.h>
#include <libsmartcols.h>
#include <stdlib.h>

#include "src/base/base.h"

static void table_freep(struct libscols_table **table)
{
	scols_unref_table(*table);
}

static int add_row(struct libscols_table *table, size_t n_columns, char cells[][TABLE_CELL_SIZE])
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	if (!line)
		return -ENOMEM;
	for (size_t i = 0; i < n_columns; i++)
		if (scols_line_set_data(line, i, cells[i][0] ? cells[i] : "-") != 0)
			return -ENOMEM;
	return 0;
}

int table_print(const struct table_column *columns, size_t n_columns, size_t n_rows,
	bool (*fill)(const void *context, size_t row, char cells[][TABLE_CELL_SIZE]),
	const void *context)
{
	_cleanup_(table_freep) struct libscols_table *table = scols_new_table();

	if (!table || n_columns > TABLE_COLUMNS)
		return -ENOMEM;
	scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	for (size_t i = 0; i < n_columns; i++)
		if (!scols_table_new_column(table, columns[i].heading, 0,
			    columns[i].is_number ? SCOLS_FL_RIGHT : 0))
			return -ENOMEM;
	for (size_t i = 0; i < n_rows; i++) {
		char cells[TABLE_COLUMNS][TABLE_CELL_SIZE] = {0};
		if (fill(context, i, cells) && add_row(table, n_columns, cells) < 0)
			return -ENOMEM;
	}
	return scols_print_table(table) == 0 ? 0 : -EIO;
}
