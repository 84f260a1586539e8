/* SPDX-License-Identifier: MIT */
#include "daemon/jobs.h"

#include <assert.h>
#include <errno.h>

#include "daemon/job_json.h"
#include "daemon/problem.h"

#define CRASHES_MAX 10 /* design: a job fails for crashing only after so many in one step */

/* One review under way. */
struct run {
	struct run *next;
	struct jobs *jobs;
	struct job job;
	void *review; /* the runner's; NULL once on_done() has come */
};

struct jobs {
	struct jobs_env env;
	struct run *runs;
	size_t n_runs;
	bool claiming, stopping;
	size_t asking; /* work in the store queue that will come back here */
	struct jobs_counts counts;
	void (*stopped)(void *arg);
	void *stopped_arg;
};

/* Work for the store and what came of it. */
struct task {
	struct jobs *jobs;
	struct jobs_query query;
	jobs_done_fn *done;
	void *arg;
	uint64_t max_queued;
	struct jobs_result result;
	struct run *run; /* ending one: NULL otherwise */
	struct review_end end;
	char *end_error, *end_verdict, *end_report;
	struct jobs_counts counts; /* at start */
	void (*started)(void *arg, const struct error *err);
};

static void jobs_pump(struct jobs *j);

/* --- tasks -------------------------------------------------------------- */

static void task_free(struct task *t)
{
	jobs_result_done(&t->result);
	free(t->end_error);
	free(t->end_verdict);
	free(t->end_report);
	free(t);
}

static int task_run(struct jobs *j, struct task *t, store_work_fn *work, store_after_fn *after)
{
	int r = store_queue_run(j->env.store, work, after, t);

	t->jobs = j;
	if (r == 0)
		j->asking++;
	return r;
}

static void jobs_changed(struct jobs *j)
{
	if (j->env.on_change)
		j->env.on_change(j->env.on_change_arg);
}

static void jobs_check_stopped(struct jobs *j)
{
	if (j->stopping && j->stopped && !j->runs && j->asking == 0) {
		void (*stopped)(void *arg) = TAKE(j->stopped);

		stopped(j->stopped_arg);
	}
}

static void task_back(struct task *t)
{
	struct jobs *j = t->jobs;

	j->asking--;
	task_free(t);
	jobs_check_stopped(j);
}

/* --- events ------------------------------------------------------------- */

static void publish_state(struct jobs *j, const struct job *job)
{
	json_t *data = job_json(job);

	if (data)
		events_publish(j->env.events, job->id, "state", data);
	json_decref(data);
	if (job_ended(job))
		events_end(j->env.events, job->id);
}

static void jobs_move(struct jobs *j, enum job_state from, enum job_state to)
{
	if (j->counts.by_state[from] > 0)
		j->counts.by_state[from]--;
	j->counts.by_state[to]++;
	jobs_changed(j);
}

/* --- the end of a review ------------------------------------------------ */

static void end_work(struct store *s, void *arg)
{
	struct task *t = arg;
	struct job job = {0};

	if (t->end.state == JOB_QUEUED) /* suspended */
		t->result.status = store_requeue(s, t->run->job.id, &t->result.error);
	else
		t->result.status = store_finish(s, t->run->job.id, t->end.state, t->end_error,
		                                t->end_verdict, t->end_report, &t->result.error);
	if (t->result.status == 0)
		jobs_result_give(&t->result, store_get(s, &job, t->run->job.id, &t->result.error),
		                 &job);
}

static void run_free(struct run *run)
{
	struct run **at = &run->jobs->runs;

	while (*at != run)
		at = &(*at)->next;
	*at = run->next;
	run->jobs->n_runs--;
	job_done(&run->job);
	free(run);
}

static void end_after(void *arg)
{
	struct task *t = arg;
	struct jobs *j = t->jobs;

	if (t->result.status < 0) {
		log_err(j->env.log,
		        "job=%s: its end could not be stored, it runs again at the next "
		        "start: %s",
		        t->run->job.id, t->result.error.text);
	} else {
		jobs_move(j, JOB_RUNNING, t->result.jobs[0].state);
		if (t->result.jobs[0].state == JOB_SUCCEEDED)
			j->counts.succeeded_at = t->result.jobs[0].finished_at;
		publish_state(j, &t->result.jobs[0]);
		log_info(j->env.log, "job=%s: %s%s%s%s%s", t->run->job.id,
		         job_state_name(t->result.jobs[0].state),
		         t->end_verdict ? ", verdict " : "", t->end_verdict ? t->end_verdict : "",
		         t->end.error.code ? ": " : "", t->end.error.code ? t->end.error.text : "");
	}
	run_free(t->run);
	jobs_pump(j);
	task_back(t);
}

static unsigned problem_status(int code)
{
	switch (code) {
	case -ENOSPC:
	case -EDQUOT:
		return 507;
	case -ENOENT:
	case -EINVAL:
		return 400;
	default:
		return 500;
	}
}

