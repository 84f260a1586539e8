/* SPDX-License-Identifier: MIT */
/*
 * Any tables: "@path" begins a CSV artifact, "@path /base" a JSON one ("/" for the root), then a
 * header and rows in the manner of the unit tests' builder. Every promise is checked.
 */
#include <stdint.h>
#include <stdio.h>

#include "tests/unit/analyst/builder.h"

#define MAX_INPUT     8192
#define MAX_ARTIFACTS 16
#define MAX_COLUMNS   64

static bool same_column(const struct table *t, size_t a, size_t b)
{
	const char *x = t->base ? t->columns[a].pointer : t->columns[a].name;
	const char *y = t->base ? t->columns[b].pointer : t->columns[b].name;

	return strcmp(x, y) == 0;
}

/* What no reader would hand over: columns of one name, pointers without a slash. */
static bool is_possible(const struct table *t)
{
	if (t->n_columns > MAX_COLUMNS || (t->base && !*t->base && t->n_rows != 1))
		return false;
	for (size_t c = 0; c < t->n_columns; c++) {
		if (t->base && !t->columns[c].is_row_key && t->columns[c].pointer[0] != '/')
			return false;
		for (size_t other = 0; other < c; other++)
			if (same_column(t, c, other))
				return false;
	}
	return true;
}

static bool members_differ(const struct table *t)
{
	for (size_t c = 0; c < t->n_columns; c++)
		for (size_t r = 0; t->columns[c].is_row_key && r < t->n_rows; r++)
			for (size_t other = 0; other < r; other++)
				if (strcmp(table_cell(t, r, c).text,
				           table_cell(t, other, c).text) == 0)
					return false;
	return true;
}

static bool build_one(struct builder *b, char *text)
{
	char *line = strchr(text, '\n'), *place;
	const char *base = NULL;
	struct artifact *a;

	if (!line || b->dossier.inventory.n_artifacts == MAX_ARTIFACTS)
		return false;
	*line++ = '\0';
	place = strchr(text, ' ');
	if (place)
		*place++ = '\0';
	if (place)
		base = strcmp(place, "/") == 0 ? "" : "/t/*";
	a = build_table(b, text, base, line);
	return is_possible(a->tables) && members_differ(a->tables);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[MAX_INPUT + 1];
	struct builder b;
	bool good = true;
	char *at = text, *next;

	if (size > MAX_INPUT || memchr(data, 0, size))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	build_start(&b);
	if (*at == '@')
		for (at++; good && at; at = next) {
			next = strstr(at, "\n@");
			if (next) {
				*next = '\0';
				next += 2;
			}
			good = build_one(&b, at);
		}
	if (good)
		build_analysis(&b);
	build_done(&b);
	return 0;
}
