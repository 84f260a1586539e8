/* SPDX-License-Identifier: MIT */
/* The numbers behind a fact, and locators from which anybody finds the same ones in this order. */
#include "agents/analyst/work.h"

#include "lib/base/buf.h"

#define MAX_ROWS_TEXT (32u << 20)
#define NO_PART       UINT32_MAX

/* Rows of one part and column that one locator can name. */
struct stretch {
	uint32_t part;
	int column; /* of the view */
	bool list;
	uint32_t *rows; /* of the table, from 0, ascending */
	size_t n;
};

const char *rows_text(struct work *w, const uint32_t *rows, size_t n)
{
	struct buf b = BUF_INIT(MAX_ROWS_TEXT);
	char *text = NULL;

	for (size_t i = 0, j; i < n; i = j) {
		for (j = i + 1; j < n && rows[j] == rows[j - 1] + 1; j++)
			;
		buf_printf(&b, "%s%u", i ? "," : "", rows[i] + 1);
		if (j - i > 1)
			buf_printf(&b, "-%u", rows[j - 1] + 1);
	}
	if (b.failed)
		w->failed = true;
	else
		text = work_printf(w, "%s", buf_text(&b));
	buf_done(&b);
	return text;
}

static bool ends_in_star(const char *base)
{
	size_t n = strlen(base);

	return n >= 2 && strcmp(base + n - 2, "/*") == 0;
}

static const char *escaped(struct work *w, const char *token)
{
	char *text = work_alloc(w, 2 * strlen(token) + 1, 1);
	size_t n = 0;

	for (; text && *token; token++) {
		if (*token == '~' || *token == '/') {
			text[n++] = '~';
			text[n++] = *token == '~' ? '0' : '1';
		} else {
			text[n++] = *token;
		}
	}
	return text;
}

/* The member's name where rows are members, NULL where they are elements of an array. */
static const char *member_of(const struct table *t, uint32_t row)
{
	for (size_t c = 0; c < t->n_columns; c++) {
		const char *text = table_cell(t, row, c)->text;

		if (t->columns[c].is_row_key)
			return *text && strcmp(text, "*") != 0 ? text : NULL;
	}
	return NULL;
}

static void locate_json(struct work *w, struct locator *at, const struct table *t,
                        const struct column *col, const struct stretch *s)
{
	const char *list = s->list ? "/*" : "";
	bool star = ends_in_star(t->base);
	const char *member = star && s->n == 1 ? member_of(t, s->rows[0]) : NULL;
	const char *token = member ? escaped(w, member) : NULL;

	if (token) {
		at->pointer = work_printf(w, "%.*s%s%s%s", (int)strlen(t->base) - 1, t->base, token,
		                          col->pointer, list);
		return;
	}
	at->pointer = work_printf(w, "%s%s%s", t->base, col->pointer, list);
	if (star)
		at->rows = rows_text(w, s->rows, s->n);
}

/* A member's own name is no cell of JSON: what is counted then is the member. */
static struct locator locate(struct work *w, const struct view *v, const struct stretch *s)
{
	const struct part *p = &v->parts[s->part];
	const struct column *col = &p->table->columns[p->map[s->column]];
	struct locator at = {.artifact = v->artifact->id, .factor = 1};

	if (p->table->base) {
		locate_json(w, &at, p->table, col, s);
		return at;
	}
	at.table = p->table->number;
	at.rows = rows_text(w, s->rows, s->n);
	at.column = col->name;
	return at;
}

static void flush(struct work *w, struct cells *c, const struct view *v, struct stretch *s,
                  size_t *cap)
{
	if (s->n && work_grow(w, &c->at, c->n_at, cap, sizeof *c->at))
		c->at[c->n_at++] = locate(w, v, s);
	s->n = 0;
}

static void add_numbers(struct cells *c, const struct cell *cell)
{
	if (cell->kind == CELL_NUMBER)
		c->numbers[c->n++] = cell->number;
	for (uint32_t i = 0; cell->kind == CELL_LIST && i < cell->n_numbers; i++)
		c->numbers[c->n++] = cell->numbers[i];
}

static bool is_usable(const struct view *v, uint32_t row, size_t column)
{
	enum cell_kind kind = view_cell(v, row, column)->kind;

	return !v->rows[row].failed && (kind == CELL_NUMBER || kind == CELL_LIST) &&
	       view_table_column(v, row, column);
}

#define RECENT 64 /* reasons that are remembered, so that rows of one reason share a locator */

struct excluded_row {
	uint32_t row; /* of the view */
	size_t bucket;
};

struct bucket {
	struct stretch stretch;
	const char *why;
};

struct exclusions {
	struct excluded_row *rows;
	size_t n_rows;
	struct bucket *buckets;
	size_t n, cap, texts;
};

static const char *why_unusable(struct work *w, struct exclusions *e, const struct view *v,
                                uint32_t row, size_t column)
{
	const struct cell *c = view_cell(v, row, column);
	const char *text;

	if (v->rows[row].failed)
		return v->rows[row].failed;
	if (c->kind == CELL_EMPTY)
		return "empty";
	if (c->kind == CELL_NULL)
		return "null";
	if (++e->texts > RECENT)
		return "not a number";
	text = text_tamed(w, c->text, ERROR_TEXT_BYTES);
	return text ? work_printf(w, "not a number: %s", text) : NULL;
}

static bool find_bucket(const struct exclusions *e, uint32_t part, const char *why, size_t *ret)
{
	for (size_t i = e->n; i > 0 && e->n - i < RECENT; i--) {
		const struct bucket *b = &e->buckets[i - 1];

		*ret = i - 1;
		if (b->stretch.part == part && (b->why == why || strcmp(b->why, why) == 0))
			return true;
	}
	return false;
}

