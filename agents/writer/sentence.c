/* SPDX-License-Identifier: MIT */
/* Sentences of segments: how a fact reads inside of one. */
#include "agents/writer/page.h"

/* Below this a fact tells neither of a rise nor of a fall. */
static double no_change(enum statistic s)
{
	return s == STAT_RATIO || s == STAT_HODGES_LEHMANN_RATIO || s == STAT_GEOMEAN_RATIO ? 1 : 0;
}

static bool is_difference(enum statistic s)
{
	return s == STAT_DELTA || s == STAT_DELTA_PCT || s == STAT_RATIO ||
	       s == STAT_HODGES_LEHMANN || s == STAT_HODGES_LEHMANN_RATIO ||
	       s == STAT_GEOMEAN_RATIO || s == STAT_THEIL_SEN || s == STAT_COMMON_SHIFT;
}

void page_unit(struct page *p, const char *unit)
{
	if (unit && unit[0]) {
		ink_words(&p->ink, " ");
		ink_label(&p->ink, unit);
	}
}

/* A share without a unit (a cv is stdev over mean) is told in percent. */
static struct number_unit unit_of(const struct fact *f)
{
	if (f->statistic == STAT_CV && (!f->unit || !f->unit[0]))
		return (struct number_unit){"%", 100};
	return number_unit_for(f->unit, f->value);
}

/* LATER: the unit of the next value is this one's too. BARE: the sentence names it as written. */
enum unit_saying { UNIT_WITH, UNIT_LATER, UNIT_BARE };

static void say_value(struct page *p, const struct fact *f, bool unsigned_, enum unit_saying saying)
{
	struct number_unit u = saying == UNIT_BARE ? (struct number_unit){.scale = 1} : unit_of(f);

	ink_fact(&p->ink, f->id,
	         (struct ink_style){number_kind_of(f), u.scale, unsigned_});
	if (saying == UNIT_WITH)
		page_unit(p, u.unit);
}

void page_value(struct page *p, unsigned fact)
{
	const struct fact *f = dossier_fact(p->d, fact);

	if (f)
		say_value(p, f, false, UNIT_WITH);
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

/* "time to first token" for time_to_first_token, else the column's own name. */
static void say_metric(struct page *p, const struct fact *f)
{
	char spoken[64];

	if (f->quantity && f->quantity[0] && strlen(f->quantity) < sizeof spoken) {
		size_t n = strlen(f->quantity);

		for (size_t i = 0; i <= n; i++)
			spoken[i] = f->quantity[i] == '_' ? ' ' : f->quantity[i];
		/* A digit in it is the column's, told letter by letter. */
		if (strpbrk(spoken, "0123456789") == NULL) {
			ink_label(&p->ink, spoken);
			return;
		}
	}
	if (f->metric && f->metric[0])
		ink_name(&p->ink, f->metric);
	else
		ink_label(&p->ink, f->label);
}

static void say_direction(struct page *p, const struct fact *f)
{
	double at = no_change(f->statistic);

	if (is_difference(f->statistic)) {
		ink_words(&p->ink, f->value > at   ? "rose"
		                   : f->value < at ? "fell"
		                                   : "did not change");
		return;
	}
	ink_words(&p->ink, "is "); /* it is no change: say what it is rather than nothing */
	say_value(p, f, false, UNIT_WITH);
}

/* Whether the sentence itself names the unit right behind the value. */
static bool unit_follows(const struct text *t, size_t i)
{
	const struct segment *next = i + 1 < t->n ? &t->segments[i + 1] : NULL;

	if (next && next->words && strspn(next->words, " ") == strlen(next->words))
		next = i + 2 < t->n ? &t->segments[i + 2] : NULL;
	return next && next->fact == t->segments[i].fact && next->as == AS_UNIT;
}

/* "from 110.6 to 101.9 tok/s": the unit once, where both have the same. */
static bool unit_comes_later(const struct page *p, const struct text *t, size_t i)
{
	const struct fact *f = dossier_fact(p->d, t->segments[i].fact), *g;
	struct number_unit a, b;

	if (i + 2 >= t->n || !t->segments[i + 1].words ||
	    strcmp(t->segments[i + 1].words, " to ") != 0 || t->segments[i + 2].as != AS_VALUE)
		return false;
	g = dossier_fact(p->d, t->segments[i + 2].fact);
	if (!f || !g)
		return false;
	a = unit_of(f);
	b = unit_of(g);
	return a.unit && b.unit && strcmp(a.unit, b.unit) == 0 && !unit_follows(t, i + 2);
}

static enum unit_saying saying_of(const struct page *p, const struct text *t, size_t i)
{
	if (unit_follows(t, i))
		return UNIT_BARE;
	return unit_comes_later(p, t, i) ? UNIT_LATER : UNIT_WITH;
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* "fell by -7.9 %" says it twice. */
static bool sign_is_said(const struct text *t, size_t i)
{
	static const char *const words[] = {"fell by ",  "dropped by ", "down by ",
	                                    "lower by ", "less by ",    "decreased by "};
	const struct segment *before = i ? &t->segments[i - 1] : NULL;

	for (size_t k = 0; before && before->words && k < ARRAY_LEN(words); k++)
		if (ends_with(before->words, words[k]))
			return true;
	return false;
}

static void say_fact(struct page *p, const struct text *t, size_t i)
{
	const struct fact *f = dossier_fact(p->d, t->segments[i].fact);

	if (!f) {
		ink_fact(&p->ink, t->segments[i].fact, (struct ink_style){NUMBER_MEASURE, 1, 0});
		return;
	}
	switch (t->segments[i].as) {
	case AS_VALUE:
		say_value(p, f, sign_is_said(t, i), saying_of(p, t, i));
		break;
	case AS_SIZE:
		say_value(p, f, true, saying_of(p, t, i));
		break;
	case AS_UNIT:
		if (f->unit)
			ink_label(&p->ink, f->unit);
		break;
	case AS_NAME:
		if (is_difference(f->statistic))
			say_metric(p, f);
		else
			ink_label(&p->ink, f->label);
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
