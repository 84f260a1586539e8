/* SPDX-License-Identifier: MIT */
#include "agents/collector/csv_part.h"

#include <errno.h>
#include <math.h>

#include "agents/collector/csv_number.h"
#include "agents/collector/csv_scan.h"
#include "agents/collector/reader.h"

#define ROWS_FIRST 1024

struct cutting {
	struct csv_part *part;
	const struct csv_form *form;
	char *text;
	struct csv_scan scan; /* at the next record */
	char delimiter, point;
	uint64_t header_head; /* the first bytes of the header, and the mask of those that count */
	uint64_t header_mask;
};

int csv_part_init(struct csv_part *p, size_t n_columns)
{
	*p = (struct csv_part){.n_columns = n_columns};
	p->lanes = calloc(n_columns, sizeof *p->lanes);
	return p->lanes ? 0 : -ENOMEM;
}

void csv_part_done(struct csv_part *p)
{
	for (size_t i = 0; p->lanes && i < p->n_columns; i++) {
		free(p->lanes[i].others);
		free(p->lanes[i].codes);
		csv_dict_done(&p->lanes[i].dict);
	}
	free(p->lanes);
	free(p->odd);
	*p = (struct csv_part){0};
}

void csv_part_clear(struct csv_part *p)
{
	for (size_t i = 0; i < p->n_columns; i++) {
		p->lanes[i].numbers = NULL;
		p->lanes[i].n_others = 0;
		csv_dict_clear(&p->lanes[i].dict);
	}
	p->n_rows = p->n_odd = 0;
	p->open_quote = p->lines = 0;
	p->failed = p->overflow = false;
}

/* Codes are kept for all columns alike, so that one comparison a row is enough. */
static bool make_rows(struct csv_part *p)
{
	size_t cap = p->cap_rows ? 2 * p->cap_rows : ROWS_FIRST;

	for (size_t i = 0; i < p->n_columns; i++) {
		uint32_t *more = reallocarray(p->lanes[i].codes, cap, sizeof *more);

		if (!more)
			return false;
		p->lanes[i].codes = more;
	}
	p->cap_rows = cap;
	return true;
}

static void add_other(struct csv_part *p, struct csv_lane *lane, struct str text)
{
	if (lane->n_others == lane->cap_others) {
		size_t cap = lane->cap_others ? 2 * lane->cap_others : 16;
		struct csv_other *more = reallocarray(lane->others, cap, sizeof *more);

		p->failed |= !more;
		if (!more)
			return;
		lane->others = more;
		lane->cap_others = cap;
	}
	lane->others[lane->n_others++] = (struct csv_other){(uint32_t)p->n_rows, text};
}

static void add_odd(struct csv_part *p, struct csv_odd odd)
{
	if (p->n_odd == p->cap_odd) {
		size_t cap = p->cap_odd ? 2 * p->cap_odd : 16;
		struct csv_odd *more = reallocarray(p->odd, cap, sizeof *more);

		p->failed |= !more;
		if (!more)
			return;
		p->odd = more;
		p->cap_odd = cap;
	}
	p->odd[p->n_odd++] = odd;
}

/* Word 0 of each dictionary is the empty text. */
static void put_text(struct csv_part *p, struct csv_lane *lane, struct str text)
{
	uint32_t number = 0;

	if (lane->numbers) {
		lane->numbers[p->n_rows] = (double)NAN;
		add_other(p, lane, text);
		return;
	}
	if (text.len || lane->dict.n == 0) {
		if (lane->dict.n == 0)
			p->failed |= csv_dict_number(&lane->dict, (struct str){"", 0}) != 0;
		number = text.len ? csv_dict_number(&lane->dict, text) : 0;
	}
	p->failed |= number == CSV_NO_WORD;
	lane->codes[p->n_rows] = number;
}

/* With the doubled quotes made single. */
static struct str unquoted(struct cutting *c, const struct csv_span *span)
{
	char *at = c->text + (span->raw.at - c->text);

	return span->doubled ? (struct str){at, csv_unquote(at, span)} : span->raw;
}

static inline bool ends_cell(const struct cutting *c, char b)
{
	return b == c->delimiter || b == '\n' || b == '\r';
}

/* Numbers and short words as nearly all of them are written; false: see there with more care. */
static inline bool cut_plain(struct cutting *c, struct csv_lane *lane)
{
	const char *from = c->scan.at, *to;

	if (lane->numbers) {
		double number;

		to = csv_number(from, c->point, &number);
		if (!to || to >= c->scan.end || !ends_cell(c, *to))
			return false;
		lane->numbers[c->part->n_rows] = number;
	} else {
		if (*from == '"' || *from == ' ' || *from == '\t')
			return false;
		to = csv_skip_plain(&c->scan, from);
		if (to >= c->scan.end || (to > from && (to[-1] == ' ' || to[-1] == '\t')))
			return false;
		put_text(c->part, lane, (struct str){from, (size_t)(to - from)});
	}
	c->scan.at = to;
	return true;
}

