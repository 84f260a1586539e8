/* SPDX-License-Identifier: MIT */
#include "agents/writer/html_row.h"

#include <math.h>
#include <stdlib.h>

#define PLACES_MAX 3 /* of one fact; report.json has them all */
#define FROM_MAX   8
#define DASH       "–"

static const char *text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static json_int_t integer_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void put(struct buf *out, const char *before, const char *text, const char *after)
{
	if (!text)
		return;
	buf_puts(out, before);
	html_escape(out, text);
	buf_puts(out, after);
}

static void put_cell(struct buf *out, const char *text)
{
	put(out, "<td>", text && *text ? text : DASH, "</td>");
}

void html_row_number(struct buf *out, double value)
{
	if (isfinite(value))
		buf_printf(out, "%.12g", value);
	else
		buf_puts(out, DASH);
}

static double number_of(const json_t *node)
{
	return json_is_number(node) ? json_number_value(node) : (double)NAN;
}

/* "F1, F2": links where those have rows. */
static void put_facts(const struct html_row *r, const json_t *ids)
{
	const json_t *id;
	size_t i;

	json_array_foreach (ids, i, id) {
		const char *text = json_string_value(id);
		bool linked = text && r->lists_fact(r->arg, text);

		if (i == FROM_MAX)
			break;
		put(r->out, i ? ", " : "", linked ? "" : text, "");
		if (linked)
			buf_printf(r->out, "<a href=\"#%s\">%s</a>", text, text);
	}
	if (json_array_size(ids) > FROM_MAX)
		buf_printf(r->out, " and others, in all %zu", json_array_size(ids));
	if (!json_array_size(ids))
		buf_puts(r->out, DASH);
}

/* `key=value, key=value` */
static void put_subject(struct buf *out, json_t *subject)
{
	const char *key, *comma = "";
	const json_t *value;

	json_object_foreach (subject, key, value) {
		put(out, comma, key, "=");
		put(out, "", json_string_value(value), "");
		comma = ", ";
	}
}

/* --- where it came from ------------------------------------------------------------- */

static const char *path_of(const struct html_row *r, const char *artifact)
{
	size_t n = artifact && artifact[0] == 'A' ? strtoul(artifact + 1, NULL, 10) : 0;
	const json_t *a = n ? json_array_get(r->artifacts, n - 1) : NULL;

	return a ? text_of(a, "path") : artifact;
}

static void put_file(const struct html_row *r, const json_t *cell)
{
	json_int_t table = integer_of(cell, "table");

	put(r->out, "review ", text_of(cell, "review"), "");
	put(r->out, "", path_of(r, text_of(cell, "artifact")), "");
	if (table)
		buf_printf(r->out, ", table %lld", table);
	put(r->out, ", column ", text_of(cell, "column"), "");
}

static void put_place(struct buf *out, const json_t *cell)
{
	json_t *where = json_object_get(cell, "where");

	put(out, "", text_of(cell, "fact"), "");
	put(out, "", text_of(cell, "pointer"), " ");
	put(out, "rows ", text_of(cell, "rows"), "");
	if (where) {
		buf_puts(out, "all rows of ");
		put_subject(out, where);
		put(out, " but ", text_of(cell, "except"), "");
	}
	if (json_object_get(cell, "line"))
		buf_printf(out, "line %lld, column %lld", integer_of(cell, "line"),
		           integer_of(cell, "column"));
	if (json_object_get(cell, "factor"))
		buf_printf(out, ", times %.10g",
		           json_number_value(json_object_get(cell, "factor")));
}

/* A column of text has a number, and is one of many places in its file. */
static bool same_file(const json_t *a, const json_t *b)
{
	static const char *const keys[] = {"review", "artifact", "table"};
	const char *of_a = text_of(a, "column"), *of_b = text_of(b, "column");

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const json_t *x = json_object_get(a, keys[i]), *y = json_object_get(b, keys[i]);

		if (x != y && !json_equal(x, y))
			return false;
	}
	return of_a == of_b || (of_a && of_b && strcmp(of_a, of_b) == 0);
}

