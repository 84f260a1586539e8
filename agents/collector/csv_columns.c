/* SPDX-License-Identifier: MIT */
#include "agents/collector/csv_columns.h"

#include <errno.h>

#include "agents/collector/reader.h"

/* So many different numbers tell no configurations apart, and nobody asks for their text. */
#define MEASURED_WORDS 1024

int csv_columns_init(struct csv_columns *c, struct arena *arena, const struct csv_dialect *dialect,
                     size_t n, size_t rows)
{
	*c = (struct csv_columns){.arena = arena, .dialect = dialect, .n = n, .cap_rows = rows};
	c->all = calloc(n, sizeof *c->all);
	if (!c->all)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		c->all[i].code_bytes = 1;
		c->all[i].codes = arena_calloc(arena, rows, 1);
		if (!c->all[i].codes)
			return -ENOMEM;
	}
	return 0;
}

void csv_columns_done(struct csv_columns *c)
{
	for (size_t i = 0; c->all && i < c->n; i++)
		csv_dict_done(&c->all[i].dict);
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

static bool grow_column(struct csv_columns *c, struct csv_joined *j, size_t cap)
{
	struct csv_numbers *x = &j->numbers;
	void *old = !j->measured ? j->codes : x->doubles ? (void *)x->doubles : x->scaled;
	size_t bytes = !j->measured ? j->code_bytes
	               : x->doubles ? sizeof *x->doubles
	                            : sizeof *x->scaled;
	void *more = arena_grow(c->arena, old, c->n_rows * bytes, cap * bytes);

	if (!more)
		return false;
	if (!j->measured)
		j->codes = more;
	else if (x->doubles)
		x->doubles = more;
	else
		x->scaled = more;
	return true;
}

/* For where the estimate was too low. */
static bool make_rows(struct csv_columns *c, size_t rows)
{
	size_t cap = c->cap_rows + c->cap_rows / 2;

	if (rows <= c->cap_rows)
		return true;
	cap = cap < rows ? rows : cap;
	for (size_t i = 0; i < c->n; i++)
		if (!grow_column(c, &c->all[i], cap))
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

static bool add_value(struct csv_columns *c, struct csv_joined *j, struct csv_word *word)
{
	size_t n = j->dict.n;

	if (!arena_room(c->arena, &j->values, n, &j->cap_values, sizeof *j->values) ||
	    !keep_cell(c, &j->values[n], (struct str){word->at, word->len}))
		return false;
	word->at = j->values[n].text;
	return csv_dict_add(&j->dict, word) == n;
}

/* The number that a part's word has in the column. */
static bool number_word(struct csv_columns *c, struct csv_joined *j, const struct csv_word *word,
                        uint32_t *ret)
{
	struct csv_word copy = *word;

	*ret = csv_dict_find(&j->dict, word);
	if (*ret != CSV_NO_WORD)
		return true;
	*ret = (uint32_t)j->dict.n;
	return add_value(c, j, &copy);
}

static bool map_words(struct csv_columns *c, struct csv_joined *j, const struct csv_dict *from)
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

static void put_code(const struct csv_joined *j, size_t row, uint32_t code)
{
	if (j->code_bytes == 1)
		((uint8_t *)j->codes)[row] = (uint8_t)code;
	else if (j->code_bytes == 2)
		((uint16_t *)j->codes)[row] = (uint16_t)code;
	else
		((uint32_t *)j->codes)[row] = code;
}

static uint32_t code_at(const struct csv_joined *j, size_t row)
{
	return column_code(&(struct column){.codes = j->codes, .code_bytes = j->code_bytes}, row);
}

static bool widen(struct csv_columns *c, struct csv_joined *j)
{
	struct csv_joined wide = *j;

	wide.code_bytes = j->dict.n > UINT16_MAX ? 4 : j->dict.n > UINT8_MAX ? 2 : 1;
	if (wide.code_bytes == j->code_bytes)
		return true;
	wide.codes = arena_calloc(c->arena, c->cap_rows, wide.code_bytes);
	if (!wide.codes)
		return false;
	for (size_t row = 0; row < c->n_rows; row++)
		put_code(&wide, row, code_at(j, row));
	*j = wide;
	return true;
}

static bool join_codes(struct csv_columns *c, struct csv_joined *j, const struct csv_part *p,
                       const struct csv_lane *lane)
{
	if (!map_words(c, j, &lane->dict) || !widen(c, j))
		return false;
	if (j->code_bytes == 1) {
		uint8_t *to = (uint8_t *)j->codes + c->n_rows;

		for (size_t r = 0; r < p->n_rows; r++)
			to[r] = (uint8_t)c->map[lane->codes[r]];
		return true;
	}
	for (size_t r = 0; r < p->n_rows; r++)
		put_code(j, c->n_rows + r, c->map[lane->codes[r]]);
	return true;
}

static bool add_other(struct csv_columns *c, struct csv_joined *j, size_t row,
                      const struct cell *cell)
{
	if (!arena_room(c->arena, &j->others, j->n_others, &j->cap_others, sizeof *j->others))
		return false;
	j->others[j->n_others++] = (struct other_cell){(uint32_t)row, *cell};
	return true;
}

static bool put_number(struct csv_columns *c, struct csv_joined *j, size_t row, double number)
{
	double *room;

	if (csv_numbers_put(&j->numbers, row, number))
		return true;
	room = arena_calloc(c->arena, c->cap_rows, sizeof *room);
	if (!room)
		return false;
	csv_numbers_widen(&j->numbers, row, room);
	room[row] = number;
	return true;
}

static double bare_number(const struct cell *cell)
{
	return cell->kind == CELL_NUMBER && !cell->unit ? cell->number : (double)NAN;
}

static bool put_measured(struct csv_columns *c, struct csv_joined *j, size_t row,
                         const struct cell *cell)
{
	double number = bare_number(cell);

	return put_number(c, j, row, number) && (!isnan(number) || add_other(c, j, row, cell));
}

/* A part that was cut before the column became MEASURED. */
static bool join_as_measured(struct csv_columns *c, struct csv_joined *j, const struct csv_part *p,
                             const struct csv_lane *lane)
{
	struct cell *cells = arena_calloc(c->arena, lane->dict.n, sizeof *cells);
	bool ok = cells;

	for (size_t i = 0; ok && i < lane->dict.n; i++)
		ok = keep_cell(c, &cells[i],
		               (struct str){lane->dict.words[i].at, lane->dict.words[i].len});
	for (size_t r = 0; ok && r < p->n_rows; r++)
		ok = put_measured(c, j, c->n_rows + r, &cells[lane->codes[r]]);
	return ok;
}

static bool join_numbers(struct csv_columns *c, struct csv_joined *j, const struct csv_part *p,
                         const struct csv_numbers *from)
{
	struct csv_numbers *to = &j->numbers;

	if (csv_numbers_alike(to, from) && to->doubles)
		memcpy(to->doubles + c->n_rows, from->doubles, p->n_rows * sizeof *to->doubles);
	else if (csv_numbers_alike(to, from))
		memcpy(to->scaled + c->n_rows, from->scaled, p->n_rows * sizeof *to->scaled);
	else
		for (size_t r = 0; r < p->n_rows; r++)
			if (!put_number(c, j, c->n_rows + r, csv_numbers_at(from, r)))
				return false;
	return true;
}

static bool join_others(struct csv_columns *c, struct csv_joined *j, const struct csv_lane *lane)
{
	struct cell cell = {0};

	for (size_t i = 0; i < lane->n_others; i++) {
		struct str text = lane->others[i].text;
		bool again = i > 0 && str_eq(text, lane->others[i - 1].text);

		if (!again && !keep_cell(c, &cell, text))
			return false;
		if (!add_other(c, j, c->n_rows + lane->others[i].row, &cell))
			return false;
	}
	return true;
}

/* Looked at again when the words have doubled, so that it costs no more than they did. */
static bool measures(struct csv_joined *j)
{
	size_t numbers = 0, n = j->dict.n;

	if (n <= MEASURED_WORDS || n < 2 * j->looked_at)
		return false;
	j->looked_at = n;
	for (size_t i = 0; i < n; i++)
		numbers += j->values[i].kind == CELL_NUMBER && !j->values[i].unit;
	return numbers >= n - n / 10;
}

/* Its words are all that its rows hold: they tell how the numbers can be kept. */
static bool begin_numbers(struct csv_columns *c, struct csv_joined *j)
{
	CLEANUP(freep) int32_t *scratch = reallocarray(NULL, j->dict.n, sizeof *scratch);
	struct csv_numbers probe = {.scaled = scratch};
	bool scaled = true;

	for (size_t i = 0; scratch && scaled && i < j->dict.n; i++)
		scaled = csv_numbers_put(&probe, i, bare_number(&j->values[i]));
	j->numbers = (struct csv_numbers){.decimals = probe.decimals};
	if (scaled)
		j->numbers.scaled = arena_calloc(c->arena, c->cap_rows, sizeof *probe.scaled);
	else
		j->numbers.doubles = arena_calloc(c->arena, c->cap_rows, sizeof *probe.doubles);
	j->measured = true;
	return scratch && (j->numbers.scaled || j->numbers.doubles);
}

static bool measure(struct csv_columns *c, struct csv_joined *j)
{
	if (!begin_numbers(c, j))
		return false;
	for (size_t row = 0; row < c->n_rows; row++)
		if (!put_measured(c, j, row, &j->values[code_at(j, row)]))
			return false;
	csv_dict_done(&j->dict);
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

static bool join_lane(struct csv_columns *c, struct csv_joined *j, const struct csv_part *p,
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
		if (!c->all[i].measured && measures(&c->all[i]) && !measure(c, &c->all[i]))
			return -ENOMEM;
	return 0;
}

void csv_columns_finish(struct csv_columns *c, struct table *t)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct csv_joined *j = &c->all[i];
		struct column *to = &t->columns[i];

		to->store = j->measured ? STORE_MEASURED : STORE_CODED;
		to->code_bytes = j->code_bytes;
		to->values = j->values;
		to->n_values = j->measured ? 0 : j->dict.n;
		to->codes = j->codes;
		to->decimals = (uint8_t)j->numbers.decimals;
		to->numbers = j->numbers.doubles;
		to->scaled = j->numbers.doubles ? NULL : j->numbers.scaled;
		to->others = j->others;
		to->n_others = j->n_others;
	}
	t->n_rows = c->n_rows;
	t->notes = c->notes;
	t->n_notes = c->n_notes;
}