static inline enum csv_end cut_cell(struct cutting *c, struct csv_lane *lane)
{
	struct csv_span span;
	enum csv_end end;
	double number;

	if (c->scan.at < c->scan.end && cut_plain(c, lane)) {
		if (*c->scan.at != c->delimiter)
			return csv_end_of_cell(&c->scan);
		c->scan.at++;
		return CSV_DELIMITER;
	}
	end = csv_next_cell(&c->scan, &span);
	if (lane->numbers && !span.doubled && reader_number(span.raw, c->point, &number))
		lane->numbers[c->part->n_rows] = number;
	else
		put_text(c->part, lane, unquoted(c, &span));
	return end;
}

/* Returns how many cells the record has; those beyond the last column are not kept. */
static size_t cut_record(struct cutting *c)
{
	struct csv_part *p = c->part;
	enum csv_end end = CSV_DELIMITER;
	struct csv_span span = {.raw.len = 1};
	size_t n = 0;

	while (end == CSV_DELIMITER && n < p->n_columns)
		end = cut_cell(c, &p->lanes[n++]);
	for (; end == CSV_DELIMITER; n++)
		end = csv_next_cell(&c->scan, &span);
	if (n == p->n_columns + 1 && span.raw.len == 0)
		n--; /* the row ends with a delimiter */
	for (size_t i = n; i < p->n_columns; i++)
		put_text(p, &p->lanes[i], (struct str){"", 0});
	return n;
}

/* Where the first bytes are those of its first name, all cells are looked at. */
static bool says_header(const struct cutting *c)
{
	struct csv_scan s = c->scan;
	struct csv_span cell;
	enum csv_end end;
	size_t i = 0;

	do {
		end = csv_next_cell(&s, &cell);
		if (i == c->part->n_columns || !str_is(cell.raw, c->form->names[i++]))
			return false;
	} while (end == CSV_DELIMITER);
	return i == c->part->n_columns;
}

static bool begins_like_header(const struct cutting *c, const char *at)
{
	uint64_t head;

	memcpy(&head, at + (*at == '"'), sizeof head);
	return c->form->names && (head & c->header_mask) == c->header_head && says_header(c);
}

static void cut_row(struct cutting *c)
{
	struct csv_part *p = c->part;
	struct csv_odd odd = {.row = (uint32_t)p->n_rows, .line = c->scan.record_line};
	const char *at = csv_skip_blanks(&c->scan, c->scan.at);
	bool header = begins_like_header(c, at), comment = *at == '#';
	size_t cells = cut_record(c);

	if (cells != p->n_columns) {
		odd.cells = cells < UINT32_MAX ? (uint32_t)cells : UINT32_MAX;
		odd.comment = comment;
		add_odd(p, odd);
	} else if (header) {
		add_odd(p, odd);
	}
	p->n_rows++;
}

static bool is_within(const char *at, const char *from, const char *end)
{
	return (uintptr_t)at >= (uintptr_t)from && (uintptr_t)at < (uintptr_t)end;
}

/* What the last record added, which goes on behind the text. */
static void take_back(struct csv_part *p, const char *from, const char *end)
{
	p->n_rows--;
	if (p->n_odd && p->odd[p->n_odd - 1].row == p->n_rows)
		p->n_odd--;
	for (size_t i = 0; i < p->n_columns; i++) {
		struct csv_lane *lane = &p->lanes[i];
		size_t n = lane->dict.n;

		while (lane->n_others && lane->others[lane->n_others - 1].row == p->n_rows)
			lane->n_others--;
		while (n && is_within(lane->dict.words[n - 1].at, from, end))
			n--;
		csv_dict_truncate(&lane->dict, n);
	}
}

/* A carriage return at the very end may be half of a line end. */
static bool is_cut_short(const struct cutting *c)
{
	return c->scan.at == c->scan.end && (c->scan.open_quote || c->scan.end[-1] != '\n');
}

static void mask_header(struct cutting *c)
{
	char head[sizeof c->header_head] = {0}, mask[sizeof c->header_mask] = {0};
	const char *name = c->form->names ? c->form->names[0] : "";
	size_t n = strnlen(name, sizeof head);

	memcpy(head, name, n);
	memset(mask, 0xFF, n);
	memcpy(&c->header_head, head, sizeof head);
	memcpy(&c->header_mask, mask, sizeof mask);
}

size_t csv_part_cut(struct csv_part *p, const struct csv_form *form, char *text, size_t len,
                    unsigned line, bool last)
{
	struct cutting c = {.part = p,
	                    .form = form,
	                    .text = text,
	                    .scan = csv_scan_of((struct str){text, len}, form->dialect->delimiter),
	                    .delimiter = form->dialect->delimiter,
	                    .point = form->dialect->decimal};

	mask_header(&c);
	c.scan.line = line;
	while (!p->failed && csv_next_record(&c.scan)) {
		struct csv_scan before = c.scan;

		p->overflow = p->n_rows == p->max_rows;
		p->failed |= p->n_rows == p->cap_rows && !make_rows(p);
		if (p->overflow || p->failed)
			break;
		cut_row(&c);
		if (!last && is_cut_short(&c)) {
			take_back(p, before.at, c.scan.end);
			c.scan = before;
			break;
		}
	}
	p->open_quote = c.scan.open_quote;
	p->lines = c.scan.line - line;
	return (size_t)(c.scan.at - text);
}