static int copy_end(struct task *t, const struct review_end *end)
{
	json_t *problem = NULL;

	t->end = *end;
	t->end.verdict = t->end.report = NULL;
	if (end->error.code) {
		problem = problem_new(problem_status(end->error.code), "%s", end->error.text);
		t->end_error = problem ? json_dumps(problem, JSON_COMPACT) : NULL;
		json_decref(problem);
	}
	t->end_verdict = end->verdict ? strdup(end->verdict) : NULL;
	t->end_report = end->report ? strdup(end->report) : NULL;
	return !t->end_error == !end->error.code && !t->end_verdict == !end->verdict &&
	                       !t->end_report == !end->report
	               ? 0
	               : -ENOMEM;
}

static void run_ended(struct run *run, const struct review_end *end)
{
	struct jobs *j = run->jobs;
	struct task *t = calloc(1, sizeof *t);

	run->review = NULL;
	if (t)
		t->run = run;
	if (t && copy_end(t, end) == 0 && task_run(j, t, end_work, end_after) == 0)
		return;
	log_err(j->env.log, "job=%s: no memory to end it, it runs again at the next start",
	        run->job.id);
	if (t)
		task_free(t);
	run_free(run);
	jobs_check_stopped(j);
}

/* --- a review under way ------------------------------------------------- */

static void run_on_event(void *arg, const char *event, const json_t *data)
{
	struct run *run = arg;

	events_publish(run->jobs->env.events, run->job.id, event, data);
}

static void run_on_done(void *arg, const struct review_end *end)
{
	run_ended(arg, end);
}

static const struct review_ops run_ops = {run_on_event, run_on_done};

static void run_fail(struct run *run, const struct error *err)
{
	const struct review_end end = {.state = JOB_FAILED, .error = *err};

	run_ended(run, &end);
}

/* The first crash of several that ran together may have been another's. */
static bool crashed_too_often(const struct run *run)
{
	return run->job.crashes >= CRASHES_MAX + (run->jobs->env.limits.running > 1);
}

static void run_start(struct run *run)
{
	struct jobs *j = run->jobs;
	struct error err = {0};

	if (crashed_too_often(run)) {
		error_set(&err, -EFAULT,
		          "the daemon died %d times during step %s of this job: it is not tried "
		          "again (see its log for the reason; retry starts over)",
		          (int)run->job.crashes, run->job.step ? run->job.step : "one");
		run_fail(run, &err);
		return;
	}
	if (run->job.crashes)
		log_warning(j->env.log, "job=%s: resumes after %d starts that never ended",
		            run->job.id, (int)run->job.crashes);
	else
		log_info(j->env.log, "job=%s: pipeline %s begins", run->job.id, run->job.pipeline);
	publish_state(j, &run->job);
	if (j->env.runner.start(j->env.runner.arg, &run->review, &run->job, &run_ops, run, &err) <
	    0)
		run_fail(run, &err);
	else if (j->stopping)
		j->env.runner.suspend(j->env.runner.arg, run->review);
}

/* --- claiming ----------------------------------------------------------- */

static void claim_work(struct store *s, void *arg)
{
	struct task *t = arg;
	struct job job = {0};

	jobs_result_give(&t->result, store_claim(s, &job, &t->result.error), &job);
}

static void claim_take(struct jobs *j, struct task *t)
{
	struct run *run = calloc(1, sizeof *run);

	if (!run) {
		log_err(j->env.log, "job=%s: no memory to run it, it runs at the next start",
		        t->result.jobs[0].id);
		return;
	}
	run->jobs = j;
	run->job = t->result.jobs[0]; /* taken over */
	t->result.jobs[0] = (struct job){0};
	run->next = j->runs;
	j->runs = run;
	j->n_runs++;
	jobs_move(j, JOB_QUEUED, JOB_RUNNING);
	run_start(run);
}

static void claim_after(void *arg)
{
	struct task *t = arg;
	struct jobs *j = t->jobs;

	j->claiming = false;
	if (t->result.status == 0) {
		claim_take(j, t);
		jobs_pump(j);
	} else if (t->result.status != -ENOENT) {
		log_err(j->env.log, "cannot take the next job: %s", t->result.error.text);
	}
	task_back(t);
}

static bool jobs_have_room(const struct jobs *j)
{
	uint64_t max = j->env.limits.running ? j->env.limits.running : 1;

	for (const struct run *run = j->runs; run; run = run->next) {
		if (run->job.crashes)
			return false; /* it runs alone */
	}
	return j->n_runs < max;
}

static void jobs_pump(struct jobs *j)
{
	struct task *t;

	if (j->stopping || j->claiming || !jobs_have_room(j))
		return;
	t = calloc(1, sizeof *t);
	if (!t || task_run(j, t, claim_work, claim_after) < 0) {
		free(t); /* the next submission tries again */
		return;
	}
	j->claiming = true;
}

/* --- questions ---------------------------------------------------------- */

