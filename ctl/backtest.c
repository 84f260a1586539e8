/* SPDX-License-Identifier: MIT */
#include "ctl/backtest.h"

#include <errno.h>

#include "agents/analyst/strmap.h"
#include "lib/base/clock.h"
#include "lib/evidence/plain.h"

#define NIGHT_BYTES_MAX    ((uint64_t)2 << 30)
#define CHANGES_BYTES_MAX  ((uint64_t)1 << 30)
#define SENTENCE_BYTES_MAX 4096
#define MIN_EFFECT_PCT     2 /* as a pipeline has it that says nothing */

void backtest_free(struct backtest *b)
{
	if (!b)
		return;
	explain_free(b->tree);
	arena_free(b->arena);
	free(b->nights);
	free(b);
}

/* --- one night --------------------------------------------------------------------------- */

static bool is_state(const struct backtest_change *c, const char *state)
{
	return strcmp(c->state, state) == 0;
}

static bool alarms(const struct backtest_change *c)
{
	return c->worse && (is_state(c, "suspected") || is_state(c, "confirmed"));
}

static int take_change(struct backtest *b, struct backtest_change *ret, const struct dossier *d,
                       const struct finding *f)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(SENTENCE_BYTES_MAX);

	plain_text(&text, d, &f->text);
	*ret = (struct backtest_change){.kind = f->kind,
	                                .worse = f->severity <= SEVERITY_MEDIUM,
	                                .state = arena_strdup(b->arena, f->state),
	                                .since = arena_strdup(b->arena, f->since),
	                                .key = arena_strdup(b->arena, f->key),
	                                .text = arena_strdup(b->arena, buf_text(&text))};
	return ret->state && ret->since && ret->key && ret->text ? 0 : -ENOMEM;
}

static int take_changes(struct backtest *b, struct backtest_night *n, const struct dossier *d)
{
	size_t most = 0;

	for (size_t i = 0; i < d->n_findings; i++)
		most += d->findings[i].state != NULL;
	n->changes = arena_calloc(b->arena, most + 1, sizeof *n->changes);
	if (!n->changes)
		return -ENOMEM;
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].state &&
		    take_change(b, &n->changes[n->n_changes++], d, &d->findings[i]) < 0)
			return -ENOMEM;
	return 0;
}

static void count(struct backtest_totals *t, const struct backtest_change *c)
{
	if (!c->news)
		return;
	t->alarms += c->raised;
	t->confirmed += c->worse && is_state(c, "confirmed");
	t->spikes += is_state(c, "spike");
	t->recovered += is_state(c, "recovered");
	if (c->worse || !is_state(c, "confirmed"))
		return;
	t->changed += c->kind == FINDING_CHANGED;
	t->improvements += c->kind != FINDING_CHANGED;
}

/* `before`: the night before, NULL for the first one. */
static int tell_news(struct backtest *b, const struct backtest_night *before,
                     struct backtest_night *now)
{
	struct strmap keys = {.arena = b->arena};
	const struct backtest_change *was;
	size_t at;

	for (size_t i = 0; before && i < before->n_changes; i++)
		if (strmap_add(&keys, str_of(before->changes[i].key), &at) < 0)
			return -ENOMEM;
	for (size_t i = 0; i < now->n_changes; i++) {
		struct backtest_change *c = &now->changes[i];

		was = strmap_find(&keys, str_of(c->key), &at) ? &before->changes[at] : NULL;
		c->news = !was || !is_state(c, was->state);
		c->raised = alarms(c) && !(was && alarms(was));
		count(&b->totals, c);
	}
	return 0;
}

static int analyse(struct backtest *b, struct backtest_night *n,
                   const struct analyst_settings *settings, struct error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(NIGHT_BYTES_MAX);
	struct analyst_settings s = *settings;
	struct dossier d = {.arena = arena, .inventory = b->tree->dossier.inventory};
	char text[CLOCK_TEXT_BYTES];
	int r;

	clock_text(text, n->last_s);
	memcpy(n->date, text, sizeof n->date - 1);
	s.as_of_s = n->last_s;
	s.today = n->date;
	r = arena ? analyst_run(&d, &s, err) : error_set(err, -ENOMEM, "out of memory");
	if (r < 0)
		return r;
	n->verdict = d.verdict;
	n->series = d.compared.series;
	n->tested = d.compared.tested;
	return take_changes(b, n, &d) < 0 ? error_set(err, -ENOMEM, "out of memory") : 0;
}

/* --- all of them ------------------------------------------------------------------------- */

static int find_nights(struct backtest *b, const struct analyst_settings *s, struct error *err)
{
	CLEANUP(freep) struct analyst_night *nights = NULL;

	if (analyst_nights(&nights, &b->n, &b->tree->dossier, s) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	if (!b->n)
		return error_set(
			err, -ENODATA,
			"%s: nothing in it is a measurement: see chimeractl check --explain",
			b->path);
	b->nights = calloc(b->n, sizeof *b->nights);
	if (!b->nights)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < b->n; i++) {
		b->nights[i].first_s = nights[i].first_s;
		b->nights[i].last_s = nights[i].last_s;
	}
	return 0;
}

static int replay(struct backtest *b, const struct analyst_settings *s, struct error *err)
{
	int r = find_nights(b, s, err);

	for (size_t i = 0; r == 0 && i < b->n; i++) {
		r = analyse(b, &b->nights[i], s, err);
		if (r == 0 && tell_news(b, i ? &b->nights[i - 1] : NULL, &b->nights[i]) < 0)
			r = error_set(err, -ENOMEM, "out of memory");
	}
	return r;
}

static int inject(struct backtest *b, const struct analyst_settings *s, struct error *err)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(NIGHT_BYTES_MAX);
	struct dossier d = {.arena = arena, .inventory = b->tree->dossier.inventory};
	struct analyst_settings all = *s;

	if (!arena)
		return error_set(err, -ENOMEM, "out of memory");
	all.as_of_s = b->nights[b->n - 1].last_s; /* of a copy: artifacts are marked */
	return analyst_inject(&b->inject, &d, &all, b->inject_pct / 100, err);
}

int backtest_read(struct backtest **ret, const char *path, double inject_pct, const char *config,
                  struct error *err)
{
	CLEANUP(backtest_freep) struct backtest *b = calloc(1, sizeof *b);
	struct analyst_settings settings;
	int r;

	if (!b || !(b->arena = arena_new(CHANGES_BYTES_MAX)))
		return error_set(err, -ENOMEM, "out of memory");
	b->inject_pct = inject_pct;
	r = explain_collect(&b->tree, &settings, &path, 1, config, err);
	if (r < 0)
		return r;
	b->path = b->tree->dossier.inventory.roots[0];
	settings.min_effect_pct = MIN_EFFECT_PCT;
	r = replay(b, &settings, err);
	if (r == 0 && inject_pct > 0)
		r = inject(b, &settings, err);
	if (r == 0)
		*ret = TAKE(b);
	return r;
}
