/* SPDX-License-Identifier: MIT */
/* text_case - real output of tools, the seeds of the fuzz target, and what is expected of it. */
#pragma once

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>

#include "agents/collector/text_tools.h"
#include "lib/base/files.h"
#include "tests/unit/collector/reading.h"

static inline struct reading read_seed(const char *name)
{
	CLEANUP(freep) char *bytes = NULL;
	char path[PATH_MAX];
	size_t len;

	(void)snprintf(path, sizeof path, "%s/tests/fuzz/collector/seeds/text/%s",
	               getenv("CHIMERAD_SOURCE"), name);
	cr_assert_eq(files_read(&bytes, &len, NULL, path, 1u << 20, NULL), 0, "%s", path);
	bytes[len] = '\0';
	return reading_of(text_read, bytes);
}

static inline const struct table *only_table(const struct reading *r)
{
	cr_assert_eq(r->result, 0, "%s", r->err.text);
	cr_assert_eq(r->artifact.n_tables, 1);
	return table_of(r, 0);
}

#define expect_unit(table, row, column, wanted)                  \
	do {                                                     \
		struct cell cell_ = cell_of(table, row, column); \
		cr_assert_not_null(cell_.unit, "%s", column);    \
		cr_expect_str_eq(cell_.unit->text, wanted);      \
	} while (0)

#define expect_text(table, row, column, wanted)                                            \
	cr_expect_str_eq(text_of(table, row, column), wanted, "%s row %d: \"%s\"", column, \
	                 (int)(row), text_of(table, row, column))

#define expect_number(table, row, column, wanted)                                              \
	do {                                                                                   \
		struct cell cell_ = cell_of(table, row, column);                               \
		cr_expect_eq(cell_.kind, CELL_NUMBER, "%s row %d: \"%s\"", column, (int)(row), \
		             cell_.text);                                                      \
		cr_expect_float_eq(cell_.number, wanted, 1e-12 * (1 + (wanted)),               \
		                   "%s row %d: %.17g", column, (int)(row), cell_.number);      \
	} while (0)

static inline struct text_place place_of(const struct table *t, size_t row, const char *column)
{
	for (size_t i = 0; i < t->n_columns; i++)
		if (strcmp(t->columns[i].name, column) == 0)
			return t->columns[i].places[row];
	return (struct text_place){0};
}

static inline const struct column_meaning *meaning_of(const struct table *t, const char *column)
{
	for (size_t i = 0; i < t->n_columns; i++)
		if (strcmp(t->columns[i].name, column) == 0)
			return t->columns[i].meaning;
	return NULL;
}
