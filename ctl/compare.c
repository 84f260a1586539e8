/* SPDX-License-Identifier: MIT */
#include "ctl/compare.h"

#include <errno.h>
#include <stdio.h>

#include "agents/analyst/strmap.h"
#include "lib/base/buf.h"

#define NAME_BYTES_MAX (256 << 20) /* of a series: no report is larger */

void compare_free(struct compared_sides *c)
{
	if (!c)
		return;
	compare_side_done(&c->base);
	compare_side_done(&c->new);
	free(c->pairs);
	free(c->vanished);
	free(c->added);
	free(c);
}

/* --- matching --------------------------------------------------------------------------- */

/* What makes a series the same on both sides. */
struct naming {
	bool machine, path;
};

static void add_part(struct buf *b, const char *text)
{
	buf_puts(b, text ? text : "");
	buf_putc(b, '\x1f'); /* ASCII's own: between units of a record */
}

static struct str name_of(struct buf *b, const struct compare_series *s, struct naming n)
{
	b->len = 0;
	add_part(b, n.machine ? s->machine : "");
	add_part(b, n.path ? s->path : "");
	add_part(b, s->shape);
	add_part(b, s->metric);
	add_part(b, s->unit);
	for (size_t i = 0; i < s->n_subject; i++) {
		add_part(b, s->subject[i].name);
		add_part(b, s->subject[i].text);
	}
	return (struct str){buf_text(b), b->len};
}

/* Numbers of the series that are not matched yet, by name; of equal names the first counts. */
struct index {
	struct strmap names;
	size_t *at; /* by number of the name; owned */
};

static void index_done(struct index *i)
{
	free(i->at);
}

static int index_of(struct index *ret, const struct compare_side *s, const bool *matched,
                    struct naming n, struct arena *arena)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(NAME_BYTES_MAX);

	*ret = (struct index){.names = {.arena = arena}};
	ret->at = calloc(s->n + 1, sizeof *ret->at);
	for (size_t i = 0; ret->at && i < s->n; i++) {
		size_t number, before = ret->names.n;

		if (matched[i])
			continue;
		if (strmap_add(&ret->names, name_of(&name, &s->all[i], n), &number) < 0 ||
		    name.failed)
			return -ENOMEM;
		if (number == before)
			ret->at[number] = i;
	}
	return ret->at ? 0 : -ENOMEM;
}

/* Which series of both sides are matched already, and with what. */
struct matching {
	const struct compare_side *base, *new;
	bool *base_matched, *new_matched;
	size_t *partner; /* of each of base */
};

static void matching_done(struct matching *m)
{
	free(m->base_matched);
	free(m->new_matched);
	free(m->partner);
}

static int match_by(struct matching *m, struct naming n, struct arena *arena)
{
	CLEANUP(index_done) struct index index = {0};
	CLEANUP(buf_done) struct buf name = BUF_INIT(NAME_BYTES_MAX);
	int r = index_of(&index, m->new, m->new_matched, n, arena);

	for (size_t i = 0; r == 0 && i < m->base->n; i++) {
		size_t number;

		if (m->base_matched[i] ||
		    !strmap_find(&index.names, name_of(&name, &m->base->all[i], n), &number))
			continue;
		if (m->new_matched[index.at[number]])
			continue;
		m->partner[i] = index.at[number];
		m->base_matched[i] = m->new_matched[index.at[number]] = true;
	}
	return name.failed ? -ENOMEM : r;
}

static int match(struct matching *m)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(UINT64_C(1) << 30);
	bool path = !m->base->single || !m->new->single;
	int r;

	m->base_matched = calloc(m->base->n + 1, sizeof *m->base_matched);
	m->new_matched = calloc(m->new->n + 1, sizeof *m->new_matched);
	m->partner = calloc(m->base->n + 1, sizeof *m->partner);
	if (!arena || !m->base_matched || !m->new_matched || !m->partner)
		return -ENOMEM;
	r = match_by(m, (struct naming){.machine = true, .path = path}, arena);
	return r < 0 ? r : match_by(m, (struct naming){.path = path}, arena);
}

/* --- judging ---------------------------------------------------------------------------- */

static double *samples_of(const struct fact *f, size_t *ret_n)
{
	size_t n = f->n_samples ? f->n_samples : 1;
	double *x = calloc(n, sizeof *x);

	for (size_t i = 0; x && i < f->n_samples; i++)
		x[i] = fact_sample(f, i);
	if (x && !f->n_samples)
		x[0] = f->value;
	*ret_n = n;
	return x;
}

static int compare_pair(struct compare_pair *p)
{
	size_t n1, n2;
	CLEANUP(freep) double *base = samples_of(p->base.fact, &n1);
	CLEANUP(freep) double *new = samples_of(p->new.fact, &n2);

	return base && new ? two_sample_compare(&p->t, base, n1, new, n2) : -ENOMEM;
}

