/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_store.h"

#include <errno.h>

#include "agents/collector/json_text.h"
#include "lib/base/buf.h"

#define COLUMNS_MAX 4096
#define CODES_MAX   4096                        /* texts that are looked up */
#define EXACT_MAX   9007199254740991.0          /* 2^53 - 1: larger integers keep their text */
#define POINTER_MAX (32 * 2001)                 /* bytes; names and depth are bounded */
#define EMPTY       ((struct cell){.text = ""}) /* no member of that name */

void json_store_done(struct json_store *s)
{
	for (size_t i = 0; i < s->n; i++)
		growing_done(&s->columns[i].growing);
	free(s->columns);
	s->columns = NULL;
}

static bool make_room(struct json_store *s)
{
	size_t cap = s->cap ? 2 * s->cap : 32;
	struct json_column *more;

	if (s->n < s->cap)
		return true;
	more = reallocarray(s->columns, cap, sizeof *more);
	if (!more)
		return false;
	s->columns = more;
	s->cap = cap;
	return true;
}

/* Codes of a text that no string of JSON can be stand for the member that is missing. */
static bool begin_codes(struct json_store *s, struct growing *g)
{
	static const char none[CSV_PAD];

	if (!growing_init(g, s->pool.arena, s->cap_rows, EXACT_MAX) ||
	    !arena_room(g->arena, &g->values, 0, &g->cap_values, sizeof *g->values))
		return false;
	g->values[0] = EMPTY;
	return csv_dict_number(&g->dict, (struct str){none, 0}) == 0;
}

static int add_column(struct json_store *s, struct json_path *path)
{
	struct json_column *c;

	if (s->n == COLUMNS_MAX || s->n + 1 > s->cells_max / s->cap_rows)
		return -E2BIG;
	if (!make_room(s))
		return -ENOMEM;
	c = &s->columns[s->n];
	*c = (struct json_column){.path = path};
	path->is_column = true;
	path->in_table = (uint32_t)s->n++;
	return begin_codes(s, &c->growing) ? 0 : -ENOMEM;
}

static bool grow_cells(const struct json_store *s, struct json_column *c, size_t cap)
{
	size_t size = sizeof *c->cells;
	struct cell *more = arena_grow(s->pool.arena, c->cells, c->filled * size, cap * size);

	if (more)
		c->cells = more;
	return more;
}

bool json_store_make_rows(struct json_store *s, size_t rows, size_t cap)
{
	size_t most = s->n ? s->cells_max / s->n : cap;

	cap = cap < most ? cap : most;
	if (cap <= rows)
		return false;
	for (size_t i = 0; i < s->n; i++) {
		struct json_column *c = &s->columns[i];

		if (!(c->cells ? grow_cells(s, c, cap)
		               : growing_resize(&c->growing, c->filled, cap)))
			return false;
	}
	s->cap_rows = cap;
	return true;
}

static struct cell cell_at(const struct growing *g, size_t row)
{
	struct column c = {0};

	growing_finish(g, &c);
	return g->measured ? column_measured(&c, row) : g->values[growing_code(g, row)];
}

static bool make_plain(struct json_store *s, struct json_column *c, size_t n_rows)
{
	c->cells = arena_calloc(s->pool.arena, s->cap_rows, sizeof *c->cells);
	for (size_t row = 0; c->cells && row < n_rows; row++)
		c->cells[row] = cell_at(&c->growing, row);
	growing_done(&c->growing);
	return c->cells;
}

static void repeat_code(struct growing *g, size_t from, size_t to)
{
	uint32_t code = growing_code(g, from - 1);

	if (g->code_bytes == 1)
		memset((uint8_t *)g->codes + from, (int)code, to - from);
	else
		for (size_t row = from; row < to; row++)
			growing_put_code(g, row, code);
}

static bool repeat_measured(struct growing *g, size_t from, size_t to)
{
	struct cell cell = cell_at(g, from - 1);

	for (size_t row = from; row < to; row++)
		if (!growing_put_cell(g, row, &cell))
			return false;
	return true;
}

