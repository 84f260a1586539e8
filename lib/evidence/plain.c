/* SPDX-License-Identifier: MIT */
#include "lib/evidence/plain.h"

#include <math.h>

#include "lib/base/utf8.h"
#include "lib/evidence/reading.h"

static void add_foreign(struct buf *b, const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len;) {
		size_t n = utf8_length(text + i, len - i);

		if (n > 1)
			buf_add(b, text + i, n);
		else if (n == 0)
			buf_putc(b, '?');
		else
			buf_putc(b,
			         (unsigned char)text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i]);
		i += n ? n : 1;
	}
}

void plain_figure(struct buf *b, double value, double scale, enum number_kind kind)
{
	struct number n;

	number_print(&n, value, scale, kind);
	if (n.bound)
		buf_printf(b, "%c ", n.bound);
	buf_puts(b, n.text);
}

static void add_reading(struct buf *b, const struct fact *f, const struct reading *r)
{
	plain_figure(b, r->unsigned_ ? fabs(f->value) : f->value, r->scale, r->kind);
	if (r->unit) {
		buf_putc(b, ' ');
		add_foreign(b, r->unit);
	}
}

void plain_fact(struct buf *b, const struct fact *f)
{
	struct reading r = reading_of_fact(f);

	add_reading(b, f, &r);
}

static void add_subject(struct buf *b, const struct fact *f)
{
	for (size_t i = 0; i < f->n_subject; i++) {
		buf_puts(b, i ? ", " : "");
		add_foreign(b, f->subject[i].name);
		buf_putc(b, '=');
		add_foreign(b, f->subject[i].text);
	}
}

static void add_name(struct buf *b, const struct fact *f)
{
	char spoken[READING_NAME_BYTES];

	if (reading_direction(f) && reading_quantity(spoken, f))
		add_foreign(b, spoken);
	else
		add_foreign(b, f->label ? f->label : "");
}

static void add_direction(struct buf *b, const struct fact *f)
{
	const char *direction = reading_direction(f);

	buf_puts(b, direction ? direction : "is ");
	if (!direction)
		plain_fact(b, f);
}

static void add_fact(struct buf *b, const struct dossier *d, const struct text *t, size_t i)
{
	const struct fact *f = dossier_fact(d, t->segments[i].fact);
	struct reading r;

	switch (t->segments[i].as) {
	case AS_VALUE:
	case AS_SIZE:
		r = reading_of_segment(d, t, i);
		add_reading(b, f, &r);
		break;
	case AS_UNIT:
		add_foreign(b, f->unit ? f->unit : "");
		break;
	case AS_NAME:
		add_name(b, f);
		break;
	case AS_SUBJECT:
		add_subject(b, f);
		break;
	case AS_DIRECTION:
		add_direction(b, f);
		break;
	}
}

void plain_text(struct buf *b, const struct dossier *d, const struct text *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct segment *s = &t->segments[i];

		if (dossier_fact(d, s->fact))
			add_fact(b, d, t, i);
		else if (s->words || s->name)
			add_foreign(b, s->words ? s->words : s->name);
	}
}
