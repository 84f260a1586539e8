/* SPDX-License-Identifier: MIT */
#include "agents/collector/schemas.h"

#include <errno.h>

#include "agents/collector/reader.h"
#include "agents/collector/schema.h"

#define MACHINE_BYTES_MAX 100
#define CONTAINER_ID      12 /* hexadecimal digits: a container's host name, new each time */

static schema_family_fn *const families[] = {schemas_of_micro_benchmarks, schemas_of_models,
                                             schemas_of_load_generators,  schemas_of_suites,
                                             schemas_of_systems,          schemas_of_agents};

bool schema_fits(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			from = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static const char *place_of(const struct column *c)
{
	return c->pointer ? c->pointer : c->name;
}

int schema_column(const struct table *t, const char *at)
{
	for (size_t c = 0; c < t->n_columns; c++)
		if (schema_fits(at, place_of(&t->columns[c])))
			return (int)c;
	return -1;
}

static bool is_of(const struct schema *s, const struct artifact *a, const struct table *t)
{
	if (t->schema && strcmp(t->schema, s->tool) != 0)
		return false; /* the text of another tool */
	if (!s->base != !t->base || (s->base && !schema_fits(s->base, t->base)))
		return false;
	if (s->path && !schema_fits(s->path, a->path))
		return false;
	for (const char *const *need = s->needs; *need; need++)
		if (schema_column(t, *need) < 0)
			return false;
	return true;
}

static const struct schema *schema_of(const struct artifact *a, const struct table *t)
{
	for (size_t f = 0; f < ARRAY_LEN(families); f++) {
		struct schema_family family = families[f]();

		for (size_t i = 0; i < family.n; i++)
			if (is_of(&family.schemas[i], a, t))
				return &family.schemas[i];
	}
	return NULL;
}

/* Columns. */

static const struct column *first_there(const struct table *t, const struct schema_place *p)
{
	int c = -1;

	for (size_t i = 0; i < SCHEMA_OF && c < 0; i++)
		c = p->of[i] ? schema_column(t, p->of[i]) : -1;
	return c < 0 ? NULL : &t->columns[c];
}

static bool holds(const struct table *t, const struct schema_place *p)
{
	return p->means == MEANS_METRIC || !p->of[0] || first_there(t, p);
}

static const struct schema_place *place_for(const struct schema *s, const struct table *t,
                                            const struct column *c)
{
	for (size_t i = 0; i < s->n_places; i++)
		if (schema_fits(s->places[i].at, place_of(c)) && holds(t, &s->places[i]))
			return &s->places[i];
	return NULL;
}

static struct column_meaning *meaning_new(const struct schema *s, int role, const char *what,
                                          struct arena *arena)
{
	struct column_meaning *m = arena_calloc(arena, 1, sizeof *m);
	const char *why = arena_printf(arena, "%s, by the schema of %s", what, s->tool);

	if (!m || !why)
		return NULL;
	m->role = (unsigned)role;
	m->why = why;
	return m;
}

static struct column_meaning *meaning_of(const struct schema *s, const struct table *t,
                                         const struct schema_place *p, struct arena *arena)
{
	const struct column *of = p->means == MEANS_METRIC ? first_there(t, p) : NULL;
	struct column_meaning *m;

	m = meaning_new(s, p->means,
	                of ? arena_printf(arena, "%s, computed from `%s`", p->what, of->name) ?: ""
	                   : p->what,
	                arena);
	if (!m)
		return NULL;
	m->quantity = p->quantity;
	m->unit = p->unit;
	m->better = p->better;
	m->restates = of != NULL;
	return m;
}

/* Cells that are zero where nothing was measured are as good as not there. */
static int drop_zeros(const struct table *t, struct column *c, struct arena *arena)
{
	struct cell *values = arena_calloc(arena, t->n_rows, sizeof *values);

	if (!values)
		return -ENOMEM;
	for (size_t r = 0; r < t->n_rows; r++) {
		values[r] = table_cell(t, r, (size_t)(c - t->columns));
		if (values[r].kind == CELL_NUMBER && !(values[r].number < 0) &&
		    !(values[r].number > 0))
			values[r] = (struct cell){.kind = CELL_EMPTY, .text = ""};
	}
	c->store = STORE_PLAIN;
	c->values = values;
	return 0;
}

/* "counter-value" : "47.000000": what is a metric by the schema is a number in quotes, too. */
static bool is_quoted(const struct cell *c, double *ret)
{
	return c->kind == CELL_TEXT && reader_number(str_of(c->text), '.', ret);
}

/* *cells is a copy where one of the n changes. */
static int unquote_cells(struct cell **cells, size_t n, struct arena *arena)
{
	struct cell *values = NULL;
	double number;

	for (size_t i = 0; i < n; i++) {
		if (!is_quoted(&(*cells)[i], &number))
			continue;
		if (!values) {
			values = arena_calloc(arena, n, sizeof *values);
			if (!values)
				return -ENOMEM;
			memcpy(values, *cells, n * sizeof *values);
		}
		values[i].kind = CELL_NUMBER;
		values[i].number = number;
	}
	*cells = values ? values : *cells;
	return 0;
}

static int unquote_others(struct column *c, struct arena *arena)
{
	struct other_cell *others = arena_calloc(arena, c->n_others, sizeof *others);

	if (!others)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_others; i++) {
		others[i] = c->others[i];
		if (is_quoted(&others[i].cell, &others[i].cell.number))
			others[i].cell.kind = CELL_NUMBER;
	}
	c->others = others;
	return 0;
}

