/* SPDX-License-Identifier: MIT */
#include "ctl/sentence.h"

#include <math.h>

#include "agents/writer/number.h"

/* "from 110.6 to 101.9 tok/s": the unit once, where both have the same. */
static bool unit_comes_later(const struct dossier *d, const struct text *t, size_t i,
                             const struct number_unit *u)
{
	const struct segment *to = i + 2 < t->n ? &t->segments[i + 1] : NULL;
	const struct fact *next = to ? dossier_fact(d, to[1].fact) : NULL;
	struct number_unit v;

	if (!next || !to->words || strcmp(to->words, " to ") != 0 || to[1].as != AS_VALUE)
		return false;
	v = number_unit_for(next->unit, next->value);
	return u->unit && v.unit && strcmp(u->unit, v.unit) == 0;
}

static void add_value(struct buf *b, const struct dossier *d, const struct text *t, size_t i)
{
	const struct fact *f = dossier_fact(d, t->segments[i].fact);
	double value = t->segments[i].as == AS_SIZE ? fabs(f->value) : f->value;
	struct number_unit u = number_unit_for(f->unit, f->value);
	struct number n;

	number_print(&n, value, u.scale, number_kind_of(f));
	if (n.bound)
		buf_printf(b, "%c ", n.bound);
	buf_puts(b, n.text);
	if (u.unit && *u.unit && !unit_comes_later(d, t, i, &u))
		buf_printf(b, " %s", u.unit);
}

static void add_subject(struct buf *b, const struct fact *f)
{
	for (size_t i = 0; i < f->n_subject; i++)
		buf_printf(b, "%s%s=%s", i ? ", " : "", f->subject[i].name, f->subject[i].text);
}

static void add_fact(struct buf *b, const struct dossier *d, const struct text *t, size_t i)
{
	const struct fact *f = dossier_fact(d, t->segments[i].fact);

	if (!f)
		return;
	switch (t->segments[i].as) {
	case AS_VALUE:
	case AS_SIZE:
		add_value(b, d, t, i);
		break;
	case AS_UNIT:
		buf_puts(b, f->unit ? f->unit : "");
		break;
	case AS_NAME:
		buf_puts(b, f->label);
		break;
	case AS_SUBJECT:
		add_subject(b, f);
		break;
	case AS_DIRECTION:
		buf_puts(b, f->value > 0 ? "rose" : f->value < 0 ? "fell" : "did not change");
		break;
	}
}

void sentence_add(struct buf *b, const struct dossier *d, const struct text *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct segment *s = &t->segments[i];

		if (s->fact)
			add_fact(b, d, t, i);
		else
			buf_puts(b, s->words ? s->words : s->name);
	}
}
