/* SPDX-License-Identifier: MIT */
/*
 * A fact: how it is computed, and from what.
 */
#include <math.h>
#include <stdlib.h>

#include "ctl/ctl_json.h"
#include "ctl/row_range.h"
#include "ctl/why_impl.h"

#define DEPTH_MAX   4  /* facts over facts */
#define FROM_MAX    12 /* that are listed */
#define CELLS_MAX   12
#define LINES_MAX   8 /* of rows that are named with their line */
#define SAMPLES_MAX 40

static const struct {
	const char *statistic, *formula;
} formulas[] = {
	{"value", "the number in the cell"},
	{"count", "how many cells there are"},
	{"sum", "the sum of the cells"},
	{"min", "the least of them"},
	{"max", "the largest of them"},
	{"mean", "the arithmetic mean of the cells"},
	{"median", "the median of the cells"},
	{"p90", "the 90th percentile, between neighbours linear (R type 7)"},
	{"p95", "the 95th percentile, between neighbours linear (R type 7)"},
	{"p99", "the 99th percentile, between neighbours linear (R type 7)"},
	{"stdev", "the standard deviation (n-1)"},
	{"cv", "stdev / |mean|"},
	{"mad", "the median of the absolute deviations from the median"},
	{"delta", "this - reference"},
	{"delta_pct", "100 (this - reference) / |reference|"},
	{"ratio", "this / reference"},
	{"rank", "1 + the number of the others that are better"},
	{"hodges_lehmann", "the median of this - reference over all pairs of their samples"},
	{"hodges_lehmann_ratio", "the median of this / reference over all pairs of their samples"},
	{"mann_whitney_p", "the p of the Mann-Whitney test between their samples, two-sided"},
	{"cles", "the share of pairs of their samples in which this is larger"},
	{"geomean_ratio", "the geometric mean of these ratios"},
	{"sign_p", "the p of the sign test on these ratios, two-sided"},
	{"theil_sen", "the median of the slopes between all pairs"},
	{"mann_kendall_p", "the p of the Mann-Kendall test, two-sided"},
	{"common_shift", "the median of their changes, better being up, in %"},
	{"moderated_t_p", "the p of a t test whose noise is moderated by that of the other series"},
};

static const char *formula_of(const char *statistic)
{
	for (size_t i = 0; i < ARRAY_LEN(formulas); i++) {
		if (strcmp(formulas[i].statistic, statistic) == 0)
			return formulas[i].formula;
	}
	return "no formula is known";
}

void why_number(FILE *to, double value)
{
	char text[32];

	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	(void)fputs(text, to);
}

void why_name(FILE *to, const json_t *fact)
{
	const char *key;
	json_t *text;

	why_put(to, ctl_json_text(fact, "label"));
	json_object_foreach (json_object_get(fact, "subject"), key, text) {
		(void)fputs(", ", to);
		why_put(to, key);
		(void)fputc('=', to);
		why_put(to, json_string_value(text) ? json_string_value(text) : "");
	}
}

static void indent(FILE *to, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		(void)fputs("  ", to);
}

/* --- cells -------------------------------------------------------------------------- */

/* The first rows of "1-36,40", in order, and whether there are more. */
static size_t first_rows(size_t ret[static LINES_MAX], bool *ret_more, const char *rows)
{
	size_t n = 0, lo, hi;
	bool bad = false;

	*ret_more = false;
	while (row_range_next(&rows, &lo, &hi, &bad)) {
		for (size_t row = lo; row <= hi; row++) {
			*ret_more = n == LINES_MAX;
			if (*ret_more)
				return n;
			ret[n++] = row;
		}
	}
	return n;
}

static void put_lines(const struct why *w, FILE *to, const json_t *artifact, const json_t *cell)
{
	json_int_t table = json_integer_value(json_object_get(cell, "table"));
	size_t rows[LINES_MAX], n;
	long lines[LINES_MAX];
	bool more;

	n = first_rows(rows, &more, ctl_json_text(cell, "rows"));
	n = why_lines_of_rows(lines, w, artifact, table, rows, n);
	for (size_t i = 0; i < n; i++)
		(void)fprintf(to, "%s%ld", i ? ", " : ", line ", lines[i]);
	if (n && more)
		(void)fputs(", ...", to);
}

static void put_where(FILE *to, const json_t *cell)
{
	const char *key, *except = ctl_json_text(cell, "except"), *gap = ", where ";
	json_t *text;

	json_object_foreach (json_object_get(cell, "where"), key, text) {
		(void)fputs(gap, to);
		why_put(to, key);
		(void)fputc('=', to);
		why_put(to, json_string_value(text) ? json_string_value(text) : "");
		gap = ", ";
	}
	if (*except) {
		(void)fputs(", except rows ", to);
		why_put(to, except);
	}
}

