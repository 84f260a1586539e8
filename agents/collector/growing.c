/* SPDX-License-Identifier: MIT */
#include "agents/collector/growing.h"

bool growing_init(struct growing *g, struct arena *arena, size_t rows, double most)
{
	*g = (struct growing){.arena = arena, .cap_rows = rows, .code_bytes = 1, .most = most};
	g->codes = arena_calloc(arena, rows, 1);
	return g->codes;
}

void growing_done(struct growing *g)
{
	csv_dict_done(&g->dict);
}

bool growing_resize(struct growing *g, size_t n_rows, size_t cap)
{
	struct csv_numbers *x = &g->numbers;
	void *old = !g->measured ? g->codes : x->doubles ? (void *)x->doubles : x->scaled;
	size_t bytes = !g->measured ? g->code_bytes
	               : x->doubles ? sizeof *x->doubles
	                            : sizeof *x->scaled;
	void *more = arena_grow(g->arena, old, n_rows * bytes, cap * bytes);

	if (!more)
		return false;
	if (!g->measured)
		g->codes = more;
	else if (x->doubles)
		x->doubles = more;
	else
		x->scaled = more;
	g->cap_rows = cap;
	return true;
}

uint32_t growing_code(const struct growing *g, size_t row)
{
	return column_code(&(struct column){.codes = g->codes, .code_bytes = g->code_bytes}, row);
}

bool growing_widen(struct growing *g, size_t n_rows)
{
	struct growing wide = *g;

	wide.code_bytes = g->dict.n > UINT16_MAX ? 4 : g->dict.n > UINT8_MAX ? 2 : 1;
	if (wide.code_bytes == g->code_bytes)
		return true;
	wide.codes = arena_calloc(g->arena, g->cap_rows, wide.code_bytes);
	if (!wide.codes)
		return false;
	for (size_t row = 0; row < n_rows; row++)
		growing_put_code(&wide, row, growing_code(g, row));
	*g = wide;
	return true;
}

bool growing_add_other(struct growing *g, size_t row, const struct cell *cell)
{
	if (!arena_room(g->arena, &g->others, g->n_others, &g->cap_others, sizeof *g->others))
		return false;
	g->others[g->n_others++] = (struct other_cell){(uint32_t)row, *cell};
	return true;
}

bool growing_put_number(struct growing *g, size_t row, double number)
{
	double *room;

	if (csv_numbers_put(&g->numbers, row, number))
		return true;
	room = arena_calloc(g->arena, g->cap_rows, sizeof *room);
	if (!room)
		return false;
	csv_numbers_widen(&g->numbers, row, room);
	room[row] = number;
	return true;
}

static double bare_number(const struct growing *g, const struct cell *cell)
{
	bool bare = cell->kind == CELL_NUMBER && !cell->unit && fabs(cell->number) <= g->most;

	return bare ? cell->number : (double)NAN;
}

bool growing_put_cell(struct growing *g, size_t row, const struct cell *cell)
{
	double number = bare_number(g, cell);

	return growing_put_number(g, row, number) &&
	       (!isnan(number) || growing_add_other(g, row, cell));
}

/* Looked at again when the words have doubled, so that it costs no more than they did. */
bool growing_measures(struct growing *g)
{
	size_t numbers = 0, n = g->dict.n;

	if (n <= GROWING_WORDS || n < 2 * g->looked_at)
		return false;
	g->looked_at = n;
	for (size_t i = 0; i < n; i++)
		numbers += isnan(bare_number(g, &g->values[i])) ? 0 : 1;
	return numbers >= n - n / 10;
}

/* Its words are all that its rows hold: they tell how the numbers can be kept. */
static bool begin_numbers(struct growing *g)
{
	CLEANUP(freep) int32_t *scratch = reallocarray(NULL, g->dict.n, sizeof *scratch);
	struct csv_numbers probe = {.scaled = scratch};
	bool scaled = true;

	for (size_t i = 0; scratch && scaled && i < g->dict.n; i++)
		scaled = csv_numbers_put(&probe, i, bare_number(g, &g->values[i]));
	g->numbers = (struct csv_numbers){.decimals = probe.decimals};
	if (scaled)
		g->numbers.scaled = arena_calloc(g->arena, g->cap_rows, sizeof *probe.scaled);
	else
		g->numbers.doubles = arena_calloc(g->arena, g->cap_rows, sizeof *probe.doubles);
	g->measured = true;
	return scratch && (g->numbers.scaled || g->numbers.doubles);
}

bool growing_measure(struct growing *g, size_t n_rows)
{
	if (!begin_numbers(g))
		return false;
	for (size_t row = 0; row < n_rows; row++)
		if (!growing_put_cell(g, row, &g->values[growing_code(g, row)]))
			return false;
	csv_dict_done(&g->dict);
	return true;
}

void growing_finish(const struct growing *g, struct column *to)
{
	to->store = g->measured ? STORE_MEASURED : STORE_CODED;
	to->code_bytes = g->code_bytes;
	to->values = g->values;
	to->n_values = g->measured ? 0 : g->dict.n;
	to->codes = g->codes;
	to->decimals = (uint8_t)g->numbers.decimals;
	to->numbers = g->numbers.doubles;
	to->scaled = g->numbers.doubles ? NULL : g->numbers.scaled;
	to->others = g->others;
	to->n_others = g->n_others;
}
