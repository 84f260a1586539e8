/* SPDX-License-Identifier: MIT */
/* What the forebears got wrong is a test here: an efficiency that holds by its own formula, a
 * contention that is the length of an answer, calls that failed and count as zeros. */
#include <criterion/criterion.h>
#include <math.h>

#include "agents/analyst/contest.h"
#include "lib/base/buf.h"

#define AGENTS    2
#define QUESTIONS 2
#define RUNS_MADE 5
#define TRIALS    (AGENTS + RUNS_MADE * (AGENTS + 1))

/* What a server is made of: how long each agent's answers take, alone and together. */
struct world {
	double tokens[AGENTS], token_ms[AGENTS], token_ms_together[AGENTS];
	double queue_ms_together, ttft_ms_together, load_ms_together;
};

struct made {
	struct arena *arena;
	struct trial trials[TRIALS + 1]; /* one more is asked for, in vain */
	struct trial_call calls[TRIALS][AGENTS * QUESTIONS];
	bool dropped[QUESTIONS];
	struct trials all;
	struct contest contest;
};

static struct trial_call call_of(const struct world *w, size_t who, bool together)
{
	double token_ms = together ? w->token_ms_together[who] : w->token_ms[who];
	double ttft = 50 + (together ? w->ttft_ms_together + w->load_ms_together : 0);

	return (struct trial_call){.tokens = w->tokens[who],
	                           .tokens_per_s = 1000 / token_ms,
	                           .queue_ms = together ? w->queue_ms_together : 0,
	                           .ttft_ms = ttft,
	                           .load_ms = together ? w->load_ms_together : 0,
	                           .prompt_eval_ms = 50,
	                           .total_ms = ttft + w->tokens[who] * token_ms};
}

static void make(struct made *m, const struct world *w)
{
	*m = (struct made){.arena = arena_new(1 << 20)};
	for (size_t i = 0; contest_next(&m->trials[i].plan, i, AGENTS, RUNS_MADE, 7); i++) {
		struct trial *t = &m->trials[i];
		bool together = t->plan.kind == TRIAL_TOGETHER;

		t->calls = m->calls[i];
		for (size_t lane = 0; lane < t->plan.n_who; lane++) {
			double wall = 0;

			for (size_t q = 0; q < QUESTIONS; q++) {
				struct trial_call c = call_of(w, t->plan.who[lane], together);

				t->calls[lane * QUESTIONS + q] = c;
				wall += c.queue_ms + c.total_ms;
			}
			t->wall_ms = fmax(t->wall_ms, wall);
		}
		m->all.n = i + 1;
	}
	m->all.at = m->trials;
	m->all.n_who = AGENTS;
	m->all.n_questions = QUESTIONS;
	m->all.dropped = m->dropped;
}

static const struct contest *figures(struct made *m)
{
	struct error err = {0};

	m->contest = (struct contest){.equal_prompts = true};
	cr_assert_eq(contest_figures(&m->contest, &m->all, m->arena, &err), 0, "%s", err.text);
	return &m->contest;
}

static const struct world apart = {{100, 100}, {10, 10}, {10, 10}, 0, 0, 0};

Test(contest, the_order_is_another_by_the_seed_and_alternates)
{
	size_t first[2] = {0}, together[2] = {0}, seeds_differ = 0;

	for (uint64_t seed = 0; seed < 20; seed++) {
		struct trial_plan p, other;
		size_t n = 0;

		for (; contest_next(&p, n, AGENTS, RUNS_MADE, seed); n++) {
			bool begins = n >= AGENTS && (n - AGENTS) % (AGENTS + 1) == 0;

			cr_expect_eq(p.round, n < AGENTS ? 0 : (n - AGENTS) / (AGENTS + 1) + 1);
			together[0] += begins;
			together[1] += begins && p.kind == TRIAL_TOGETHER;
			if (begins && p.kind == TRIAL_SOLO)
				first[p.who[0]]++;
			cr_assert(contest_next(&other, n, AGENTS, RUNS_MADE, seed + 1));
			seeds_differ += p.kind != other.kind;
		}
		cr_expect_eq(n, TRIALS);
	}
	cr_expect_gt(4 * first[0], first[0] + first[1]);
	cr_expect_gt(4 * first[1], first[0] + first[1]);
	cr_expect_gt(10 * together[1], 3 * together[0]);
	cr_expect_lt(10 * together[1], 7 * together[0]);
	cr_expect_gt(seeds_differ, 0);
}

