/* SPDX-License-Identifier: MIT */
#include "daemon/review.h"

#include <errno.h>

#include "daemon/publish.h"
#include "daemon/review_trials.h"
#include "lib/base/clock.h"

bool review_stopping(const struct review *r)
{
	return r->cancelled || r->suspended || r->err.code < 0;
}

void review_event(struct review *r, const char *event, json_t *data)
{
	if (r->ops.on_event && data)
		r->ops.on_event(r->arg, event, data);
	json_decref(data);
}

static void stop_what_runs(struct review *r)
{
	if (!r->loaded)
		return; /* the load is still on a worker and will schedule */
	if (r->ingest && !r->ingested)
		ingest_cancel(r->ingest);
	review_servers_cancel(r);
	review_trials_cancel(r);
	if (r->plotter)
		plotter_cancel(r->plotter);
	for (size_t i = 0; i < r->n_steps; i++)
		review_step_cancel_calls(&r->steps[i]);
}

void review_fail(struct review *r, const struct error *err)
{
	if (r->err.code == 0)
		r->err = *err;
	stop_what_runs(r);
}

/* --- the end ------------------------------------------------------------ */

static void review_free(struct review *r)
{
	closep(&r->quiet_lock);
	for (size_t i = 0; i < r->n_steps; i++)
		review_step_done(&r->steps[i]);
	free(r->steps);
	ingest_release(r->ingest);
	review_plots_done(r);
	review_trials_done(r);
	history_reader_close(r->past);
	answer_cache_close(r->answers);
	free(r->history);
	arena_free(r->arena);
	pipeline_free(r->pipeline);
	free(r->roots);
	json_decref(r->request);
	job_done(&r->job);
	free(r);
}

static void review_on_closed(uv_handle_t *handle)
{
	struct review *r = handle->data;
	struct review_end end = {.state = JOB_SUCCEEDED, .error = r->err};

	if (r->err.code == 0 && r->report[0]) {
		end.verdict = verdict_name(r->dossier.verdict);
		end.report = r->report;
	} else if (r->cancelled) {
		end.state = JOB_CANCELLED;
		end.error = (struct error){0};
	} else if (r->suspended) {
		end.state = JOB_QUEUED;
		end.error = (struct error){0};
	} else {
		end.state = JOB_FAILED;
	}
	r->ops.on_done(r->arg, &end);
	review_free(r);
}

static void review_on_end(uv_timer_t *timer)
{
	uv_close((uv_handle_t *)timer, review_on_closed);
}

static void review_end(struct review *r)
{
	if (r->ending)
		return;
	r->ending = true;
	(void)uv_timer_start(&r->end, review_on_end, 0, 0);
}

static void publish_work(uv_work_t *work)
{
	struct review *r = work->data;
	int code = review_publish(r, &r->work_err);

	if (code < 0 && r->work_err.code == 0)
		error_set(&r->work_err, code, "cannot publish: %s", strerror(-code));
}

static void review_count(const struct review *r)
{
	struct metrics *m = r->env.metrics;

	metrics_observe(m, METRICS_INGEST, r->took.ingest_s);
	metrics_observe(m, METRICS_ANALYSIS, r->took.analysis_s);
	metrics_observe(m, METRICS_REPORT, r->took.report_s);
	metrics_observe(m, METRICS_REVIEW, r->took.total_s);
	if (m)
		m->verdicts[r->dossier.verdict]++;
}

static void prepare_work(uv_work_t *work)
{
	struct review *r = work->data;
	int code = review_prepare(r, &r->work_err);

	if (code < 0 && r->work_err.code == 0)
		error_set(&r->work_err, code, "cannot prepare the report: %s", strerror(-code));
}

static void review_on_published(uv_work_t *work, int status)
{
	struct review *r = work->data;

	(void)status;
	r->err = r->work_err;
	if (r->err.code == 0)
		review_count(r);
	if (r->plots_err.code < 0)
		log_warning(r->env.log, "job=%s: plots: %s", r->job.id, r->plots_err.text);
	review_end(r);
}

/* Until here it can be stopped; a report is published whole or not at all. */
void review_on_drawn(struct review *r)
{
	if (review_stopping(r) ||
	    uv_queue_work(r->env.loop, &r->work, publish_work, review_on_published) < 0) {
		if (!review_stopping(r))
			error_set(&r->err, -ENOMEM, "out of memory");
		review_end(r);
	}
}

static void review_on_prepared(uv_work_t *work, int status)
{
	struct review *r = work->data;

	(void)status;
	r->err = r->work_err;
	if (review_stopping(r) || !review_plots_draw(r))
		review_on_drawn(r);
}

/* --- the order of the steps --------------------------------------------- */

static bool step_ready(const struct review *r, const struct review_step *s)
{
	for (size_t i = 0; i < s->spec->n_needs; i++) {
		for (size_t k = 0; k < r->n_steps; k++) {
			if (r->steps[k].side == s->side &&
			    strcmp(r->steps[k].spec->id, s->spec->needs[i]) == 0 &&
			    r->steps[k].state != STEP_DONE)
				return false;
		}
	}
	return true;
}

/* True while something of ours is under way that will call review_schedule() again. */
static bool step_busy(const struct review_step *s)
{
	switch (s->state) {
	case STEP_LOADING:
	case STEP_INGESTING:
	case STEP_SAVING:
		return true;
	case STEP_ASKING:
	case STEP_CHECKING:
		return s->review->worker == s;
	case STEP_CALLING:
		return s->calling > 0;
	case STEP_WAITING:
	case STEP_DONE:
		return false;
	}
	return false;
}

