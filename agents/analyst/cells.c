/* SPDX-License-Identifier: MIT */
/* The numbers behind a fact and what was left out of them, with why. */
#include "agents/analyst/places.h"

#include <math.h>
#include <strings.h>

#define NO_PART UINT32_MAX

static void add_locator(struct work *w, struct cells *c, size_t *cap, struct locator at)
{
	if (work_grow(w, &c->at, c->n_at, cap, sizeof *c->at))
		c->at[c->n_at++] = at;
}

static void flush(struct work *w, struct cells *c, const struct view *v, struct stretch *s,
                  const struct picked *p, size_t *cap)
{
	bool placed = s->n && are_placed(v, s);

	for (size_t i = 0; placed && i < s->n; i++)
		add_locator(w, c, cap, locate_placed(v, s, i));
	if (s->n && !placed)
		add_locator(w, c, cap, locate(w, v, s, p));
	s->n = 0;
}

static void add_numbers(struct cells *c, const struct cell *cell, double factor)
{
	double scale = cell->unit ? cell->unit->factor : 1;

	if (cell->kind == CELL_NUMBER)
		c->numbers[c->n++] = cell->number * (factor / scale);
	for (uint32_t i = 0; cell->kind == CELL_LIST && i < cell->n_numbers; i++)
		c->numbers[c->n++] = cell->numbers[i];
}

/* What turns the digits in the cell into a number of the metric; 0: it cannot be used. */
static double usable_factor(const struct view *v, const struct picked *p, uint32_t row,
                            size_t column)
{
	const struct cell c = view_cell(v, row, column);

	if (view_row(v, row).failed || (c.kind != CELL_NUMBER && c.kind != CELL_LIST) ||
	    !view_table_column(v, row, column))
		return 0;
	if (c.kind == CELL_LIST || (!c.unit && (!p->unit || p->unit->bare)))
		return 1;
	return p->unit ? column_unit_factor(p->unit, &c) : 0;
}

#define RECENT      64 /* foreign texts that are quoted as reasons */
#define MAX_REASONS 16 /* in one part; beyond, they are put together */
#define MAX_PLACED  16 /* rows of one reason that are named one by one */

struct excluded_row {
	uint32_t row; /* of the view */
	size_t bucket;
};

struct bucket {
	struct stretch stretch;
	uint32_t *rows; /* the stretch's */
	const char *why;
};

struct exclusions {
	struct excluded_row *rows;
	size_t n_rows;
	struct bucket *buckets;
	size_t n, cap, texts;
	const char *text, *why; /* the foreign text quoted last: it is often the next one too */
	const struct column_unit *unit;
	const struct cell_unit *as; /* the foreign unit named last, and what was said of it */
	const char *why_unit;
};

static const char *kind_of_text(const char *text)
{
	size_t sign = strspn(text, "+-");

	if (strncasecmp(text + sign, "nan", 3) == 0 || strncasecmp(text + sign, "inf", 3) == 0)
		return "not a number";
	if (text_means_nothing(text))
		return "nothing there";
	if (text[0] == '<' || text[0] == '>')
		return "a bound, no measurement";
	return text_is_unclear(text) ? "thousands or a fraction, nothing tells" : "not a number";
}

static const char *why_other_unit(struct work *w, struct exclusions *e, const struct cell *c)
{
	const char *text = c->unit ? c->unit->text : "";

	if (!*text)
		return "no unit, where other cells have one";
	if (e->as && strcmp(e->as->text, text) == 0)
		return e->why_unit;
	e->as = c->unit;
	e->why_unit = e->unit && e->unit->unit
	                      ? work_printf(w, "in %s, which does not turn into %s", text,
	                                    e->unit->unit->name)
	                      : work_printf(w, "in %s, where other cells have no unit", text);
	return e->why_unit;
}

static const char *why_unusable(struct work *w, struct exclusions *e, const struct view *v,
                                uint32_t row, size_t column)
{
	const struct cell c = view_cell(v, row, column);
	const char *text;

	if (view_row(v, row).failed)
		return view_row(v, row).failed;
	if (c.kind == CELL_EMPTY)
		return "empty";
	if (c.kind == CELL_NULL)
		return "null";
	if (c.kind == CELL_NUMBER)
		return why_other_unit(w, e, &c);
	if (e->text && strcmp(e->text, c.text) == 0)
		return e->why;
	if (++e->texts > RECENT)
		return "not a number";
	text = text_tamed(w, c.text, ERROR_TEXT_BYTES);
	e->text = c.text;
	e->why = text ? work_printf(w, "%s: %s", kind_of_text(c.text), text) : NULL;
	return e->why;
}

