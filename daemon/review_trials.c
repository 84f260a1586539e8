/* SPDX-License-Identifier: MIT */
#include "daemon/review_trials.h"

#include <errno.h>
#include <stdio.h>

#include "agents/analyst/contest.h"
#include "agents/analyst/sweep.h"

#define INSPECT_MAX_MS 2000
#define KEY_BYTES      32

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
	t->all.dropped = t->dropped;
	return t->steps && t->asks && t->dropped && t->records && t->ignored && t->n_ignored
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

static int trials_new(struct review *r)
{
	struct review_trials *t = arena_calloc(r->arena, 1, sizeof *t);
	size_t q = 0;

	if (!t)
		return -ENOMEM;
	t->review = r;
	t->equal_prompts = true;
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

/* --- what comes next ------------------------------------------------------ */

static uint64_t seed_of(const struct review *r)
{
	uint64_t seed = UINT64_C(14695981039346656037); /* FNV-1a */

	for (const char *p = r->job.id; *p; p++)
		seed = (seed ^ (unsigned char)*p) * UINT64_C(1099511628211);
	return seed;
}

/* What was not good in a warm-up is asked nobody again. */
static void drop_questions(struct review_trials *t)
{
	for (size_t i = 0; i < t->all.n; i++) {
		const struct trial *trial = &t->done[i];

		for (size_t q = 0; q < t->all.n_questions && trial->plan.kind == TRIAL_WARM_UP; q++)
			t->dropped[q] |= trial->calls[q].answer != ANSWER_GOOD;
	}
}

static bool any_question(const struct review_trials *t)
{
	for (size_t q = 0; q < t->all.n_questions; q++)
		if (!t->dropped[q])
			return true;
	return false;
}

static bool next_plan(struct review_trials *t)
{
	const struct review *r = t->review;
	unsigned runs = (unsigned)r->pipeline->runs;
	bool more = false;

	if (t->all.n == (t->sets ? 1 : t->all.n_who))
		drop_questions(t);
	if (r->model_off || !any_question(t))
		return false;
	if (!t->sets)
		return contest_next(&t->plan, t->all.n, t->all.n_who, runs, seed_of(r));
	if (sweep_next(&more, &t->plan, &t->all, runs, seed_of(r)) < 0)
		error_set(&t->err, -ENOMEM, "out of memory");
	return more;
}

static size_t most_trials(const struct review_trials *t)
{
	unsigned runs = (unsigned)t->review->pipeline->runs;

	return t->sets ? sweep_trials(t->all.n_who, runs) : contest_trials(t->all.n_who, runs);
}

static void trials_load(struct review_trials *t);

static void trials_next(struct review_trials *t)
{
	struct review *r = t->review;

	if (review_stopping(r) || !next_plan(t)) {
		t->state = TRIALS_ENDED;
		if (t->err.code < 0)
			review_fail(r, &t->err);
		review_schedule(r);
		return;
	}
	review_event(r, "progress",
	             json_pack("{sssIsIss}", "step", "measure", "done", (json_int_t)t->all.n,
	                       "total", (json_int_t)most_trials(t), "what", "trials"));
	trials_load(t);
}

static void trials_fail(struct review_trials *t)
{
	t->state = TRIALS_ENDED;
	(void)error_wrap(&t->err, "measuring");
	review_fail(t->review, &t->err);
	review_schedule(t->review);
}

/* --- SAVING --------------------------------------------------------------- */

static void key_of(char ret[static KEY_BYTES], const struct review_trials *t, size_t trial)
{
	(void)t;
	(void)snprintf(ret, KEY_BYTES, "measure/%zu", trial);
}

static void save_work(struct store *store, void *arg)
{
	struct review_trials *t = arg;
	char key[KEY_BYTES];
	struct error err = {0};

	key_of(key, t, t->all.n - 1);
	if (store_checkpoint(store, t->review->job.id, key, t->text, &err) < 0)
		t->err = err;
}

static void trials_on_saved(void *arg)
{
	struct review_trials *t = arg;

	free(TAKE(t->text));
	checkpoint_done(&t->saved);
	if (t->err.code < 0)
		trials_fail(t);
	else
		trials_next(t);
}

static void trials_save(struct review_trials *t)
{
	struct review *r = t->review;

	t->state = TRIALS_SAVING;
	if (t->restored) {
		trials_on_saved(t);
		return;
	}
	memcpy(t->saved.evidence, r->evidence, sizeof t->saved.evidence);
	if (checkpoint_print(&t->text, &t->saved, &t->err) < 0 ||
	    store_queue_run(r->env.store, save_work, trials_on_saved, t) < 0) {
		if (t->err.code == 0)
			error_set(&t->err, -ENOMEM, "out of memory");
		trials_on_saved(t);
	}
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

/* Only what is asked for by name: where nobody asks, the server may do as it likes. */
static void note_ignored(struct review_trials *t, double context, double gpu_share)
{
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
}

#define LOADED_FORMAT "context %lf, on the GPU %lf" /* in a checkpoint */

static void note_loaded(struct review_trials *t)
{
	double context = -1, gpu_share = (double)NAN;

	(void)sscanf(t->saved.why, LOADED_FORMAT, &context, &gpu_share);
	note_ignored(t, context, gpu_share);
}

/* --- CHECKING ------------------------------------------------------------- */

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
	if (r->error[0] || !r->finish[0])
		return ANSWER_FAILED;
	if (r->output_tokens == 0)
		return ANSWER_EMPTY;
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
	                           .prompt_eval_ms = r->prompt_eval_ms};
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

static int add_trial(struct review_trials *t, struct error *err)
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
	for (size_t i = 0; i < n; i++)
		trial->calls[i] = call_of(&t->saved.records[i]);
	for (size_t i = 0; i < t->saved.n_answers && code == 0; i++)
		code = check_words(t, trial, &t->saved.answers[i], err);
	if (t->saved.why[0])
		note_loaded(t);
	t->all.at = t->done;
	t->all.n++;
	return code;
}

