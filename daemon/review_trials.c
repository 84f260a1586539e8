/* SPDX-License-Identifier: MIT */
#include "daemon/review_trials.h"

#include <errno.h>
#include <stdio.h>

#include "agents/analyst/contest.h"
#include "agents/analyst/sweep.h"

#define INSPECT_MAX_MS 2000
#define KEY_BYTES      32

/* --- what comes next ------------------------------------------------------ */

/* Of a sweep, one variant is warmed up: where it answers nothing, that is not the questions' fault.
 */
static bool is_to_blame(const struct review_trials *t, const struct trial *trial)
{
	for (size_t q = 0; t->sets && q < t->all.n_questions; q++)
		if (trial->calls[q].answer == ANSWER_GOOD)
			return false;
	return t->sets != NULL;
}

/* What was not good in a warm-up is asked nobody again. */
static void drop_questions(struct review_trials *t)
{
	for (size_t i = 0; i < t->all.n; i++) {
		const struct trial *trial = &t->done[i];

		if (trial->plan.kind != TRIAL_WARM_UP || is_to_blame(t, trial))
			continue;
		for (size_t q = 0; q < t->all.n_questions; q++)
			t->dropped[q] |= trial->calls[q].answer != ANSWER_GOOD &&
			                 !trial->calls[q].unasked;
	}
}

static bool any_question(const struct review_trials *t)
{
	for (size_t q = 0; q < t->all.n_questions; q++)
		if (!t->dropped[q])
			return true;
	return false;
}

/* Whose model is not called, and why; NULL: everybody's is. */
static const char *why_off(const struct review *r)
{
	size_t side = review_side_off(r);

	if (side == r->n_sides)
		return NULL;
	if (r->model_off || r->n_sides == 1)
		return review_model_off(r, side);
	return arena_printf(r->arena, "the model of %s is not called any more: %s",
	                    r->sides[side].spec->name, review_model_off(r, side));
}

static const char *why_not_on(const struct review_trials *t)
{
	const char *off = why_off(t->review);

	if (off || any_question(t))
		return off;
	return t->all.n_questions ? "in the warm-up, no question had a good answer of everybody"
	                          : "there was nothing to ask";
}

static bool next_plan(struct review_trials *t)
{
	struct review *r = t->review;
	unsigned runs = (unsigned)r->pipeline->runs;
	bool more = false;

	if (t->all.n == (t->sets ? 1 : t->all.n_who))
		drop_questions(t);
	if (!t->sets)
		more = contest_next(&t->plan, t->all.n, t->all.n_who, runs, t->all.seed);
	else if (sweep_next(&more, &t->plan, &t->all, runs, t->all.seed) < 0)
		error_set(&t->err, -ENOMEM, "out of memory");
	if (more)
		r->unmeasured = why_not_on(t);
	return more && !r->unmeasured;
}

static size_t most_trials(const struct review_trials *t)
{
	unsigned runs = (unsigned)t->review->pipeline->runs;

	return t->sets ? sweep_trials(t->all.n_who, runs) : contest_trials(t->all.n_who, runs);
}

/* Followed like a step. */
static void tell_state(const struct review_trials *t, const char *state)
{
	double wall_ms = (double)(clock_mono_ns() - t->since_ns) / 1e6;

	review_event(t->review, "step",
	             json_pack("{sssssssf}", "id", "measure", "stage", "measure", "state", state,
	                       "wall_ms", wall_ms));
}

static void tell_progress(const struct review_trials *t, size_t total)
{
	review_event(t->review, "progress",
	             json_pack("{sssIsIss}", "step", "measure", "done", (json_int_t)t->all.n,
	                       "total", (json_int_t)total, "what", "trials"));
}

static void trials_load(struct review_trials *t);

