/* SPDX-License-Identifier: MIT */
#include "agents/collector/csv_part.h"

#include <errno.h>

#include "agents/collector/csv_number.h"
#include "agents/collector/csv_scan.h"
#include "agents/collector/reader.h"

#define ROWS_FIRST 1024

/* What may end a plain cell. */
struct ends {
	const char *block; /* 64 bytes, and those of them that end a cell from the next one on */
	uint64_t of_block;
};

struct cutting {
	struct csv_part *part;
	const struct csv_form *form;
	char *text;
	struct csv_scan scan; /* at the next cell */
	struct ends ends;
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
		free(p->lanes[i].wide);
		csv_dict_done(&p->lanes[i].dict);
	}
	free(p->lanes);
	free(p->odd);
	*p = (struct csv_part){0};
}

void csv_part_clear(struct csv_part *p)
{
	static const char none[CSV_PAD];
	const struct str empty = {none, 0};

	p->failed = false;
	for (size_t i = 0; i < p->n_columns; i++) {
		p->lanes[i].measured = false;
		p->lanes[i].n_others = 0;
		csv_dict_clear(&p->lanes[i].dict);
		p->failed |= csv_dict_number(&p->lanes[i].dict, empty) != 0;
	}
	p->n_rows = p->n_odd = 0;
	p->open_quote = p->lines = 0;
}

static bool make_wide(struct csv_lane *lane, size_t cap)
{
	double *more = reallocarray(lane->wide, cap, sizeof *more);

	if (!more)
		return false;
	if (lane->numbers.doubles)
		lane->numbers.doubles = more;
	lane->wide = more;
	return true;
}

/* Codes are kept for all columns alike, so that one comparison a row is enough. */
static bool make_rows(struct csv_part *p)
{
	size_t cap = p->cap_rows ? 2 * p->cap_rows : ROWS_FIRST;

	for (size_t i = 0; i < p->n_columns; i++) {
		struct csv_lane *lane = &p->lanes[i];
		uint32_t *codes = reallocarray(lane->codes, cap, sizeof *codes);

		if (!codes)
			return false;
		lane->codes = codes;
		lane->numbers.scaled = (int32_t *)codes;
		if (lane->wide && !make_wide(lane, cap))
			return false;
	}
	p->cap_rows = cap;
	return true;
}