static int unquote(const struct table *t, struct column *c, struct arena *arena)
{
	if (!t->base)
		return 0;
	if (c->store == STORE_MEASURED)
		return c->n_others ? unquote_others(c, arena) : 0;
	return unquote_cells(&c->values, c->store == STORE_PLAIN ? t->n_rows : c->n_values, arena);
}

static int mend_cells(const struct schema_place *p, const struct table *t, struct column *c,
                      struct arena *arena)
{
	int r = p->means == MEANS_METRIC ? unquote(t, c, arena) : 0;

	return r == 0 && p->zero_is_none ? drop_zeros(t, c, arena) : r;
}

static int mean_columns(const struct schema *s, struct table *t, const struct schema_place **places,
                        struct arena *arena)
{
	for (size_t c = 0; c < t->n_columns; c++) {
		struct column *column = &t->columns[c];

		places[c] = place_for(s, t, column);
		if (!places[c] && s->rest == MEANS_ANYTHING)
			continue;
		column->meaning = places[c] ? meaning_of(s, t, places[c], arena)
		                            : meaning_new(s, s->rest, s->rest_what, arena);
		if (!column->meaning || (places[c] && mend_cells(places[c], t, column, arena) < 0))
			return -ENOMEM;
	}
	return 0;
}

static bool is_listed(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (schema_fits(*names, name))
			return true;
	return false;
}

/* Texts around the table describe the run, but for those that tell one table from another. */
static int mean_context(const struct schema *s, struct table *t, struct arena *arena)
{
	const struct column_meaning **all = arena_calloc(arena, t->n_context, sizeof *all);
	const struct column_meaning *run, *key, *other;

	run = meaning_new(s, MEANS_COVARIATE, "describes the run", arena);
	key = meaning_new(s, MEANS_KEY, "names what was run", arena);
	other = meaning_new(s, MEANS_IGNORED, "words, or a time", arena);
	if (!all || !run || !key || !other)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_context; i++)
		all[i] = is_listed(s->context_keys, t->context[i].name)   ? key
		         : is_listed(s->context_else, t->context[i].name) ? other
		                                                          : run;
	t->context_meanings = all;
	return 0;
}

/* Rows. */

