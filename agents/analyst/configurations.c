/* SPDX-License-Identifier: MIT */
/* The rows of a view, put together by the texts of their keys. */
#include <stdatomic.h>

#include "agents/analyst/work.h"
#include "lib/base/crew.h"

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

/* How the configurations of a view are numbered. */
struct numbering {
	struct configurations *c;
	const struct view *v;
	const int *keys;
	size_t n_keys;
};

/* Rows that the reader passes over belong to a configuration only if others make it one. */
static uint32_t number_of(struct work *w, const struct numbering *n, size_t row, bool noted)
{
	const char *name = configuration_name(w, n->v, row, n->keys, n->n_keys);
	size_t at = NONE;

	if (!name)
		return NONE;
	if (noted)
		(void)strmap_find(&n->c->names, str_of(name), &at);
	else if (strmap_add(&n->c->names, str_of(name), &at) < 0)
		w->failed = true;
	return at < NONE ? (uint32_t)at : NONE;
}

static bool make_room(struct work *w, struct configurations *c, size_t n_rows)
{
	c->n = c->names.n;
	c->first = work_alloc(w, c->n + 2, sizeof *c->first);
	c->rows = work_alloc(w, n_rows, sizeof *c->rows);
	return !w->failed;
}

/* --- by texts --------------------------------------------------------------------------- */

static void number_by_text(struct work *w, const struct numbering *n, uint32_t *of, bool noted)
{
	const struct view *v = n->v;

	for (size_t r = 0; r < v->n_rows && !w->failed; r++) {
		if (is_noted(view_row(v, r)) != noted)
			continue;
		if (r > 0 && is_noted(view_row(v, r - 1)) == noted &&
		    same_as_before(v, r, n->keys, n->n_keys))
			of[r] = of[r - 1];
		else
			of[r] = number_of(w, n, r, noted);
	}
}

