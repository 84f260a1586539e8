/* SPDX-License-Identifier: MIT */
/*
 * A right number may still hang on the wrong subject: the rows that a fact stands on must be of
 * the configuration, and the column of the metric, that it names.
 */
#include "ctl/verify_impl.h"

/* One locator of a fact, in a table. */
struct place {
	const struct table *table;
	size_t column;
	const char *rows;
	char one[24]; /* the rows, where they are of the text form */
};

/* A cell of a tool's text as the one row of a table. */
static bool place_in_text(struct verify *v, const json_t *locator, struct place *ret)
{
	size_t row;

	ret->table = verify_text_cell(v, locator, &row, &ret->column);
	if (ret->table)
		(void)snprintf(ret->one, sizeof ret->one, "%zu", row + 1);
	ret->rows = ret->one;
	return ret->table != NULL;
}

static bool place_of(struct verify *v, const json_t *locator, struct place *ret)
{
	struct verify_artifact *a = verify_artifact_of(v, verify_text(locator, "artifact"));

	if (json_object_get(locator, "line"))
		return place_in_text(v, locator, ret);
	ret->table = a ? verify_table_of(a->read, verify_int(locator, "table")) : NULL;
	ret->column = ret->table ? verify_column_of(ret->table, verify_text(locator, "column")) : 0;
	ret->rows = verify_text(locator, "rows");
	return ret->table && ret->column < ret->table->n_columns && *ret->rows;
}

typedef bool row_fn(const struct place *p, size_t row, const void *arg);

/* The first row, from 1, for which fn is false; 0: none. */
static size_t first_other(struct verify *v, const struct place *p, row_fn *fn, const void *arg)
{
	const char *rows = p->rows;
	size_t lo, hi;
	bool bad = false;

	while (row_range_next(&rows, &lo, &hi, &bad)) {
		for (size_t row = lo; row <= hi && row <= p->table->n_rows; row++) {
			if (v->work_left == 0)
				return 0; /* who counts the cells says so */
			v->work_left--;
			if (!fn(p, row, arg))
				return row;
		}
	}
	return 0;
}

struct wanted {
	size_t column;
	const char *text;
};

static bool row_says(const struct place *p, size_t row, const void *arg)
{
	const struct wanted *w = arg;

	return strcmp(table_cell(p->table, row - 1, w->column).text, w->text) == 0;
}

static void check_subject(struct verify *v, const json_t *fact, const struct place *p)
{
	const json_t *subject = json_object_get(fact, "subject");
	const char *key;
	json_t *text;

	json_object_foreach ((json_t *)(uintptr_t)subject, key, text) {
		struct wanted w = {verify_column_of(p->table, key), json_string_value(text)};
		size_t row = w.column < p->table->n_columns && w.text
		                     ? first_other(v, p, row_says, &w)
		                     : 0; /* a key that a path or a heading told */

		if (row)
			verify_wrong(v,
			             "%s: subject: %.40s \"%.60s\" expected, \"%.60s\" found in "
			             "row %zu",
			             verify_text(fact, "id"), key, w.text,
			             table_cell(p->table, row - 1, w.column).text, row);
	}
}

/* A table with a metric a row, its name in one column and its value in another. */
static bool row_names(const struct place *p, size_t row, const void *arg)
{
	for (size_t c = 0; c < p->table->n_columns; c++) {
		if (strcmp(table_cell(p->table, row - 1, c).text, arg) == 0)
			return true;
	}
	return false;
}

static void check_metric(struct verify *v, const json_t *fact, const struct place *p)
{
	const char *metric = verify_text(fact, "metric");
	const char *column = p->table->columns[p->column].name;
	size_t row = !*metric || strcmp(metric, column) == 0 ? 0
	                                                     : first_other(v, p, row_names, metric);

	if (row)
		verify_wrong(v, "%s: metric: \"%.60s\" expected, column \"%.60s\" found",
		             verify_text(fact, "id"), metric, column);
}

static bool row_is_not_in(const struct place *p, size_t row, const void *arg)
{
	const bool *set = arg;

	(void)p;
	return !set[row];
}

/* What is excluded is not among the cells. */
static void check_excluded(struct verify *v, const json_t *fact, const struct place *p)
{
	const json_t *locator;
	size_t i;

	json_array_foreach (json_object_get(fact, "excluded"), i, locator) {
		CLEANUP(freep) bool *set = NULL;
		struct place out;
		size_t row;

		if (!place_of(v, locator, &out) || out.table != p->table || out.column != p->column)
			continue;
		set = verify_row_set(v, out.rows, p->table->n_rows);
		row = set ? first_other(v, p, row_is_not_in, set) : 0;
		if (row)
			verify_wrong(v, "%s: row %zu is excluded and counted",
			             verify_text(fact, "id"), row);
	}
}

/* Rows that are told by their texts: none of these may be another than the subject's. */
static void check_where(struct verify *v, const json_t *fact, const json_t *locator)
{
	const json_t *subject = json_object_get(fact, "subject");
	const char *key;
	json_t *text;

	json_object_foreach (json_object_get(locator, "where"), key, text) {
		const char *wanted = json_string_value(json_object_get(subject, key));

		if (wanted && json_is_string(text) && strcmp(wanted, json_string_value(text)) != 0)
			verify_wrong(v,
			             "%s: subject: %.40s \"%.60s\" expected, rows of \"%.60s\" "
			             "found",
			             verify_text(fact, "id"), key, wanted, json_string_value(text));
	}
}

void verify_subject(struct verify *v, const json_t *fact)
{
	const json_t *locator;
	bool in_text = false;
	size_t i;

	json_array_foreach (json_object_get(fact, "cells"), i, locator) {
		struct place p;

		check_where(v, fact, locator);
		if (!place_of(v, locator, &p))
			continue;
		check_subject(v, fact, &p);
		check_metric(v, fact, &p);
		if (p.rows == p.one)
			in_text = true;
		else
			check_excluded(v, fact, &p);
	}
	if (in_text)
		verify_text_excluded(v, fact);
}