Test(contest, agents_apart_are_twice_as_fast)
{
	struct made m;
	const struct contest *c;

	make(&m, &apart);
	c = figures(&m);
	cr_expect_float_eq(c->speedup.median, 2, 1e-9);
	cr_expect_float_eq(c->efficiency, 1, 1e-9);
	cr_expect_float_eq(c->tokens_per_wall_s.median, 2 * c->tokens_per_wall_s_solo.median, 1e-9);
	cr_expect(c->is_measured && !c->is_contended && !c->is_uneven);
	cr_expect_eq(c->runs, RUNS_MADE);
	cr_expect_float_eq(c->each[1].throughput.median, 100, 1e-9);
	cr_expect_float_eq(c->sequential_s.level, 1 - 2 * pow(0.5, 5), 1e-12);
	arena_free(m.arena);
}

/* Where together is as long as one after the other, so is the efficiency half, and no less than
 * half: whatever share of the work each has. */
Test(contest, the_efficiency_sees_what_the_agents_cost_one_another)
{
	struct world locked = apart;
	struct made m;
	const struct contest *c;

	locked.token_ms_together[0] = locked.token_ms_together[1] = 30;
	make(&m, &locked);
	c = figures(&m);
	cr_expect_lt(c->efficiency, 0.5);
	cr_expect(c->is_contended);
	cr_expect_eq(c->cause, CAUSE_MEMORY);
	cr_expect_lt(c->tokens_per_wall_s.median, c->tokens_per_wall_s_solo.median);
	arena_free(m.arena);
}

Test(contest, a_longer_answer_is_no_contention)
{
	struct world uneven = apart;
	struct made m;
	const struct contest *c;

	uneven.tokens[1] = 1000;
	make(&m, &uneven);
	c = figures(&m);
	cr_expect_lt(c->efficiency, CONTEST_CONTENTION);
	cr_expect(!c->is_contended && c->is_uneven);
	arena_free(m.arena);
}

Test(contest, the_cause_is_what_grew)
{
	struct world w = apart;
	struct made m;

	w.queue_ms_together = 2000;
	make(&m, &w);
	cr_expect_eq(figures(&m)->cause, CAUSE_SLOT);
	cr_expect_float_eq(m.contest.grew_ms[CAUSE_SLOT], 8000, 1e-6);
	arena_free(m.arena);
	w.queue_ms_together = 0;
	w.load_ms_together = 3000;
	make(&m, &w);
	cr_expect_eq(figures(&m)->cause, CAUSE_RELOAD);
	arena_free(m.arena);
	w.load_ms_together = 0;
	w.ttft_ms_together = 3000;
	make(&m, &w);
	cr_expect_eq(figures(&m)->cause, CAUSE_QUEUE);
	arena_free(m.arena);
}

Test(contest, a_run_with_a_bad_answer_is_left_out_and_counted)
{
	for (enum trial_answer bad = ANSWER_EMPTY; bad <= ANSWER_FAILED; bad++) {
		struct made m;
		const struct contest *c;

		make(&m, &apart);
		m.calls[AGENTS][0] = (struct trial_call){.answer = bad, .tokens = 0};
		c = figures(&m);
		cr_expect_eq(c->runs, RUNS_MADE - 1);
		cr_expect_eq(c->runs_left_out, 1);
		cr_expect_eq(c->each[0].left_out[bad] + c->each[1].left_out[bad], 1);
		cr_expect_float_eq(c->efficiency, 1, 1e-9);
		cr_expect_float_eq(c->each[0].throughput.median, 100, 1e-9);
		arena_free(m.arena);
	}
}