/* All rows before this one are as the last one that was put. */
static bool reach(struct json_column *c, size_t row)
{
	size_t from = c->filled;

	c->filled = row;
	if (from == row || from == 0) /* codes are 0 as long as nothing was put */
		return true;
	if (!c->cells && c->growing.measured)
		return repeat_measured(&c->growing, from, row);
	if (!c->cells)
		repeat_code(&c->growing, from, row);
	for (size_t i = from; c->cells && i < row; i++)
		c->cells[i] = c->cells[from - 1];
	return true;
}

static int unescaped(struct json_store *s, struct str *text)
{
	char *copy = arena_alloc(s->scratch, text->len + 1);
	const char *bad;

	if (!copy)
		return -ENOMEM;
	bad = json_unescape(copy, &text->len, text->at, text->at + text->len);
	text->at = copy;
	return bad ? -EINVAL : 0;
}

static int scalar_cell(struct json_store *s, struct cell *ret, const struct json_value *v)
{
	struct json_node node = {.type = (uint8_t)v->type};
	struct str text = {v->at, v->len};
	int r = 0;

	if (node.type == DOM_STRING)
		text = (struct str){v->at + 1, v->len - 2};
	if (v->kind == VALUE_ESCAPED)
		r = unescaped(s, &text);
	node.text = text.at;
	node.n = (uint32_t)text.len;
	if (r == 0 && !json_cell(ret, &node, SHAPE_SCALAR, &s->pool))
		r = -ENOMEM;
	return r;
}

static int list_cell(struct json_store *s, struct cell *ret, const struct json_value *v,
                     const struct json_values *of)
{
	double *numbers = arena_calloc(s->pool.arena, v->n, sizeof *numbers);

	if (!numbers)
		return -ENOMEM;
	memcpy(numbers, of->numbers + v->first, v->n * sizeof *numbers);
	*ret = (struct cell){
		.kind = CELL_LIST, .n_numbers = (uint32_t)v->n, .text = "", .numbers = numbers};
	return 0;
}

static int put_plain(struct json_store *s, struct json_column *c, size_t row,
                     const struct json_value *v, const struct json_values *of)
{
	if (v->kind == VALUE_NOTHING) {
		c->cells[row] = EMPTY;
		return 0;
	}
	return v->kind == VALUE_LIST ? list_cell(s, &c->cells[row], v, of)
	                             : scalar_cell(s, &c->cells[row], v);
}