static void exclude(struct work *w, struct exclusions *e, const struct view *v, uint32_t row,
                    size_t column)
{
	uint32_t part = v->rows[row].part;
	const char *why = why_unusable(w, e, v, row, column);
	size_t at;

	if (!why || v->parts[part].map[column] < 0)
		return; /* without such a column in this part there is no cell to name */
	if (!find_bucket(e, part, why, &at)) {
		if (!work_grow(w, &e->buckets, e->n, &e->cap, sizeof *e->buckets))
			return;
		at = e->n++;
		e->buckets[at] = (struct bucket){.stretch = {.part = part, .column = (int)column},
		                                 .why = why};
	}
	e->buckets[at].stretch.n++;
	e->rows[e->n_rows++] = (struct excluded_row){row, at};
}

static void fill_buckets(struct work *w, struct exclusions *e, const struct view *v)
{
	for (size_t i = 0; i < e->n; i++) {
		struct stretch *s = &e->buckets[i].stretch;

		s->rows = work_alloc(w, s->n, sizeof *s->rows);
		s->n = 0;
	}
	for (size_t i = 0; i < e->n_rows && !w->failed; i++) {
		struct stretch *s = &e->buckets[e->rows[i].bucket].stretch;

		s->rows[s->n++] = v->rows[e->rows[i].row].row;
	}
}

static void collect_excluded(struct work *w, struct cells *ret, const struct view *v,
                             const uint32_t *rows, size_t n_rows, size_t column, size_t usable)
{
	struct exclusions e = {.rows = work_alloc(w, n_rows - usable, sizeof *e.rows)};

	for (size_t i = 0; i < n_rows && !w->failed; i++)
		if (!is_usable(v, rows[i], column))
			exclude(w, &e, v, rows[i], column);
	fill_buckets(w, &e, v);
	ret->excluded = work_alloc(w, e.n, sizeof *ret->excluded);
	for (size_t i = 0; i < e.n && !w->failed; i++)
		ret->excluded[ret->n_excluded++] = (struct exclusion){
			locate(w, v, &e.buckets[i].stretch), e.buckets[i].why};
}

static size_t count_numbers(const struct view *v, const uint32_t *rows, size_t n_rows,
                            size_t column, size_t *ret_rows)
{
	size_t n = 0;

	*ret_rows = 0;
	for (size_t i = 0; i < n_rows; i++) {
		const struct cell *c = view_cell(v, rows[i], column);

		if (!is_usable(v, rows[i], column))
			continue;
		n += c->kind == CELL_LIST ? c->n_numbers : 1;
		++*ret_rows;
	}
	return n;
}

void cells_collect(struct work *w, struct cells *ret, const struct view *v, const uint32_t *rows,
                   size_t n_rows, size_t column)
{
	struct stretch s = {.part = NO_PART, .column = (int)column};
	size_t usable, cap = 0;

	*ret = (struct cells){0};
	ret->numbers = work_alloc(w, count_numbers(v, rows, n_rows, column, &usable),
	                          sizeof(double));
	s.rows = work_alloc(w, usable, sizeof *s.rows);
	for (size_t i = 0; i < n_rows && !w->failed; i++) {
		const struct cell *c = view_cell(v, rows[i], column);
		bool list = c->kind == CELL_LIST;

		if (!is_usable(v, rows[i], column))
			continue;
		if (s.part != v->rows[rows[i]].part || s.list != list)
			flush(w, ret, v, &s, &cap);
		s.part = v->rows[rows[i]].part;
		s.list = list;
		s.rows[s.n++] = v->rows[rows[i]].row;
		add_numbers(ret, c);
	}
	flush(w, ret, v, &s, &cap);
	if (usable < n_rows)
		collect_excluded(w, ret, v, rows, n_rows, column, usable);
}

static void *joined(struct work *w, const void *a, size_t n_a, const void *b, size_t n_b,
                    size_t size)
{
	char *p = work_alloc(w, n_a + n_b, size);

	if (p && a)
		memcpy(p, a, n_a * size);
	if (p && b)
		memcpy(p + n_a * size, b, n_b * size);
	return p;
}

void cells_append(struct work *w, struct cells *a, const struct cells *b)
{
	struct cells c = {
		.numbers = joined(w, a->numbers, a->n, b->numbers, b->n, sizeof *a->numbers),
		.at = joined(w, a->at, a->n_at, b->at, b->n_at, sizeof *a->at),
		.excluded = joined(w, a->excluded, a->n_excluded, b->excluded, b->n_excluded,
	                           sizeof *a->excluded),
	};

	if (w->failed)
		return;
	c.n = a->n + b->n;
	c.n_at = a->n_at + b->n_at;
	c.n_excluded = a->n_excluded + b->n_excluded;
	*a = c;
}

void cells_of_rows(struct work *w, struct cells *ret, const struct view *v, const uint32_t *rows,
                   const int *columns, size_t n)
{
	struct stretch s = {.part = NO_PART, .rows = work_alloc(w, n, sizeof *s.rows)};
	size_t cap = 0;

	*ret = (struct cells){0};
	for (size_t i = 0; i < n && !w->failed; i++) {
		const struct view_row *r = &v->rows[rows[i]];

		if (columns[i] < 0 || v->parts[r->part].map[columns[i]] < 0)
			continue;
		if (s.part != r->part || s.column != columns[i])
			flush(w, ret, v, &s, &cap);
		s.part = r->part;
		s.column = columns[i];
		s.rows[s.n++] = r->row;
		ret->n++;
	}
	flush(w, ret, v, &s, &cap);
}
