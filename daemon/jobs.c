/* SPDX-License-Identifier: MIT */
#include "daemon/jobs.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "daemon/job_events.h"
#include "daemon/problem.h"

#define CRASHES_MAX 10 /* design: a job fails for crashing only after so many in one step */

/* What the store would not take, for want of room or memory, is tried again after so long. */
#define AGAIN_MIN_MS 500
#define AGAIN_MAX_MS 30000

enum run_state { RUN_STARTING, RUN_UNDER_WAY, RUN_ENDED, RUN_STORING };

/* One review, until its end is in the store. */
struct run {
	struct run *next;
	struct jobs *jobs;
	struct job job;
	enum run_state state;
	void *review;          /* the runner's, while it is under way */
	struct review_end end; /* what it refers to lies in here: keeping an end cannot fail */
	char verdict[32], report[PATH_MAX];
	bool complained; /* that its end could not be stored */
};

struct jobs {
	struct jobs_env env;
	struct run *runs;
	size_t n_runs;
	bool claiming, stopping;
	uv_timer_t again;
	uint64_t again_ms;
	bool again_closed;
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
	struct run *run;           /* that begins or ends, else NULL */
	struct jobs_counts counts; /* at start */
	void (*started)(void *arg, const struct error *err);
};

static void jobs_pump(struct jobs *j);
static void jobs_try_again(struct jobs *j);

/* --- tasks -------------------------------------------------------------- */

static void task_free(struct task *t)
{
	jobs_result_done(&t->result);
	free(t);
}

static void task_undo(void *arg)
{
	struct task *t = arg;

	jobs_result_done(&t->result);
}

