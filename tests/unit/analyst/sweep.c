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

static void judge(struct made *m)
{
	struct error err = {0};

	memset(m->variants, 0, sizeof m->variants);
	m->sweep = (struct tuning){.variants = m->variants, .n = VARIANTS, .runs = RUNS_MADE};
	cr_assert_eq(sweep_figures(&m->sweep, &m->all, m->arena, &err), 0, "%s", err.text);
}

/* True throughput by variant, and the noise of a run, relative. */
static void run_without(struct made *m, const double *truth, double noise, uint64_t seed,
                        const size_t *n_ignored)
{
	bool more = true;

	*m = (struct made){.arena = arena_new(1 << 20)};
	m->all = (struct trials){.at = m->trials,
	                         .n_who = VARIANTS,
	                         .n_questions = QUESTIONS,
	                         .dropped = m->dropped,
	                         .n_ignored = n_ignored};
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
	judge(m);
}

static void run(struct made *m, const double *truth, double noise, uint64_t seed)
{
	run_without(m, truth, noise, seed, NULL);
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
		cr_expect_eq(m.sweep.full_calls, (VARIANTS * RUNS_MADE + 1) * QUESTIONS);
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

	for (size_t i = 0; i < VARIANTS; i++)
		truth[i] = 100;
	run(&m, truth, 0.01, 3);
	for (size_t i = 0; i < m.all.n; i++)
		if (m.trials[i].plan.who[0] == 5)
			m.calls[i][1] = (struct trial_call){.answer = ANSWER_FAILED};
	judge(&m);
	cr_expect_eq(m.variants[5].rank, 0);
	cr_expect_eq(m.variants[5].throughput.n, 0);
	cr_expect_gt(m.variants[6].throughput.median, 90);
	arena_free(m.arena);
}

Test(sweep, what_the_server_did_not_do_is_measured_no_further)
{
	double truth[VARIANTS];
	size_t n_ignored[VARIANTS] = {0};
	struct made m;

	for (size_t i = 0; i < VARIANTS; i++) {
		truth[i] = 100 + (double)i;
		n_ignored[i] = i >= VARIANTS - 2;
	}
	run_without(&m, truth, 0.001, 3, n_ignored);
	for (size_t i = VARIANTS - 2; i < VARIANTS; i++)
		cr_expect_eq(m.variants[i].trials, 1);
	for (size_t i = VARIANTS - 5; i < VARIANTS - 2; i++)
		cr_expect_eq(m.variants[i].trials, RUNS_MADE, "its place is another one's");
	arena_free(m.arena);
}

Test(sweep, the_front_is_what_the_noise_tells)
{
	double truth[VARIANTS];
	struct made m;
	size_t n = 0;

	for (size_t i = 0; i < VARIANTS; i++)
		truth[i] = i < 3 ? 100 : 60;
	run(&m, truth, 0.02, 3);
	for (size_t i = 0; i < m.all.n; i++) {
		size_t who = m.trials[i].plan.who[0];

		for (size_t q = 0; q < QUESTIONS; q++) {
			/* 4 is slow, and soon begins; 5 is slow, and more of it stands */
			m.calls[i][q].ttft_ms = who == 4 ? 20 : 100 + (double)(i % 3);
			m.calls[i][q].stood = who == 5 ? 40 : 30;
			m.calls[i][q].struck = who == 5 ? 0 : 10;
		}
	}
	judge(&m);
	for (size_t i = 0; i < VARIANTS; i++)
		n += m.variants[i].on_front;
	cr_expect(m.variants[0].on_front && m.variants[1].on_front && m.variants[2].on_front);
	cr_expect(m.variants[4].on_front && m.variants[5].on_front);
	cr_expect_eq(n, 5);
	arena_free(m.arena);
}

Test(sweep, of_those_that_are_as_fast_the_words_decide)
{
	double truth[VARIANTS];
	struct made m;

	for (size_t i = 0; i < VARIANTS; i++)
		truth[i] = i < 3 ? 100 : 60;
	run(&m, truth, 0.02, 3);
	for (size_t i = 0; i < m.all.n; i++) {
		size_t who = m.trials[i].plan.who[0];

		for (size_t q = 0; q < QUESTIONS; q++) {
			m.calls[i][q].stood = who == 1 || who > 10 ? 40 : 20;
			m.calls[i][q].struck = who == 1 || who > 10 ? 0 : 20;
		}
	}
	judge(&m);
	cr_expect_eq(m.sweep.winner, 1, "the slow ones do not win by words");
	cr_expect(!m.variants[1].tied && m.variants[0].tied && m.variants[2].tied);
	cr_expect_eq(m.sweep.n_tied, 2);
	arena_free(m.arena);
}