Test(contest, without_a_good_run_there_is_no_figure)
{
	struct made m;
	const struct contest *c;

	make(&m, &apart);
	for (size_t i = 0; i < TRIALS; i++)
		m.calls[i][0].answer = ANSWER_FAILED;
	c = figures(&m);
	cr_expect(!c->is_measured && !c->is_contended && !c->is_uneven);
	cr_expect_eq(c->runs, 0);
	cr_expect(isnan(c->efficiency) && isnan(c->tokens_per_wall_s.median));
	cr_expect_str_eq(c->deltas[0].throughput.verdict, "untestable");
	arena_free(m.arena);
}

Test(contest, an_agent_is_faster_only_if_the_runs_say_so)
{
	struct world w = apart;
	struct made m;
	const struct contest *c;

	make(&m, &apart);
	c = figures(&m);
	cr_expect_str_neq(c->deltas[0].throughput.verdict, "changed");
	arena_free(m.arena);
	w.token_ms[1] = w.token_ms_together[1] = 5;
	make(&m, &w);
	for (size_t i = 0; i < TRIALS; i++) /* no two runs are the same */
		for (size_t k = 0; k < AGENTS * QUESTIONS; k++)
			m.calls[i][k].tokens_per_s *= 1 + 0.001 * (double)i;
	c = figures(&m);
	cr_expect_str_eq(c->deltas[0].throughput.verdict, "changed");
	cr_expect_float_eq(c->deltas[0].throughput.pct, 100, 3);
	cr_expect(c->deltas[0].ranked);
	m.contest.each[1].n_ignored = 1;
	m.contest = (struct contest){.equal_prompts = true, .each = {{.n_ignored = 1}}};
	cr_assert_eq(contest_figures(&m.contest, &m.all, m.arena, &(struct error){0}), 0);
	cr_expect(!m.contest.deltas[0].ranked);
	arena_free(m.arena);
}

static struct dossier finding_of(struct made *m)
{
	static const char *const names[AGENTS] = {"a", "b"};
	struct dossier d = {.arena = m->arena};
	struct error err = {0};

	cr_assert_eq(contest_finding(&d, &m->contest, names, "2026-11-29", &err), 0);
	return d;
}

/* The words of the finding. */
static const char *told(struct made *m)
{
	struct dossier d = finding_of(m);
	CLEANUP(buf_done) struct buf b = BUF_INIT(1024);

	for (size_t i = 0; i < d.findings[0].text.n; i++)
		buf_puts(&b, d.findings[0].text.segments[i].words
		                     ? d.findings[0].text.segments[i].words
		                     : d.findings[0].text.segments[i].name);
	return arena_strdup(m->arena, buf_text(&b));
}

#define TELLS(m, text) cr_expect(strstr(told(m), text), "%s: %s", text, told(m))

Test(contest, what_no_test_bears_out_is_not_claimed)
{
	struct world w = apart;
	struct made m;

	make(&m, &apart);
	cr_expect_str_eq(figures(&m)->gain.verdict, "changed");
	cr_expect_float_eq(m.contest.gain.pct, 100, 1e-9);
	TELLS(&m, "do not slow one another down; together they write more in the same time than");
	TELLS(&m, " Alone, b and a are not told apart by how fast they write.");
	for (size_t i = AGENTS; i < AGENTS + 3 * (AGENTS + 1); i++)
		m.calls[i][0].answer = ANSWER_FAILED; /* two runs are left */
	cr_expect_str_eq(figures(&m)->gain.verdict, "untestable");
	TELLS(&m, "; as far as so few runs tell, they write more in the same time together than");
	arena_free(m.arena);
	w.token_ms_together[0] = w.token_ms_together[1] = 21.5; /* as long as one after the other */
	make(&m, &w);
	(void)figures(&m);
	TELLS(&m, "are written more slowly");
	TELLS(&m, "; together they write less in the same time than alone");
	arena_free(m.arena);
}

