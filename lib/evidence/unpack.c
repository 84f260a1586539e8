/* SPDX-License-Identifier: MIT */
/* The reading half of packed.h. Every length is held against what is left before it is used. */
#include <errno.h>
#include <math.h>

#include "lib/base/utf8.h"
#include "lib/evidence/packed_impl.h"

/* Whoever adds a member has to pack and unpack it, or reused artifacts would lack it. */
_Static_assert(sizeof(struct cell) == 40 && sizeof(struct cell_unit) == 16, "pack the new member");
_Static_assert(sizeof(struct column_meaning) == 40, "pack the new member");
_Static_assert(sizeof(struct column) == 104, "pack the new member");
_Static_assert(sizeof(struct table) == 112 && sizeof(struct row_note) == 16, "pack the new member");
_Static_assert(sizeof(struct artifact) == 192, "pack the new member");

struct unpacker {
	const char *at;
	size_t left;
	const char *texts;
	uint32_t n_texts;
	struct arena *arena;
	bool bad, full; /* not sound; no memory */
};

/* NULL: there is not so much. */
static const void *take(struct unpacker *u, uint64_t n, size_t size)
{
	const char *at = u->at;
	size_t len;

	if (u->bad || __builtin_mul_overflow(n, size, &len) || len > u->left) {
		u->bad = true;
		return NULL;
	}
	len = (len + 7) & ~(size_t)7; /* still within, since what is left is a multiple of 8 */
	u->at += len;
	u->left -= len;
	return at;
}

static void *make(struct unpacker *u, size_t n, size_t size)
{
	void *p = u->bad ? NULL : arena_calloc(u->arena, n, size);

	if (!p && !u->bad)
		u->bad = u->full = true;
	return p;
}

static const char *text_or_null(struct unpacker *u, uint32_t offset)
{
	if (offset == PACKED_NONE)
		return NULL;
	if (offset >= u->n_texts || (u->texts[offset] & 0xC0) == 0x80) {
		u->bad = true;
		return "";
	}
	return u->texts + offset;
}

static const char *text(struct unpacker *u, uint32_t offset)
{
	const char *t = text_or_null(u, offset);

	if (t)
		return t;
	u->bad = true;
	return "";
}

static bool all_finite(const double *numbers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(numbers[i]))
			return false;
	return true;
}

static void take_number(struct unpacker *u, struct cell *c)
{
	const double *number = take(u, 1, sizeof *number);

	if (number && isfinite(*number))
		c->number = *number;
	else
		u->bad = true;
}

static void take_unit(struct unpacker *u, struct cell *c)
{
	const struct packed_unit *packed = take(u, 1, sizeof *packed);
	struct cell_unit *unit = make(u, 1, sizeof *unit);

	if (!packed || !unit || !isfinite(packed->factor)) {
		u->bad = true;
		return;
	}
	*unit = (struct cell_unit){text(u, packed->text), packed->factor};
	c->unit = unit;
}

static void take_list(struct unpacker *u, struct cell *c)
{
	const uint64_t *n = take(u, 1, sizeof *n);

	c->numbers = n && *n ? take(u, *n, sizeof *c->numbers) : NULL;
	if (!c->numbers || *n > UINT32_MAX || !all_finite(c->numbers, *n))
		u->bad = true;
	else
		c->n_numbers = (uint32_t)*n;
}

static void take_cell(struct unpacker *u, struct cell *c)
{
	const struct packed_cell *head = take(u, 1, sizeof *head);

	if (!head || head->kind > CELL_TEXT ||
	    head->has_number != (head->kind == CELL_NUMBER || head->kind == CELL_BOOL)) {
		u->bad = true;
		return;
	}
	*c = (struct cell){.kind = (enum cell_kind)head->kind, .text = text(u, head->text)};
	if (head->has_number)
		take_number(u, c);
	if (head->has_unit)
		take_unit(u, c);
	if (c->kind == CELL_LIST)
		take_list(u, c);
}

/* A cell takes 8 bytes at least: that bounds what is allocated. */
static struct cell *take_cells(struct unpacker *u, uint64_t n)
{
	struct cell *cells;

	if (n > u->left / sizeof(struct packed_cell)) {
		u->bad = true;
		return NULL;
	}
	cells = make(u, n, sizeof *cells);
	for (size_t i = 0; i < n && !u->bad; i++)
		take_cell(u, &cells[i]);
	return cells;
}

static void take_codes(struct unpacker *u, struct column *c, size_t n_rows)
{
	uint32_t most = 0;

	c->codes = NULL;
	if (c->code_bytes == 1 || c->code_bytes == 2 || c->code_bytes == 4)
		c->codes = take(u, n_rows, c->code_bytes);
	for (size_t i = 0; c->codes && i < n_rows; i++) {
		uint32_t code = column_code(c, i);

		most = code > most ? code : most;
	}
	if (!c->codes || most >= c->n_values)
		u->bad = true;
}

