/* SPDX-License-Identifier: MIT */
/*
 * csv - delimited text as one table: how it is written (csv_sniff), its header (here), its rows
 * (csv_rows), and what is said of them.
 */
#include <errno.h>

#include "agents/collector/csv_rows.h"
#include "agents/collector/csv_scan.h"
#include "agents/collector/encoding.h"
#include "agents/collector/reader.h"

#define HEAD_BYTES (1u << 20) /* of a file: how it is written, and its header, must be here */

struct reading {
	struct artifact *artifact;
	struct arena *arena;
	struct csv_dialect dialect;
	struct csv_source source;
	struct digest *digest; /* of the file; NULL: nobody asks for it */
	const char *start;     /* where the source begins in memory */
	struct str head;      /* what follows from there, without a byte order mark, or all of it */
	struct csv_scan scan; /* of the head, at the first row when the header was read */
	struct table *table;
	unsigned threads;
	size_t stretch_bytes;
};

static void skip_record(struct csv_scan *s)
{
	struct csv_span cell;

	while (csv_next_cell(s, &cell) == CSV_DELIMITER)
		;
}

/* Past the preamble, to the record of the header or the first row. */
static bool go_to_table(struct reading *r)
{
	while (csv_next_record(&r->scan)) {
		if (r->scan.record_line >= r->dialect.header_line)
			return true;
		skip_record(&r->scan);
	}
	return false;
}

static const char *keep(struct reading *r, const struct csv_span *span)
{
	char *text = arena_alloc(r->arena, span->raw.len + 1);

	if (text)
		(void)csv_unquote(text, span);
	return text;
}

static int read_header(struct reading *r, const char **names)
{
	struct csv_span cell;
	enum csv_end end;
	size_t n = 0;

	do {
		end = csv_next_cell(&r->scan, &cell);
		if (n < r->table->n_columns) {
			names[n] = keep(r, &cell);
			if (!names[n++])
				return -ENOMEM;
		}
	} while (end == CSV_DELIMITER);
	return 0;
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
		struct cell c = table_cell(t, 0, i), below = {.kind = CELL_EMPTY};

		if (c.kind == CELL_EMPTY)
			continue;
		if (!is_unit(&c))
			return false;
		if (t->n_rows > 1)
			below = table_cell(t, 1, i);
		sure |= is_sure_unit(&c) &&
		        (below.kind != CELL_TEXT || strcmp(below.text, c.text) != 0);
	}
	return sure;
}

/* The first row is noted already when it is none. */
static int note_units(struct reading *r)
{
	struct table *t = r->table;
	struct row_note *more;

	if (!r->dialect.header_line || t->n_rows == 0 || table_row_note(t, 0) || !is_units_row(t))
		return 0;
	more = arena_calloc(r->arena, t->n_notes + 1, sizeof *more);
	if (!more)
		return -ENOMEM;
	more[0] = (struct row_note){0, "units row"};
	if (t->n_notes)
		memcpy(more + 1, t->notes, t->n_notes * sizeof *more);
	t->notes = more;
	t->n_notes++;
	return 0;
}

static void report(struct reading *r, const struct csv_columns *c, unsigned open_quote)
{
	if (open_quote)
		reader_partial(r->artifact, r->arena, "line %u: a quote that is never closed",
		               open_quote);
	if (c->n_ragged)
		reader_partial(r->artifact, r->arena,
		               "%zu of %zu rows are ragged, the first at line %u", c->n_ragged,
		               r->table->n_rows, c->first_ragged);
}

