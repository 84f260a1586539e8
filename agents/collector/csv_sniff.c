/* SPDX-License-Identifier: MIT */
#include "agents/collector/csv_sniff.h"

#include <errno.h>

#include "agents/collector/csv_scan.h"
#include "agents/collector/encoding.h"
#include "agents/collector/quantity.h"
#include "agents/collector/reader.h"
#include "lib/base/utf8.h"

#define SMALL_BYTES 65536 /* in so short a text, looking for a byte costs next to nothing */

struct record {
	unsigned line;
	size_t cells;
	bool ends_empty; /* some writers end each row with a delimiter */
	size_t texts;    /* cells that are neither empty nor a number */
	size_t numbers;  /* with a decimal point or none */
	size_t points;   /* of them, those with a point */
	size_t commas;   /* numbers only if the comma is the decimal mark */
	struct decimal_hints hints;
};

struct sample {
	char delimiter;
	struct record records[CSV_SAMPLE_RECORDS];
	size_t n;
	size_t mode;  /* how many cells most records have */
	size_t first; /* the first record with so many */
	size_t alike; /* records from there on with so many */
};

static void count_cell(struct record *r, const struct csv_span *cell)
{
	double value;

	if (cell->raw.len == 0)
		return;
	r->hints.n[quantity_hint(cell->raw)]++;
	if (reader_number(cell->raw, '.', &value)) {
		r->numbers++;
		r->points += memchr(cell->raw.at, '.', cell->raw.len) != NULL;
	} else if (reader_number(cell->raw, ',', &value)) {
		r->commas++;
	} else {
		r->texts++;
	}
}

static struct record read_record(struct csv_scan *s)
{
	struct record r = {.line = s->record_line};
	struct csv_span cell;
	enum csv_end end;

	do {
		end = csv_next_cell(s, &cell);
		r.cells++;
		count_cell(&r, &cell);
	} while (end == CSV_DELIMITER);
	r.ends_empty = r.cells > 1 && cell.raw.len == 0;
	return r;
}

/* Whether it is a full row of so many cells. */
static bool has_cells(const struct record *r, size_t cells)
{
	return r->cells == cells || (r->ends_empty && r->cells == cells + 1);
}

static size_t count_alike(const struct sample *s, size_t from, size_t cells)
{
	size_t n = 0;

	for (size_t i = from; i < s->n; i++)
		n += has_cells(&s->records[i], cells);
	return n;
}

static void find_mode(struct sample *s)
{
	for (size_t i = 0; i < s->n; i++) {
		size_t cells = s->records[i].cells;
		size_t n = i && s->records[i - 1].cells == cells ? 0 : count_alike(s, i, cells);

		if (n > s->alike) { /* of equals the first one seen */
			s->alike = n;
			s->mode = s->records[i].cells;
			s->first = i;
		}
	}
}

static void take_sample(struct sample *ret, struct str text, char delimiter)
{
	struct csv_scan s = csv_scan_of(text, delimiter);

	ret->delimiter = delimiter; /* without zeroing the records, which takes longer than most */
	ret->n = ret->mode = ret->first = ret->alike = 0;
	while (ret->n < CSV_SAMPLE_RECORDS && csv_next_record(&s))
		ret->records[ret->n++] = read_record(&s);
	find_mode(ret);
}

static double share(const struct sample *s)
{
	return s->n ? (double)s->alike / (double)(s->n - s->first) : 0;
}

static bool has_numbers(const struct sample *s)
{
	for (size_t i = s->first; i < s->n; i++)
		if (has_cells(&s->records[i], s->mode) &&
		    s->records[i].numbers + s->records[i].commas)
			return true;
	return false;
}

/* Prose has delimiters too, but seldom as many in each line, and seldom a number between two. */
static bool plausible(const struct sample *s)
{
	if (s->n < 2 || s->alike < 2 || share(s) < 0.5)
		return false;
	if (s->mode >= 2)
		return share(s) == 1 || has_numbers(s);
	return has_numbers(s) && s->mode == 1;
}

/* "old;0,5": what a comma would cut in two is a number in each row. */
static bool has_decimal_commas(const struct sample *s)
{
	size_t commas = 0;

	for (size_t i = s->first; s->delimiter == ';' && i < s->n; i++)
		commas += s->records[i].commas + s->records[i].hints.n[HINT_COMMA] > 0 &&
		          s->records[i].points == 0;
	return commas > 0 && commas * 2 >= s->alike;
}

static bool better(const struct sample *a, const struct sample *b)
{
	if ((a->mode >= 2) != (b->mode >= 2))
		return a->mode >= 2;
	if (share(a) != share(b))
		return share(a) > share(b);
	if (a->mode >= 2 && has_decimal_commas(a) != has_decimal_commas(b))
		return has_decimal_commas(a);
	return a->mode > b->mode;
}