static void take_others(struct unpacker *u, struct column *c)
{
	struct other_cell *others;

	if (c->n_others > u->left / (sizeof(uint64_t) + sizeof(struct packed_cell))) {
		u->bad = true;
		return;
	}
	others = make(u, c->n_others, sizeof *others);
	for (size_t i = 0; i < c->n_others && !u->bad; i++) {
		const uint64_t *row = take(u, 1, sizeof *row);

		others[i].row = row && *row <= UINT32_MAX ? (uint32_t)*row : UINT32_MAX;
		take_cell(u, &others[i].cell);
	}
	c->others = others;
}

/* Each row without a number has an other cell, and there are no more of those. */
static void take_numbers(struct unpacker *u, struct column *c, size_t n_rows, bool scaled)
{
	size_t k = 0;

	if (scaled)
		c->scaled = take(u, n_rows, sizeof *c->scaled);
	else
		c->numbers = take(u, n_rows, sizeof *c->numbers);
	take_others(u, c);
	for (size_t i = 0; i < n_rows && !u->bad; i++) {
		double number = column_number(c, i);

		if (isfinite(number))
			continue;
		u->bad = !isnan(number) || k == c->n_others || c->others[k].row != i;
		k++;
	}
	u->bad |= k != c->n_others;
}

static const struct column_meaning *take_meaning(struct unpacker *u)
{
	const struct packed_meaning *packed = take(u, 1, sizeof *packed);
	struct column_meaning *m = make(u, 1, sizeof *m);

	if (!packed || !m || packed->role > MEANS_IGNORED || packed->better > BETTER_LOWER) {
		u->bad = true;
		return NULL;
	}
	m->role = packed->role;
	m->better = (enum better)packed->better;
	m->restates = packed->restates != 0;
	m->quantity = text_or_null(u, packed->quantity);
	m->unit = text_or_null(u, packed->unit);
	m->why = text_or_null(u, packed->why);
	return m;
}

static void take_stored(struct unpacker *u, struct column *c, size_t n_rows, bool scaled)
{
	switch (c->store) {
	case STORE_PLAIN:
		c->values = take_cells(u, n_rows);
		return;
	case STORE_CODED:
		c->values = take_cells(u, c->n_values);
		take_codes(u, c, n_rows);
		return;
	case STORE_MEASURED:
		take_numbers(u, c, n_rows, scaled);
		return;
	}
	u->bad = true;
}

static void take_column(struct unpacker *u, struct column *c, size_t n_rows)
{
	const struct packed_column *head = take(u, 1, sizeof *head);

	if (!head)
		return;
	*c = (struct column){.name = text(u, head->name),
	                     .pointer = text_or_null(u, head->pointer),
	                     .split = text_or_null(u, head->split),
	                     .is_nested = head->is_nested != 0,
	                     .is_row_key = head->is_row_key != 0,
	                     .store = head->store,
	                     .code_bytes = head->code_bytes,
	                     .decimals = (uint8_t)head->decimals,
	                     .n_values = head->n_values,
	                     .n_others = head->n_others};
	u->bad |= head->decimals > SCALED_DECIMALS_MAX;
	if (head->has_meaning)
		c->meaning = take_meaning(u);
	take_stored(u, c, n_rows, head->is_scaled);
	if (head->has_places)
		c->places = take(u, n_rows, sizeof *c->places);
}

static void take_notes(struct unpacker *u, struct table *t)
{
	const struct packed_note *packed = take(u, t->n_notes, sizeof *packed);
	struct row_note *notes = make(u, t->n_notes, sizeof *notes);

	for (size_t i = 0; i < t->n_notes && !u->bad; i++) {
		notes[i] = (struct row_note){packed[i].row, text(u, packed[i].why)};
		if (notes[i].row >= t->n_rows || (i && notes[i].row <= notes[i - 1].row))
			u->bad = true;
	}
	t->notes = notes;
}

static void take_context(struct unpacker *u, struct table *t)
{
	const struct packed_label *packed = take(u, t->n_context, sizeof *packed);

	t->context = make(u, t->n_context, sizeof *t->context);
	for (size_t i = 0; i < t->n_context && !u->bad; i++)
		t->context[i] = (struct label){text(u, packed[i].name), text(u, packed[i].text)};
}

static void take_context_meanings(struct unpacker *u, struct table *t)
{
	const struct column_meaning **list = make(u, t->n_context, sizeof *list);

	for (size_t i = 0; i < t->n_context && !u->bad; i++) {
		const uint64_t *there = take(u, 1, sizeof *there);

		if (there && *there)
			list[i] = take_meaning(u);
	}
	t->context_meanings = list;
}

static void take_table(struct unpacker *u, struct table *t)
{
	const struct packed_table *head = take(u, 1, sizeof *head);

	if (!head || head->n_rows > UINT32_MAX || head->n_columns == 0 ||
	    head->n_columns > u->left / sizeof(struct packed_column) ||
	    (head->decimal != '.' && head->decimal != ',')) {
		u->bad = true;
		return;
	}
	*t = (struct table){.artifact = t->artifact,
	                    .number = head->number,
	                    .header_line = head->header_line,
	                    .decimal = (char)head->decimal,
	                    .base = text_or_null(u, head->base),
	                    .columnar = head->columnar != 0,
	                    .schema = text_or_null(u, head->schema),
	                    .n_columns = head->n_columns,
	                    .n_rows = head->n_rows,
	                    .n_notes = head->n_notes,
	                    .n_context = head->n_context};
	take_notes(u, t);
	take_context(u, t);
	if (head->has_context_meanings)
		take_context_meanings(u, t);
	t->columns = make(u, t->n_columns, sizeof *t->columns);
	for (size_t i = 0; i < t->n_columns && !u->bad; i++)
		take_column(u, &t->columns[i], t->n_rows);
}