/* Parts come one after the other: the buckets of this one are the last. */
static size_t buckets_of(const struct exclusions *e, uint32_t part)
{
	size_t n = 0;

	while (n < e->n && e->buckets[e->n - 1 - n].stretch.part == part)
		n++;
	return n;
}

static bool find_bucket(const struct exclusions *e, uint32_t part, const char *why, size_t *ret)
{
	size_t n = buckets_of(e, part);

	for (*ret = e->n; n > 0; n--) {
		const struct bucket *b = &e->buckets[--*ret];

		if (b->why == why || strcmp(b->why, why) == 0)
			return true;
	}
	return false;
}

/* Reasons beyond the most are put together: "not a number: nan" -> "not a number". */
static const char *why_merged(struct work *w, const struct exclusions *e, uint32_t part,
                              const char *why)
{
	size_t at, n = buckets_of(e, part);

	if (n < MAX_REASONS || find_bucket(e, part, why, &at))
		return why;
	if (n >= 2 * MAX_REASONS)
		return "failed, or not a number";
	return work_printf(w, "%.*s", (int)strcspn(why, ":"), why);
}

/* What a tool did not write into its text at all. */
static bool is_nowhere(const struct view *v, uint32_t row, size_t column)
{
	const struct column *col = view_table_column(v, row, column);

	return !view_row(v, row).failed && col && col->places &&
	       col->places[view_row(v, row).row].line == 0;
}

static void exclude(struct work *w, struct exclusions *e, const struct view *v, uint32_t row,
                    size_t column)
{
	uint32_t part = view_row(v, row).part;
	const char *why = why_unusable(w, e, v, row, column);
	size_t at;

	if (!why || v->parts[part].map[column] < 0 || is_nowhere(v, row, column))
		return; /* without such a column in this part there is no cell to name */
	why = why_merged(w, e, part, why);
	if (!why)
		return;
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
		struct bucket *b = &e->buckets[i];

		b->stretch.rows = b->rows = work_alloc(w, b->stretch.n, sizeof *b->rows);
		b->stretch.n = 0;
	}
	for (size_t i = 0; i < e->n_rows && !w->failed; i++) {
		struct bucket *b = &e->buckets[e->rows[i].bucket];

		b->rows[b->stretch.n++] = view_row(v, e->rows[i].row).row;
	}
}

static const char *why_some(struct work *w, const char *why, size_t n, size_t named)
{
	const char *text = why;

	if (named < n)
		text = work_printf(w, "%s; %zu rows, of which the first %zu are named", why, n,
		                   named);
	return text ? text : "";
}

/* Cells that have a locator each: one exclusion for each of the first. */
static void exclude_placed(struct work *w, struct cells *ret, const struct view *v,
                           const struct bucket *b)
{
	size_t named = b->stretch.n < MAX_PLACED ? b->stretch.n : MAX_PLACED;
	const char *why = why_some(w, b->why, b->stretch.n, named);

	for (size_t i = 0; i < named; i++)
		ret->excluded[ret->n_excluded++] = (struct exclusion){
			locate_placed(v, &b->stretch, i), why};
}

/* Where the rows are too many to be named one by one, their number is told and the first. */
static struct exclusion exclusion_of(struct work *w, const struct view *v, struct bucket *b)
{
	size_t n = b->stretch.n, named = rows_that_fit(b->stretch.rows, n);
	struct exclusion ret;

	b->stretch.n = named;
	ret.why = why_some(w, b->why, n, named);
	ret.at = locate(w, v, &b->stretch, NULL);
	return ret;
}

static void collect_excluded(struct work *w, struct cells *ret, const struct view *v,
                             const struct picked *p, size_t column, size_t usable)
{
	struct exclusions e = {.rows = work_alloc(w, p->n_rows - usable, sizeof *e.rows),
	                       .unit = p->unit};

	for (size_t i = 0; i < p->n_rows && !w->failed; i++)
		if (!(usable_factor(v, p, p->rows[i], column) > 0))
			exclude(w, &e, v, p->rows[i], column);
	fill_buckets(w, &e, v);
	ret->excluded = work_alloc(w, e.n * MAX_PLACED, sizeof *ret->excluded);
	for (size_t i = 0; i < e.n && !w->failed; i++) {
		if (are_placed(v, &e.buckets[i].stretch))
			exclude_placed(w, ret, v, &e.buckets[i]);
		else
			ret->excluded[ret->n_excluded++] = exclusion_of(w, v, &e.buckets[i]);
	}
}

