/* SPDX-License-Identifier: MIT */
#include "agents/analyst/profile.h"

#include <math.h>

#include "lib/base/clock.h"

#define EPOCH_FIRST 1e9

static bool is_looked_at(const struct view *v, size_t row)
{
	return !(view_row(v, row).failed && view_row(v, row).fail_column < 0);
}

/* "< 12.5 ms", "2.1 GB and more": a number with words around it, but none that a cell can give. */
static bool is_quantity(const char *text)
{
	const char *s = text + strspn(text, "+-~<>≈ ");
	size_t digits = strspn(s, "0123456789.,eE");
	const char *unit = s + digits;

	if (!digits || s[0] < '0' || s[0] > '9')
		return false;
	unit += strspn(unit, " ");
	return *unit == '\0' || *unit == '%' || strcmp(unit, "x") == 0 || unit_of_text(unit) ||
	       measure_of(unit, "").known;
}

static bool has_star(const char *pointer)
{
	const char *star = pointer ? strstr(pointer, "/*") : NULL;

	while (star && star[2] && star[2] != '/')
		star = strstr(star + 1, "/*");
	return star != NULL;
}

static void count_text(struct profile *p, const struct cell *c)
{
	size_t len = strlen(c->text);
	int64_t t;

	p->texts++;
	p->chars += len;
	if (len > p->longest)
		p->longest = len;
	p->quantities += is_quantity(c->text);
	p->unclear += text_is_unclear(c->text);
	p->times += clock_parse(str_of(c->text), &t);
	p->json |= c->text[0] == '{' || c->text[0] == '[';
}

static void count_cell(struct profile *p, const struct cell *c)
{
	switch (c->kind) {
	case CELL_EMPTY:
	case CELL_NULL:
		p->empty++;
		break;
	case CELL_BOOL:
		p->bools++;
		break;
	case CELL_NUMBER:
		p->numbers++;
		unit_tally_add(&p->units, c);
		p->integers &= fabs(c->number) < 1e15 && !(c->number < trunc(c->number)) &&
		               !(c->number > trunc(c->number));
		p->epochs &= c->number >= EPOCH_FIRST;
		break;
	case CELL_LIST:
		p->lists++;
		break;
	case CELL_TEXT:
		if (text_means_nothing(c->text))
			p->empty++;
		else
			count_text(p, c);
		break;
	}
}

/* The value's number from 1, 0 for none; UINT32_MAX when there are too many values. */
static uint32_t code_of(struct work *w, struct strmap *values, struct cell c)
{
	char bytes[sizeof c.number];
	struct str text;
	size_t number;

	memcpy(bytes, &c.number, sizeof bytes); /* of a number whose text was not kept */
	if (c.kind == CELL_EMPTY || c.kind == CELL_NULL || c.kind == CELL_LIST)
		return 0;
	text = c.kind == CELL_NUMBER && !*c.text ? (struct str){bytes, sizeof c.number}
	                                         : str_of(c.text);
	if (values->n >= PROFILE_DISTINCT && !strmap_find(values, text, &number))
		return UINT32_MAX;
	if (strmap_add(values, text, &number) < 0) {
		w->failed = true;
		return 0;
	}
	return (uint32_t)number + 1;
}

static void count_repeats(struct profile *p, const size_t *times)
{
	p->least = SIZE_MAX;
	for (size_t i = 1; i <= p->distinct; i++) {
		p->least = times[i] < p->least ? times[i] : p->least;
		p->most = times[i] > p->most ? times[i] : p->most;
	}
}

static void code_rows(struct work *w, struct profile *p, const struct view *v, size_t column,
                      struct strmap *values)
{
	size_t n = 0;

	p->codes = work_alloc(w, p->rows, sizeof *p->codes);
	for (size_t r = 0; p->codes && n < p->rows; r++)
		if (is_looked_at(v, r))
			p->codes[n++] = code_of(w, values, view_cell(v, r, column));
}

void profile_of(struct work *w, struct profile *ret, const struct view *v, size_t column)
{
	struct strmap values = {.arena = w->arena};
	size_t *times = work_alloc(w, PROFILE_DISTINCT + 2, sizeof *times);

	*ret = (struct profile){.integers = true, .epochs = true};
	for (size_t r = 0; r < v->n_rows && ret->rows < PROFILE_ROWS && !w->failed; r++) {
		const struct cell c = view_cell(v, r, column);
		const struct column *tc = view_table_column(v, r, column);
		uint32_t code;

		if (!is_looked_at(v, r))
			continue;
		ret->rows++;
		ret->star |= tc && has_star(tc->pointer);
		count_cell(ret, &c);
		code = code_of(w, &values, c);
		times[code == UINT32_MAX ? PROFILE_DISTINCT + 1 : code]++;
	}
	if (w->failed)
		return;
	ret->distinct = values.n;
	count_repeats(ret, times);
	if (ret->distinct >= 2 && ret->distinct <= GRID_DISTINCT)
		code_rows(w, ret, v, column, &values);
}

bool profiles_cross(const struct profile *a, const struct profile *b, bool exactly)
{
	size_t pairs[GRID_DISTINCT][GRID_DISTINCT] = {0};
	size_t joint = 0, least = SIZE_MAX, most = 0, all = a->distinct * b->distinct;

	if (!a->codes || !b->codes || a->rows != b->rows || a->rows < all)
		return false;
	for (size_t r = 0; r < a->rows; r++)
		if (a->codes[r] && b->codes[r])
			pairs[a->codes[r] - 1][b->codes[r] - 1]++;
	for (size_t i = 0; i < a->distinct; i++) {
		for (size_t j = 0; j < b->distinct; j++) {
			joint += pairs[i][j] > 0;
			least = pairs[i][j] < least ? pairs[i][j] : least;
			most = pairs[i][j] > most ? pairs[i][j] : most;
		}
	}
	if (exactly)
		return joint == all && least == most && a->rows >= 8;
	return joint * 10 >= all * 9 && (most - least <= 1 || most <= 2 * least);
}
