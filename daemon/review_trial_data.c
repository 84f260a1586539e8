/* SPDX-License-Identifier: MIT */
/* Who is asked what in trials, what an answer is worth, and what it all comes to. */
#include <errno.h>
#include <stdio.h>

#include "agents/analyst/contest.h"
#include "agents/analyst/sweep.h"
#include "daemon/review_trials.h"

/* --- who is asked what ---------------------------------------------------- */

static const struct ask *ask_of(const struct review_step *s)
{
	if (!s->n_asks)
		return NULL;
	return s->calls[1].shorter ? s->calls[1].shorter : &s->asks[0];
}

static size_t bytes_of(const struct ask *a)
{
	return strlen(a->system) + strlen(a->user);
}

/* The step of each side that the i-th of the pipeline is; false: one of them asks nothing. */
static bool all_ask(const struct review *r, size_t i)
{
	for (size_t side = 0; side < r->n_sides; side++)
		if (!r->steps[side * r->pipeline->n_steps + i].n_asks)
			return false;
	return true;
}

/* Where a question was too long for one, all get the shorter one: the work is to be equal. */
static void put_question(struct review_trials *t, size_t q, size_t step)
{
	struct review *r = t->review;
	const struct ask *shortest = ask_of(&r->steps[step]);
	bool same = true;

	for (size_t side = 0; side < r->n_sides; side++) {
		const struct ask *a = ask_of(&r->steps[side * r->pipeline->n_steps + step]);

		same &= strcmp(a->system, shortest->system) == 0;
		if (bytes_of(a) < bytes_of(shortest))
			shortest = a;
	}
	t->equal_prompts &= same;
	for (size_t who = 0; who < t->all.n_who; who++) {
		size_t side = t->sets ? 0 : who, at = who * t->all.n_questions + q;

		t->steps[at] = &r->steps[side * r->pipeline->n_steps + step];
		t->asks[at] = same ? shortest : ask_of(t->steps[at]);
	}
}

static int allocate(struct review_trials *t)
{
	struct arena *a = t->review->arena;
	size_t n = t->all.n_who * t->all.n_questions;

	t->steps = arena_calloc(a, n, sizeof *t->steps);
	t->asks = arena_calloc(a, n, sizeof *t->asks);
	t->dropped = arena_calloc(a, t->all.n_questions, sizeof *t->dropped);
	t->records = arena_calloc(a, AGENTS_MAX * t->all.n_questions, sizeof *t->records);
	t->ignored = arena_calloc(a, t->all.n_who, sizeof *t->ignored);
	t->n_ignored = arena_calloc(a, t->all.n_who, sizeof *t->n_ignored);
	t->failed = arena_calloc(a, t->all.n_who, sizeof *t->failed);
	t->all.dropped = t->dropped;
	t->all.n_ignored = t->n_ignored;
	return t->steps && t->asks && t->dropped && t->records && t->ignored && t->n_ignored &&
	                       t->failed
	               ? 0
	               : -ENOMEM;
}

/* Of a matrix: what each variant sets. */
static int variants_of(struct review_trials *t)
{
	struct option_set *sets = arena_calloc(t->review->arena, t->all.n_who, sizeof *sets);

	for (size_t i = 0; sets && i < t->all.n_who; i++)
		sets[i] = pipeline_variant(t->review->pipeline, i);
	t->sets = sets;
	return sets ? 0 : -ENOMEM;
}

static uint64_t seed_of(const struct review *r)
{
	uint64_t seed = UINT64_C(14695981039346656037); /* FNV-1a */

	for (const char *p = r->job.id; *p; p++)
		seed = (seed ^ (unsigned char)*p) * UINT64_C(1099511628211);
	return seed;
}

int review_trials_new(struct review *r)
{
	struct review_trials *t = arena_calloc(r->arena, 1, sizeof *t);
	size_t q = 0;

	if (!t)
		return -ENOMEM;
	t->review = r;
	t->equal_prompts = true;
	t->all.seed = seed_of(r);
	t->work.data = t;
	t->all.n_who = pipeline_variants(r->pipeline);
	if (!t->all.n_who)
		t->all.n_who = r->n_sides;
	else if (variants_of(t) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < r->pipeline->n_steps; i++)
		t->all.n_questions += all_ask(r, i);
	if (allocate(t) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < r->pipeline->n_steps; i++)
		if (all_ask(r, i))
			put_question(t, q++, i);
	r->trials = t;
	return 0;
}

