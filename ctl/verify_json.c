/* SPDX-License-Identifier: MIT */
/*
 * Cells of JSON artifacts: the file is read again, and the pointer is followed in it, not in the
 * tables that the analyst saw.
 */
#include <errno.h>

#include "agents/collector/encoding.h"
#include "agents/collector/json_dom.h"
#include "ctl/verify_impl.h"

#define ROWS_LOOKED_AT 1000
#define TEXT_MAX       256 /* a longer string holds no quantity */

static int load(struct verify_artifact *a)
{
	CLEANUP(freep) char *bytes = NULL;
	struct decoded text = {0};
	struct error err = {0}, cut = {0};
	struct json_node *root = NULL;
	size_t len = 0;
	int r = verify_artifact_bytes(a, &bytes, &len);

	if (r == 0 && bytes)
		r = encoding_decode(&text, bytes, len, &err);
	if (r == 0 && bytes) {
		struct str kept = {arena_strndup(a->arena, text.utf8.at, text.utf8.len),
		                   text.utf8.len};

		r = kept.at ? json_dom_parse(&root, &cut, a->arena, kept, &err) : -ENOMEM;
	}
	encoding_done(&text);
	a->dom = root;
	return r;
}

struct adding {
	struct verify *v;
	struct verify_cells *cells;
	const char *pointer;
	bool beside;      /* a unit in another column explains the factor */
	const char *rows; /* NULL: all; moves forward with the rows */
	size_t lo, hi, last;
	bool bad;
	double factor;
};

/* Rows come in order, and so do the ranges. */
static bool wanted(struct adding *a, size_t row)
{
	while (a->rows && row > a->hi && !a->bad) {
		size_t before = a->hi;

		if (!row_range_next(&a->rows, &a->lo, &a->hi, &a->bad))
			return false;
		a->bad = a->lo <= before;
	}
	return !a->rows || (row >= a->lo && row <= a->hi);
}

/* Scalars of a tree have no end of their own. */
static double number_in(const struct json_node *node)
{
	CLEANUP(freep) char *text = strndup(node->text, node->n);
	double value;

	if (!text)
		return NO_NUMBER;
	if (node->type == DOM_STRING)
		return verify_number_in(text, '.');
	value = strtod(text, NULL);
	return isfinite(value) ? value : NO_NUMBER;
}

static double number_of(const struct json_node *node)
{

	switch ((enum dom_type)node->type) {
	case DOM_NUMBER:
	case DOM_STRING:
		return number_in(node);
	case DOM_BOOL:
		return node->text[0] == 't';
	case DOM_NULL:
	case DOM_NONFINITE:
	case DOM_ARRAY:
	case DOM_NUMBERS:
	case DOM_RECORDS:
	case DOM_OBJECT:
		break;
	}
	return NO_NUMBER;
}

static void check_factor(struct adding *a, const struct json_node *node)
{
	char text[TEXT_MAX];

	(void)snprintf(text, sizeof text, "%.*s", node->type == DOM_STRING ? (int)node->n : 0,
	               node->text);
	verify_factor(a->cells, text, '.', a->factor, a->pointer);
}

static int on_node(void *arg, const struct json_node *node, size_t row)
{
	struct adding *a = arg;

	if (!wanted(a, row))
		return 0;
	a->last = row;
	if (node->type == DOM_OBJECT)
		verify_cells_bad(a->cells, "the pointer names a whole object, not a cell");
	else if (!a->beside || node->type != DOM_NUMBER)
		check_factor(a, node);
	return verify_cells_push(a->v, a->cells, number_of(node) * a->factor);
}

/* Members named like one: "time_unit": "us". Some rows are enough: tools write few units. */
static bool is_told_beside(const struct artifact *a, double factor)
{
	for (size_t i = 0; i < a->n_tables; i++) {
		const struct table *t = &a->tables[i];

		for (size_t c = 0; c < t->n_columns; c++) {
			for (size_t r = 0; r < t->n_rows && r < ROWS_LOOKED_AT; r++) {
				const struct cell cell = table_cell(t, r, c);

				if (cell.kind == CELL_TEXT &&
				    verify_unit_explains(cell.text, factor))
					return true;
			}
		}
	}
	return false;
}

int verify_json_add(struct verify *v, struct verify_artifact *a, const json_t *locator,
                    struct verify_cells *c)
{
	const char *pointer = verify_text(locator, "pointer"), *rows = verify_text(locator, "rows");
	struct adding adding = {
		.v = v, .cells = c, .pointer = pointer, .rows = *rows ? rows : NULL, .factor = 1};
	int r;

	if (verify_number(locator, "factor", &adding.factor))
		adding.beside = is_told_beside(a->read, adding.factor);
	if (!a->dom_tried && load(a) == -ENOMEM)
		return -ENOMEM;
	a->dom_tried = true;
	if (!a->dom) {
		verify_cells_bad(c, "%.80s is no JSON", a->read->path);
		return 0;
	}
	r = json_dom_resolve(a->dom, pointer, on_node, &adding);
	if (r == -ENOENT || r == -EINVAL)
		verify_cells_bad(c, "%.60s has nothing at %.60s", a->read->path, pointer);
	else if (r == 0 &&
	         (adding.bad || (adding.rows && (*adding.rows || adding.last < adding.hi))))
		verify_cells_bad(c, "rows \"%.60s\" are malformed or beyond the end", rows);
	return r == -ENOMEM ? r : 0;
}
