/* SPDX-License-Identifier: MIT */
/* The writing half of packed.h; unpack.c takes the pieces in the same order. */
#include <errno.h>

#include "lib/evidence/packed_impl.h"

#define PACKED_MAX (UINT32_C(1) << 30)

/* Room for n bytes more; NULL: none, and the packer has failed. */
static char *extend(struct packer *p, struct bytes *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 4096;
	char *more;

	if (p->failed || n > PACKED_MAX - b->len) {
		p->failed = true;
		return NULL;
	}
	while (cap < b->len + n)
		cap *= 2;
	if (cap > b->cap) {
		more = realloc(b->at, cap);
		if (!more) {
			p->failed = true;
			return NULL;
		}
		b->at = more;
		b->cap = cap;
	}
	b->len += n;
	return b->at + b->len - n;
}

/* A piece of the body, with zeros behind it up to a multiple of 8. */
static void put(struct packer *p, const void *bytes, size_t len)
{
	size_t whole = (len + 7) & ~(size_t)7;
	char *to = extend(p, &p->body, whole);

	if (!to)
		return;
	if (len)
		memcpy(to, bytes, len);
	memset(to + len, 0, whole - len);
}

static uint32_t hash_of(const char *text, size_t len)
{
	uint32_t h = (uint32_t)len;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * UINT32_C(16777619);
	return h ^ h >> 15;
}

/* Where the text stands among the texts; one that came lately is not put twice. */
static uint32_t text_of(struct packer *p, const char *text)
{
	size_t len;
	uint32_t *seen;
	char *to;

	if (!text)
		return PACKED_NONE;
	if (*text == '\0')
		return 0; /* the texts begin with a NUL */
	len = strlen(text) + 1;
	seen = &p->seen[hash_of(text, len) % ARRAY_LEN(p->seen)];
	if (*seen < p->texts.len && len <= p->texts.len - *seen &&
	    memcmp(p->texts.at + *seen, text, len) == 0)
		return *seen;
	to = extend(p, &p->texts, len);
	if (!to)
		return 0;
	memcpy(to, text, len);
	*seen = (uint32_t)(to - p->texts.at);
	return *seen;
}

static void put_cell(struct packer *p, const struct cell *c)
{
	struct packed_cell head = {.kind = (uint8_t)c->kind, .text = text_of(p, c->text)};

	head.has_unit = c->unit != NULL;
	head.has_number = c->kind == CELL_NUMBER || c->kind == CELL_BOOL;
	put(p, &head, sizeof head);
	if (head.has_number)
		put(p, &c->number, sizeof c->number);
	if (head.has_unit) {
		const struct packed_unit unit = {c->unit->factor, text_of(p, c->unit->text), 0};

		put(p, &unit, sizeof unit);
	}
	if (c->kind == CELL_LIST) {
		put(p, &(uint64_t){c->n_numbers}, sizeof(uint64_t));
		put(p, c->numbers, c->n_numbers * sizeof *c->numbers);
	}
}

static void put_cells(struct packer *p, const struct cell *cells, size_t n)
{
	for (size_t i = 0; i < n && !p->failed; i++)
		put_cell(p, &cells[i]);
}

static void put_others(struct packer *p, const struct column *c)
{
	for (size_t i = 0; i < c->n_others && !p->failed; i++) {
		put(p, &(uint64_t){c->others[i].row}, sizeof(uint64_t));
		put_cell(p, &c->others[i].cell);
	}
}

static void put_meaning(struct packer *p, const struct column_meaning *m)
{
	const struct packed_meaning meaning = {.role = (uint8_t)m->role,
	                                       .better = (uint8_t)m->better,
	                                       .restates = m->restates,
	                                       .quantity = text_of(p, m->quantity),
	                                       .unit = text_of(p, m->unit),
	                                       .why = text_of(p, m->why)};

	put(p, &meaning, sizeof meaning);
}