static int task_run(struct jobs *j, struct task *t, store_work_fn *work, store_after_fn *after)
{
	int r = store_queue_join(j->env.store, work, task_undo, after, t);

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
	if (j->stopping && j->stopped && !j->runs && j->asking == 0 && j->again_closed) {
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

static void jobs_move(struct jobs *j, enum job_state from, enum job_state to)
{
	if (j->counts.by_state[from] > 0)
		j->counts.by_state[from]--;
	j->counts.by_state[to]++;
	jobs_changed(j);
}

/* --- the end of a review ------------------------------------------------ */

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

static int finish_job(struct store *s, const struct run *run, struct error *err)
{
	const struct review_end *end = &run->end;
	CLEANUP(json_decrefp) json_t *problem = NULL;
	CLEANUP(freep) char *text = NULL;

	if (end->error.code) {
		problem = problem_new(problem_status(end->error.code), "%s", end->error.text);
		text = problem ? json_dumps(problem, JSON_COMPACT) : NULL;
		if (!text)
			return error_set(err, -ENOMEM, "out of memory");
	}
	return store_finish(s, run->job.id, end->state, text, end->verdict, end->report, err);
}

static void end_work(struct store *s, void *arg)
{
	struct task *t = arg;
	struct job job = {0};

	if (t->run->end.state == JOB_QUEUED) /* suspended */
		t->result.status = store_requeue(s, t->run->job.id, &t->result.error);
	else
		t->result.status = finish_job(s, t->run, &t->result.error);
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

static void run_stored(struct run *run, const struct job *job)
{
	struct jobs *j = run->jobs;
	const struct review_end *end = &run->end;

	jobs_move(j, JOB_RUNNING, job->state);
	if (job->state == JOB_SUCCEEDED)
		j->counts.succeeded_at = job->finished_at;
	job_events_state(j->env.events, job);
	log_info(j->env.log, "job=%s: %s%s%s%s%s", run->job.id, job_state_name(job->state),
	         end->verdict ? ", verdict " : "", end->verdict ? end->verdict : "",
	         end->error.code ? ": " : "", end->error.code ? end->error.text : "");
	run_free(run);
}

/* Somebody makes room, or gives the disk back; what is damaged stays so. */
static bool may_pass(int code)
{
	return code == -ENOSPC || code == -EDQUOT || code == -EIO || code == -ENOMEM ||
	       code == -ETIMEDOUT || code == -EROFS || code == -EACCES;
}

static void run_unstored(struct run *run, const struct error *why)
{
	struct jobs *j = run->jobs;
	bool again = !j->stopping && may_pass(why->code);

	run->state = RUN_ENDED;
	if (!run->complained || !again)
		log_err(j->env.log, "job=%s: its end could not be stored%s: %s", run->job.id,
		        again ? " yet" : ", it resumes at the next start", why->text);
	run->complained = true;
	if (again)
		jobs_try_again(j);
	else
		run_free(run);
}

static void end_after(void *arg)
{
	struct task *t = arg;
	struct jobs *j = t->jobs;

	if (t->result.status < 0) {
		run_unstored(t->run, &t->result.error);
	} else {
		j->again_ms = 0;
		run_stored(t->run, &t->result.jobs[0]);
	}
	jobs_pump(j);
	task_back(t);
}

static void run_store(struct run *run)
{
	static const struct error no_memory = {-ENOMEM, "out of memory"};
	struct jobs *j = run->jobs;
	struct task *t = calloc(1, sizeof *t);

	run->state = RUN_STORING;
	if (t)
		t->run = run;
	if (t && task_run(j, t, end_work, end_after) == 0)
		return;
	free(t);
	run_unstored(run, &no_memory);
	jobs_check_stopped(j);
}

static const char *keep_text(char *ret, size_t size, const char *text)
{
	if (text)
		(void)snprintf(ret, size, "%s", text);
	return text ? ret : NULL;
}

static void run_ended(struct run *run, const struct review_end *end)
{
	run->review = NULL;
	run->end = *end;
	run->end.verdict = keep_text(run->verdict, sizeof run->verdict, end->verdict);
	run->end.report = keep_text(run->report, sizeof run->report, end->report);
	run_store(run);
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
	job_events_start(j->env.events, &run->job);
	run->state = RUN_UNDER_WAY;
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
	struct run *run = TAKE(t->run);

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
		j->again_ms = 0;
		claim_take(j, t);
		jobs_pump(j);
	} else if (t->result.status != -ENOENT) {
		if (!j->again_ms) /* not every time anew */
			log_err(j->env.log, "cannot take the next job yet: %s",
			        t->result.error.text);
		jobs_try_again(j);
	}
	free(TAKE(t->run));
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

/* What it needs is there before the store calls a job running. */
static bool claim_next(struct jobs *j)
{
	struct task *t = calloc(1, sizeof *t);

	if (t)
		t->run = calloc(1, sizeof *t->run);
	if (t && t->run && task_run(j, t, claim_work, claim_after) == 0)
		return true;
	if (t)
		free(t->run);
	free(t);
	return false;
}

static void jobs_pump(struct jobs *j)
{
	if (j->stopping || j->claiming || !jobs_have_room(j))
		return;
	j->claiming = claim_next(j);
	if (!j->claiming)
		jobs_try_again(j);
}

/* --- trying again ------------------------------------------------------- */

static void jobs_on_again(uv_timer_t *timer)
{
	struct jobs *j = CONTAINER_OF(timer, struct jobs, again);

	for (struct run *run = j->runs, *next; run; run = next) {
		next = run->next;
		if (run->state == RUN_ENDED)
			run_store(run);
	}
	jobs_pump(j);
}

static void jobs_try_again(struct jobs *j)
{
	if (j->stopping || uv_is_active((uv_handle_t *)&j->again))
		return;
	j->again_ms = j->again_ms ? 2 * j->again_ms : AGAIN_MIN_MS;
	if (j->again_ms > AGAIN_MAX_MS)
		j->again_ms = AGAIN_MAX_MS;
	(void)uv_timer_start(&j->again, jobs_on_again, j->again_ms, 0);
}

static void jobs_on_again_closed(uv_handle_t *handle)
{
	struct jobs *j = CONTAINER_OF(handle, struct jobs, again);

	j->again_closed = true;
	jobs_check_stopped(j);
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
		jobs_pump(j);
		break;
	case JOBS_CANCEL:
		if (job->state == JOB_RUNNING) {
			cancel_running(j, job->id);
		} else {
			jobs_move(j, JOB_QUEUED, job->state);
			job_events_state(j->env.events, job);
		}
		break;
	case JOBS_GET:
	case JOBS_LIST:
	case JOBS_ACCEPT:
	case JOBS_FINDINGS:
	case JOBS_COUNT:
	case JOBS_ACK:
	case JOBS_PROBE:
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
			(void)uv_timer_init(env->loop, &j->again); /* cannot fail */
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

/* Closing the timer takes a turn of the loop: stopped() never comes from inside. */
void jobs_stop(struct jobs *j, void (*stopped)(void *arg), void *arg)
{
	assert(!j->stopping);
	j->stopping = true;
	j->stopped = stopped;
	j->stopped_arg = arg;
	for (struct run *run = j->runs, *next; run; run = next) {
		next = run->next;
		if (run->review)
			j->env.runner.suspend(j->env.runner.arg, run->review);
		else if (run->state == RUN_ENDED)
			run_store(run); /* the last time */
	}
	uv_close((uv_handle_t *)&j->again, jobs_on_again_closed);
}

void jobs_free_queue(struct jobs *j)
{
	assert(!j || (!j->runs && j->asking == 0));
	free(j);
}