/* --- what the server did not do as it was asked --------------------------- */

static void ignore(struct review_trials *t, const char *name, double asked, double used)
{
	size_t who = t->plan.who[0];

	t->ignored[who][t->n_ignored[who]++] = (struct ignored_option){name, asked, used};
}

static const struct option_set *set_of(const struct review_trials *t, size_t who)
{
	return t->sets ? &t->sets[who] : &t->review->sides[who].spec->options;
}

/*
 * More layers than the model has are all of them, and so are other such numbers: of those who
 * differ in that alone, the one that asks for the least stands for all.
 */
static bool is_all_layers_again(const struct review_trials *t, int64_t num_gpu, double layers)
{
	for (size_t i = 0; i < t->all.n_who && layers > 0; i++) {
		int64_t other = set_of(t, i)->num_gpu;

		if (other < num_gpu && (double)other >= layers)
			return true;
	}
	return false;
}

struct loaded {
	double context, gpu_share, layers; /* not above 0, or NAN: the server does not tell */
};

/* Only what is asked for by name: where nobody asks, the server may do as it likes. */
static void note_ignored(struct review_trials *t, const struct loaded *l)
{
	double context = l->context, gpu_share = l->gpu_share;
	const struct option_set *set = set_of(t, t->plan.who[0]);
	const struct model_record *r = &t->saved.records[0];
	bool loads = r->options.num_ctx >= 0; /* else this server takes no options of that sort */

	if (set->num_ctx >= 0 && context > 0 && context != (double)set->num_ctx)
		ignore(t, "num_ctx", (double)set->num_ctx, context);
	else if (set->num_ctx >= 0 && !loads && !(context > 0))
		ignore(t, "num_ctx", (double)set->num_ctx, (double)NAN);
	if (set->num_gpu >= 0 &&
	    (!loads || (set->num_gpu > 0 && gpu_share == 0) || (!set->num_gpu && gpu_share > 0)))
		ignore(t, "num_gpu", (double)set->num_gpu, (double)NAN);
	else if (is_all_layers_again(t, set->num_gpu, l->layers))
		ignore(t, "num_gpu", (double)set->num_gpu, l->layers);
}

static void note_loaded(struct review_trials *t)
{
	struct loaded l = {-1, (double)NAN, -1};

	(void)sscanf(t->saved.why, REVIEW_TRIALS_LOADED, &l.context, &l.gpu_share, &l.layers);
	t->n_ignored[t->plan.who[0]] = 0; /* a warm-up may have told it before */
	note_ignored(t, &l);
}

static void note_load(struct review_trials *t)
{
	const struct model_record *r = &t->saved.records[0];
	struct trial_load *l = &t->loads[t->plan.who[0]];

	(void)snprintf(l->endpoint, sizeof l->endpoint, "%s", r->endpoint);
	l->num_ctx = r->options.num_ctx;
	l->num_gpu = r->options.num_gpu;
}

static bool loads_differ(const struct review_trials *t)
{
	const struct trial_load *l = t->loads;

	for (size_t i = 0; i < t->all.n_who; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(l[i].endpoint, l[k].endpoint) == 0 &&
			    (l[i].num_ctx != l[k].num_ctx || l[i].num_gpu != l[k].num_gpu))
				return true;
	return false;
}

/* --- what an answer is worth ----------------------------------------------- */

static double rate_of(const struct model_record *r)
{
	double ms = r->total_ms - r->ttft_ms;

	if (isfinite(r->tokens_per_s) && r->tokens_per_s > 0)
		return r->tokens_per_s;
	return r->output_tokens > 1 && ms > 0 ? 1000 * (double)(r->output_tokens - 1) / ms
	                                      : (double)NAN;
}

static enum trial_answer answer_of(const struct model_record *r)
{
	if (r->output_tokens == 0)
		return ANSWER_EMPTY; /* also an error, once all tries are spent */
	if (r->error[0] || !r->finish[0])
		return ANSWER_FAILED;
	return strcmp(r->finish, "length") == 0 ? ANSWER_RUN_AWAY : ANSWER_GOOD;
}

static struct trial_call call_of(const struct model_record *r)
{
	return (struct trial_call){.answer = answer_of(r),
	                           .tokens = r->output_tokens < 0 ? (double)NAN
	                                                          : (double)r->output_tokens,
	                           .tokens_per_s = rate_of(r),
	                           .queue_ms = r->queue_ms,
	                           .ttft_ms = r->ttft_ms,
	                           .total_ms = r->total_ms,
	                           .load_ms = r->load_ms,
	                           .prompt_eval_ms = r->prompt_eval_ms,
	                           .unasked = !r->error[0] && !r->finish[0]};
}

