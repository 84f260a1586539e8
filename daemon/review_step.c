/* SPDX-License-Identifier: MIT */
/* The life of one step; review_impl.h draws it. */
#include <errno.h>
#include <stdio.h>

#include "agents/analyst/analyst.h"
#include "daemon/publish.h"
#include "daemon/review_impl.h"
#include "daemon/rules.h"
#include "lib/base/clock.h"

#define FACTS_MAX 50000 /* report.json stays below some 25 MB */

static void step_event(struct review_step *s, const char *state)
{
	double wall_ms = (double)(clock_mono_ns() - s->begun_ns) / 1e6;

	review_event(s->review, "step",
	             json_pack("{sssssssf}", "id", s->id, "stage",
	                       stage_name((enum stage)s->spec->stage), "state", state, "wall_ms",
	                       wall_ms));
}

/* --- SAVING ------------------------------------------------------------- */

static void save_work(struct store *store, void *arg)
{
	struct review_step *s = arg;
	struct review *r = s->review;
	struct error err = {0};

	if (store_checkpoint(store, r->job.id, s->id, s->saved_text, &err) < 0)
		s->err = err;
	else if (r->history &&
	         store_checkpoint(store, r->job.id, STORE_HISTORY_STEP, r->history, &err) < 0)
		s->err = err;
	else
		free(TAKE(r->history)); /* the store's items run one after the other */
}

static void step_on_saved(void *arg)
{
	struct review_step *s = arg;

	if (s->err.code < 0) {
		(void)error_wrap(&s->err, "step %s: cannot save its checkpoint", s->id);
		review_fail(s->review, &s->err);
	}
	s->state = STEP_DONE;
	step_event(s, "done");
	review_schedule(s->review);
}

/* Why no word of a model is in what this step says. */
static void explain_builtin(struct review_step *s)
{
	const struct checkpoint *c = &s->saved;
	const char *why = review_model_off(s->review, s->side);

	if (!why && s->n_asks == 0)
		why = "there was nothing to ask";
	if (!why && c->n_answers > 0)
		why = "nothing that the model wrote passed the checks";
	for (size_t i = c->n_records; !why && i-- > 0;)
		why = c->records[i].error[0] ? c->records[i].error : NULL;
	(void)snprintf(s->saved.why, sizeof s->saved.why, "%s", why ? why : "no answer came");
}

static void step_save(struct review_step *s)
{
	s->state = STEP_SAVING;
	if (!s->restored) {
		if (s->accepted == 0)
			explain_builtin(s);
		memcpy(s->saved.evidence, s->evidence, sizeof s->saved.evidence);
		s->saved.wall_ms = (double)(clock_mono_ns() - s->begun_ns) / 1e6;
	}
	free(s->saved_text);
	s->saved_text = NULL;
	if (checkpoint_print(&s->saved_text, &s->saved, &s->err) < 0 ||
	    store_queue_run(s->review->env.store, save_work, step_on_saved, s) < 0)
		step_on_saved(s);
}

/* --- the work that owns the dossier: ASKING and CHECKING ----------------- */

/* Whose reports are gone from the disk is not told of; without any history there is no baseline. */
static int open_past(struct review *r, char **ret_subject, struct error *err)
{
	const struct config *c = r->env.config;
	CLEANUP(freep) char *subject = store_history_subject(&r->job, r->roots, r->n_roots);
	const char *path = arena_printf(r->arena, "%s/" STORE_FILE, c->state);
	int code;

	if (!subject || !path)
		return error_set(err, -ENOMEM, "out of memory");
	code = history_reader_open(&r->past, path, subject, c->reports,
	                           r->pipeline->compare_against, err);
	if (code < 0)
		return code;
	r->dossier.past = history_reader_past(r->past);
	*ret_subject = TAKE(subject);
	return 0;
}

/* As many rows as any of the personas asks for. */
static size_t max_risks(const struct review *r)
{
	size_t most = 0;

	for (size_t i = 0; i < r->n_steps; i++)
		if (r->steps[i].persona && r->steps[i].persona->max_risks > most)
			most = r->steps[i].persona->max_risks;
	return most;
}