static int read_rows(struct reading *r, const char *const *names, struct error *err)
{
	CLEANUP(csv_columns_done) struct csv_columns columns = {0};
	struct csv_rows rows = {.source = r->source,
	                        .form = {&r->dialect, r->dialect.header_line ? names : NULL},
	                        .at = (uint64_t)(r->scan.at - r->start),
	                        .line = r->scan.line,
	                        .sample = {r->scan.at, (size_t)(r->scan.end - r->scan.at)},
	                        .digest = r->digest,
	                        .threads = r->threads,
	                        .stretch_bytes = r->stretch_bytes,
	                        .n_columns = r->table->n_columns,
	                        .checked = r->source.text.at};
	int result;

	if (r->digest) /* of the rest, too, while it is read */
		digest_add(r->digest, r->start, (size_t)rows.at);
	result = csv_rows_read(&columns, &rows, r->arena, err);
	if (result < 0)
		return result;
	csv_columns_finish(&columns, r->table);
	reader_settle(r->table);
	if (note_units(r) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	report(r, &columns, r->scan.open_quote ? r->scan.open_quote : rows.ret_open_quote);
	return 0;
}

static int read_table(struct reading *r, struct error *err)
{
	struct table *t = r->table;
	const char **names;
	int result = 0;

	if (!go_to_table(r))
		return error_set(err, -EINVAL, "no table: no rows");
	t->n_columns = r->dialect.columns;
	t->columns = arena_calloc(r->arena, t->n_columns, sizeof *t->columns);
	names = arena_calloc(r->arena, t->n_columns, sizeof *names);
	for (size_t i = 0; names && i < t->n_columns; i++)
		names[i] = "";
	if (t->columns && names && r->dialect.header_line)
		result = read_header(r, names);
	if (!t->columns || !names || result < 0 ||
	    reader_name_columns(t->columns, names, t->n_columns, r->arena) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return read_rows(r, names, err);
}

static int read_sniffed(struct reading *r, struct error *err)
{
	int result;

	r->scan = csv_scan_of(r->head, r->dialect.delimiter);
	r->table = arena_alloc(r->arena, sizeof *r->table);
	if (!r->table)
		return error_set(err, -ENOMEM, "out of memory");
	*r->table = (struct table){.artifact = r->artifact,
	                           .number = 1,
	                           .header_line = r->dialect.header_line,
	                           .decimal = r->dialect.decimal};
	result = read_table(r, err);
	if (result < 0)
		return result;
	r->artifact->tables = r->table;
	r->artifact->n_tables = 1;
	return 0;
}

static struct reading reading_of(struct artifact *a, struct str text, struct arena *arena)
{
	return (struct reading){.artifact = a,
	                        .arena = arena,
	                        .source = {.text = text, .size = text.len},
	                        .start = text.at,
	                        .head = text,
	                        .threads = 1,
	                        .stretch_bytes = CSV_STRETCH_BYTES};
}

int csv_read(struct artifact *a, struct str text, struct arena *arena, struct error *err)
{
	return csv_read_by(a, text, CSV_STRETCH_BYTES, 1, arena, err);
}

int csv_read_by(struct artifact *a, struct str text, size_t stretch_bytes, unsigned threads,
                struct arena *arena, struct error *err)
{
	struct reading r = reading_of(a, text, arena);
	int result = csv_sniff(&r.dialect, text, err);

	r.stretch_bytes = stretch_bytes;
	r.threads = threads;
	return result < 0 ? result : read_sniffed(&r, err);
}

int csv_read_clear(struct artifact *a, struct str text, struct arena *arena, struct error *err)
{
	struct reading r = reading_of(a, text, arena);
	int result = csv_sniff(&r.dialect, text, err);

	if (result == 0 && !r.dialect.clear)
		result = error_set(err, -EINVAL, "no clear table");
	return result < 0 ? result : read_sniffed(&r, err);
}

/* The head without the line that it cuts in two. */
static struct str whole_lines(const struct csv_window *w, uint64_t size)
{
	const char *end = w->len < size ? memrchr(w->data, '\n', w->len) : w->data + w->len - 1;

	return (struct str){w->data, end ? (size_t)(end + 1 - w->data) : 0};
}

int csv_read_file(struct artifact *a, int fd, uint64_t size, unsigned threads,
                  struct digest *digest, struct arena *arena, struct error *err)
{
	CLEANUP(csv_window_done) struct csv_window head = {0};
	struct reading r = {.artifact = a,
	                    .arena = arena,
	                    .source = {.fd = fd, .size = size},
	                    .threads = threads,
	                    .stretch_bytes = CSV_STRETCH_BYTES};
	int result = csv_source_read(&r.source, 0, HEAD_BYTES, &head, err);

	if (result < 0)
		return result;
	r.start = head.data;
	r.head = whole_lines(&head, size);
	if (r.head.len >= 3 && memcmp(r.head.at, "\xEF\xBB\xBF", 3) == 0)
		r.head.at += 3, r.head.len -= 3;
	if (memchr(r.head.at, '\0', r.head.len) ||
	    encoding_valid_prefix(r.head.at, r.head.len) < r.head.len)
		return error_set(err, -EILSEQ, "not UTF-8");
	result = csv_sniff(&r.dialect, r.head, err);
	if (result == 0 && (!r.dialect.clear || *r.head.at == '{' || *r.head.at == '['))
		result = error_set(err, -EINVAL, "no clear table");
	r.digest = digest;
	return result < 0 ? result : read_sniffed(&r, err);
}