static void put_column(struct packer *p, const struct column *c, size_t n_rows)
{
	struct packed_column head = {.name = text_of(p, c->name),
	                             .pointer = text_of(p, c->pointer),
	                             .split = text_of(p, c->split),
	                             .is_nested = c->is_nested,
	                             .is_row_key = c->is_row_key,
	                             .store = c->store,
	                             .code_bytes = c->code_bytes,
	                             .has_meaning = c->meaning != NULL,
	                             .has_places = c->places != NULL,
	                             .is_scaled = c->scaled != NULL,
	                             .decimals = c->decimals,
	                             .n_values = c->n_values,
	                             .n_others = c->n_others};

	put(p, &head, sizeof head);
	if (c->meaning)
		put_meaning(p, c->meaning);
	switch ((enum column_store)c->store) {
	case STORE_PLAIN:
		put_cells(p, c->values, n_rows);
		break;
	case STORE_CODED:
		put_cells(p, c->values, c->n_values);
		put(p, c->codes, n_rows * c->code_bytes);
		break;
	case STORE_MEASURED:
		if (c->scaled)
			put(p, c->scaled, n_rows * sizeof *c->scaled);
		else
			put(p, c->numbers, n_rows * sizeof *c->numbers);
		put_others(p, c);
		break;
	}
	if (c->places)
		put(p, c->places, n_rows * sizeof *c->places);
}

static void put_context_meanings(struct packer *p, const struct table *t)
{
	for (size_t i = 0; t->context_meanings && i < t->n_context && !p->failed; i++) {
		const struct column_meaning *m = t->context_meanings[i];

		put(p, &(uint64_t){m != NULL}, sizeof(uint64_t));
		if (m)
			put_meaning(p, m);
	}
}

static void put_table(struct packer *p, const struct table *t)
{
	struct packed_table head = {.number = t->number,
	                            .header_line = t->header_line,
	                            .base = text_of(p, t->base),
	                            .schema = text_of(p, t->schema),
	                            .decimal = (uint8_t)t->decimal,
	                            .columnar = t->columnar,
	                            .has_context_meanings = t->context_meanings != NULL,
	                            .n_columns = (uint32_t)t->n_columns,
	                            .n_notes = (uint32_t)t->n_notes,
	                            .n_context = (uint32_t)t->n_context,
	                            .n_rows = t->n_rows};

	put(p, &head, sizeof head);
	for (size_t i = 0; i < t->n_notes && !p->failed; i++)
		put(p, &(struct packed_note){t->notes[i].row, text_of(p, t->notes[i].why)},
		    sizeof(struct packed_note));
	for (size_t i = 0; i < t->n_context && !p->failed; i++)
		put(p,
		    &(struct packed_label){text_of(p, t->context[i].name),
		                           text_of(p, t->context[i].text)},
		    sizeof(struct packed_label));
	put_context_meanings(p, t);
	for (size_t i = 0; i < t->n_columns && !p->failed; i++)
		put_column(p, &t->columns[i], t->n_rows);
}

/* The texts come last, so that their offsets are known while the rest is put. */
static void put_texts(struct packer *p, struct packed *head)
{
	head->texts = (uint32_t)p->body.len;
	head->n_texts = (uint32_t)p->texts.len;
	put(p, p->texts.at, p->texts.len);
	head->size = p->body.len;
	if (!p->failed && p->body.len <= PACKED_MAX)
		memcpy(p->body.at, head, sizeof *head);
}

int packer_pack(struct packer *p, const struct artifact *a, uint64_t memory)
{
	struct packed head = {.bytes = a->bytes,
	                      .stamp = a->stamp,
	                      .modified_s = a->modified_s,
	                      .memory = memory,
	                      .n_tables = (uint32_t)a->n_tables,
	                      .format = (uint8_t)a->format,
	                      .status = (uint8_t)a->status,
	                      .has_prose = a->prose != NULL};

	p->failed = false;
	p->body.len = p->texts.len = 0;
	put(p, &head, sizeof head);
	if (extend(p, &p->texts, 1))
		p->texts.at[0] = '\0';
	head.path = text_of(p, a->path);
	head.reason = text_of(p, a->reason);
	memcpy(head.digest, a->digest, sizeof head.digest);
	for (size_t i = 0; i < a->n_tables && !p->failed; i++)
		put_table(p, &a->tables[i]);
	if (a->prose)
		put_table(p, a->prose);
	put_texts(p, &head);
	return p->failed ? -EFBIG : 0;
}

void packer_done(struct packer *p)
{
	free(p->body.at);
	free(p->texts.at);
	*p = (struct packer){0};
}