static int run_analyst(struct review *r, struct error *err)
{
	const struct config *c = r->env.config;
	struct analyst_settings settings = {.machine = r->job.machine ? r->job.machine
	                                               : c->machine   ? c->machine
	                                                              : "",
	                                    .min_effect_pct = r->pipeline->compare_min_effect_pct,
	                                    .q = r->pipeline->compare_q,
	                                    .expectations = r->pipeline->expectations,
	                                    .n_expectations = r->pipeline->n_expectations,
	                                    .pipeline = r->pipeline,
	                                    .requirements = r->pipeline->requirements,
	                                    .n_requirements = r->pipeline->n_requirements,
	                                    .max_risks = max_risks(r),
	                                    .now_s = r->job.submitted_at,
	                                    .max_facts = FACTS_MAX,
	                                    .threads = uv_available_parallelism()};
	char today[CLOCK_TEXT_BYTES];

	settings.rules = rules_of(c, r->arena, &settings.n_rules);
	if (!settings.rules)
		return error_set(err, -ENOMEM, "out of memory");
	clock_text(today, r->job.submitted_at);
	settings.today = arena_strndup(r->arena, today, sizeof "2026-11-21" - 1);
	return settings.today ? analyst_run(&r->dossier, &settings, err)
	                      : error_set(err, -ENOMEM, "out of memory");
}

int review_analyse(struct review *r, struct error *err)
{
	CLEANUP(freep) char *subject = NULL;
	uint64_t begun_ns = clock_mono_ns();
	int code;

	if (r->analysed)
		return 0;
	code = open_past(r, &subject, err);
	if (code == 0)
		code = run_analyst(r, err);
	if (code < 0 && r->past && history_reader_error(r->past)->code < 0)
		*err = *history_reader_error(r->past);
	else if (code == 0)
		code = store_history_print(&r->history, subject, &r->dossier, err);
	r->analysed = true;
	r->analyst_ns = clock_mono_ns() - begun_ns;
	if (code == -ENOMEM && arena_refused(r->arena))
		return error_set(
			err, code,
			"the facts need more memory than limits.memory_bytes allows: raise "
			"it, or review fewer artifacts at a time");
	return code;
}

/* An answer speaks of facts by their ids: it may be taken up only where all of these are alike. */
static int digest_questions(struct review_step *s)
{
	CLEANUP(digest_freep) struct digest *d = digest_new();

	if (!d)
		return -ENOMEM;
	digest_add(d, s->review->evidence, strlen(s->review->evidence) + 1);
	for (size_t i = 0; i < s->n_asks; i++) {
		digest_add(d, s->asks[i].system, strlen(s->asks[i].system) + 1);
		digest_add(d, s->asks[i].user, strlen(s->asks[i].user) + 1);
	}
	digest_text(d, s->evidence);
	return 0;
}

static void forget_stale(struct review_step *s)
{
	if (s->restored && strcmp(s->saved.evidence, s->evidence) != 0) {
		checkpoint_done(&s->saved);
		s->restored = false;
		s->saved.started_at_s = clock_now_s();
	}
}