/* What stands of it is only counted, so all that is noted meanwhile goes again. */
static int check_words(struct review_trials *t, struct trial *trial,
                       const struct checkpoint_answer *a, struct error *err)
{
	struct review *r = t->review;
	struct arena_mark mark = arena_mark(r->arena);
	struct dossier scratch = r->dossier;
	struct claims_outcome outcome = {0};
	size_t who = trial->plan.who[a->ask / t->all.n_questions];
	size_t at = who * t->all.n_questions + a->ask % t->all.n_questions;
	int code;

	scratch.n_comments = 0; /* nothing was said before that it could repeat */
	scratch.n_struck = 0;
	code = ask_check(&scratch, t->asks[at], "measure", a->text, a->len, &outcome, err);
	arena_rewind(r->arena, &mark);
	trial->calls[a->ask].stood = (unsigned)outcome.accepted;
	trial->calls[a->ask].struck = (unsigned)outcome.struck;
	return code;
}

static void note_failure(struct review_trials *t, size_t who, const struct model_record *r)
{
	if (r->error[0] && !t->failed[who])
		t->failed[who] = arena_strdup(t->review->arena, r->error);
}

int review_trials_add(struct review_trials *t, struct error *err)
{
	size_t n = t->plan.n_who * t->all.n_questions;
	struct trial *trial;
	int code = 0;

	if (!arena_room(t->review->arena, &t->done, t->all.n, &t->cap, sizeof *t->done))
		return error_set(err, -ENOMEM, "out of memory");
	trial = &t->done[t->all.n];
	*trial = (struct trial){.plan = t->plan,
	                        .wall_ms = t->saved.wall_ms,
	                        .calls = arena_calloc(t->review->arena, n, sizeof *trial->calls)};
	if (!trial->calls)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		trial->calls[i] = call_of(&t->saved.records[i]);
		note_failure(t, t->plan.who[i / t->all.n_questions], &t->saved.records[i]);
	}
	for (size_t i = 0; i < t->saved.n_answers && code == 0; i++)
		code = check_words(t, trial, &t->saved.answers[i], err);
	if (t->saved.why[0])
		note_loaded(t);
	if (t->plan.kind == TRIAL_WARM_UP && !t->sets)
		note_load(t);
	t->all.at = t->done;
	t->all.n++;
	return code;
}

/* --- what it comes to -------------------------------------------------------- */

int review_trials_contest(struct review *r, struct contest **ret, struct error *err)
{
	struct review_trials *t = r->trials;
	struct contest *c;

	*ret = NULL;
	if (!t || t->sets || !t->all.n)
		return 0;
	c = arena_calloc(r->arena, 1, sizeof *c);
	if (!c)
		return error_set(err, -ENOMEM, "out of memory");
	c->equal_prompts = t->equal_prompts;
	c->loads_differ = loads_differ(t);
	for (size_t i = 0; i < t->all.n_who; i++) {
		c->each[i].n_ignored = t->n_ignored[i];
		memcpy(c->each[i].ignored, t->ignored[i], sizeof c->each[i].ignored);
	}
	*ret = c;
	return contest_figures(c, &t->all, r->arena, err);
}

int review_trials_sweep(struct review *r, struct tuning **ret, struct error *err)
{
	struct review_trials *t = r->trials;
	struct tuning *s;

	*ret = NULL;
	if (!t || !t->sets || !t->all.n)
		return 0;
	s = arena_calloc(r->arena, 1, sizeof *s);
	if (!s)
		return error_set(err, -ENOMEM, "out of memory");
	*s = (struct tuning){.pipeline = r->pipeline,
	                     .variants = arena_calloc(r->arena, t->all.n_who, sizeof *s->variants),
	                     .n = t->all.n_who,
	                     .runs = r->pipeline->runs};
	if (!s->variants)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < s->n; i++) {
		s->variants[i].n_ignored = t->n_ignored[i];
		s->variants[i].error = t->failed[i];
		memcpy(s->variants[i].ignored, t->ignored[i], sizeof s->variants[i].ignored);
	}
	*ret = s;
	return sweep_figures(s, &t->all, r->arena, err);
}
