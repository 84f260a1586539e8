/* SPDX-License-Identifier: MIT */
/*
 * What the analyst finds in series of which the truth is known, and what it finds that is not
 * there: night after night, as the reviews would have said it. Prints a table.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/analyst/suite.h"
#include "tests/bench/truth.h"

#define Q          .05 /* as history.c has it */
#define MIN_EFFECT .02

struct tally {
	unsigned long reviews, alarmed; /* reviews, and those with a false confirmed regression */
	unsigned long early, early_alarmed; /* the same, of nights two to eight */
	unsigned long unchanged, suspected; /* series and nights, and those falsely suspected */
	unsigned long
		changed; /* series that did, and those of which it was told after so many nights */
	unsigned long told_1, told_3, sure_3, told_8, sure_8;
	double dated; /* sum of the nights by which they were misdated */
	unsigned long n_dated;
	unsigned long common; /* simulations that told of a shift of the machine */
	unsigned long beside; /* series told of beside it, in its eighth night */
	unsigned long simulations;
};

struct night {
	const struct truth *t;
	const double *x;
	size_t now;
	struct suite suite;
	struct suite_series *series;
};

static bool is_worse(const struct suite_change *c, enum suite_state state)
{
	return c->state == state && c->turn < 0;
}

static bool is_confirmed(const struct suite_verdict *v)
{
	return is_worse(&v->run, SUITE_CONFIRMED) || is_worse(&v->level, SUITE_CONFIRMED) ||
	       (v->drifts && v->drift < 0);
}

static bool is_suspected(const struct suite_verdict *v)
{
	return is_worse(&v->run, SUITE_SUSPECTED) || is_worse(&v->latest, SUITE_SUSPECTED);
}

static int judge(struct night *n, const uint32_t *runs)
{
	struct suite *list = &n->suite;
	int r;

	for (size_t i = 0; i < n->t->series; i++)
		n->series[i] = (struct suite_series){
			.x = n->x + i * n->t->nights, .run = runs, .n = n->now + 1, .better = 1};
	n->suite = (struct suite){.series = n->series,
	                          .n = n->t->series,
	                          .runs = n->now + 1,
	                          .min_effect = MIN_EFFECT,
	                          .family = n->t->series};
	r = suite_judge(&n->suite);
	return r < 0 ? r : suite_settle(&list, 1, Q);
}

static void count_false(struct tally *t, const struct night *n)
{
	bool any = false, before = n->now < n->t->at || n->t->event == EVENT_NONE;

	for (size_t i = before ? 0 : n->t->changed; i < n->t->series; i++) {
		const struct suite_verdict *v = &n->series[i].v;

		any |= is_confirmed(v);
		t->unchanged++;
		t->suspected += v->run.state == SUITE_SUSPECTED ||
		                v->latest.state == SUITE_SUSPECTED;
	}
	t->reviews++;
	t->alarmed += any;
	if (n->now >= 1 && n->now <= 7)
		t->early++, t->early_alarmed += any;
}

static void count_found(struct tally *t, const struct night *n)
{
	size_t since = n->now - n->t->at + 1; /* nights of it, tonight's too */

	for (size_t i = 0; i < n->t->changed; i++) {
		const struct suite_verdict *v = &n->series[i].v;
		bool sure = is_confirmed(v), any = sure || is_suspected(v);
		const struct suite_change *c = is_worse(&v->level, SUITE_CONFIRMED) ? &v->level
		                                                                    : &v->run;

		t->changed += since == 1;
		t->told_1 += since == 1 && any;
		t->told_3 += since == 3 && any;
		t->sure_3 += since == 3 && sure;
		t->told_8 += since == 8 && any;
		t->sure_8 += since == 8 && sure;
		if (since == 8 && is_worse(c, SUITE_CONFIRMED)) {
			t->dated += fabs((double)c->since - (double)n->t->at);
			t->n_dated++;
		}
	}
}

static void count_machine(struct tally *t, const struct night *n)
{
	if (n->now != n->t->at + 7)
		return;
	t->common += is_worse(&n->suite.common.level, SUITE_CONFIRMED) ||
	             is_worse(&n->suite.common.run, SUITE_CONFIRMED);
	for (size_t i = 0; i < n->t->series; i++)
		t->beside += is_confirmed(&n->series[i].v);
}

