/* SPDX-License-Identifier: MIT */
/*
 * csv - delimited text as one table. Two passes over the text: the first counts the rows, the
 * second fills the cells, so that nothing is allocated twice.
 */
#include <errno.h>
#include <stdio.h>

#include "agents/collector/csv_scan.h"
#include "agents/collector/csv_sniff.h"
#include "agents/collector/encoding.h"
#include "agents/collector/reader.h"

/*
 * A cell takes at least the byte of its delimiter, so that a table of full rows never has more
 * cells than bytes. What is beyond this multiple is a file of stray short lines below a wide
 * header, and would take far more memory than it has bytes.
 */
#define CELLS_PER_BYTE_MAX 2
#define CELLS_ANYWAY       100000

struct filling {
	struct artifact *artifact;
	struct arena *arena;
	struct csv_dialect dialect;
	struct csv_scan scan; /* at the first row */
	struct table *table;
	char *text, *text_end; /* of all cells, one behind the other */
	const char **header;   /* as written; NULL without one */
	size_t n_ragged;
	unsigned first_ragged; /* line */
	struct row_note *notes;
	size_t n_notes, cap_notes;
};

static size_t skip_record(struct csv_scan *s)
{
	struct csv_span cell;
	size_t n = 1;

	while (csv_next_cell(s, &cell) == CSV_DELIMITER)
		n++;
	return n;
}

/* Past the preamble, to the record of the header or the first row. */
static bool go_to_table(struct filling *f)
{
	while (csv_next_record(&f->scan)) {
		if (f->scan.record_line >= f->dialect.header_line)
			return true;
		(void)skip_record(&f->scan);
	}
	return false;
}

static size_t count_rows(struct csv_scan s)
{
	size_t n = 0;

	for (; csv_next_record(&s); n++)
		(void)skip_record(&s);
	return n;
}

/* Every cell's text is followed by a NUL where the delimiter was, so that the text always fits. */
static const char *keep(struct filling *f, const struct csv_span *cell, size_t *ret_len)
{
	char *at = f->text_end;

	if (cell->raw.len == 0) {
		*ret_len = 0;
		return "";
	}
	*ret_len = csv_unquote(at, cell);
	f->text_end += *ret_len + 1;
	return at;
}

static int read_header(struct filling *f)
{
	struct table *t = f->table;
	struct csv_span cell;
	enum csv_end end;
	size_t n = 0, len;

	f->header = arena_calloc(f->arena, t->n_columns, sizeof *f->header);
	if (!f->header)
		return -ENOMEM;
	do {
		end = csv_next_cell(&f->scan, &cell);
		if (n < t->n_columns)
			f->header[n++] = keep(f, &cell, &len);
	} while (end == CSV_DELIMITER);
	return reader_name_columns(t->columns, f->header, t->n_columns, f->arena);
}

static int invent_header(struct filling *f)
{
	static const char none[] = "";
	CLEANUP(freep) const char **names = calloc(f->table->n_columns, sizeof *names);

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < f->table->n_columns; i++)
		names[i] = none;
	return reader_name_columns(f->table->columns, names, f->table->n_columns, f->arena);
}

/* Returns how many cells the row has; those beyond the header are not kept. */
static size_t fill_row(struct filling *f, size_t row)
{
	size_t columns = f->table->n_columns, n = 0, len;
	struct csv_span span;
	enum csv_end end;

	do {
		end = csv_next_cell(&f->scan, &span);
		if (n < columns) {
			const char *text = keep(f, &span, &len);

			reader_cell(&f->table->columns[n].values[row], text, len,
			            f->dialect.decimal);
		}
		n++;
	} while (end == CSV_DELIMITER);
	if (n == columns + 1 && span.raw.len == 0)
		n--; /* the row ends with a delimiter */
	for (size_t i = n; i < columns; i++)
		f->table->columns[i].values[row] = (struct cell){.kind = CELL_EMPTY, .text = ""};
	return n;
}

/*
 * "s", "%", "Kbyte/block": a word of letters, or two with a slash. The unit row of a profiler
 * has nothing else.
 */
static bool is_unit(const struct cell *c)
{
	size_t len = strlen(c->text), slashes = 0;

	if (c->kind != CELL_TEXT || len > 24)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char b = (unsigned char)c->text[i];
		bool letter = (b | 0x20) >= 'a' && (b | 0x20) <= 'z';

		slashes += b == '/';
		if (!letter && b < 0x80 && b != '%' && b != '/' && b != '^' && b != '.')
			return false;
	}
	return slashes <= 1 && c->text[0] != '/';
}

/* The words of which one at least must be there, so that a row of names is no unit row. */
static bool is_sure_unit(const struct cell *c)
{
	static const char *const sure[] = {
		"%",         "s",         "sec",    "ms",          "us",       "ns",    "msecond",
		"usecond",   "nsecond",   "second", "byte",        "bytes",    "Kbyte", "Mbyte",
		"Gbyte",     "B",         "KB",     "MB",          "GB",       "KiB",   "MiB",
		"GiB",       "Hz",        "kHz",    "MHz",         "GHz",      "W",     "tok/s",
		"\302\265s", "\316\274s", "inst",   "cycle",       "mW",       "J",     "C",
		"seconds",   "MB/s",      "GB/s",   "byte/second", "tokens/s", "ops/s", "op/s"};

	for (size_t i = 0; i < ARRAY_LEN(sure); i++)
		if (strcmp(c->text, sure[i]) == 0)
			return true;
	return false;
}

