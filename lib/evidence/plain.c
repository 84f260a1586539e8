/* SPDX-License-Identifier: MIT */
#include "lib/evidence/plain.h"

#include <math.h>

#include "lib/base/utf8.h"

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

void plain_figure(struct buf *b, double value)
{
	int digits = value != 0.0 ? 2 - (int)floor(log10(fabs(value))) : 0;

	if (fabs(value) >= 1e15 || (value != 0.0 && fabs(value) < 1e-9))
		buf_printf(b, "%.3g", value);
	else if (value == floor(value))
		buf_printf(b, "%.0f", value);
	else
		buf_printf(b, "%.*f", digits < 0 ? 0 : digits, value);
}

static void add_value(struct buf *b, const struct fact *f, double value)
{
	plain_figure(b, value);
	if (f->unit && *f->unit) {
		buf_putc(b, ' ');
		add_foreign(b, f->unit);
	}
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

static const char *direction_of(const struct fact *f)
{
	bool ratio = f->statistic == STAT_RATIO || f->statistic == STAT_HODGES_LEHMANN_RATIO ||
	             f->statistic == STAT_GEOMEAN_RATIO;
	double level = ratio ? 1 : 0;

	return f->value > level ? "rose" : f->value < level ? "fell" : "did not change";
}

static void add_fact(struct buf *b, const struct fact *f, enum segment_as as)
{
	switch (as) {
	case AS_VALUE:
		add_value(b, f, f->value);
		break;
	case AS_SIZE:
		add_value(b, f, fabs(f->value));
		break;
	case AS_UNIT:
		add_foreign(b, f->unit ? f->unit : "");
		break;
	case AS_NAME:
		add_foreign(b, f->label ? f->label : "");
		break;
	case AS_SUBJECT:
		add_subject(b, f);
		break;
	case AS_DIRECTION:
		buf_puts(b, direction_of(f));
		break;
	}
}

void plain_text(struct buf *b, const struct dossier *d, const struct text *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct segment *s = &t->segments[i];
		const struct fact *f = dossier_fact(d, s->fact);

		if (f)
			add_fact(b, f, s->as);
		else if (s->words || s->name)
			add_foreign(b, s->words ? s->words : s->name);
	}
}