static int simulate(struct tally *t, const struct truth *truth)
{
	size_t all = truth->series * truth->nights;
	CLEANUP(freep) double *x = calloc(all, sizeof *x);
	CLEANUP(freep) uint32_t *runs = calloc(truth->nights, sizeof *runs);
	CLEANUP(freep) struct suite_series *series = calloc(truth->series, sizeof *series);
	struct night n = {.t = truth, .x = x, .series = series};
	int r = x && runs && series ? truth_make(truth, x) : -ENOMEM;

	for (uint32_t i = 0; r == 0 && i < truth->nights; i++)
		runs[i] = i;
	t->simulations++;
	for (n.now = 1; r == 0 && n.now < truth->nights; n.now++) {
		bool after = truth->event != EVENT_NONE && n.now >= truth->at;

		if (truth->event == EVENT_NONE && n.now > 7 && n.now % 4)
			continue;
		if (truth->event != EVENT_NONE && n.now != truth->at && n.now != truth->at + 2 &&
		    n.now != truth->at + 7)
			continue;
		r = judge(&n, runs);
		if (r == 0 && truth->event == EVENT_MACHINE)
			count_machine(t, &n);
		else if (r == 0)
			count_false(t, &n);
		if (r == 0 && after && truth->event != EVENT_MACHINE)
			count_found(t, &n);
		suite_done(&n.suite);
	}
	return r;
}

static double share(unsigned long n, unsigned long of)
{
	return of ? 100 * (double)n / (double)of : (double)NAN;
}

static const char *const noise_names[] = {"normal", "lognormal", "bimodal", "autocorrelated"};

static int report(const struct truth *base, unsigned simulations)
{
	struct tally t = {0};

	for (unsigned i = 0; i < simulations; i++) {
		struct truth one = *base;
		int r;

		one.seed = i + 1;
		r = simulate(&t, &one);
		if (r < 0)
			return r;
	}
	if (base->event == EVENT_MACHINE) {
		printf("| %-14s | %3.0f %% | %2zu | machine -%.0f %%, one -%.0f %% | told %.0f %%, "
		       "beside it %.2f series |\n",
		       noise_names[base->noise], 100 * base->between, base->repetitions,
		       100 * base->size, 100 * base->apart, share(t.common, t.simulations),
		       (double)t.beside / (double)t.simulations);
		(void)fflush(stdout);
		return 0;
	}
	printf("| %-14s | %3.0f %% | %2zu | %4.0f %% | %5.2f | %5.2f | %7.4f | %5.1f | %5.1f | "
	       "%5.1f | %5.1f | %5.1f | %5.2f |\n",
	       noise_names[base->noise], 100 * base->between, base->repetitions, 100 * base->size,
	       share(t.alarmed, t.reviews), share(t.early_alarmed, t.early),
	       share(t.suspected, t.unchanged), share(t.told_1, t.changed),
	       share(t.told_3, t.changed), share(t.sure_3, t.changed), share(t.told_8, t.changed),
	       share(t.sure_8, t.changed), t.n_dated ? t.dated / (double)t.n_dated : (double)NAN);
	return 0;
}

static const double betweens[] = {.01, .02, .03}, sizes[] = {.02, .03, .05, .1, .2};

/* All events upon one sort of noise. */
static int report_noise(enum truth_noise noise, double between, unsigned simulations)
{
	struct truth t = {.series = 200,
	                  .nights = 60,
	                  .repetitions = 5,
	                  .noise = noise,
	                  .between = between,
	                  .within = .01};
	int r = report(&t, simulations);

	t.event = EVENT_STEP;
	t.at = 27;
	t.changed = 10;
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(sizes); i++) {
		t.size = sizes[i];
		r = report(&t, simulations);
	}
	t.event = EVENT_MACHINE;
	t.series = 100;
	t.size = .08;
	t.apart = .2;
	return r < 0 ? r : report(&t, simulations);
}

/* bench_quality [SIMULATIONS] [NOISE] */
int main(int argc, char **argv)
{
	unsigned simulations = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20;
	const char *only = argc > 2 ? argv[2] : "";
	int r = 0;

	puts("Of -0 %: share of reviews with a false confirmed regression; of those in nights two "
	     "to eight; of series and nights falsely suspected. Of steps: share found in the first "
	     "night, told and confirmed after three and after eight; nights misdated.\n\n"
	     "| noise | between | reps | step | reviews, % | early, % | suspected, % | first, % | "
	     "told 3, % | sure 3, % | told 8, % | sure 8, % | misdated |\n"
	     "|---|---|---|---|---|---|---|---|---|---|---|---|---|");
	for (enum truth_noise n = NOISE_NORMAL; r == 0 && n <= NOISE_AUTOCORRELATED; n++)
		for (size_t b = 0; r == 0 && b < ARRAY_LEN(betweens); b++)
			if (!*only || strcmp(only, noise_names[n]) == 0)
				r = report_noise(n, betweens[b], simulations);
	return r < 0;
}