Test(contest, whether_other_options_pay_is_told_of_each_agent_alone)
{
	struct world w = apart;
	struct made m;

	w.token_ms[1] = w.token_ms_together[1] = 8;
	make(&m, &w);
	(void)figures(&m);
	TELLS(&m, " Alone, b writes faster than a.");
	m.contest.deltas[0].ranked = false;
	TELLS(&m,
	      " Alone, b is not compared with a: the server did not do all that was asked for.");
	m.contest.equal_prompts = false;
	TELLS(&m, " Alone, b is not compared with a: they were not asked the same.");
	arena_free(m.arena);
}

Test(contest, a_first_token_that_comes_later_is_told_with_its_test)
{
	struct made m;

	make(&m, &apart);
	for (size_t i = 0; i < TRIALS; i++)
		for (size_t lane = 0; lane < m.trials[i].plan.n_who; lane++)
			for (size_t q = 0; q < QUESTIONS; q++)
				if (m.trials[i].plan.who[lane] == 1)
					m.calls[i][lane * QUESTIONS + q].ttft_ms += 40;
	(void)figures(&m);
	cr_expect_str_eq(m.contest.deltas[0].ttft.verdict, "changed");
	cr_expect_lt(m.contest.deltas[0].ttft.p, 0.05);
	cr_expect_float_eq(m.contest.deltas[0].ttft_ms, 40, 1e-9);
	TELLS(&m, "; the first token of the former comes later.");
	arena_free(m.arena);
}

Test(contest, one_server_that_loads_for_one_at_a_time_is_named)
{
	struct world w = apart;
	struct made m;

	w.queue_ms_together = 2000;
	make(&m, &w);
	(void)figures(&m);
	TELLS(&m, "waiting for a slot of the server;");
	m.contest.loads_differ = true;
	TELLS(&m, "the server loads its model for the options of one at a time;");
	arena_free(m.arena);
}

Test(contest, where_working_at_the_same_time_does_not_pay_it_is_told_what_to_do)
{
	struct world w = apart;
	struct dossier d;
	struct made m;

	make(&m, &apart);
	(void)figures(&m);
	cr_expect_eq(finding_of(&m).n_recommendations, 0);
	arena_free(m.arena);
	w.token_ms_together[0] = w.token_ms_together[1] = 16; /* contended, and it pays */
	make(&m, &w);
	cr_expect(figures(&m)->is_contended);
	cr_expect_eq(finding_of(&m).n_recommendations, 0);
	arena_free(m.arena);
	w.token_ms_together[0] = w.token_ms_together[1] = 21.5;
	make(&m, &w);
	(void)figures(&m);
	d = finding_of(&m);
	cr_assert_eq(d.n_recommendations, 1);
	cr_expect_eq(d.recommendations[0].findings[0], d.findings[0].id);
	cr_expect(strstr(d.recommendations[0].text.segments[0].words, "one after the other"));
	m.contest.loads_differ = true;
	d = finding_of(&m);
	cr_expect(strstr(d.recommendations[0].text.segments[0].words, "the same num_ctx"));
	arena_free(m.arena);
}

Test(contest, the_interval_of_a_median_has_the_level_that_it_says)
{
	double x[20];
	struct measured m;

	for (size_t i = 0; i < 20; i++)
		x[i] = (double)((i * 7) % 20);
	m = measured_of(x, 20);
	cr_expect_eq(m.median, 9.5);
	cr_expect_eq(m.low, 5); /* the sixth of either end: 95.9 % */
	cr_expect_eq(m.high, 14);
	cr_expect_float_eq(m.level, 0.95861, 1e-4);
	m = measured_of(x, 1);
	cr_expect(isnan(m.low) && m.level == 0);
}
