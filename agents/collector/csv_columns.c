/* SPDX-License-Identifier: MIT */
#include "agents/collector/csv_columns.h"

#include <errno.h>

#include "agents/collector/reader.h"

int csv_columns_init(struct csv_columns *c, struct arena *arena, const struct csv_dialect *dialect,
                     size_t n, size_t rows)
{
	*c = (struct csv_columns){.arena = arena, .dialect = dialect, .n = n, .cap_rows = rows};
	c->all = calloc(n, sizeof *c->all);
	if (!c->all)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (!growing_init(&c->all[i], arena, rows, (double)INFINITY))
			return -ENOMEM;
	return 0;
}

void csv_columns_done(struct csv_columns *c)
{
	for (size_t i = 0; c->all && i < c->n; i++)
		growing_done(&c->all[i]);
	free(c->all);
	free(c->map);
	*c = (struct csv_columns){0};
}

void csv_columns_tell(const struct csv_columns *c, struct csv_part *p)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->all[i].measured)
			csv_part_measure(p, i, &c->all[i].numbers);
}

/* For where the estimate was too low. */
static bool make_rows(struct csv_columns *c, size_t rows)
{
	size_t cap = c->cap_rows + c->cap_rows / 2;

	if (rows <= c->cap_rows)
		return true;
	cap = cap < rows ? rows : cap;
	for (size_t i = 0; i < c->n; i++)
		if (!growing_resize(&c->all[i], c->n_rows, cap))
			return false;
	c->cap_rows = cap;
	return true;
}

/* A copy in the arena, and behind it room for csv_dict's eager eyes. */
static bool keep_cell(struct csv_columns *c, struct cell *ret, struct str text)
{
	char *copy = arena_alloc(c->arena, text.len + CSV_PAD);

	if (!copy)
		return false;
	if (text.len)
		memcpy(copy, text.at, text.len);
	reader_cell(ret, copy, text.len, c->dialect->decimal);
	return true;
}

static bool add_value(struct csv_columns *c, struct growing *j, struct csv_word *word)
{
	size_t n = j->dict.n;

	if (!arena_room(c->arena, &j->values, n, &j->cap_values, sizeof *j->values) ||
	    !keep_cell(c, &j->values[n], (struct str){word->at, word->len}))
		return false;
	word->at = j->values[n].text;
	return csv_dict_add(&j->dict, word) == n;
}

/* The number that a part's word has in the column. */
static bool number_word(struct csv_columns *c, struct growing *j, const struct csv_word *word,
                        uint32_t *ret)
{
	struct csv_word copy = *word;

	*ret = csv_dict_find(&j->dict, word);
	if (*ret != CSV_NO_WORD)
		return true;
	*ret = (uint32_t)j->dict.n;
	return add_value(c, j, &copy);
}

static bool map_words(struct csv_columns *c, struct growing *j, const struct csv_dict *from)
{
	if (c->cap_map < from->n) {
		uint32_t *more = reallocarray(c->map, from->cap, sizeof *more);

		if (!more)
			return false;
		c->map = more;
		c->cap_map = from->cap;
	}
	for (size_t i = 0; i < from->n; i++)
		if (!number_word(c, j, &from->words[i], &c->map[i]))
			return false;
	return true;
}

static bool join_codes(struct csv_columns *c, struct growing *j, const struct csv_part *p,
                       const struct csv_lane *lane)
{
	if (!map_words(c, j, &lane->dict) || !growing_widen(j, c->n_rows))
		return false;
	if (j->code_bytes == 1) {
		uint8_t *to = (uint8_t *)j->codes + c->n_rows;

		for (size_t r = 0; r < p->n_rows; r++)
			to[r] = (uint8_t)c->map[lane->codes[r]];
		return true;
	}
	for (size_t r = 0; r < p->n_rows; r++)
		growing_put_code(j, c->n_rows + r, c->map[lane->codes[r]]);
	return true;
}