static void put_place(const struct why *w, FILE *to, const json_t *cell)
{
	const json_t *artifact = why_by_id(w, ctl_json_text(cell, "artifact"));
	const char *rows = ctl_json_text(cell, "rows"), *pointer = ctl_json_text(cell, "pointer");
	json_int_t line = json_integer_value(json_object_get(cell, "line"));

	if (json_object_get(cell, "review")) {
		(void)fputs("review ", to);
		why_put(to, ctl_json_text(cell, "review"));
		(void)fputs(", its ", to);
		why_put(to, ctl_json_text(cell, "fact"));
		return;
	}
	why_put(to, ctl_json_text(cell, "artifact"));
	(void)fputc(' ', to);
	why_put(to, ctl_json_text(artifact, "path"));
	if (line)
		(void)fprintf(to, ":%lld:%lld", (long long)line,
		              (long long)json_integer_value(json_object_get(cell, "column")));
	(void)fputs(*pointer || !line ? ": " : "", to);
	why_put(to, *pointer ? pointer : line ? "" : ctl_json_text(cell, "column"));
	if (*rows) {
		(void)fputs(*pointer ? ", elements " : ", rows ", to);
		why_put(to, rows);
	}
	put_where(to, cell);
	if (*rows && !*pointer)
		put_lines(w, to, artifact, cell);
}

static void put_cells(const struct why *w, FILE *to, const json_t *fact, unsigned depth)
{
	const json_t *cells = json_object_get(fact, "cells"), *cell;
	const json_t *factor;
	size_t i;

	json_array_foreach (cells, i, cell) {
		indent(to, depth);
		if (i == CELLS_MAX) {
			(void)fprintf(to, "and %zu more places\n", json_array_size(cells) - i);
			break;
		}
		put_place(w, to, cell);
		factor = json_object_get(cell, "factor");
		if (factor) {
			(void)fputs(", times ", to);
			why_number(to, json_number_value(factor));
		}
		(void)fputc('\n', to);
	}
}

static void put_samples(const struct why *w, FILE *to, const json_t *fact, unsigned depth)
{
	const json_t *list = json_object_get(w->samples, ctl_json_text(fact, "id")), *one;
	size_t i;

	if (!json_array_size(list))
		return;
	indent(to, depth);
	(void)fputs("values:", to);
	json_array_foreach (list, i, one) {
		if (i == SAMPLES_MAX) {
			(void)fprintf(to, " ... %zu in all", json_array_size(list));
			break;
		}
		(void)fputc(' ', to);
		(void)fprintf(to, "%.12g", json_number_value(one)); /* a factor leaves traces */
	}
	(void)fputc('\n', to);
}

static void put_excluded(const struct why *w, FILE *to, const json_t *fact, unsigned depth)
{
	const json_t *list = json_object_get(fact, "excluded"), *one;
	size_t i;

	json_array_foreach (list, i, one) {
		indent(to, depth);
		if (i == CELLS_MAX) {
			(void)fprintf(to, "and %zu more excluded\n", json_array_size(list) - i);
			break;
		}
		(void)fputs("excluded: ", to);
		put_place(w, to, one);
		(void)fputs(": ", to);
		why_put(to, ctl_json_text(one, "why"));
		(void)fputc('\n', to);
	}
}

/* --- the fact ------------------------------------------------------------------------ */

static void put_fact(const struct why *w, FILE *to, const json_t *fact, unsigned depth);

static void put_from(const struct why *w, FILE *to, const json_t *from, unsigned depth)
{
	const json_t *one;
	size_t i;

	json_array_foreach (from, i, one) {
		const json_t *of = why_by_id(w, json_string_value(one));

		if (i == FROM_MAX || depth == DEPTH_MAX) {
			indent(to, depth);
			(void)fprintf(to, "and %zu more facts\n", json_array_size(from) - i);
			break;
		}
		if (of)
			put_fact(w, to, of, depth);
	}
}

static void put_head(FILE *to, const json_t *fact, unsigned depth)
{
	const char *unit = ctl_json_text(fact, "unit");

	indent(to, depth);
	why_put(to, ctl_json_text(fact, "id"));
	(void)fputs("  ", to);
	why_name(to, fact);
	(void)fputs(" = ", to);
	why_number(to, json_number_value(json_object_get(fact, "value")));
	(void)fputs(*unit ? " " : "", to);
	why_put(to, unit);
}

static void put_formula(FILE *to, const json_t *fact, unsigned depth)
{
	const char *statistic = ctl_json_text(fact, "statistic");
	const json_t *n = json_object_get(fact, "n");

	indent(to, depth);
	why_put(to, statistic);
	(void)fprintf(to, ": %s", formula_of(statistic));
	if (json_is_integer(n))
		(void)fprintf(to, ", n = %lld", (long long)json_integer_value(n));
	(void)fputc('\n', to);
}

/* What it stands on is shown once. */
static void put_fact(const struct why *w, FILE *to, const json_t *fact, unsigned depth)
{
	const char *id = ctl_json_text(fact, "id");

	put_head(to, fact, depth);
	if (json_object_get(w->told, id)) {
		(void)fputs(" (as above)\n", to);
		return;
	}
	(void)json_object_set_new(w->told, id, json_true());
	(void)fputc('\n', to);
	put_formula(to, fact, depth + 1);
	put_cells(w, to, fact, depth + 1);
	put_samples(w, to, fact, depth + 1);
	put_excluded(w, to, fact, depth + 1);
	put_from(w, to, json_object_get(fact, "from"), depth + 1);
}

void why_fact(const struct why *w, FILE *to, const json_t *fact)
{
	put_fact(w, to, fact, 0);
}