static void trials_end(struct review_trials *t)
{
	t->state = TRIALS_ENDED;
	tell_progress(t, t->all.n); /* it may take fewer than it might */
	tell_state(t, "done");
	if (t->err.code < 0)
		review_fail(t->review, &t->err);
	review_schedule(t->review);
}

static void trials_next(struct review_trials *t)
{
	struct review *r = t->review;

	if (review_stopping(r) || !next_plan(t)) {
		trials_end(t);
		return;
	}
	tell_progress(t, most_trials(t));
	trials_load(t);
}

static void trials_fail(struct review_trials *t)
{
	(void)error_wrap(&t->err, "measuring");
	trials_end(t);
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

/* --- CHECKING ------------------------------------------------------------- */

static void check_work(uv_work_t *work)
{
	struct review_trials *t = work->data;
	struct error err = {0};

	if (review_trials_add(t, &err) < 0)
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

/* A variant that failed may be to blame itself, as it does not fit the memory; or the server is. */
static bool is_in_doubt(const struct review_trials *t)
{
	return t->sets && t->lanes[0].failed;
}

static void trials_on_about(void *arg, const struct model_about *about)
{
	struct review_trials *t = arg;
	struct review *r = t->review;

	t->asked = NULL;
	if (about->status == 0 && is_in_doubt(t))
		model_forgive(r->env.model, about->endpoint);
	if (about->status == 0 && !is_in_doubt(t))
		(void)snprintf(t->saved.why, sizeof t->saved.why, REVIEW_TRIALS_LOADED,
		               (double)about->context, about->gpu_share, (double)about->layers);
	else if (about->status < 0 && is_in_doubt(t) && !review_stopping(r))
		r->unmeasured = arena_strdup(r->arena, about->error);
	if (review_stopping(r) || r->unmeasured)
		trials_end(t);
	else
		trials_check(t);
}

/* The first time that one is asked alone: the server has loaded what that asked for. */
static bool is_first(const struct review_trials *t)
{
	return t->plan.kind == TRIAL_WARM_UP || (t->sets && t->plan.round == 1);
}

static void trials_inspect(struct review_trials *t)
{
	const char *endpoint = t->records[0].endpoint, *model = t->records[0].model;
	const char *names[REVIEW_SERVERS_MAX];
	struct error ignored = {0};

	t->state = TRIALS_INSPECTING;
	if (!endpoint[0] && is_in_doubt(t) && review_endpoint_names(t->review, 0, names)) {
		endpoint = names[0]; /* the call has not come to any */
		model = review_model_name(t->review, 0);
	}
	if (!(is_first(t) || is_in_doubt(t)) || !endpoint[0] ||
	    model_inspect(&t->asked, t->review->env.model, endpoint, model, INSPECT_MAX_MS,
	                  trials_on_about, t, &ignored) < 0)
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
	if (t->err.code < 0)
		trials_fail(t);
	else if (review_stopping(t->review))
		trials_end(t);
	else
		trials_inspect(t);
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
	lane->failed |= result->status < 0;
	if (result->status != -ECANCELED) {
		if (!t->sets) /* else the server is asked: is_in_doubt() */
			review_count_cost(t->review, t->plan.who[lane->at], result);
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
	                            .patience_ms = review_patience_ms(r, s->side),
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

	if (is_in_doubt(t))
		return false;
	while (lane->question < t->all.n_questions && t->plan.round && t->dropped[lane->question])
		lane->question++;
	return lane->question < t->all.n_questions && !review_stopping(t->review) &&
	       review_side_off(t->review) == t->review->n_sides && t->err.code == 0;
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
		lane->failed = true;
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
		trials_end(t);
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
	if (!is_wanted(r))
		return false;
	r->unmeasured = why_off(r);
	if (r->unmeasured)
		return false;
	if (review_trials_new(r) < 0) {
		error_set(&err, -ENOMEM, "out of memory");
		review_fail(r, &err);
		return false;
	}
	r->trials->since_ns = clock_mono_ns();
	tell_state(r->trials, "running");
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