static void check_work(uv_work_t *work)
{
	struct review_trials *t = work->data;
	struct error err = {0};

	if (add_trial(t, &err) < 0)
		t->err = err;
}

static void trials_on_checked(uv_work_t *work, int status)
{
	struct review_trials *t = work->data;

	(void)status;
	if (t->err.code < 0)
		trials_fail(t);
	else
		trials_save(t);
}

static void trials_check(struct review_trials *t)
{
	t->state = TRIALS_CHECKING;
	if (uv_queue_work(t->review->env.loop, &t->work, check_work, trials_on_checked) < 0) {
		error_set(&t->err, -ENOMEM, "out of memory");
		trials_fail(t);
	}
}

/* --- INSPECTING: what the server made of the options ------------------------ */

static void trials_on_about(void *arg, const struct model_about *about)
{
	struct review_trials *t = arg;

	t->asked = NULL;
	if (about->status == 0)
		(void)snprintf(t->saved.why, sizeof t->saved.why, LOADED_FORMAT,
		               (double)about->context, about->gpu_share);
	if (review_stopping(t->review)) {
		t->state = TRIALS_ENDED;
		review_schedule(t->review);
	} else {
		trials_check(t);
	}
}

/* The first time that one is asked alone: the server has loaded what that asked for. */
static bool is_first(const struct review_trials *t)
{
	return t->plan.kind == TRIAL_WARM_UP || (t->sets && t->plan.round == 1);
}

static void trials_inspect(struct review_trials *t)
{
	const char *endpoint = t->records[0].endpoint;
	struct error ignored = {0};

	t->state = TRIALS_INSPECTING;
	if (!is_first(t) || !endpoint[0] ||
	    model_inspect(&t->asked, t->review->env.model, endpoint, t->records[0].model,
	                  INSPECT_MAX_MS, trials_on_about, t, &ignored) < 0)
		trials_check(t);
}

/* --- ASKING --------------------------------------------------------------- */

static void trial_ended(struct review_trials *t)
{
	size_t n = t->plan.n_who * t->all.n_questions;

	t->saved.wall_ms = (double)(clock_mono_ns() - t->began_ns) / 1e6;
	for (size_t i = 0; i < n && t->err.code == 0; i++)
		if (checkpoint_add_record(&t->saved, &t->records[i]) < 0)
			error_set(&t->err, -ENOMEM, "out of memory");
	if (t->err.code < 0) {
		trials_fail(t);
	} else if (review_stopping(t->review)) {
		t->state = TRIALS_ENDED;
		review_schedule(t->review);
	} else {
		trials_inspect(t);
	}
}

static void lane_ask(struct trial_lane *lane);

static struct model_record *record_of(const struct trial_lane *lane)
{
	const struct review_trials *t = lane->trials;

	return &t->records[lane->at * t->all.n_questions + lane->question];
}

static void lane_on_done(void *arg, const struct model_result *result)
{
	struct trial_lane *lane = arg;
	struct review_trials *t = lane->trials;
	size_t at = lane->at * t->all.n_questions + lane->question;

	lane->call = NULL;
	*record_of(lane) = result->record;
	if (result->status == 0 &&
	    checkpoint_add_answer(&t->saved, at, result->answer, result->answer_len) < 0)
		error_set(&t->err, -ENOMEM, "out of memory");
	if (result->status != -ECANCELED) {
		review_count_cost(t->review, result);
		metrics_call(t->review->env.metrics, &result->record, result->status == 0);
	}
	lane->question++;
	lane_ask(lane);
}

static int lane_call(struct trial_lane *lane, struct error *err)
{
	static const struct model_ops ops = {NULL, lane_on_done};
	struct review_trials *t = lane->trials;
	struct review *r = t->review;
	size_t who = t->plan.who[lane->at], at = who * t->all.n_questions + lane->question;
	const struct review_step *s = t->steps[at];
	const char *names[REVIEW_SERVERS_MAX];
	json_t *schema = NULL;
	int code = ask_schema(&schema, t->asks[at], err);
	struct model_request req = {.endpoints = names,
	                            .n_endpoints = review_endpoint_names(r, s->side, names),
	                            .model = review_model_name(r, s->side),
	                            .caller = r->sides[s->side].caller,
	                            .system = t->asks[at]->system,
	                            .user = t->asks[at]->user,
	                            .schema = schema,
	                            .patience_ms = review_patience_ms(r),
	                            .options = t->sets ? review_options_with(s, &t->sets[who])
	                                               : review_options(s)};

	if (code == 0)
		code = model_call(&lane->call, r->env.model, &req, &ops, lane, err);
	json_decref(schema);
	return code;
}

