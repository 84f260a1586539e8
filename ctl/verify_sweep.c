/* SPDX-License-Identifier: MIT */
/* The variants of a matrix, ranked again from the trials that the report lists. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/verify_impl.h"

#define MOST_VARIANTS 256
#define MOST_TRIALS   30000
#define QUESTIONS_MAX 1000

struct rerun {
	struct verify *v;
	const json_t *trials;
	const bool *dropped;   /* by question, from 1; [0]: one without a number */
	double *rates, *ttfts; /* room for one of each trial */
};

/* One variant's trials. */
struct sum {
	size_t n; /* rates and first tokens */
	double runs, calls, stood, sentences;
};

static bool is_asked(const bool *dropped, const json_t *call)
{
	json_int_t question = verify_int(call, "question");

	return !dropped[question > 0 && question <= QUESTIONS_MAX ? question : 0];
}

/* What was not good in the warm-up is asked nobody again; where nothing was, its variant is to
 * blame. */
static void drop(bool *dropped, const json_t *trial)
{
	const json_t *call;
	size_t i;
	bool any = false;

	json_array_foreach (json_object_get(trial, "calls"), i, call)
		any |= verify_is_good(call);
	json_array_foreach (json_object_get(trial, "calls"), i, call) {
		json_int_t question = verify_int(call, "question");

		if (any && !verify_is_good(call) && question > 0 && question <= QUESTIONS_MAX)
			dropped[question] = true;
	}
}

/* Loading is not the variant's: it is taken out of the first token. */
static double first_token(const json_t *call)
{
	double load = verify_member(call, "load_ms"), ttft = verify_member(call, "ttft_ms");

	return fmax(0, load > 0 ? ttft - load : ttft);
}

static void add_trial(const struct rerun *r, struct sum *to, const json_t *trial)
{
	double tokens = 0, eval_s = 0, ttft = 0, n = 0;
	bool good = true;
	const json_t *call;
	size_t i;

	to->runs++;
	json_array_foreach (json_object_get(trial, "calls"), i, call) {
		to->stood += verify_member(call, "sentences");
		to->sentences += verify_member(call, "sentences") + verify_member(call, "struck");
		if (!is_asked(r->dropped, call))
			continue;
		to->calls++;
		good &= verify_is_good(call);
		tokens += verify_member(call, "output_tokens");
		eval_s += verify_member(call, "output_tokens") /
		          verify_member(call, "tokens_per_s");
		ttft += first_token(call);
		n++;
	}
	if (!good || !(n > 0) || !isfinite(tokens / eval_s))
		return;
	r->rates[to->n] = tokens / eval_s;
	r->ttfts[to->n++] = ttft / n;
}

static void expect_variant(const struct rerun *r, const json_t *variant, size_t number_of)
{
	struct sum sum = {.n = 0};
	const json_t *trial;
	size_t i;
	char place[64];

	json_array_foreach (r->trials, i, trial)
		if (verify_int(trial, "run") > 0 &&
		    verify_int(trial, "variant") == (json_int_t)number_of)
			add_trial(r, &sum, trial);
	verify_sort(r->rates, sum.n);
	verify_sort(r->ttfts, sum.n);
	(void)snprintf(place, sizeof place, "sweep, variant %zu", number_of);
	verify_figure(r->v, variant, place, "runs", sum.runs);
	verify_figure(r->v, variant, place, "calls", sum.calls);
	verify_figure(r->v, variant, place, "sentences", sum.sentences);
	verify_figure(r->v, variant, place, "quality_pct",
	              sum.sentences > 0 ? 100 * sum.stood / sum.sentences : NO_NUMBER);
	(void)snprintf(place, sizeof place, "sweep, variant %zu, tokens_per_s", number_of);
	verify_figure(r->v, json_object_get(variant, "tokens_per_s"), place, "median",
	              verify_statistic(STAT_MEDIAN, r->rates, sum.n));
	verify_interval(r->v, json_object_get(variant, "tokens_per_s"), place, r->rates, sum.n);
	(void)snprintf(place, sizeof place, "sweep, variant %zu, ttft_ms", number_of);
	verify_figure(r->v, json_object_get(variant, "ttft_ms"), place, "median",
	              verify_statistic(STAT_MEDIAN, r->ttfts, sum.n));
	verify_interval(r->v, json_object_get(variant, "ttft_ms"), place, r->ttfts, sum.n);
}

/* NO_NUMBER: what was not honoured, or had no good answer, has no rank. */
static double rate_of(const json_t *variant)
{
	return json_array_size(json_object_get(variant, "ignored"))
	               ? NO_NUMBER
	               : verify_member(json_object_get(variant, "tokens_per_s"), "median");
}

static void expect_ranks(struct verify *v, const json_t *variants)
{
	const json_t *one, *other;
	size_t i, k;
	double fastest = 0;

	json_array_foreach (variants, i, one)
		fastest = fmax(fastest, rate_of(one));
	json_array_foreach (variants, i, one) {
		double rate = rate_of(one), rank = 1;
		char place[64];

		json_array_foreach (variants, k, other)
			rank += rate_of(other) > rate;
		(void)snprintf(place, sizeof place, "sweep, variant %zu", i);
		verify_figure(v, one, place, "rank", isfinite(rate) ? rank : NO_NUMBER);
		verify_figure(v, one, place, "behind_pct", 100 * (1 - rate / fastest));
	}
}

/* The fastest, or one that is called as fast. */
static void expect_winner(struct verify *v, const json_t *sweep, const json_t *variants)
{
	json_int_t winner = verify_int(sweep, "winner");
	const json_t *one, *best = winner >= 0 ? json_array_get(variants, (size_t)winner) : NULL;
	double tied = 0;
	bool fastest_tied = false;
	size_t i;

	json_array_foreach (variants, i, one) {
		bool is_tied = json_is_true(json_object_get(one, "tied"));

		tied += is_tied;
		fastest_tied |= is_tied && verify_int(one, "rank") == 1;
	}
	verify_figure(v, sweep, "sweep", "tied", tied);
	if (best && verify_int(best, "rank") != 1 && !fastest_tied)
		verify_wrong(v, "sweep: variant %lld is the best, and not the fastest",
		             (long long)winner);
}

int verify_sweep(struct verify *v, struct error *err)
{
	const json_t *sweep = json_object_get(v->report, "sweep"), *one;
	const json_t *variants = json_object_get(sweep, "variants");
	const json_t *trials = json_object_get(sweep, "trials");
	size_t n = json_array_size(trials), i;
	CLEANUP(freep) double *rates = NULL, *ttfts = NULL;
	CLEANUP(freep) bool *dropped = NULL;

	if (!json_is_array(variants) || !json_is_array(trials))
		return 0; /* there is none, or it is of before trials were listed */
	if (n > MOST_TRIALS || json_array_size(variants) > MOST_VARIANTS) {
		verify_wrong(v, "sweep: more trials or variants than there can be");
		return 0;
	}
	rates = calloc(n + 1, sizeof *rates);
	ttfts = calloc(n + 1, sizeof *ttfts);
	dropped = calloc(QUESTIONS_MAX + 1, sizeof *dropped);
	if (!rates || !ttfts || !dropped)
		return error_set(err, -ENOMEM, "out of memory");
	json_array_foreach (trials, i, one)
		if (verify_int(one, "run") == 0)
			drop(dropped, one);
	json_array_foreach (variants, i, one)
		expect_variant(&(struct rerun){v, trials, dropped, rates, ttfts}, one, i);
	expect_ranks(v, variants);
	expect_winner(v, sweep, variants);
	return 0;
}
