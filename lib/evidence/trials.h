/* SPDX-License-Identifier: MIT */
/*
 * trials - what is measured of model servers by asking them the same questions again and again:
 * agents one after the other and together, or the variants of a sweep. And the figures that it
 * comes to.
 *
 * The daemon asks and fills the trials, the analyst says which comes next and what they mean, the
 * writer prints. Times are those of a clock beside the calls, not of the server, but where said.
 */
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/evidence/pipeline.h"

/* A call takes part in figures only if it is good. */
enum trial_answer { ANSWER_GOOD, ANSWER_EMPTY, ANSWER_RUN_AWAY, ANSWER_FAILED };
#define TRIAL_ANSWERS (ANSWER_FAILED + 1)

struct trial_call {
	enum trial_answer answer;
	double tokens, tokens_per_s; /* by the server; NAN: it does not tell */
	double queue_ms;             /* for a slot of ours; not in the others */
	double ttft_ms, total_ms;
	double load_ms, prompt_eval_ms; /* by the server; NAN: it does not tell */
	unsigned stood, struck;         /* sentences */
	bool unasked; /* as another one of the trial had failed: nothing else is told of it */
};

enum trial_kind { TRIAL_WARM_UP, TRIAL_SOLO, TRIAL_TOGETHER };
const char *trial_kind_name(enum trial_kind k); /* warm_up solo together */

/* The i-th number that a seed draws (splitmix64). */
static inline uint64_t trial_lot(uint64_t seed, uint64_t i)
{
	uint64_t z = seed + (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* Whom to ask all questions, each one after the other, and those of `who` at the same time. */
struct trial_plan {
	enum trial_kind kind;
	unsigned round; /* from 1; 0: a warm-up */
	size_t who[AGENTS_MAX], n_who;
};

struct trial {
	struct trial_plan plan;
	double wall_ms;           /* from the first question to the last answer */
	struct trial_call *calls; /* [index in who * n_questions + question] */
};

struct trials {
	const struct trial *at;
	size_t n;
	size_t n_who, n_questions;
	uint64_t seed;       /* draws the order */
	const bool *dropped; /* per question: not good in a warm-up, so nobody is asked it again */
	/* Of each who, how many options the server did not honour; NULL: of nobody any. */
	const size_t *n_ignored;
};

/* --- figures -------------------------------------------------------------- */

/* A median, and the interval about it that holds the true one; level 0: too few for one. */
struct measured {
	double median, low, high, level;
	size_t n;
};

/* Why agents that work together are slower, by what grew. */
enum contention_cause { CAUSE_SLOT, CAUSE_QUEUE, CAUSE_RELOAD, CAUSE_MEMORY };
#define CONTENTION_CAUSES (CAUSE_MEMORY + 1)
const char *contention_cause_name(enum contention_cause c); /* slot queue reload memory */

/* What a server did not do as it was asked. */
struct ignored_option {
	const char *name;
	double asked, used; /* used NAN: unknown */
};
#define IGNORED_MAX MATRIX_AXES

struct contest_agent {
	struct measured throughput, ttft_ms, wall_s; /* alone */
	struct measured throughput_together, ttft_together_ms;
	double stretch; /* time a token together / alone, median of the runs; NAN: unknown */
	size_t calls, left_out[TRIAL_ANSWERS];
	struct ignored_option ignored[IGNORED_MAX];
	size_t n_ignored;
};

/* One against another, over the runs; NAN: the runs do not tell. */
struct contest_change {
	double pct, low_pct, high_pct, p;
	const char *verdict; /* changed size_unclear equal undecided untestable */
};

/* Agent b against agent a, alone. */
struct contest_delta {
	size_t a, b;
	struct contest_change throughput, ttft;
	double ttft_ms; /* by how much its median is later */
	bool ranked;    /* the servers did what both asked for */
};

/* What one agent did in one trial. */
struct contest_part {
	double wall_ms, tokens, rate, ttft_ms; /* rate and ttft NAN: not told */
};

struct contest_run {
	unsigned run; /* from 1 */
	bool good;
	double sequential_s, concurrent_s;
	struct contest_part together[AGENTS_MAX];
};

struct contest {
	size_t agents, runs, runs_left_out;
	size_t questions, questions_left_out;
	bool equal_prompts;
	struct measured sequential_s, concurrent_s, speedup, tokens_per_wall_s,
		tokens_per_wall_s_solo;
	double efficiency;
	struct contest_change gain; /* tokens a second of wall time, together against alone */
	bool loads_differ;          /* some ask one server for a model that is loaded otherwise */
	bool is_measured;           /* there is a run that can be used */
	bool is_contended;          /* it is slow, and the agents slow one another down */
	bool is_uneven;             /* it is slow as one has more to do than the others */
	enum contention_cause cause;
	double grew_ms[CONTENTION_CAUSES]; /* per run, together against alone */
	struct contest_agent each[AGENTS_MAX];
	struct contest_delta *deltas; /* in the arena */
	size_t n_deltas;
	struct contest_run *rounds; /* in the arena; those that do not count, too */
	size_t n_rounds;
	struct trials trials;
};

/* One combination of the matrix. */
struct sweep_variant {
	struct measured throughput, ttft_ms; /* the first token without loading */
	double quality_pct; /* sentences that stood, of all; NAN: there were none */
	size_t sentences;   /* all */
	size_t trials, calls;
	size_t rank;   /* from 1; 0: it is not ranked */
	bool tied;     /* not told apart from the winner */
	bool on_front; /* nobody is told to be better in one of the three and worse in none */
	struct ignored_option ignored[IGNORED_MAX];
	size_t n_ignored;
	const char *error; /* of its first answer that failed; NULL: none did */
};

struct tuning {
	const struct pipeline *pipeline; /* whose matrix it is */
	struct sweep_variant *variants;
	size_t n, winner; /* the fastest, or as fast and with better words; n: nothing is ranked */
	size_t n_tied;
	size_t runs, questions;
	size_t calls, full_calls; /* asked; of every variant in every run */
	double noise_pct;         /* of one run, relative, as all variants have it */
	double ttft_noise_pct;    /* likewise, of its first token */
	size_t noise_df;
	struct trials trials;
};
