/* SPDX-License-Identifier: MIT */
/* The rows of a view, put together by the texts of their keys. */
#include "agents/analyst/work.h"

#define NONE       UINT32_MAX
#define KEYS_MAX   32
#define BLOCK_ROWS 32768  /* whose numbers fit a core's own cache */
#define SEPARATOR  '\x1f' /* ASCII's own: between units of a record */

const char *configuration_name(struct work *w, const struct view *v, size_t row, const int *keys,
                               size_t n_keys)
{
	size_t len = 0, n = 0;
	char *name;

	for (size_t k = 0; k < n_keys; k++)
		len += 1 + (keys[k] < 0 ? 0 : strlen(view_cell(v, row, (size_t)keys[k]).text));
	name = work_alloc(w, len + 1, 1);
	for (size_t k = 0; name && k < n_keys; k++) {
		const char *text = keys[k] < 0 ? "" : view_cell(v, row, (size_t)keys[k]).text;

		len = strlen(text);
		memcpy(name + n, text, len);
		n += len;
		name[n++] = SEPARATOR;
	}
	return name;
}

static bool is_noted(struct view_row r)
{
	return r.failed && r.fail_column < 0;
}

/* A name that is built anew for each row would fill the arena: compare with the row before. */
static bool same_as_before(const struct view *v, size_t row, const int *keys, size_t n_keys)
{
	for (size_t k = 0; k < n_keys; k++) {
		if (keys[k] < 0)
			continue;
		if (strcmp(view_cell(v, row, (size_t)keys[k]).text,
		           view_cell(v, row - 1, (size_t)keys[k]).text) != 0)
			return false;
	}
	return true;
}

/*
 * Keys that are all kept as codes: rows with the same codes are one configuration, so that the
 * texts are looked at once for each and not once for each row.
 */
#define COMBINATIONS_MAX (1u << 20)

struct coded {
	const struct column *columns[KEYS_MAX];
	size_t n;
	uint32_t *numbers; /* per combination of codes: configuration + 1, 0: not met yet */
	size_t n_combinations;
};

static bool find_coded(struct coded *ret, const struct view *v, const int *keys, size_t n_keys)
{
	*ret = (struct coded){.n_combinations = 1};
	if (v->n_parts != 1 || v->whole || n_keys > KEYS_MAX)
		return false;
	for (size_t k = 0; k < n_keys; k++) {
		const struct column *c = keys[k] < 0 ? NULL : view_only_column(v, (size_t)keys[k]);

		if (keys[k] < 0 || v->parts[0].map[keys[k]] < 0)
			continue; /* the same text in each row */
		if (c->store != STORE_CODED || c->n_values > COMBINATIONS_MAX)
			return false;
		ret->columns[ret->n++] = c;
		ret->n_combinations *= c->n_values;
		if (ret->n_combinations > COMBINATIONS_MAX)
			return false;
	}
	return true;
}

static inline size_t combination_of(const struct coded *c, size_t row)
{
	size_t at = 0;

	for (size_t k = 0; k < c->n; k++)
		at = at * c->columns[k]->n_values + column_code(c->columns[k], row);
	return at;
}

/* How the configurations of a view are numbered. */
struct numbering {
	struct configurations *c;
	uint32_t *of; /* per row: the number of its configuration, NONE */
	const struct view *v;
	const int *keys;
	size_t n_keys;
	bool noted; /* rows that the reader passes over */
};

/* Rows that the reader passes over belong to a configuration only if others make it one. */
static uint32_t number_of(struct work *w, const struct numbering *n, size_t row)
{
	const char *name = configuration_name(w, n->v, row, n->keys, n->n_keys);
	size_t at = NONE;

	if (!name)
		return NONE;
	if (n->noted)
		(void)strmap_find(&n->c->names, str_of(name), &at);
	else if (strmap_add(&n->c->names, str_of(name), &at) < 0)
		w->failed = true;
	return at < NONE ? (uint32_t)at : NONE;
}