/* The next question that is asked of a lane; false: that was the last one. */
static bool lane_next(struct trial_lane *lane)
{
	struct review_trials *t = lane->trials;

	while (lane->question < t->all.n_questions && t->plan.round && t->dropped[lane->question])
		lane->question++;
	return lane->question < t->all.n_questions && !review_stopping(t->review) &&
	       !t->review->model_off && t->err.code == 0;
}

static void lane_ask(struct trial_lane *lane)
{
	struct review_trials *t = lane->trials;
	struct model_record *record;
	struct error err = {0};

	for (; lane_next(lane); lane->question++) {
		if (lane_call(lane, &err) == 0)
			return;
		record = record_of(lane);
		(void)snprintf(record->error, sizeof record->error, "%.250s", err.text);
	}
	if (--t->running == 0)
		trial_ended(t);
}

static void trials_ask(struct review_trials *t)
{
	t->state = TRIALS_ASKING;
	t->running = t->plan.n_who;
	t->saved.started_at_s = clock_now_s();
	for (size_t i = 0; i < t->plan.n_who * t->all.n_questions; i++)
		t->records[i] = (struct model_record)MODEL_RECORD_NONE;
	for (size_t i = 0; i < t->plan.n_who; i++)
		t->lanes[i] = (struct trial_lane){.trials = t, .at = i};
	t->began_ns = clock_mono_ns();
	for (size_t i = 0; i < t->plan.n_who; i++)
		lane_ask(&t->lanes[i]);
}

/* --- LOADING -------------------------------------------------------------- */

static void load_work(struct store *store, void *arg)
{
	struct review_trials *t = arg;
	char key[KEY_BYTES];
	struct error err = {0};

	key_of(key, t, t->all.n);
	if (store_checkpoint_get(store, &t->text, t->review->job.id, key, &err) < 0)
		t->err = err;
}

/* It is of these questions, and complete. */
static bool is_usable(const struct review_trials *t)
{
	const struct checkpoint *c = &t->saved;
	size_t n = t->plan.n_who * t->all.n_questions;

	for (size_t i = 0; i < c->n_answers; i++)
		if (c->answers[i].ask >= n)
			return false;
	return c->n_records == n && strcmp(c->evidence, t->review->evidence) == 0;
}

static void trials_on_loaded(void *arg)
{
	struct review_trials *t = arg;
	struct error ignored = {0};

	if (t->err.code < 0) {
		trials_fail(t);
		return;
	}
	if (review_stopping(t->review)) {
		t->state = TRIALS_ENDED;
		review_schedule(t->review);
		return;
	}
	t->restored = t->text && checkpoint_parse(&t->saved, t->text, &ignored) == 0;
	free(TAKE(t->text));
	if (t->restored && is_usable(t)) {
		trials_check(t);
		return;
	}
	t->restored = false;
	checkpoint_done(&t->saved);
	trials_ask(t);
}

static void trials_load(struct review_trials *t)
{
	t->state = TRIALS_LOADING;
	if (store_queue_run(t->review->env.store, load_work, trials_on_loaded, t) < 0) {
		error_set(&t->err, -ENOMEM, "out of memory");
		trials_fail(t);
	}
}

/* --- from outside ---------------------------------------------------------- */

static bool is_wanted(const struct review *r)
{
	return pipeline_variants(r->pipeline) ||
	       (r->n_sides > 1 && r->pipeline->measure == MEASURE_BOTH);
}

bool review_trials_wanted(struct review *r)
{
	struct error err = {0};

	if (r->trials)
		return r->trials->state != TRIALS_ENDED;
	if (r->model_off || !is_wanted(r))
		return false;
	if (trials_new(r) < 0) {
		error_set(&err, -ENOMEM, "out of memory");
		review_fail(r, &err);
		return false;
	}
	trials_next(r->trials);
	return r->trials->state != TRIALS_ENDED;
}

bool review_trials_busy(const struct review *r)
{
	return r->trials && r->trials->state != TRIALS_ENDED;
}

void review_trials_cancel(struct review *r)
{
	struct review_trials *t = r->trials;

	if (!t)
		return;
	if (t->asked)
		model_inspect_cancel(t->asked);
	for (size_t i = 0; i < ARRAY_LEN(t->lanes); i++)
		if (t->lanes[i].call)
			model_cancel(t->lanes[i].call);
}

void review_trials_done(struct review *r)
{
	if (!r->trials)
		return;
	free(r->trials->text);
	checkpoint_done(&r->trials->saved);
}

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
		memcpy(s->variants[i].ignored, t->ignored[i], sizeof s->variants[i].ignored);
	}
	*ret = s;
	return sweep_figures(s, &t->all, r->arena, err);
}
