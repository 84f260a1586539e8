/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <math.h>

#include "agents/analyst/sweep.h"

#define VARIANTS  24
#define RUNS_MADE 5
#define QUESTIONS 2
#define MOST      (1 + VARIANTS * RUNS_MADE)

struct made {
	struct arena *arena;
	struct trial trials[MOST];
	struct trial_call calls[MOST][QUESTIONS];
	bool dropped[QUESTIONS];
	struct trials all;
	struct sweep_variant variants[VARIANTS];
	struct tuning sweep;
};

/* True throughput by variant, and the noise of a run, relative. */
static void run(struct made *m, const double *truth, double noise, uint64_t seed)
{
	struct error err = {0};
	bool more = true;

	*m = (struct made){.arena = arena_new(1 << 20)};
	m->all = (struct trials){.at = m->trials,
	                         .n_who = VARIANTS,
	                         .n_questions = QUESTIONS,
	                         .dropped = m->dropped};
	while (true) {
		struct trial *t = &m->trials[m->all.n];
		size_t n = m->all.n;

		cr_assert_eq(sweep_next(&more, &t->plan, &m->all, RUNS_MADE, seed), 0);
		if (!more)
			break;
		cr_assert_lt(n, MOST);
		t->calls = m->calls[n];
		for (size_t q = 0; q < QUESTIONS; q++) {
			/* splitmix64 of place and seed, as a number from -1 to 1 */
			double u = (double)(trial_lot(seed + q, n) >> 11) / 4503599627370496.0 - 1;
			double rate = truth[t->plan.who[0]] * (1 + noise * u);

			t->calls[q] = (struct trial_call){.tokens = 100,
			                                  .tokens_per_s = rate,
			                                  .ttft_ms = 100,
			                                  .load_ms = (double)NAN,
			                                  .total_ms = 100 + 1e5 / rate,
			                                  .stood = 3,
			                                  .struck = 1};
		}
		m->all.n++;
	}
	m->sweep = (struct tuning){.variants = m->variants, .n = VARIANTS, .runs = RUNS_MADE};
	cr_assert_eq(sweep_figures(&m->sweep, &m->all, m->arena, &err), 0, "%s", err.text);
}

Test(sweep, the_best_is_found_in_half_the_calls_of_a_full_grid)
{
	for (uint64_t seed = 0; seed < 50; seed++) {
		double truth[VARIANTS];
		struct made m;
		size_t best = seed % VARIANTS;

		for (size_t i = 0; i < VARIANTS; i++)
			truth[i] = i == best ? 120 : 80 + (double)i;
		run(&m, truth, 0.02, seed);
		cr_expect_eq(m.sweep.winner, best, "seed %lu", (unsigned long)seed);
		cr_expect_leq(2 * m.sweep.calls, m.sweep.full_calls);
		cr_expect_eq(m.sweep.full_calls, VARIANTS * RUNS_MADE * QUESTIONS);
		cr_expect_eq(m.variants[best].rank, 1);
		cr_expect_eq(m.variants[best].trials, RUNS_MADE);
		cr_expect_float_eq(m.variants[best].quality_pct, 75, 1e-9);
		arena_free(m.arena);
	}
}

Test(sweep, what_is_as_good_is_not_called_worse)
{
	size_t called_worse = 0, told_apart = 0;

	for (uint64_t seed = 0; seed < 50; seed++) {
		double truth[VARIANTS];
		struct made m;

		for (size_t i = 0; i < VARIANTS; i++)
			truth[i] = i < 6 ? 100 : 50;
		run(&m, truth, 0.02, seed);
		cr_expect_lt(m.sweep.winner, 6);
		for (size_t i = 0; i < VARIANTS; i++) {
			called_worse += i < 6 && i != m.sweep.winner && !m.variants[i].tied;
			told_apart += i >= 6 && !m.variants[i].tied;
		}
		arena_free(m.arena);
	}
	cr_expect_leq(called_worse, 5);
	cr_expect_eq(told_apart, 50 * (VARIANTS - 6));
}

Test(sweep, no_order_is_that_of_the_grid_and_each_seed_has_its_own)
{
	double truth[VARIANTS];
	struct made a, b;
	size_t in_place = 0, same = 0;

	for (size_t i = 0; i < VARIANTS; i++)
		truth[i] = 100;
	run(&a, truth, 0, 1);
	run(&b, truth, 0, 2);
	for (size_t i = 0; i < VARIANTS; i++) {
		in_place += a.trials[i + 1].plan.who[0] == i;
		same += a.trials[i + 1].plan.who[0] == b.trials[i + 1].plan.who[0];
	}
	cr_expect_lt(in_place, 6);
	cr_expect_lt(same, 8);
	arena_free(a.arena);
	arena_free(b.arena);
}

Test(sweep, what_the_server_did_not_do_is_not_ranked)
{
	double truth[VARIANTS];
	struct made m;
	struct error err = {0};

	for (size_t i = 0; i < VARIANTS; i++)
		truth[i] = 100 - (double)i;
	run(&m, truth, 0.001, 3);
	cr_assert_eq(m.sweep.winner, 0);
	memset(m.variants, 0, sizeof m.variants);
	m.variants[0].n_ignored = 1;
	m.sweep = (struct tuning){.variants = m.variants, .n = VARIANTS, .runs = RUNS_MADE};
	cr_assert_eq(sweep_figures(&m.sweep, &m.all, m.arena, &err), 0);
	cr_expect_eq(m.sweep.winner, 1);
	cr_expect_eq(m.variants[0].rank, 0);
	cr_expect(!m.variants[0].tied && !m.variants[0].on_front);
	arena_free(m.arena);
}

Test(sweep, an_answer_that_failed_is_no_slow_one)
{
	double truth[VARIANTS];
	struct made m;
	struct error err = {0};

	for (size_t i = 0; i < VARIANTS; i++)
		truth[i] = 100;
	run(&m, truth, 0.01, 3);
	for (size_t i = 0; i < m.all.n; i++)
		if (m.trials[i].plan.who[0] == 5)
			m.calls[i][1] = (struct trial_call){.answer = ANSWER_FAILED};
	memset(m.variants, 0, sizeof m.variants);
	m.sweep = (struct tuning){.variants = m.variants, .n = VARIANTS, .runs = RUNS_MADE};
	cr_assert_eq(sweep_figures(&m.sweep, &m.all, m.arena, &err), 0);
	cr_expect_eq(m.variants[5].rank, 0);
	cr_expect_eq(m.variants[5].throughput.n, 0);
	cr_expect_gt(m.variants[6].throughput.median, 90);
	arena_free(m.arena);
}