static void begin_ready_steps(struct review *r)
{
	for (size_t i = 0; i < r->n_steps; i++) {
		if (r->steps[i].state == STEP_WAITING && step_ready(r, &r->steps[i]))
			review_step_begin(&r->steps[i]);
	}
}

static void lend_worker(struct review *r)
{
	for (size_t i = 0; i < r->n_steps && !r->worker; i++) {
		if (review_step_wants_worker(&r->steps[i]))
			review_step_work(&r->steps[i]);
	}
}

void review_schedule(struct review *r)
{
	bool busy = review_servers_busy(r) || review_trials_busy(r), done = true;

	if (r->publishing || r->ending)
		return;
	if (!review_stopping(r)) {
		begin_ready_steps(r);
		lend_worker(r);
	}
	if (r->publishing || r->ending)
		return; /* a step that could not be saved came here before us */
	for (size_t i = 0; i < r->n_steps; i++) {
		busy |= step_busy(&r->steps[i]);
		done &= r->steps[i].state == STEP_DONE;
	}
	if (review_stopping(r)) {
		if (!busy)
			review_end(r);
		return;
	}
	/* The servers first: what the trials ask for is not what wrote the report. */
	if (!done || review_servers_ask_again(r) || review_trials_wanted(r) || r->publishing ||
	    r->ending)
		return;
	closep(&r->quiet_lock); /* no model is called any more */
	r->quiet_lock = -1;
	r->publishing = true;
	if (uv_queue_work(r->env.loop, &r->work, prepare_work, review_on_prepared) < 0) {
		error_set(&r->err, -ENOMEM, "out of memory");
		review_end(r);
	}
}

/* --- the beginning ------------------------------------------------------ */

static int load_request(struct review *r, struct error *err)
{
	const json_t *paths, *path;
	json_error_t bad = {0};
	size_t i;

	r->request = json_loads(r->job.request, JSON_REJECT_DUPLICATES, &bad);
	/* jansson says nothing of some of its allocations */
	if (!r->request && (json_error_code(&bad) == json_error_out_of_memory || !bad.text[0]))
		return error_set(err, -ENOMEM, "out of memory");
	paths = json_object_get(r->request, "paths");
	r->n_roots = json_array_size(paths);
	r->roots = calloc(r->n_roots + 1, sizeof *r->roots);
	if (!r->roots)
		return error_set(err, -ENOMEM, "out of memory");
	json_array_foreach (paths, i, path) {
		r->roots[i] = json_string_value(path);
		if (!r->roots[i])
			return error_set(
				err, -EINVAL,
				"the stored request is damaged, its paths: submit it anew");
	}
	return r->n_roots ? 0
	                  : error_set(err, -EINVAL,
	                              "the stored request names no path: submit it anew");
}

static void load_work(uv_work_t *work)
{
	struct review *r = work->data;
	struct error *err = &r->work_err;

	if (review_was_published(r))
		return;
	if (load_request(r, err) < 0 ||
	    pipeline_load(&r->pipeline, r->env.config->pipelines, r->job.pipeline, err) < 0)
		return;
	(void)!review_load_steps(r, err);
}

static void review_on_loaded(uv_work_t *work, int status)
{
	struct review *r = work->data;

	(void)status;
	r->loaded = true;
	r->err = r->work_err;
	if (r->report[0]) {
		review_end(r);
		return;
	}
	if (!review_stopping(r)) {
		review_ask_setup(r);
		review_servers_ask(r);
	}
	review_schedule(r);
}

static int copy_job(struct job *to, const struct job *from)
{
	*to = (struct job){.state = from->state,
	                   .submitted_at = from->submitted_at,
	                   .started_at = from->started_at};
	to->id = strdup(from->id);
	to->pipeline = strdup(from->pipeline);
	to->request = strdup(from->request);
	to->subject = from->subject ? strdup(from->subject) : NULL;
	to->machine = from->machine ? strdup(from->machine) : NULL;
	return to->id && to->pipeline && to->request && !from->subject == !to->subject &&
	                       !from->machine == !to->machine
	               ? 0
	               : -ENOMEM;
}

int review_start(struct review **ret, const struct review_env *env, const struct job *job,
                 const struct review_ops *ops, void *arg, struct error *err)
{
	struct review *r = calloc(1, sizeof *r);

	if (!r)
		return error_set(err, -ENOMEM, "out of memory");
	r->env = *env;
	r->quiet_lock = -1;
	r->ops = *ops;
	r->arg = arg;
	r->work.data = r;
	r->begun_ns = clock_mono_ns();
	r->arena = arena_new(env->config->limits.memory_bytes / 2);
	r->dossier.arena = r->arena;
	if (!r->arena || copy_job(&r->job, job) < 0 ||
	    uv_queue_work(env->loop, &r->work, load_work, review_on_loaded) < 0) {
		review_free(r);
		return error_set(err, -ENOMEM, "out of memory");
	}
	(void)uv_timer_init(env->loop, &r->end);
	r->end.data = r;
	*ret = r;
	return 0;
}

static void review_stop(struct review *r)
{
	stop_what_runs(r);
	if (r->loaded)
		review_schedule(r);
}

void review_cancel(struct review *r)
{
	r->cancelled = true;
	review_stop(r);
}

void review_suspend(struct review *r)
{
	r->suspended = true;
	review_stop(r);
}