static void sort_rows(struct work *w, struct configurations *c, const uint32_t *of, size_t n_rows)
{
	size_t *next;

	if (!make_room(w, c, n_rows))
		return;
	next = work_alloc(w, c->n + 1, sizeof *next);
	if (!next)
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

static void build_by_text(struct work *w, const struct numbering *n)
{
	CLEANUP(freep) uint32_t *of = malloc((n->v->n_rows + 1) * sizeof *of);

	w->failed |= !of;
	if (!of)
		return;
	number_by_text(w, n, of, false);
	if (n->v->n_noted)
		number_by_text(w, n, of, true);
	if (!w->failed)
		sort_rows(w, n->c, of, n->v->n_rows);
}

/* --- by codes --------------------------------------------------------------------------- */

/*
 * Keys that are all kept as codes: rows with the same codes are one configuration, so that the
 * texts are looked at once for each and not once for each row. Several threads count a slice of the
 * rows each, and then put these where they belong; what they have counted tells where that is.
 */
#define COMBINATIONS_MAX    (1u << 20)
#define COMBINATIONS_SLICED (1u << 16) /* more are counted by one thread */
#define ROWS_MANY           100000     /* below, a thread costs more than it saves */
#define STRIDE              2048       /* rows whose combinations are computed together */

struct met {
	uint32_t combination;
	uint32_t row; /* the first one of the slice that has it */
};

struct slice {
	size_t from, to;  /* rows */
	uint32_t *counts; /* per combination */
	struct met *met;  /* in the order of their rows */
	size_t n_met;
	size_t *next; /* per configuration: where its next row of this slice is put */
};

struct coded {
	const struct view *v;
	const struct column *columns[KEYS_MAX];
	size_t n;
	size_t n_combinations; /* of codes */
	bool mixed;            /* rows that the reader passes over have others, behind these */
	uint32_t *numbers;     /* per combination: configuration + 1, 0: none */
	uint32_t *rows;        /* of all configurations */
	struct slice slices[CREW_MAX];
	unsigned n_slices;
	atomic_uint taken;
};

static bool find_coded(struct coded *ret, const struct view *v, const int *keys, size_t n_keys)
{
	*ret = (struct coded){.v = v, .n_combinations = 1, .mixed = v->n_noted > 0};
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

static void add_codes(uint32_t *at, const struct column *c, size_t from, size_t n)
{
	uint32_t values = (uint32_t)c->n_values;

	for (size_t i = 0; c->code_bytes == 1 && i < n; i++)
		at[i] = at[i] * values + ((const uint8_t *)c->codes)[from + i];
	for (size_t i = 0; c->code_bytes != 1 && i < n; i++)
		at[i] = at[i] * values + column_code(c, from + i);
}

/* Of the rows from there on, at most STRIDE of them; returns how many. */
static size_t combinations_at(const struct coded *c, size_t from, size_t to, uint32_t at[STRIDE])
{
	size_t n = to - from < STRIDE ? to - from : STRIDE;

	memset(at, 0, n * sizeof *at);
	for (size_t k = 0; k < c->n; k++)
		add_codes(at, c->columns[k], from, n);
	for (size_t i = 0; c->mixed && i < n; i++)
		if (is_noted(view_row(c->v, from + i)))
			at[i] += (uint32_t)c->n_combinations;
	return n;
}

static void count_slice(const struct coded *c, struct slice *s)
{
	uint32_t at[STRIDE];

	for (size_t row = s->from, n; row < s->to; row += n) {
		n = combinations_at(c, row, s->to, at);
		for (size_t i = 0; i < n; i++)
			if (s->counts[at[i]]++ == 0)
				s->met[s->n_met++] = (struct met){at[i], (uint32_t)(row + i)};
	}
}

static void place_slice(const struct coded *c, struct slice *s)
{
	uint32_t at[STRIDE];

	for (size_t row = s->from, n; row < s->to; row += n) {
		n = combinations_at(c, row, s->to, at);
		for (size_t i = 0; i < n; i++) {
			uint32_t number = c->numbers[at[i]];

			if (number)
				c->rows[s->next[number - 1]++] = (uint32_t)(row + i);
		}
	}
}

static struct slice *take_slice(struct coded *c)
{
	unsigned i = atomic_fetch_add(&c->taken, 1);

	return i < c->n_slices ? &c->slices[i] : NULL;
}

static void count_slices(void *arg)
{
	for (struct slice *s; (s = take_slice(arg)) != NULL;)
		count_slice(arg, s);
}

static void place_slices(void *arg)
{
	for (struct slice *s; (s = take_slice(arg)) != NULL;)
		place_slice(arg, s);
}

static void by_slices(struct coded *c, void (*work)(void *arg))
{
	atomic_store(&c->taken, 0);
	crew_run(c->n_slices, work, c);
}

static bool slice_rows(struct coded *c, unsigned threads)
{
	size_t n_rows = c->v->n_rows, all = c->n_combinations * (c->mixed ? 2 : 1);
	bool few = n_rows < ROWS_MANY || c->n_combinations > COMBINATIONS_SLICED;

	c->n_slices = few || threads < 1 ? 1 : threads < CREW_MAX ? threads : CREW_MAX;
	c->numbers = calloc(all, sizeof *c->numbers);
	for (unsigned i = 0; i < c->n_slices; i++) {
		struct slice *s = &c->slices[i];
		size_t most;

		s->from = n_rows * i / c->n_slices;
		s->to = n_rows * (i + 1) / c->n_slices;
		most = s->to - s->from < all ? s->to - s->from : all;
		s->counts = calloc(all, sizeof *s->counts);
		s->met = reallocarray(NULL, most + 1, sizeof *s->met);
		if (!s->counts || !s->met)
			return false;
	}
	return c->numbers;
}

static void coded_done(struct coded *c)
{
	for (unsigned i = 0; i < c->n_slices; i++) {
		free(c->slices[i].counts);
		free(c->slices[i].met);
		free(c->slices[i].next);
	}
	free(c->numbers);
}

/* In the order in which the rows meet them: slices, too, are in the order of their rows. */
static void number_combinations(struct work *w, const struct numbering *n, struct coded *c,
                                bool noted)
{
	for (unsigned i = 0; i < c->n_slices; i++) {
		for (size_t k = 0; k < c->slices[i].n_met && !w->failed; k++) {
			const struct met *m = &c->slices[i].met[k];

			if ((m->combination >= c->n_combinations) == noted &&
			    !c->numbers[m->combination])
				c->numbers[m->combination] = number_of(w, n, m->row, noted) + 1;
		}
	}
}

/* Where the rows of each configuration begin, and those of each slice among them. */
static bool share_room(struct configurations *ret, struct coded *c)
{
	size_t at = 0;

	for (unsigned i = 0; i < c->n_slices; i++) {
		struct slice *s = &c->slices[i];

		s->next = calloc(ret->n + 1, sizeof *s->next);
		if (!s->next)
			return false;
		for (size_t k = 0; k < s->n_met; k++)
			if (c->numbers[s->met[k].combination])
				s->next[c->numbers[s->met[k].combination] - 1] +=
					s->counts[s->met[k].combination];
	}
	for (size_t k = 0; k <= ret->n; k++) {
		ret->first[k] = at;
		for (unsigned i = 0; i < c->n_slices; i++) {
			size_t rows = c->slices[i].next[k];

			c->slices[i].next[k] = at;
			at += rows;
		}
	}
	return true;
}

static void build_by_codes(struct work *w, const struct numbering *n, struct coded *c)
{
	w->failed |= !slice_rows(c, w->settings->threads);
	if (w->failed)
		return;
	by_slices(c, count_slices);
	number_combinations(w, n, c, false);
	if (c->mixed)
		number_combinations(w, n, c, true);
	if (w->failed || !make_room(w, n->c, n->v->n_rows))
		return;
	w->failed |= !share_room(n->c, c);
	if (w->failed)
		return;
	c->rows = n->c->rows;
	by_slices(c, place_slices);
}

void configurations_build(struct work *w, struct configurations *ret, const struct view *v,
                          const int *keys, size_t n_keys)
{
	const struct numbering n = {.c = ret, .v = v, .keys = keys, .n_keys = n_keys};
	CLEANUP(coded_done) struct coded coded;

	*ret = (struct configurations){.names = {.arena = w->arena}};
	if (find_coded(&coded, v, keys, n_keys))
		build_by_codes(w, &n, &coded);
	else
		build_by_text(w, &n);
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