/* The factors of one column: no dimension has more units times scales than these. */
#define FACTORS_MAX 64

struct usable {
	size_t numbers, rows;
	double factors[FACTORS_MAX];
	size_t n_factors;
};

static void add_factor(struct usable *u, double factor)
{
	size_t i = 0;

	while (i < u->n_factors && (u->factors[i] < factor || u->factors[i] > factor))
		i++;
	if (i == u->n_factors && i < FACTORS_MAX)
		u->factors[u->n_factors++] = factor;
}

static bool is_usable_number(const struct view *v, uint32_t row, double number)
{
	return !isnan(number) && !(v->known && view_row(v, row).failed);
}

/* Where no cell is another: a division each, several at once. */
static void all_numbers(const struct column *c, size_t first, size_t n, double *ret)
{
	const int32_t *scaled = c->scaled + first;
	double unit = scaled_unit(c->decimals);

	for (size_t i = 0; i < n; i++)
		ret[i] = (double)scaled[i] / unit;
}

size_t cells_usable(const struct view *v, const struct picked *p, const struct column *gathered,
                    size_t first, double *ret)
{
	size_t n = 0;

	if (!v->known && !gathered->n_others && gathered->scaled) {
		all_numbers(gathered, first, p->n_rows, ret);
		return p->n_rows;
	}
	for (size_t i = 0; i < p->n_rows; i++) {
		ret[n] = column_number(gathered, first + i);
		n += is_usable_number(v, p->rows[i], ret[n]);
	}
	return n;
}

static const uint32_t *usable_rows(struct work *w, const struct view *v, const struct picked *p,
                                   const struct column *column, size_t n)
{
	uint32_t *rows = work_alloc(w, n, sizeof *rows);
	size_t to = 0;

	for (size_t i = 0; rows && to < n && i < p->n_rows; i++)
		if (is_usable_number(v, p->rows[i], column_number(column, p->rows[i])))
			rows[to++] = p->rows[i];
	return rows;
}

void cells_place_usable(struct work *w, struct cells *ret, const struct view *v,
                        const struct picked *p, size_t column, size_t n)
{
	struct stretch s = {.column = (int)column, .rows = p->rows, .n = n};
	size_t cap = 0;

	*ret = (struct cells){.column = view_only_column(v, column), .n = n};
	if (n < p->n_rows)
		s.rows = usable_rows(w, v, p, ret->column, n);
	ret->rows = s.rows;
	if (!w->failed)
		flush(w, ret, v, &s, p, &cap);
	if (n < p->n_rows)
		collect_excluded(w, ret, v, p, column, n);
}

static void count_usable(struct usable *ret, const struct view *v, const struct picked *p,
                         size_t column)
{
	double last = 0;

	*ret = (struct usable){0};
	for (size_t i = 0; i < p->n_rows; i++) {
		const struct cell c = view_cell(v, p->rows[i], column);
		double factor = usable_factor(v, p, p->rows[i], column);

		if (!(factor > 0))
			continue;
		if (factor < last || factor > last)
			add_factor(ret, factor);
		last = factor;
		ret->numbers += c.kind == CELL_LIST ? c.n_numbers : 1;
		ret->rows++;
	}
}

/* The cells with one factor, in the order of their rows. */
static void collect_scaled(struct work *w, struct cells *ret, const struct view *v,
                           const struct picked *p, struct stretch *s, uint32_t *rows, size_t *cap)
{
	size_t column = (size_t)s->column;

	for (size_t i = 0; i < p->n_rows && !w->failed; i++) {
		const struct cell c = view_cell(v, p->rows[i], column);
		double factor = usable_factor(v, p, p->rows[i], column);
		bool list = c.kind == CELL_LIST;

		if (factor < s->factor || factor > s->factor)
			continue;
		if (s->part != view_row(v, p->rows[i]).part || s->list != list)
			flush(w, ret, v, s, p, cap);
		s->part = view_row(v, p->rows[i]).part;
		s->list = list;
		rows[s->n++] = view_row(v, p->rows[i]).row;
		add_numbers(ret, &c, factor);
	}
	flush(w, ret, v, s, p, cap);
}