/* One column is a table when most of what stands below the first line is a number. */
static bool numbers_in_one_column(const struct sample *s)
{
	size_t numbers = 0;

	for (size_t i = 1; i < s->n; i++)
		numbers += s->records[i].cells == 1 && s->records[i].numbers == 1;
	return s->n >= 2 && numbers * 2 >= s->n - 1;
}

/* One that is not there finds a single column, which is worse than what was found. */
static bool is_in_vain(const struct sample *best, struct str text, char delimiter)
{
	return best && best->mode >= 2 && text.len <= SMALL_BYTES &&
	       !memchr(text.at, delimiter, text.len);
}

/* One of both; NULL: there is no table. */
static const struct sample *choose_delimiter(struct sample both[static 2], struct str text)
{
	static const char delimiters[] = {',', ';', '\t', '|'};
	const struct sample *best = NULL;

	for (size_t i = 0; i < sizeof delimiters; i++) {
		struct sample *s = &both[best == both];

		if (is_in_vain(best, text, delimiters[i]))
			continue;
		take_sample(s, text, delimiters[i]);
		if (!plausible(s) || (s->mode == 1 && !numbers_in_one_column(s)))
			continue;
		if (!best || better(s, best))
			best = s;
	}
	return best;
}

static char decimal_mark(const struct sample *s)
{
	size_t points = 0, commas = 0, sure_points = 0, sure_commas = 0;

	for (size_t i = s->first; i < s->n; i++) {
		points += s->records[i].points;
		commas += s->records[i].commas;
		sure_points += s->records[i].hints.n[HINT_POINT];
		sure_commas += s->records[i].hints.n[HINT_COMMA];
	}
	if (sure_points || sure_commas)
		return sure_commas > sure_points ? ',' : '.';
	return s->delimiter == ';' && commas > points ? ',' : '.';
}

/* All text, and nothing before it that could be a row. NULL: there is no header. */
static const struct record *find_header(const struct sample *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct record *r = &s->records[i];

		if (r->cells < s->mode)
			continue; /* a preamble: lines of a tool's log before its table */
		return r->texts && !r->numbers && !r->commas ? r : NULL;
	}
	return NULL;
}

/* "a,b" above "1,5,2,5": decimal commas that nobody quoted. To read on would invent numbers. */
static bool halves(const struct sample *s)
{
	const struct record *above = s->first ? &s->records[s->first - 1] : NULL;
	const struct record *row = &s->records[s->first];

	return above && s->delimiter == ',' && above->texts == above->cells &&
	       above->cells * 2 == s->mode && row->numbers == s->mode && row->points == 0;
}

static int no_table(struct str text, struct error *err)
{
	struct csv_scan s = csv_scan_of(text, ',');
	const char *stop;
	size_t len;

	if (!csv_next_record(&s))
		return error_set(err, -EINVAL, "no table: blank lines only");
	stop = memchr(s.at, '\n', (size_t)(s.end - s.at));
	len = (size_t)((stop ? stop : s.end) - s.at);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s.at[i] < ' ')
			len = i;
	return error_set(err, -EINVAL, "line %u: no table, but \"%.*s\"", s.record_line,
	                 (int)utf8_cut(s.at, len, READER_QUOTE_BYTES), s.at);
}

int csv_sniff(struct csv_dialect *ret, struct str text, struct error *err)
{
	CLEANUP(freep) struct sample *both = malloc(2 * sizeof *both);
	const struct record *header;
	const struct sample *s;

	if (!both)
		return error_set(err, -ENOMEM, "out of memory");
	s = choose_delimiter(both, text);
	if (!s)
		return no_table(text, err);
	header = find_header(s);
	if (!header && halves(s))
		return error_set(err, -EINVAL,
		                 "line %u: twice as many cells as names above: decimal commas "
		                 "without quotes",
		                 s->records[s->first].line);
	ret->delimiter = s->delimiter;
	ret->decimal = decimal_mark(s);
	ret->header_line = header ? header->line : 0;
	ret->columns = header && !has_cells(header, s->mode) ? header->cells : s->mode;
	ret->clear = header && share(s) == 1 && has_numbers(s) && s->mode >= 2 && s->alike >= 3;
	if (ret->columns > READER_COLUMNS_MAX)
		return error_set(err, -EINVAL,
		                 "line %u: %zu columns, over the limit of %d: write a row for each",
		                 header ? header->line : s->records[s->first].line, ret->columns,
		                 READER_COLUMNS_MAX);
	return 0;
}