static void ask_work(struct store *s, void *arg)
{
	struct task *t = arg;

	jobs_query_run(&t->result, s, &t->query, t->max_queued);
}

static void cancel_running(struct jobs *j, const char *id)
{
	for (struct run *run = j->runs; run; run = run->next) {
		if (strcmp(run->job.id, id) == 0 && run->review) {
			j->env.runner.cancel(j->env.runner.arg, run->review);
			return;
		}
	}
}

/* What the answer means for the queue, before the client hears it. */
static void ask_settle(struct jobs *j, struct task *t)
{
	struct job *job = t->result.jobs;

	switch (t->query.op) {
	case JOBS_ADD:
	case JOBS_RETRY:
		if (t->result.existed)
			break;
		j->counts.by_state[JOB_QUEUED]++;
		jobs_changed(j);
		publish_state(j, job);
		jobs_pump(j);
		break;
	case JOBS_CANCEL:
		if (job->state == JOB_RUNNING) {
			cancel_running(j, job->id);
		} else {
			jobs_move(j, JOB_QUEUED, job->state);
			publish_state(j, job);
		}
		break;
	case JOBS_GET:
	case JOBS_LIST:
	case JOBS_ACCEPT:
	case JOBS_FINDINGS:
	case JOBS_ACK:
		break;
	}
}

static void ask_after(void *arg)
{
	struct task *t = arg;

	if (t->result.status == 0)
		ask_settle(t->jobs, t);
	t->done(t->arg, &t->result);
	task_back(t);
}

int jobs_ask(struct jobs *j, const struct jobs_query *q, jobs_done_fn *done, void *arg)
{
	struct task *t;
	int r;

	if (j->stopping)
		return -ESHUTDOWN;
	t = calloc(1, sizeof *t);
	if (!t)
		return -ENOMEM;
	t->query = *q;
	t->done = done;
	t->arg = arg;
	t->max_queued = j->env.limits.queued;
	r = task_run(j, t, ask_work, ask_after);
	if (r < 0)
		task_free(t);
	return r;
}

/* --- the beginning and the end ------------------------------------------ */

static void start_work(struct store *s, void *arg)
{
	struct task *t = arg;
	int r = store_recover(s, &t->result.error);

	t->result.status = r < 0 ? r
	                         : store_count(s, t->counts.by_state, &t->counts.succeeded_at,
	                                       &t->result.error);
}

static void start_after(void *arg)
{
	struct task *t = arg;
	struct jobs *j = t->jobs;

	j->counts = t->counts;
	if (t->result.status == 0 && j->counts.by_state[JOB_QUEUED])
		log_notice(j->env.log, "%d jobs wait in the queue",
		           (int)j->counts.by_state[JOB_QUEUED]);
	if (t->result.status == 0)
		jobs_pump(j);
	t->started(t->arg, &t->result.error);
	task_back(t);
}

int jobs_new(struct jobs **ret, const struct jobs_env *env,
             void (*started)(void *arg, const struct error *err), void *arg, struct error *err)
{
	struct jobs *j = calloc(1, sizeof *j);
	struct task *t = calloc(1, sizeof *t);

	if (j && t) {
		j->env = *env;
		t->started = started;
		t->arg = arg;
		if (task_run(j, t, start_work, start_after) == 0) {
			*ret = j;
			return 0;
		}
	}
	free(t);
	free(j);
	return error_set(err, -ENOMEM, "no memory for the queue");
}

struct jobs_counts jobs_counts(const struct jobs *j)
{
	return j->counts;
}

void jobs_forget(struct jobs *j, const struct jobs_counts *removed)
{
	for (size_t i = 0; i < ARRAY_LEN(j->counts.by_state); i++) {
		uint64_t n = removed->by_state[i];

		j->counts.by_state[i] -= n < j->counts.by_state[i] ? n : j->counts.by_state[i];
	}
}

void jobs_set_limits(struct jobs *j, struct jobs_limits limits)
{
	j->env.limits = limits;
	jobs_pump(j);
}

static void stop_on_queue(void *arg)
{
	struct task *t = arg;

	task_back(t);
}

static void stop_work(struct store *s, void *arg)
{
	(void)s;
	(void)arg;
}

/* Passes through the queue once, so that stopped() never comes from inside. */
void jobs_stop(struct jobs *j, void (*stopped)(void *arg), void *arg)
{
	struct task *t = calloc(1, sizeof *t);

	assert(!j->stopping);
	j->stopping = true;
	j->stopped = stopped;
	j->stopped_arg = arg;
	for (struct run *run = j->runs; run; run = run->next) {
		if (run->review)
			j->env.runner.suspend(j->env.runner.arg, run->review);
	}
	if (!t || task_run(j, t, stop_work, stop_on_queue) < 0) {
		free(t);
		jobs_check_stopped(j);
	}
}

void jobs_free_queue(struct jobs *j)
{
	assert(!j || (!j->runs && j->asking == 0));
	free(j);
}