static bool is_skipped(const struct table *t, const struct schema_skip *skip, size_t column,
                       size_t row)
{
	const struct cell c = table_cell(t, row, column);

	if (!*c.text)
		return false;
	return schema_fits(skip->text, c.text) != skip->but;
}

static void skip_rows(const struct table *t, const struct schema_skip *skip, const char **why)
{
	int column = schema_column(t, skip->at);
	size_t stay = 0;

	for (size_t r = 0; column >= 0 && r < t->n_rows; r++)
		stay += !why[r] && !is_skipped(t, skip, (size_t)column, r);
	if (column < 0 || (!stay && !skip->always))
		return;
	for (size_t r = 0; r < t->n_rows; r++)
		if (!why[r] && is_skipped(t, skip, (size_t)column, r))
			why[r] = skip->why;
}

static int note_rows(struct table *t, const char *const *why, struct arena *arena)
{
	struct row_note *notes;
	size_t n = 0;

	for (size_t r = 0; r < t->n_rows; r++)
		n += why[r] != NULL;
	notes = arena_calloc(arena, n, sizeof *notes);
	if (!notes)
		return -ENOMEM;
	n = 0;
	for (size_t r = 0; r < t->n_rows; r++)
		if (why[r])
			notes[n++] = (struct row_note){(uint32_t)r, why[r]};
	t->notes = notes;
	t->n_notes = n;
	return 0;
}

static int leave_rows_out(const struct schema *s, struct table *t, struct arena *arena)
{
	CLEANUP(freep) const char **why = NULL;

	if (!s->n_skips)
		return 0;
	why = calloc(t->n_rows + 1, sizeof *why);
	if (!why)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_notes; i++)
		why[t->notes[i].row] = t->notes[i].why;
	for (size_t i = 0; i < s->n_skips; i++)
		skip_rows(t, &s->skips[i], why);
	return note_rows(t, why, arena);
}

/* The machine. */

static bool is_container(const char *name)
{
	return strlen(name) == CONTAINER_ID && !name[strspn(name, "0123456789abcdef")];
}

static int tell_machine(const struct schema *s, struct artifact *a, const struct table *t,
                        struct arena *arena)
{
	int column = s->machine ? schema_column(t, s->machine) : -1;
	struct cell c;

	if (a->machine || column < 0 || !t->n_rows)
		return 0;
	c = table_cell(t, 0, (size_t)column);
	if (c.kind != CELL_TEXT || strlen(c.text) > MACHINE_BYTES_MAX || is_container(c.text))
		return 0;
	for (size_t r = 1; r < t->n_rows; r++)
		if (strcmp(table_cell(t, r, (size_t)column).text, c.text) != 0)
			return 0;
	a->machine = arena_strdup(arena, c.text);
	return a->machine ? 0 : -ENOMEM;
}

static int recognise(struct artifact *a, struct table *t, struct arena *arena)
{
	const struct schema *s = schema_of(a, t);
	CLEANUP(freep) const struct schema_place **places = NULL;
	int r;

	if (!s)
		return 0;
	places = calloc(t->n_columns + 1, sizeof *places);
	if (!places)
		return -ENOMEM;
	t->schema = s->tool;
	r = tell_machine(s, a, t, arena);
	if (r == 0)
		r = mean_columns(s, t, places, arena);
	if (r == 0)
		r = schema_units_row(t, s, arena);
	if (r == 0)
		r = mean_context(s, t, arena);
	if (r == 0)
		r = leave_rows_out(s, t, arena);
	return r < 0 ? r : schema_units(t, s, (const struct schema_place *const *)places, arena);
}

int schemas_recognise(struct artifact *a, struct arena *arena, struct error *err)
{
	for (size_t i = 0; i < a->n_tables; i++)
		if (recognise(a, &a->tables[i], arena) < 0)
			return error_set(err, -ENOMEM, "out of memory");
	return 0;
}