static void number_coded(struct work *w, const struct numbering *n, struct coded *coded)
{
	bool mixed = n->v->n_noted > 0;

	for (size_t r = 0; r < n->v->n_rows && !w->failed; r++) {
		uint32_t *number;

		if (mixed && is_noted(view_row(n->v, r)) != n->noted)
			continue;
		number = &coded->numbers[combination_of(coded, view_row(n->v, r).row)];
		if (*number == 0)
			*number = number_of(w, n, r) + 1;
		n->of[r] = *number - 1;
	}
}

static void number_by_text(struct work *w, const struct numbering *n)
{
	const struct view *v = n->v;

	for (size_t r = 0; r < v->n_rows && !w->failed; r++) {
		if (is_noted(view_row(v, r)) != n->noted)
			continue;
		if (r > 0 && is_noted(view_row(v, r - 1)) == n->noted &&
		    same_as_before(v, r, n->keys, n->n_keys))
			n->of[r] = n->of[r - 1];
		else
			n->of[r] = number_of(w, n, r);
	}
}

static void number_rows(struct work *w, struct numbering *n)
{
	struct coded coded;

	if (!find_coded(&coded, n->v, n->keys, n->n_keys)) {
		number_by_text(w, n);
		return;
	}
	coded.numbers = calloc(coded.n_combinations, sizeof *coded.numbers);
	if (coded.numbers)
		number_coded(w, n, &coded);
	w->failed |= !coded.numbers;
	free(coded.numbers);
}

static void sort_rows(struct work *w, struct configurations *c, const uint32_t *of, size_t n_rows)
{
	size_t *next = work_alloc(w, c->n + 1, sizeof *next);

	c->first = work_alloc(w, c->n + 2, sizeof *c->first);
	c->rows = work_alloc(w, n_rows, sizeof *c->rows);
	if (w->failed)
		return;
	for (size_t r = 0; r < n_rows; r++)
		if (of[r] != NONE)
			c->first[of[r] + 1]++;
	for (size_t i = 0; i < c->n; i++) {
		c->first[i + 1] += c->first[i];
		next[i] = c->first[i];
	}
	for (size_t r = 0; r < n_rows; r++)
		if (of[r] != NONE)
			c->rows[next[of[r]]++] = (uint32_t)r;
}

void configurations_build(struct work *w, struct configurations *ret, const struct view *v,
                          const int *keys, size_t n_keys)
{
	CLEANUP(freep) uint32_t *of = malloc((v->n_rows + 1) * sizeof *of);
	struct numbering n = {.c = ret, .of = of, .v = v, .keys = keys, .n_keys = n_keys};

	*ret = (struct configurations){.names = {.arena = w->arena}};
	w->failed |= !of;
	if (!of)
		return;
	number_rows(w, &n);
	n.noted = true;
	if (v->n_noted)
		number_rows(w, &n);
	ret->n = ret->names.n;
	if (!w->failed)
		sort_rows(w, ret, of, v->n_rows);
}

bool configurations_gather(const struct configurations *c, const struct column *column,
                           size_t n_rows, void *room, struct column *ret)
{
	CLEANUP(freep) size_t *next = calloc(c->n + 1, sizeof *next);
	int32_t *scaled = column->scaled ? room : NULL;
	double *numbers = column->scaled ? NULL : room;

	if (!next)
		return false;
	memcpy(next, c->first, c->n * sizeof *next);
	for (size_t end = BLOCK_ROWS; end < n_rows + BLOCK_ROWS; end += BLOCK_ROWS) {
		for (size_t i = 0; i < c->n; i++) {
			size_t k = next[i];

			for (; scaled && k < c->first[i + 1] && c->rows[k] < end; k++)
				scaled[k] = column->scaled[c->rows[k]];
			for (; numbers && k < c->first[i + 1] && c->rows[k] < end; k++)
				numbers[k] = column->numbers[c->rows[k]];
			next[i] = k;
		}
	}
	*ret = *column;
	ret->scaled = scaled;
	ret->numbers = numbers;
	return true;
}
