/* SPDX-License-Identifier: MIT */
/* Sentences of segments: how a fact reads inside of one. */
#include "agents/writer/page.h"
#include "lib/evidence/reading.h"

void page_unit(struct page *p, const char *unit)
{
	if (unit && unit[0]) {
		ink_words(&p->ink, " ");
		ink_label(&p->ink, unit);
	}
}

static void say_reading(struct page *p, const struct fact *f, const struct reading *r)
{
	ink_fact(&p->ink, f->id, (struct ink_style){r->kind, r->scale, r->unsigned_});
	page_unit(p, r->unit);
}

void page_value(struct page *p, unsigned fact)
{
	const struct fact *f = dossier_fact(p->d, fact);
	struct reading r;

	if (!f)
		return;
	r = reading_of_fact(f);
	say_reading(p, f, &r);
}

void page_metric(struct page *p, const char *name, const char *unit, enum better better)
{
	bool has_unit = unit && unit[0];

	ink_name(&p->ink, name);
	if (!has_unit && better == BETTER_NONE)
		return;
	ink_words(&p->ink, " (");
	if (has_unit)
		ink_label(&p->ink, unit);
	if (better != BETTER_NONE) {
		ink_words(&p->ink, has_unit ? " " : "");
		ink_words(&p->ink, better == BETTER_HIGHER ? "↑" : "↓");
	}
	ink_words(&p->ink, ")");
}

void page_column_fact(struct page *p, const struct fact *f, double scale, int decimals)
{
	enum number_kind kind = number_kind_of(f);

	if (kind == NUMBER_MEASURE && decimals != NUMBER_ANY_DECIMALS)
		ink_fact_in_column(&p->ink, f->id, scale, decimals);
	else
		ink_fact(&p->ink, f->id, (struct ink_style){kind, scale, false});
}

void page_subject(struct page *p, const struct label *labels, size_t n)
{
	if (!n)
		ink_words(&p->ink, "all");
	for (size_t i = 0; i < n; i++) {
		ink_words(&p->ink, i ? ", " : "");
		ink_pair(&p->ink, labels[i].name, labels[i].text);
	}
}

/* A difference is of something: that, else the column's own name. */
static void say_name(struct page *p, const struct fact *f)
{
	char spoken[READING_NAME_BYTES];

	if (reading_direction(f) && reading_quantity(spoken, f))
		ink_label(&p->ink, spoken);
	else if (reading_direction(f) && f->metric && f->metric[0])
		ink_name(&p->ink, f->metric);
	else
		ink_label(&p->ink, f->label);
}

static void say_direction(struct page *p, const struct fact *f)
{
	const char *direction = reading_direction(f);

	ink_words(&p->ink, direction ? direction : "is ");
	if (!direction) /* say what it is rather than nothing */
		page_value(p, f->id);
}

static void say_fact(struct page *p, const struct text *t, size_t i)
{
	const struct fact *f = dossier_fact(p->d, t->segments[i].fact);
	struct reading r;

	if (!f) {
		ink_fact(&p->ink, t->segments[i].fact, (struct ink_style){NUMBER_MEASURE, 1, 0});
		return;
	}
	switch (t->segments[i].as) {
	case AS_VALUE:
	case AS_SIZE:
		r = reading_of_segment(p->d, t, i);
		say_reading(p, f, &r);
		break;
	case AS_UNIT:
		if (f->unit)
			ink_label(&p->ink, f->unit);
		break;
	case AS_NAME:
		say_name(p, f);
		break;
	case AS_SUBJECT:
		page_subject(p, f->subject, f->n_subject);
		break;
	case AS_DIRECTION:
		say_direction(p, f);
		break;
	}
}

void page_text(struct page *p, const struct text *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct segment *s = &t->segments[i];

		if (s->fact)
			say_fact(p, t, i);
		else if (s->words)
			ink_prose(&p->ink, s->words);
		else if (s->name)
			ink_name(&p->ink, s->name);
	}
}