/* Also where no model is asked: what is published then is the same, and so is its checkpoint. */
static int ask(struct review_step *s, struct error *err)
{
	struct review *r = s->review;
	const struct agent *agent = agent_of((enum task)s->persona->task);
	struct ask_limits limits = review_ask_limits(s);
	bool first = !r->analysed;
	int code = review_analyse(r, err); /* before the collector speaks, too: of the gaps found */

	if (code < 0)
		return code;
	if (first)
		r->analyst_in_ingest = s->spec->stage == STAGE_INGEST;
	code = agent->ask(&r->dossier, s->persona, (enum for_each)s->spec->for_each, &limits,
	                  r->arena, &s->asks, &s->n_asks, err);
	if (code < 0)
		return code;
	s->calls = calloc(2 * s->n_asks + 1, sizeof *s->calls);
	for (size_t i = 0; s->calls && i < 2 * s->n_asks; i++) {
		s->calls[i].step = s;
		s->calls[i].wanted = i % 2 == 0;
	}
	if (!s->calls || digest_questions(s) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	forget_stale(s);
	return s->restored ? 0 : review_find_answers(s, err);
}

static int check_answer(struct review_step *s, size_t ask_index, const char *text, size_t len,
                        struct claims_outcome *outcome, struct error *err)
{
	int r = ask_check(review_side_dossier(s->review, s->side), &s->asks[ask_index], s->spec->id,
	                  text, len, outcome, err);

	if (r == 0)
		s->accepted += outcome->accepted;
	return r;
}

/* The answers of an earlier life of this review, in the order in which they were checked then. */
static int check_restored(struct review_step *s, struct error *err)
{
	for (size_t i = 0; i < s->saved.n_answers; i++) {
		const struct checkpoint_answer *a = &s->saved.answers[i];
		struct claims_outcome outcome = {0};
		int r = a->ask < s->n_asks ? check_answer(s, a->ask, a->text, a->len, &outcome, err)
		                           : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static int check_one(struct review_step *s, size_t i, struct error *err)
{
	struct review_call *c = &s->calls[i];
	struct claims_outcome outcome = {0};
	int r = check_answer(s, i / 2, c->answer, c->answer_len, &outcome, err);

	if (r == 0)
		r = checkpoint_add_answer(&s->saved, i / 2, c->answer, c->answer_len);
	if (r < 0)
		return error_set(err, r, "cannot keep an answer: %s", strerror(-r));
	if (!outcome.rubbish || i % 2 == 1 || c->cached)
		return review_keep_answer(s, i, err);
	s->calls[i + 1].wanted = true;
	s->calls[i + 1].complaint = arena_strdup(s->review->arena, outcome.complaint);
	return 0;
}

static bool is_news(const struct review_step *s, size_t i)
{
	const struct review_call *c = &s->calls[i];

	return !c->checked && (c->answer || (c->too_long && i % 2 == 0));
}

static int check_new(struct review_step *s, struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < 2 * s->n_asks && r == 0; i++) {
		if (!is_news(s, i))
			continue;
		s->calls[i].checked = true;
		r = s->calls[i].answer ? check_one(s, i, err) : review_ask_shorter(s, i / 2, err);
	}
	return r;
}

static void step_work(uv_work_t *work)
{
	struct review_step *s = work->data;
	struct error err = {0};
	int r;

	if (s->state == STEP_ASKING)
		r = ask(s, &err);
	else
		r = s->restored ? check_restored(s, &err) : check_new(s, &err);
	if (r < 0)
		s->err = err.code < 0 ? err : (struct error){.code = r, .text = "out of memory"};
}

static void step_on_worked(uv_work_t *work, int status)
{
	struct review_step *s = work->data;
	struct review *r = s->review;

	(void)status;
	r->worker = NULL;
	if (s->err.code < 0) {
		(void)error_wrap(&s->err, "step %s", s->id);
		review_fail(r, &s->err);
	}
	if (r->answers_err.code < 0 && !r->answers_told) {
		log_warning(r->env.log, "job=%s: %s; the model is asked anew", r->job.id,
		            r->answers_err.text);
		r->answers_told = true;
	}
	if (!review_stopping(r)) {
		if (s->state == STEP_ASKING && s->restored)
			s->state = STEP_CHECKING;
		else if (s->state == STEP_CHECKING && s->restored)
			step_save(s);
		else
			review_ask_calls(s);
	}
	review_schedule(r);
}

bool review_step_wants_worker(const struct review_step *s)
{
	if (s->state == STEP_ASKING) /* how long a question may be, the servers tell */
		return !review_servers_busy(s->review);
	return s->state == STEP_CHECKING || (s->state == STEP_CALLING && s->calling == 0);
}

void review_step_work(struct review_step *s)
{
	struct review *r = s->review;

	if (s->state == STEP_CALLING) {
		bool news = false;

		for (size_t i = 0; i < 2 * s->n_asks; i++)
			news |= is_news(s, i);
		if (!news) {
			step_save(s);
			return;
		}
		s->state = STEP_CHECKING;
	}
	r->worker = s;
	if (uv_queue_work(r->env.loop, &s->work, step_work, step_on_worked) < 0) {
		error_set(&s->err, -ENOMEM, "out of memory");
		r->worker = NULL;
		review_fail(r, &s->err);
	}
}

/* --- INGESTING ---------------------------------------------------------- */

static int digest_evidence(struct review *r)
{
	CLEANUP(digest_freep) struct digest *d = digest_new();
	const struct inventory *inv = &r->dossier.inventory;

	if (!d)
		return -ENOMEM;
	digest_add(d, r->pipeline->text, strlen(r->pipeline->text) + 1);
	for (size_t i = 0; i < inv->n_artifacts; i++) {
		const struct artifact *a = &inv->artifacts[i];

		digest_add(d, a->path, strlen(a->path) + 1);
		digest_add(d, a->digest, strlen(a->digest) + 1);
	}
	digest_text(d, r->evidence);
	return 0;
}

static void step_on_progress(void *arg, size_t done, size_t total)
{
	struct review_step *s = arg;

	review_event(s->review, "progress",
	             json_pack("{sssIsIss}", "step", s->id, "done", (json_int_t)done, "total",
	                       (json_int_t)total, "what", "artifacts"));
}

static bool has_ended(const void *arg, const char *job)
{
	const struct review *r = arg;

	return publish_exists(r->env.config->reports, job);
}

/* Of questions to models, not only of what artifacts tell. */
static bool compares(const struct review *r)
{
	return r->n_sides > 1 || pipeline_variants(r->pipeline);
}

static void step_on_ingested(void *arg, int status, const struct error *err)
{
	struct review_step *s = arg;
	struct review *r = s->review;
	const char *trouble = ingest_cache_trouble(r->ingest);

	r->ingested = true;
	if (trouble)
		log_warning(r->env.log, "job=%s: %s", r->job.id, trouble);
	if (status == 0 && digest_evidence(r) < 0)
		error_set(&s->err, -ENOMEM, "out of memory");
	if (status < 0 && status != -ECANCELED)
		s->err = *err;
	if (status == 0 && compares(r) && !r->dossier.inventory.n_artifacts)
		error_set(
			&s->err, -ENODATA,
			"there is no artifact below %s: give a path that holds some, as agents are "
			"compared on questions about them",
			r->roots[0]);
	if (s->err.code < 0)
		review_fail(r, &s->err);
	for (size_t i = 0; i < r->n_steps; i++) { /* others may have waited for the tables */
		if (r->steps[i].state == STEP_INGESTING)
			r->steps[i].state = STEP_ASKING;
	}
	step_on_progress(s, r->dossier.inventory.n_artifacts, r->dossier.inventory.n_artifacts);
	review_schedule(r);
}

static void step_ingest(struct review_step *s)
{
	struct review *r = s->review;
	const struct config *c = r->env.config;
	const struct ingest_spec spec = {
		.dossier = &r->dossier,
		.roots = r->roots,
		.n_roots = r->n_roots,
		.limits = {.file_bytes = c->limits.file_bytes, .files = c->limits.files},
		.memory_bytes = c->limits.memory_bytes / 2,
		.cache = arena_printf(r->arena, "%s/ingest.db", c->state),
		.fresh = review_is_fresh(r),
		.job = r->job.id,
		.ended = has_ended,
		.ended_arg = r};
	const struct ingest_ops ops = {step_on_progress, step_on_ingested};

	s->state = STEP_INGESTING;
	if (r->ingested) {
		s->state = STEP_ASKING;
		return;
	}
	if (!r->ingest && ingest_start(&r->ingest, r->env.loop, &spec, &ops, s, &s->err) < 0) {
		s->state = STEP_DONE;
		review_fail(r, &s->err);
	}
}

/* --- LOADING ------------------------------------------------------------ */

static void load_work(struct store *store, void *arg)
{
	struct review_step *s = arg;
	const char *job = s->review->job.id;
	struct error err = {0};
	int r = store_set_step(store, job, s->id, &err);

	if (r == 0)
		r = store_checkpoint_get(store, &s->saved_text, job, s->id, &err);
	if (r < 0)
		s->err = err;
}

static void step_on_loaded(void *arg)
{
	struct review_step *s = arg;
	struct error err = {0};

	if (s->saved_text && checkpoint_parse(&s->saved, s->saved_text, &err) == 0)
		s->restored = true; /* a damaged one only costs its calls again */
	if (!s->restored)
		s->saved.started_at_s = clock_now_s();
	if (s->err.code < 0) {
		review_fail(s->review, &s->err);
		s->state = STEP_DONE;
	}
	if (!review_stopping(s->review))
		step_ingest(s);
	else
		s->state = STEP_DONE;
	review_schedule(s->review);
}

void review_step_begin(struct review_step *s)
{
	s->begun_ns = clock_mono_ns();
	s->state = STEP_LOADING;
	step_event(s, "running");
	if (store_queue_run(s->review->env.store, load_work, step_on_loaded, s) < 0) {
		error_set(&s->err, -ENOMEM, "out of memory");
		s->state = STEP_DONE;
		review_fail(s->review, &s->err);
	}
}

void review_step_cancel_calls(struct review_step *s)
{
	if (s->calling == 0)
		return; /* calls may be a worker's */
	for (size_t i = 0; i < 2 * s->n_asks; i++) {
		if (s->calls[i].call)
			model_cancel(s->calls[i].call);
	}
}

void review_step_done(struct review_step *s)
{
	for (size_t i = 0; s->calls && i < 2 * s->n_asks; i++)
		free(s->calls[i].answer);
	free(s->calls);
	free(s->saved_text);
	checkpoint_done(&s->saved);
	persona_free(s->persona);
}
