/* SPDX-License-Identifier: MIT */
#include "agents/analyst/inject.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE  20 /* one in so many series of a suite takes a step at the same time */
#define MISDATED 2  /* runs by which a step may be told too early or too late */

/* A suite as it was in one night: copies of its series, cut. */
struct night {
	struct suite suite;
	struct suite_series *series; /* those measured in that night */
	double *x;                   /* all their values */
	size_t *of;                  /* which series of the suite each is */
};

static void night_done(struct night *n)
{
	suite_done(&n->suite);
	free(n->series);
	free(n->x);
	free(n->of);
	*n = (struct night){0};
}

/* What is done to one suite: to every `every`th series from `first` on. */
struct step {
	double size;
	size_t at; /* the suite's run of the first night */
	size_t first, every;
};

/* The first run that takes the step; 0: there are too few runs. */
static size_t step_run(const struct suite *s)
{
	if (s->runs <= INJECT_BEFORE)
		return 0;
	return s->runs >= INJECT_BEFORE + INJECT_AFTER ? s->runs - INJECT_AFTER : INJECT_BEFORE;
}

/* Values of a series before a run of the suite. */
static size_t count_before(const struct suite_series *s, size_t run)
{
	size_t n = 0;

	while (n < s->n && s->run[n] < run)
		n++;
	return n;
}

static bool takes(const struct suite_series *s, const struct step *step)
{
	return s->better && count_before(s, step->at) >= INJECT_BEFORE;
}

/* The `number`th of those that can take it is among those that do. */
static bool is_chosen(const struct step *step, size_t number)
{
	return step->every && number % step->every == step->first;
}

static int night_make(struct night *ret, const struct suite *s, size_t last,
                      const struct step *step)
{
	size_t all = 0, number = 0;
	double *x;

	for (size_t i = 0; i < s->n; i++)
		all += s->series[i].n;
	*ret = (struct night){.series = calloc(s->n + 1, sizeof *ret->series),
	                      .x = calloc(all + 1, sizeof *ret->x),
	                      .of = calloc(s->n + 1, sizeof *ret->of)};
	if (!ret->series || !ret->x || !ret->of)
		return -ENOMEM;
	ret->suite = (struct suite){.series = ret->series,
	                            .runs = last + 1,
	                            .min_effect = s->min_effect,
	                            .family = s->family};
	x = ret->x;
	for (size_t i = 0; i < s->n; i++) {
		const struct suite_series *from = &s->series[i];
		size_t n = count_before(from, last + 1);
		bool chosen = takes(from, step) && is_chosen(step, number);

		number += takes(from, step);
		if (!n || from->run[n - 1] != last)
			continue; /* not measured in that night */
		for (size_t k = 0; k < n; k++)
			x[k] = from->x[k] - (chosen && from->run[k] >= step->at
			                             ? from->better * step->size * fabs(from->x[k])
			                             : 0);
		ret->of[ret->suite.n] = i;
		ret->series[ret->suite.n++] = (struct suite_series){
			.x = x, .run = from->run, .n = n, .better = from->better};
		x += n;
	}
	return ret->suite.n ? suite_judge(&ret->suite) : 0;
}

/* --- what is found ----------------------------------------------------------------------- */

static bool is_worse(const struct suite_series *s, const struct suite_change *c,
                     enum suite_state state)
{
	return c->state == state && c->turn * s->better < 0;
}

/* Told of this step, not of something that was there before. */
static bool is_found(const struct suite_series *s, const struct suite_change *c,
                     enum suite_state state, size_t at)
{
	size_t before = count_before(s, at);
	size_t off = c->since > before ? c->since - before : before - c->since;

	return is_worse(s, c, state) && off <= MISDATED;
}

static void count_found(struct inject_found *to, const struct suite_series *s, size_t at)
{
	const struct suite_verdict *v = &s->v;
	bool confirmed = is_found(s, &v->level, SUITE_CONFIRMED, at) ||
	                 is_found(s, &v->run, SUITE_CONFIRMED, at);

	to->n++;
	to->confirmed += confirmed;
	to->told += confirmed || is_found(s, &v->run, SUITE_SUSPECTED, at) ||
	            is_found(s, &v->latest, SUITE_SUSPECTED, at);
}

static bool is_confirmed(const struct suite_verdict *v)
{
	return v->level.state == SUITE_CONFIRMED || v->run.state == SUITE_CONFIRMED || v->drifts;
}

/* --- all suites -------------------------------------------------------------------------- */

struct injecting {
	struct suite *const *suites;
	size_t n;
	double size;
	struct inject_tally *tally;
	struct night *quiet;    /* of each suite, in one night after its step, without it */
	struct suite **settled; /* the same, one of them replaced */
	bool **confirmed;       /* by suite and series */
	size_t after;           /* the night, from 0 */
};