static bool is_units_row(const struct table *t)
{
	bool sure = false;

	for (size_t i = 0; i < t->n_columns; i++) {
		const struct cell *c = &t->columns[i].values[0], *below = NULL;

		if (c->kind == CELL_EMPTY)
			continue;
		if (!is_unit(c))
			return false;
		if (t->n_rows > 1)
			below = c + 1;
		sure |= is_sure_unit(c) &&
		        (!below || below->kind != CELL_TEXT || strcmp(below->text, c->text) != 0);
	}
	return sure;
}

static bool repeats_header(const struct filling *f, size_t row)
{
	if (!f->header)
		return false;
	for (size_t i = 0; i < f->table->n_columns; i++)
		if (strcmp(f->table->columns[i].values[row].text, f->header[i]) != 0)
			return false;
	return true;
}

static int add_note(struct filling *f, size_t row, const char *why)
{
	if (f->n_notes == f->cap_notes) {
		size_t cap = f->cap_notes ? 2 * f->cap_notes : 16;
		struct row_note *more = arena_grow(f->arena, f->notes, f->n_notes * sizeof *more,
		                                   cap * sizeof *more);

		if (!more)
			return -ENOMEM;
		f->notes = more;
		f->cap_notes = cap;
	}
	f->notes[f->n_notes++] = (struct row_note){(uint32_t)row, why};
	return 0;
}

static int note_row(struct filling *f, size_t row, size_t cells)
{
	struct table *t = f->table;
	const char *why = NULL;

	if (cells != t->n_columns) {
		why = arena_printf(f->arena, "ragged: %zu of %zu cells", cells, t->n_columns);
		if (f->n_ragged++ == 0)
			f->first_ragged = f->scan.record_line;
		if (!why)
			return -ENOMEM;
	} else if (repeats_header(f, row)) {
		why = "repeated header";
	}
	return why ? add_note(f, row, why) : 0;
}

static bool is_noted(const struct filling *f, size_t row)
{
	return f->n_notes && f->notes[0].row == row;
}

static int fill_rows(struct filling *f)
{
	struct table *t = f->table;

	for (size_t row = 0; row < t->n_rows && csv_next_record(&f->scan); row++) {
		size_t n = fill_row(f, row);
		int r = note_row(f, row, n);

		if (r < 0)
			return r;
	}
	if (f->header && !is_noted(f, 0) && is_units_row(t)) {
		int r = add_note(f, 0, "units row");

		if (r < 0)
			return r;
		memmove(f->notes + 1, f->notes, (f->n_notes - 1) * sizeof *f->notes);
		f->notes[0] = (struct row_note){0, "units row"};
	}
	t->notes = f->notes;
	t->n_notes = f->n_notes;
	return 0;
}

static int allocate(struct filling *f, size_t text_bytes, struct error *err)
{
	struct table *t = f->table;

	if (t->n_rows > (text_bytes * CELLS_PER_BYTE_MAX + CELLS_ANYWAY) / t->n_columns)
		return error_set(err, -EINVAL,
		                 "no table: %zu lines, most of them far from %zu cells", t->n_rows,
		                 t->n_columns);
	f->text = f->text_end = arena_alloc(f->arena, text_bytes + 1);
	if (!reader_make_columns(t, f->arena) || !f->text)
		return error_set(err, -ENOMEM, "out of memory");
	return 0;
}

/* What the second pass takes off the front of f->scan must not be counted as a row. */
static int read_table(struct filling *f, struct str text, struct error *err)
{
	struct table *t = f->table;
	struct csv_scan rows;
	int r;

	if (!go_to_table(f))
		return error_set(err, -EINVAL, "no table: no rows");
	rows = f->scan;
	if (f->dialect.header_line)
		(void)skip_record(&rows);
	t->n_columns = f->dialect.columns;
	t->n_rows = count_rows(rows);
	r = allocate(f, text.len, err);
	if (r < 0)
		return r;
	r = f->dialect.header_line ? read_header(f) : invent_header(f);
	if (r == 0)
		r = fill_rows(f);
	return r < 0 ? error_set(err, r, "out of memory") : 0;
}

static void report(struct filling *f)
{
	struct artifact *a = f->artifact;

	if (f->scan.open_quote)
		reader_partial(a, f->arena, "line %u: a quote that is never closed",
		               f->scan.open_quote);
	if (f->n_ragged)
		reader_partial(a, f->arena, "%zu of %zu rows are ragged, the first at line %u",
		               f->n_ragged, f->table->n_rows, f->first_ragged);
}

static int read_as(struct artifact *a, struct str text, const struct csv_dialect *dialect,
                   struct arena *arena, struct error *err)
{
	struct filling f = {.artifact = a, .arena = arena, .dialect = *dialect};
	int r;

	f.scan = csv_scan_of(text, dialect->delimiter);
	f.table = arena_alloc(arena, sizeof *f.table);
	if (!f.table)
		return error_set(err, -ENOMEM, "out of memory");
	*f.table = (struct table){.artifact = a,
	                          .number = 1,
	                          .header_line = dialect->header_line,
	                          .decimal = dialect->decimal};
	r = read_table(&f, text, err);
	if (r < 0)
		return r;
	a->tables = f.table;
	a->n_tables = 1;
	report(&f);
	return 0;
}

int csv_read(struct artifact *a, struct str text, struct arena *arena, struct error *err)
{
	struct csv_dialect dialect;
	int r = csv_sniff(&dialect, text, err);

	return r < 0 ? r : read_as(a, text, &dialect, arena, err);
}

int csv_read_clear(struct artifact *a, struct str text, struct arena *arena, struct error *err)
{
	struct csv_dialect dialect;
	int r = csv_sniff(&dialect, text, err);

	if (r == 0 && !dialect.clear)
		r = error_set(err, -EINVAL, "no clear table");
	return r < 0 ? r : read_as(a, text, &dialect, arena, err);
}