void csv_part_measure(struct csv_part *p, size_t column, const struct csv_numbers *as)
{
	struct csv_lane *lane = &p->lanes[column];

	lane->measured = true;
	lane->numbers.decimals = as->decimals;
	lane->numbers.doubles = NULL;
	if (!as->doubles)
		return;
	p->failed |= !lane->wide && !make_wide(lane, p->cap_rows ? p->cap_rows : ROWS_FIRST);
	lane->numbers.doubles = lane->wide;
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

static void put_number(struct csv_part *p, struct csv_lane *lane, double number)
{
	if (csv_numbers_put(&lane->numbers, p->n_rows, number))
		return;
	p->failed |= !lane->wide && !make_wide(lane, p->cap_rows);
	if (p->failed)
		return;
	csv_numbers_widen(&lane->numbers, p->n_rows, lane->wide);
	lane->wide[p->n_rows] = number;
}

/* Word 0 of each dictionary is the empty text. */
static inline void put_word(struct csv_part *p, struct csv_lane *lane, struct str text)
{
	uint32_t number = text.len ? csv_dict_number(&lane->dict, text) : 0;

	if (number == CSV_NO_WORD)
		p->failed = true;
	lane->codes[p->n_rows] = number;
}

static void put_text(struct csv_part *p, struct csv_lane *lane, struct str text)
{
	if (lane->measured) {
		put_number(p, lane, (double)NAN);
		add_other(p, lane, text);
	} else {
		put_word(p, lane, text);
	}
}

/* With the doubled quotes made single. */
static struct str unquoted(struct cutting *c, const struct csv_span *span)
{
	char *at = c->text + (span->raw.at - c->text);

	return span->doubled ? (struct str){at, csv_unquote(at, span)} : span->raw;
}

/* After scan.at was moved in another way. */
static void find_ends(struct cutting *c)
{
	c->ends = (struct ends){c->scan.at, csv_ends_at(c->scan.at, c->delimiter)};
}

/* Where the cell ends if it is not quoted; NULL: perhaps nowhere in the text. */
static inline const char *end_of_plain(struct ends *e, const char *end_of_text, char delimiter)
{
	const char *end;

	while (!e->of_block) {
		if (end_of_text - e->block <= 64)
			return NULL;
		e->block += 64;
		e->of_block = csv_ends_at(e->block, delimiter);
	}
	end = e->block + __builtin_ctzll(e->of_block);
	e->of_block &= e->of_block - 1;
	return end < end_of_text ? end : NULL;
}

/* With a sign, or more digits. */
static bool put_scaled_long(const struct csv_numbers *numbers, size_t row, struct str text,
                            char point)
{
	bool negative = *text.at == '-';
	const char *from = text.at + negative, *to = text.at + text.len;
	int64_t n = csv_scaled(from, to, numbers->decimals, point);

	if (n < 0)
		n = csv_scaled_long(from, to, numbers->decimals, point);
	if (n < negative || n > INT32_MAX)
		return false;
	numbers->scaled[row] = (int32_t)(negative ? -n : n);
	return true;
}

/* Most numbers of a column have as many decimals as the others. */
static inline bool put_scaled(const struct csv_numbers *numbers, size_t row, struct str text,
                              char point)
{
	int64_t n = csv_scaled(text.at, text.at + text.len, numbers->decimals, point);

	if (n < 0)
		return put_scaled_long(numbers, row, text, point);
	numbers->scaled[row] = (int32_t)n;
	return true;
}

static bool put_plain_number(struct csv_part *p, struct csv_lane *lane, struct str text, char point)
{
	struct csv_plain number = {0};

	if (csv_number(text.at, point, &number) != text.at + text.len)
		return false;
	put_number(p, lane, csv_plain_value(&number));
	return true;
}

/* A quote or a blank may stand there. */
static inline bool is_low(char b)
{
	return (unsigned char)b <= '"';
}

/* Numbers and words as nearly all of them are written; false: see there with more care. */
static inline bool put_plain(const struct cutting *c, struct csv_lane *lane, struct str text)
{
	struct csv_part *p = c->part;

	if (lane->measured)
		return (!lane->numbers.doubles && text.at + text.len - c->text >= 16 &&
		        put_scaled(&lane->numbers, p->n_rows, text, c->point)) ||
		       put_plain_number(p, lane, text, c->point);
	if (text.len && (is_low(text.at[0]) || is_low(text.at[text.len - 1])))
		return false;
	put_word(p, lane, text);
	return true;
}

static enum csv_end cut_with_care(struct cutting *c, struct csv_lane *lane)
{
	struct csv_span span;
	enum csv_end end = csv_next_cell(&c->scan, &span);
	double number;

	find_ends(c);
	if (lane->measured && !span.doubled && reader_number(span.raw, c->point, &number))
		put_number(c->part, lane, number);
	else
		put_text(c->part, lane, unquoted(c, &span));
	return end;
}

/* At a line end, or where the text ends. */
static enum csv_end end_row(struct cutting *c, const char *at)
{
	enum csv_end end;

	c->scan.at = at;
	end = csv_end_of_cell(&c->scan);
	if (c->scan.at == at + 2) /* a carriage return and a line feed */
		find_ends(c);
	return end;
}

/*
 * The cells of a record from the n-th on, up to one that needs care or stands behind the last
 * column: c->ends are not those from there on. Nearly all time is spent here: what changes with
 * each cell is kept out of reach of other functions, so that it stays in registers.
 */
static enum csv_end cut_plain_cells(struct cutting *c, size_t *n)
{
	struct csv_lane *lanes = c->part->lanes, *lane = lanes + *n;
	const struct csv_lane *last = lanes + c->part->n_columns;
	const char *at = c->scan.at, *end_of_text = c->scan.end;
	const char delimiter = c->delimiter;
	struct ends ends = c->ends;

	for (; lane < last; lane++) {
		const char *end = end_of_plain(&ends, end_of_text, delimiter);

		if (!end || !put_plain(c, lane, (struct str){at, (size_t)(end - at)}))
			break;
		at = end + 1;
		if (*end != delimiter) {
			*n = (size_t)(lane + 1 - lanes);
			c->ends = ends;
			return end_row(c, end);
		}
	}
	*n = (size_t)(lane - lanes);
	c->scan.at = at;
	return CSV_DELIMITER;
}

static void skip_cells(struct cutting *c, struct csv_span *ret_last, size_t *n)
{
	enum csv_end end;

	do {
		end = csv_next_cell(&c->scan, ret_last);
		++*n;
	} while (end == CSV_DELIMITER);
	find_ends(c);
}

/* Returns how many cells the record has; those beyond the last column are not kept. */
static size_t cut_record(struct cutting *c)
{
	struct csv_part *p = c->part;
	struct csv_span span = {.raw.len = 1};
	size_t n = 0;
	enum csv_end end = cut_plain_cells(c, &n);

	while (end == CSV_DELIMITER && n < p->n_columns) {
		end = cut_with_care(c, &p->lanes[n++]);
		if (end == CSV_DELIMITER)
			end = cut_plain_cells(c, &n);
	}
	if (end == CSV_DELIMITER)
		skip_cells(c, &span, &n);
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

static bool next_record(struct cutting *c)
{
	const char *before = c->scan.at;
	bool there = csv_next_record(&c->scan);

	if (c->scan.at != before)
		find_ends(c);
	return there;
}

size_t csv_part_cut(struct csv_part *p, const struct csv_form *form, char *text, size_t len,
                    bool last)
{
	struct cutting c = {.part = p,
	                    .form = form,
	                    .text = text,
	                    .scan = csv_scan_of((struct str){text, len}, form->dialect->delimiter),
	                    .delimiter = form->dialect->delimiter,
	                    .point = form->dialect->decimal};

	mask_header(&c);
	find_ends(&c);
	while (!p->failed && p->n_rows < p->max_rows && next_record(&c)) {
		struct csv_scan before = c.scan;

		p->failed = p->n_rows == p->cap_rows && !make_rows(p);
		if (p->failed)
			break;
		cut_row(&c);
		if (!last && is_cut_short(&c)) {
			take_back(p, before.at, c.scan.end);
			c.scan = before;
			break;
		}
	}
	p->open_quote = c.scan.open_quote;
	p->lines = c.scan.line - 1;
	return (size_t)(c.scan.at - text);
}