static bool is_testable(const struct compare_pair *p)
{
	return p->t.p_least <= TWO_SAMPLE_ALPHA;
}

/* The family is all that can be tested. */
static int judge(struct compared_sides *c)
{
	CLEANUP(freep) double *bh = calloc(c->n_pairs + 1, sizeof *bh);
	CLEANUP(freep) double *holm = calloc(c->n_pairs + 1, sizeof *holm);
	size_t n = 0;

	if (!bh || !holm)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_pairs; i++)
		if (is_testable(&c->pairs[i]))
			bh[n++] = c->pairs[i].t.p;
	memcpy(holm, bh, n * sizeof *holm);
	if (adjust_bh(bh, n) < 0 || adjust_holm(holm, n) < 0)
		return -ENOMEM;
	n = 0;
	for (size_t i = 0; i < c->n_pairs; i++) {
		struct compare_pair *p = &c->pairs[i];

		p->p_bh = is_testable(p) ? bh[n] : 1;
		p->p_holm = is_testable(p) ? holm[n++] : 1;
		p->verdict = two_sample_judge(&p->t, p->p_bh, COMPARE_MIN_EFFECT);
	}
	return 0;
}

static int pair_up(struct compared_sides *c, const struct matching *m)
{
	c->pairs = calloc(m->base->n + 1, sizeof *c->pairs);
	c->vanished = calloc(m->base->n + 1, sizeof *c->vanished);
	c->added = calloc(m->new->n + 1, sizeof *c->added);
	if (!c->pairs || !c->vanished || !c->added)
		return -ENOMEM;
	for (size_t i = 0; i < m->base->n; i++) {
		struct compare_pair *p = &c->pairs[c->n_pairs];

		if (!m->base_matched[i]) {
			c->vanished[c->n_vanished++] = m->base->all[i];
			continue;
		}
		p->base = m->base->all[i];
		p->new = m->new->all[m->partner[i]];
		if (compare_pair(p) < 0)
			return -ENOMEM;
		c->n_pairs++;
	}
	for (size_t i = 0; i < m->new->n; i++)
		if (!m->new_matched[i])
			c->added[c->n_added++] = m->new->all[i];
	return judge(c);
}

int compare_sides(struct compared_sides *c)
{
	CLEANUP(matching_done) struct matching m = {.base = &c->base, .new = &c->new};
	int r = match(&m);

	return r < 0 ? r : pair_up(c, &m);
}

int compare_read(struct compared_sides **ret, const char *base, const char *new, const char *config,
                 struct error *err)
{
	CLEANUP(compare_freep) struct compared_sides *c = calloc(1, sizeof *c);
	int r = c ? compare_side_read(&c->base, base, config, err)
	          : error_set(err, -ENOMEM, "out of memory");

	if (r == 0)
		r = compare_side_read(&c->new, new, config, err);
	if (r < 0)
		return r;
	if (compare_sides(c) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	*ret = TAKE(c);
	return 0;
}

enum finding_kind compare_kind(const struct compare_pair *p)
{
	bool rose = p->t.ratio > 1;

	if (p->base.better == BETTER_NONE)
		return FINDING_CHANGED;
	return rose == (p->base.better == BETTER_HIGHER) ? FINDING_IMPROVEMENT : FINDING_REGRESSION;
}

/* Whether --fail-on asks for what became of the pair. */
bool compare_alarms(const struct compare_pair *p, const struct fail_on *f)
{
	if (p->verdict == TWO_SAMPLE_UNTESTABLE)
		return f->untestable;
	return f->kinds[compare_kind(p)] &&
	       two_sample_judge(&p->t, p->p_holm, COMPARE_MIN_EFFECT) == TWO_SAMPLE_CHANGED;
}

/* Of what is on one side only, the first. */
static const struct compare_series *lonely(const struct compared_sides *c, const struct fail_on *f,
                                           const char **ret_kind)
{
	if (f->kinds[FINDING_VANISHED] && c->n_vanished) {
		*ret_kind = finding_kind_name(FINDING_VANISHED);
		return c->vanished;
	}
	*ret_kind = finding_kind_name(FINDING_NEW);
	return f->kinds[FINDING_NEW] && c->n_added ? c->added : NULL;
}

const char *compare_match(const struct compared_sides *c, const struct fail_on *f, char *room,
                          size_t size)
{
	const struct compare_series *series = NULL;
	const char *kind = NULL;

	for (size_t i = 0; i < c->n_pairs && !series; i++) {
		const struct compare_pair *p = &c->pairs[i];

		if (!compare_alarms(p, f))
			continue;
		series = &p->base;
		kind = p->verdict == TWO_SAMPLE_UNTESTABLE ? "untestable"
		                                           : finding_kind_name(compare_kind(p));
	}
	if (!series)
		series = lonely(c, f, &kind);
	if (!series)
		return NULL;
	(void)snprintf(room, size, "%s: %.60s of %.120s", kind, series->metric, series->title);
	return room;
}