/* A part that was cut before the column became MEASURED. */
static bool join_as_measured(struct csv_columns *c, struct growing *j, const struct csv_part *p,
                             const struct csv_lane *lane)
{
	struct cell *cells = arena_calloc(c->arena, lane->dict.n, sizeof *cells);
	bool ok = cells;

	for (size_t i = 0; ok && i < lane->dict.n; i++)
		ok = keep_cell(c, &cells[i],
		               (struct str){lane->dict.words[i].at, lane->dict.words[i].len});
	for (size_t r = 0; ok && r < p->n_rows; r++)
		ok = growing_put_cell(j, c->n_rows + r, &cells[lane->codes[r]]);
	return ok;
}

static bool join_numbers(struct csv_columns *c, struct growing *j, const struct csv_part *p,
                         const struct csv_numbers *from)
{
	struct csv_numbers *to = &j->numbers;

	if (csv_numbers_alike(to, from) && to->doubles)
		memcpy(to->doubles + c->n_rows, from->doubles, p->n_rows * sizeof *to->doubles);
	else if (csv_numbers_alike(to, from))
		memcpy(to->scaled + c->n_rows, from->scaled, p->n_rows * sizeof *to->scaled);
	else
		for (size_t r = 0; r < p->n_rows; r++)
			if (!growing_put_number(j, c->n_rows + r, csv_numbers_at(from, r)))
				return false;
	return true;
}

static bool join_others(struct csv_columns *c, struct growing *j, const struct csv_lane *lane)
{
	struct cell cell = {0};

	for (size_t i = 0; i < lane->n_others; i++) {
		struct str text = lane->others[i].text;
		bool again = i > 0 && str_eq(text, lane->others[i - 1].text);

		if (!again && !keep_cell(c, &cell, text))
			return false;
		if (!growing_add_other(j, c->n_rows + lane->others[i].row, &cell))
			return false;
	}
	return true;
}

static bool add_note(struct csv_columns *c, size_t row, const char *why)
{
	if (!arena_room(c->arena, &c->notes, c->n_notes, &c->cap_notes, sizeof *c->notes))
		return false;
	c->notes[c->n_notes++] = (struct row_note){(uint32_t)row, why};
	return true;
}

static const char *why_odd(struct csv_columns *c, const struct csv_odd *odd, unsigned line)
{
	if (odd->comment)
		return "a comment";
	if (odd->cells == 0)
		return "repeated header";
	if (c->n_ragged++ == 0)
		c->first_ragged = line + odd->line - 1;
	if (!c->ragged_why || c->ragged_cells != odd->cells) {
		c->ragged_cells = odd->cells;
		c->ragged_why = arena_printf(c->arena, "ragged: %u of %zu cells", odd->cells, c->n);
	}
	return c->ragged_why;
}

static bool join_notes(struct csv_columns *c, const struct csv_part *p, unsigned line)
{
	for (size_t i = 0; i < p->n_odd; i++) {
		const char *why = why_odd(c, &p->odd[i], line);

		if (!why || !add_note(c, c->n_rows + p->odd[i].row, why))
			return false;
	}
	return true;
}

static bool join_lane(struct csv_columns *c, struct growing *j, const struct csv_part *p,
                      const struct csv_lane *lane)
{
	if (lane->measured)
		return join_numbers(c, j, p, &lane->numbers) && join_others(c, j, lane);
	if (j->measured)
		return join_as_measured(c, j, p, lane);
	return join_codes(c, j, p, lane);
}

int csv_columns_join(struct csv_columns *c, const struct csv_part *p, unsigned line)
{
	if (!make_rows(c, c->n_rows + p->n_rows) || !join_notes(c, p, line))
		return -ENOMEM;
	for (size_t i = 0; p->n_rows && i < c->n; i++)
		if (!join_lane(c, &c->all[i], p, &p->lanes[i]))
			return -ENOMEM;
	c->n_rows += p->n_rows;
	for (size_t i = 0; i < c->n; i++)
		if (!c->all[i].measured && growing_measures(&c->all[i]) &&
		    !growing_measure(&c->all[i], c->n_rows))
			return -ENOMEM;
	return 0;
}

void csv_columns_finish(struct csv_columns *c, struct table *t)
{
	for (size_t i = 0; i < c->n; i++)
		growing_finish(&c->all[i], &t->columns[i]);
	t->n_rows = c->n_rows;
	t->notes = c->notes;
	t->n_notes = c->n_notes;
}