/* Cells in other units come one unit after the other, so that each locator has one factor. */
void cells_collect(struct work *w, struct cells *ret, const struct view *v, const struct picked *p,
                   size_t column)
{
	struct stretch s = {.part = NO_PART, .column = (int)column};
	struct usable usable;
	uint32_t *rows;
	size_t cap = 0;

	*ret = (struct cells){0};
	count_usable(&usable, v, p, column);
	ret->numbers = work_alloc(w, usable.numbers, sizeof(double));
	s.rows = rows = work_alloc(w, usable.rows, sizeof *rows);
	for (size_t k = 0; k < usable.n_factors; k++) {
		s.factor = usable.factors[k];
		collect_scaled(w, ret, v, p, &s, rows, &cap);
	}
	if (usable.rows < p->n_rows)
		collect_excluded(w, ret, v, p, column, usable.rows);
}

/* Cells of a long history lie one behind the other already: they need not be copied. */
double cells_median(struct work *w, const struct cells *c)
{
	CLEANUP(freep) double *scratch = reallocarray(NULL, c->n, sizeof *scratch);

	w->failed |= !scratch;
	if (!scratch)
		return NO_NUMBER;
	memcpy(scratch, c->numbers, c->n * sizeof *scratch);
	return numbers_quantile(scratch, c->n, .5);
}

static bool are_in_line(const struct cells *const *parts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct cells *p = parts[i], *before = i ? parts[i - 1] : NULL;

		if (!p->numbers || p->n_excluded)
			return false;
		if (before && (p->numbers != before->numbers + before->n ||
		               p->at != before->at + before->n_at))
			return false;
	}
	return n > 0;
}

void cells_join(struct work *w, struct cells *ret, const struct cells *const *parts, size_t n)
{
	struct cells c = {0};

	for (size_t i = 0; i < n; i++) {
		c.n += parts[i]->n;
		c.n_at += parts[i]->n_at;
		c.n_excluded += parts[i]->n_excluded;
	}
	if (are_in_line(parts, n)) {
		c.numbers = parts[0]->numbers;
		c.at = parts[0]->at;
		*ret = c;
		return;
	}
	c.numbers = work_alloc(w, c.n, sizeof *c.numbers);
	c.at = work_alloc(w, c.n_at, sizeof *c.at);
	c.excluded = work_alloc(w, c.n_excluded, sizeof *c.excluded);
	if (w->failed)
		return;
	*ret = c;
	for (size_t i = 0; i < n; i++) {
		const struct cells *p = parts[i];

		if (p->numbers && p->n)
			memcpy(c.numbers, p->numbers, p->n * sizeof *c.numbers);
		for (size_t k = 0; p->column && k < p->n; k++)
			c.numbers[k] = column_number(p->column, p->rows[k]);
		if (p->n_at)
			memcpy(c.at, p->at, p->n_at * sizeof *c.at);
		if (p->n_excluded)
			memcpy(c.excluded, p->excluded, p->n_excluded * sizeof *c.excluded);
		c.numbers += p->n;
		c.at += p->n_at;
		c.excluded += p->n_excluded;
	}
}

void cells_append(struct work *w, struct cells *a, const struct cells *b)
{
	const struct cells before = *a;

	cells_join(w, a, (const struct cells *const[]){&before, b}, 2);
}

void cells_of_rows(struct work *w, struct cells *ret, const struct view *v, const uint32_t *rows,
                   const int *columns, size_t n)
{
	uint32_t *to = work_alloc(w, n, sizeof *to);
	struct stretch s = {.part = NO_PART, .rows = to};
	size_t cap = 0;

	*ret = (struct cells){0};
	for (size_t i = 0; i < n && !w->failed; i++) {
		const struct view_row r = view_row(v, rows[i]);

		if (columns[i] < 0 || v->parts[r.part].map[columns[i]] < 0)
			continue;
		if (s.part != r.part || s.column != columns[i])
			flush(w, ret, v, &s, NULL, &cap);
		s.part = r.part;
		s.column = columns[i];
		to[s.n++] = r.row;
		ret->n++;
	}
	flush(w, ret, v, &s, NULL, &cap);
}