/* A number whose digits are those of the column's, which are kept without their point. */
static bool put_scaled(const struct csv_numbers *x, size_t row, const struct json_value *v)
{
	static const int32_t tens[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
	unsigned more = x->decimals + (unsigned)v->number.exponent; /* wraps where there are more */
	uint64_t scaled;

	if (x->doubles || v->number.exponent > 0 || more > x->decimals ||
	    v->number.mantissa > INT32_MAX || (v->number.negative && !v->number.mantissa))
		return false;
	scaled = v->number.mantissa * (uint64_t)tens[more];
	if (scaled >= INT32_MAX)
		return false;
	x->scaled[row] = v->number.negative ? -(int32_t)scaled : (int32_t)scaled;
	return true;
}

static int put_measured(struct json_store *s, struct growing *g, size_t row,
                        const struct json_value *v)
{
	struct cell cell = EMPTY;
	double number;
	int r = 0;

	if (v->kind == VALUE_SCALAR && v->type == DOM_NUMBER && v->plain) {
		if (put_scaled(&g->numbers, row, v))
			return 0;
		if (json_number_value(&v->number, &number) && fabs(number) <= g->most)
			return growing_put_number(g, row, number) ? 0 : -ENOMEM;
	}
	if (v->kind != VALUE_NOTHING)
		r = scalar_cell(s, &cell, v);
	return r < 0 ? r : growing_put_cell(g, row, &cell) ? 0 : -ENOMEM;
}

/* As it stands in the text, or a copy of it where that ends too early for csv_dict. */
static bool word_of(struct json_store *s, struct str *ret, const struct json_value *v)
{
	char *copy;

	*ret = (struct str){v->at, v->len};
	if (s->end - v->at >= CSV_PAD)
		return true;
	copy = arena_alloc(s->scratch, v->len + CSV_PAD);
	if (!copy)
		return false;
	memcpy(copy, v->at, v->len);
	ret->at = copy;
	return true;
}

static int add_value(struct json_store *s, struct growing *g, size_t row, uint32_t code,
                     const struct json_value *v)
{
	if (!arena_room(g->arena, &g->values, code, &g->cap_values, sizeof *g->values) ||
	    !growing_widen(g, row))
		return -ENOMEM;
	return scalar_cell(s, &g->values[code], v);
}

/* What a column becomes when there is a new code. */
static bool settle(struct json_store *s, struct json_column *c, size_t n_rows)
{
	size_t n = c->growing.dict.n;

	if (n <= GROWING_WORDS)
		return true;
	if (growing_measures(&c->growing))
		return growing_measure(&c->growing, n_rows);
	return (n < CODES_MAX && 2 * n < n_rows) || make_plain(s, c, n_rows);
}

static int put_coded(struct json_store *s, struct json_column *c, size_t row,
                     const struct json_value *v)
{
	struct growing *g = &c->growing;
	size_t n = g->dict.n;
	uint32_t code = 0;
	struct str word;
	int r = 0;

	if (v->kind != VALUE_NOTHING) {
		if (!word_of(s, &word, v))
			return -ENOMEM;
		code = csv_dict_number(&g->dict, word);
		if (code == CSV_NO_WORD)
			return -ENOMEM;
	}
	if (code == n)
		r = add_value(s, g, row, code, v);
	if (r < 0)
		return r;
	growing_put_code(g, row, code);
	return code < n || settle(s, c, row + 1) ? 0 : -ENOMEM;
}

int json_store_put(struct json_store *s, struct json_path *path, size_t row,
                   const struct json_value *v, const struct json_values *of)
{
	struct json_column *c;
	int r = 0;

	if (!path->is_column && v->kind == VALUE_NOTHING)
		return 0;
	if (!path->is_column)
		r = add_column(s, path);
	if (r < 0)
		return r;
	c = &s->columns[path->in_table];
	if (!reach(c, row) || (v->kind == VALUE_LIST && !c->cells && !make_plain(s, c, row)))
		return -ENOMEM;
	if (c->cells)
		r = put_plain(s, c, row, v, of);
	else if (c->growing.measured)
		r = put_measured(s, &c->growing, row, v);
	else
		r = put_coded(s, c, row, v);
	c->filled = row + 1;
	return r;
}

int json_store_put_nothing(struct json_store *s, struct json_path *path, size_t row)
{
	const struct json_value nothing = {.kind = VALUE_NOTHING};

	if (!path->is_column || s->columns[path->in_table].filled > row)
		return 0;
	return json_store_put(s, path, row, &nothing, NULL);
}

static bool name_column(struct json_store *s, struct column *to, const struct json_path *path)
{
	CLEANUP(buf_done) struct buf pointer = BUF_INIT(POINTER_MAX);
	struct arena *arena = s->pool.arena;

	json_path_print(&pointer, path);
	to->pointer = arena_strdup(arena, buf_text(&pointer));
	to->name = *path->key ? arena_strdup(arena, path->key)
	                      : arena_printf(arena, "column %u", path->in_table + 1);
	return !pointer.failed && to->pointer && to->name;
}

struct column *json_store_finish(struct json_store *s, size_t n_rows)
{
	struct column *columns = arena_calloc(s->pool.arena, s->n, sizeof *columns);

	for (size_t i = 0; columns && i < s->n; i++) {
		struct json_column *c = &s->columns[i];

		if (!reach(c, n_rows) || !name_column(s, &columns[i], c->path))
			return NULL;
		if (c->cells)
			columns[i].values = c->cells; /* STORE_PLAIN is 0 */
		else
			growing_finish(&c->growing, &columns[i]);
	}
	return columns;
}