static void put_files(const struct html_row *r, const json_t *cells)
{
	const json_t *cell, *before = NULL;
	size_t i;

	json_array_foreach (cells, i, cell) {
		if (i == PLACES_MAX)
			break;
		if (before && same_file(before, cell))
			continue;
		buf_puts(r->out, before ? "; " : "");
		put_file(r, cell);
		before = cell;
	}
	buf_puts(r->out, before ? "" : DASH);
}

static void put_places(const struct html_row *r, const json_t *fact)
{
	const json_t *cells = json_object_get(fact, "cells"), *cell;
	size_t i, excluded = json_array_size(json_object_get(fact, "excluded"));

	json_array_foreach (cells, i, cell) {
		if (i == PLACES_MAX)
			break;
		buf_puts(r->out, i ? "; " : "");
		put_place(r->out, cell);
	}
	if (i == 0)
		buf_puts(r->out, DASH);
	if (json_array_size(cells) > PLACES_MAX)
		buf_printf(r->out, "; places in all %zu", json_array_size(cells));
	if (excluded)
		buf_printf(r->out, "; left out: %zu", excluded);
}

/* --- rows --------------------------------------------------------------------------- */

static void put_interval(struct buf *out, const json_t *ci)
{
	if (!json_is_object(ci)) {
		buf_puts(out, DASH);
		return;
	}
	html_row_number(out, number_of(json_object_get(ci, "low")));
	buf_puts(out, " to ");
	html_row_number(out, number_of(json_object_get(ci, "high")));
	buf_printf(out, " (%.10g %%)", 100 * number_of(json_object_get(ci, "level")));
}

static void put_value(struct buf *out, const json_t *fact)
{
	double value = number_of(json_object_get(fact, "value"));
	const char *unit = text_of(fact, "unit");

	if (isfinite(value))
		buf_printf(out, "<td data-v=\"%.10g\">", value);
	else
		buf_puts(out, "<td>");
	html_row_number(out, value);
	put(out, " ", unit && *unit ? unit : NULL, "");
	buf_puts(out, "</td><td>");
	html_row_number(out,
	                integer_of(fact, "n") > 0 ? (double)integer_of(fact, "n") : (double)NAN);
}

void html_row_fact(const struct html_row *r, const json_t *fact)
{
	json_t *subject = json_object_get(fact, "subject");

	put(r->out, "<tr id=\"", text_of(fact, "id"), "\">");
	put_cell(r->out, text_of(fact, "id"));
	put(r->out, "<td>", text_of(fact, "label"), "");
	if (json_object_size(subject)) {
		buf_puts(r->out, ", ");
		put_subject(r->out, subject);
	}
	buf_puts(r->out, "</td>");
	put_cell(r->out, text_of(fact, "statistic"));
	put_value(r->out, fact);
	buf_puts(r->out, "</td><td>");
	put_interval(r->out, json_object_get(fact, "ci"));
	buf_puts(r->out, "</td><td>");
	put_facts(r, json_object_get(fact, "from"));
	buf_puts(r->out, "</td><td>");
	put_files(r, json_object_get(fact, "cells"));
	buf_puts(r->out, "</td><td>");
	put_places(r, fact);
	buf_puts(r->out, "</td></tr>\n");
}

static void put_gates(struct buf *out, const json_t *gates)
{
	const json_t *gate;
	size_t i;

	json_array_foreach (gates, i, gate) {
		put(out, i ? "; " : "", text_of(gate, "name"), " ");
		html_row_number(out, number_of(json_object_get(gate, "value")));
		buf_puts(out, " against ");
		html_row_number(out, number_of(json_object_get(gate, "threshold")));
		buf_puts(out, json_is_true(json_object_get(gate, "passed")) ? ": passed"
		                                                            : ": not passed");
	}
	if (i == 0)
		buf_puts(out, DASH);
}

void html_row_finding(const struct html_row *r, const json_t *finding)
{
	static const char *const keys[] = {"id", "kind", "severity", "state", "since"};

	put(r->out, "<tr id=\"", text_of(finding, "id"), "\">");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		put_cell(r->out, text_of(finding, keys[i]));
	buf_puts(r->out, "<td>");
	put_gates(r->out, json_object_get(finding, "gates"));
	buf_puts(r->out, "</td><td>");
	put_facts(r, json_object_get(finding, "facts"));
	buf_puts(r->out, "</td></tr>\n");
}