/* All of them at once; offsets then only have to hit the start of a character. */
static bool is_utf8(const char *at, size_t len)
{
	while (len) {
		uint64_t eight;
		size_t n;

		if (len >= sizeof eight) {
			memcpy(&eight, at, sizeof eight);
			if (!(eight & UINT64_C(0x8080808080808080))) {
				at += sizeof eight;
				len -= sizeof eight;
				continue;
			}
		}
		n = *at ? utf8_length(at, len) : 1;
		if (n == 0)
			return false;
		at += n;
		len -= n;
	}
	return true;
}

const struct packed *packed_at(const char *at, size_t len)
{
	const struct packed *p = (const void *)at;

	if (len < sizeof *p || p->size < sizeof *p || p->size > len || p->size % 8 ||
	    p->texts < sizeof *p || p->texts % 8 || p->n_texts == 0 ||
	    (uint64_t)p->texts + p->n_texts > p->size || p->path >= p->n_texts ||
	    at[p->texts + p->n_texts - 1] != '\0')
		return NULL;
	return p;
}

const char *packed_path(const struct packed *p)
{
	return (const char *)p + p->texts + p->path;
}

static bool is_digest(const char digest[static DIGEST_TEXT_BYTES])
{
	static const char hex[] = "0123456789abcdef";

	return memcmp(digest, "sha256:", 7) == 0 && strspn(digest + 7, hex) == 64 &&
	       digest[DIGEST_TEXT_BYTES - 1] == '\0';
}

static bool is_sound(const struct packed *p)
{
	const char *at = (const char *)p;

	return p->format <= FORMAT_OTHER && p->status <= STATUS_SKIPPED &&
	       (p->status == STATUS_OK) == (p->reason == PACKED_NONE) &&
	       p->digest[DIGEST_TEXT_BYTES - 1] == '\0' && is_digest(p->digest) &&
	       is_utf8(at + p->texts, p->n_texts) &&
	       p->n_tables <= (p->texts - sizeof *p) / sizeof(struct packed_table);
}

static const struct table *take_prose(struct unpacker *u, const struct artifact *owner)
{
	struct table *t = make(u, 1, sizeof *t);

	if (t) {
		t->artifact = owner;
		take_table(u, t);
	}
	return t;
}

static void take_artifact(struct unpacker *u, const struct packed *p, struct artifact *to,
                          const struct artifact *owner)
{
	to->format = (enum artifact_format)p->format;
	to->status = (enum artifact_status)p->status;
	to->bytes = p->bytes;
	to->modified_s = p->modified_s;
	to->stamp = p->stamp;
	memcpy(to->digest, p->digest, sizeof to->digest);
	to->reason = text_or_null(u, p->reason);
	to->n_tables = p->n_tables;
	to->tables = p->n_tables ? make(u, p->n_tables, sizeof *to->tables) : NULL;
	for (size_t i = 0; i < p->n_tables && !u->bad; i++) {
		to->tables[i].artifact = owner;
		take_table(u, &to->tables[i]);
	}
	to->prose = p->has_prose && !u->bad ? take_prose(u, owner) : NULL;
}

int packed_unpack(const struct packed *p, struct artifact *a, struct arena *arena)
{
	const char *at = (const char *)p;
	struct unpacker u = {.at = at + sizeof *p,
	                     .left = p->texts - sizeof *p,
	                     .texts = at + p->texts,
	                     .n_texts = p->n_texts,
	                     .arena = arena};
	struct artifact made = *a;

	if (!is_sound(p))
		return -EBADMSG;
	take_artifact(&u, p, &made, a);
	if (u.bad)
		return u.full ? -ENOMEM : -EBADMSG;
	*a = made;
	return 0;
}

static uint64_t stir(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9E3779B97F4A7C15);
	return h ^ h >> 29;
}

/* Four sums side by side: one alone waits for each of its multiplications. */
uint64_t packed_checksum(const void *bytes, size_t len)
{
	const char *at = bytes;
	uint64_t h = len, four[4] = {0, 1, 2, 3}, words[4];

	for (; len >= sizeof words; at += sizeof words, len -= sizeof words) {
		memcpy(words, at, sizeof words);
		for (size_t i = 0; i < ARRAY_LEN(four); i++)
			four[i] = stir(four[i], words[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(four); i++)
		h = stir(h, four[i]);
	for (; len >= sizeof words[0]; at += sizeof words[0], len -= sizeof words[0]) {
		memcpy(words, at, sizeof words[0]);
		h = stir(h, words[0]);
	}
	for (; len; at++, len--)
		h = (h ^ (unsigned char)*at) * UINT64_C(1099511628211);
	return h ^ h >> 32;
}