static void injecting_done(struct injecting *j)
{
	for (size_t i = 0; j->quiet && i < j->n; i++)
		night_done(&j->quiet[i]);
	for (size_t i = 0; j->confirmed && i < j->n; i++)
		free(j->confirmed[i]);
	free(j->quiet);
	free(j->settled);
	free(j->confirmed);
}

static int injecting_start(struct injecting *j)
{
	bool failed;

	j->quiet = calloc(j->n + 1, sizeof *j->quiet);
	j->settled = calloc(j->n + 1, sizeof *j->settled);
	j->confirmed = calloc(j->n + 1, sizeof *j->confirmed);
	failed = !j->quiet || !j->settled || !j->confirmed;
	for (size_t i = 0; i < j->n && !failed; i++) {
		j->confirmed[i] = calloc(j->suites[i]->n + 1, sizeof **j->confirmed);
		failed = !j->confirmed[i];
	}
	return failed ? -ENOMEM : 0;
}

/* The suite has such a night. */
static bool reaches(const struct suite *s, size_t after)
{
	size_t at = step_run(s);

	return at && at + after < s->runs;
}

static void count_quiet(struct injecting *j, size_t i)
{
	const struct night *night = &j->quiet[i];

	for (size_t k = 0; k < night->suite.n; k++) {
		const struct suite_verdict *v = &night->series[k].v;

		j->tally->nights++;
		j->tally->suspected += v->run.state == SUITE_SUSPECTED ||
		                       v->latest.state == SUITE_SUSPECTED;
		j->confirmed[i][night->of[k]] |= is_confirmed(v);
	}
}

/* All suites in the same night, without a step. */
static int judge_quiet(struct injecting *j)
{
	const struct step none = {0};
	int r = 0;

	for (size_t i = 0; r == 0 && i < j->n; i++) {
		night_done(&j->quiet[i]);
		if (reaches(j->suites[i], j->after))
			r = night_make(&j->quiet[i], j->suites[i],
			               step_run(j->suites[i]) + j->after, &none);
		j->settled[i] = &j->quiet[i].suite;
	}
	if (r == 0)
		r = suite_settle(j->settled, j->n, SUITE_Q);
	for (size_t i = 0; r == 0 && i < j->n; i++)
		count_quiet(j, i);
	return r;
}

static int judge_step(struct injecting *j, size_t i, const struct step *step)
{
	CLEANUP(night_done) struct night night = {0};
	int r = night_make(&night, j->suites[i], step->at + j->after, step);
	size_t number = 0;

	j->settled[i] = &night.suite;
	if (r == 0)
		r = suite_settle(j->settled, j->n, SUITE_Q);
	j->settled[i] = &j->quiet[i].suite;
	for (size_t k = 0, at = 0; r == 0 && k < j->suites[i]->n; k++) {
		bool chosen = takes(&j->suites[i]->series[k], step) && is_chosen(step, number);
		bool there = at < night.suite.n && night.of[at] == k;

		number += takes(&j->suites[i]->series[k], step);
		if (there && chosen)
			count_found(&j->tally->after[j->after], &night.series[at], step->at);
		at += there;
	}
	return r;
}

static int judge_steps(struct injecting *j, size_t i)
{
	const struct suite *s = j->suites[i];
	struct step step = {.size = j->size, .at = step_run(s)};
	size_t n = 0;
	int r = 0;

	for (size_t k = 0; k < s->n; k++)
		n += takes(&s->series[k], &step);
	step.every = n < 2 * AT_ONCE ? n : AT_ONCE; /* of few, one at a time */
	for (; r == 0 && step.first < step.every; step.first++)
		r = judge_step(j, i, &step);
	return r;
}

static void count_series(struct injecting *j)
{
	for (size_t i = 0; i < j->n; i++)
		for (size_t k = 0; k < j->suites[i]->n; k++) {
			const struct suite_series *s = &j->suites[i]->series[k];
			size_t at = step_run(j->suites[i]);

			j->tally->series++;
			j->tally->undirected += !s->better;
			j->tally->too_short += s->better &&
			                       (!at || count_before(s, at) < INJECT_BEFORE);
			j->tally->confirmed += j->confirmed[i][k];
		}
}

bool inject_asks(size_t runs)
{
	return runs == 1 || runs == SUITE_STAYED || runs == INJECT_AFTER;
}

int inject_steps(struct inject_tally *ret, struct suite *const *suites, size_t n, double size)
{
	CLEANUP(injecting_done)
	struct injecting j = {.suites = suites, .n = n, .size = size, .tally = ret};
	int r;

	*ret = (struct inject_tally){0};
	r = injecting_start(&j);
	for (j.after = 0; r == 0 && j.after < INJECT_AFTER; j.after++) {
		r = judge_quiet(&j);
		for (size_t i = 0; r == 0 && inject_asks(j.after + 1) && i < n; i++)
			if (reaches(suites[i], j.after))
				r = judge_steps(&j, i);
	}
	if (r == 0)
		count_series(&j);
	return r;
}
