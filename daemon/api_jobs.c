/* SPDX-License-Identifier: MIT */
/*
 * The job resources of api.h.
 */
#include <errno.h>
#include <stdio.h>

#include "daemon/api_impl.h"
#include "daemon/job_events.h"
#include "daemon/job_json.h"
#include "daemon/submit.h"

#define LIST_PAGE 50
#define KEY_MAX   255 /* bytes of an Idempotency-Key */

static void ask_by_id(struct api_call *c, enum jobs_op op, jobs_done_fn *done)
{
	c->query = (struct jobs_query){.op = op, .id = c->segment};
	api_ask(c, done);
}

/* --- POST /v1/jobs ------------------------------------------------------ */

static void answer_accepted(struct api_call *c, unsigned status, const struct job *job)
{
	struct http_reply reply = {.status = status, .type = "application/json"};
	json_t *json = job_json(job);

	reply.body = json ? json_dumps(json, JSON_COMPACT) : NULL;
	reply.body_len = reply.body ? strlen(reply.body) : 0;
	json_decref(json);
	(void)snprintf(reply.location, sizeof reply.location, "/v1/jobs/%.100s", job->id);
	api_answer(c, &reply);
}

static void on_added(void *arg, const struct jobs_result *r)
{
	struct api_call *c = arg;

	if (r->status < 0)
		api_answer_error(c, &r->error);
	else
		answer_accepted(c, r->existed ? 200 : 202, &r->jobs[0]);
}

static void parse_work(uv_work_t *work)
{
	struct api_call *c = work->data;

	(void)!submit_parse(&c->job, &c->status, c->config, c->body, c->body_len, &c->err);
}

static void on_parsed(uv_work_t *work, int status)
{
	struct api_call *c = work->data;

	(void)status; /* nobody cancels it */
	if (c->err.code < 0) {
		api_answer_problem(c, c->status, "%s", c->err.text);
		return;
	}
	if (c->dry_run) { /* what would have been queued */
		api_answer_text(c, 200, "application/json", TAKE(c->job.request));
		return;
	}
	c->query = (struct jobs_query){.op = JOBS_ADD, .job = &c->job};
	api_ask(c, on_added);
}

static bool key_is_good(const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < len; i++) {
		if (key[i] <= ' ' || key[i] > '~')
			return false;
	}
	return len > 0 && len <= KEY_MAX;
}

void api_jobs_add(struct api_call *c, const struct http_request *req)
{
	const char *key = http_request_header(req, "Idempotency-Key");
	char dry[8];
	int r;

	if (!c->api->ready) {
		api_answer_problem(c, 503, "the daemon is starting or stopping: try again soon");
		return;
	}
	r = api_query(req, "dry_run", dry, sizeof dry);
	c->dry_run = r > 0;
	if (r < 0 || (r > 0 && strcmp(dry, "true") != 0)) {
		api_answer_problem(c, 400, "the query may be ?dry_run=true");
		return;
	}
	if (key && !key_is_good(key)) {
		api_answer_problem(c, 400,
		                   "Idempotency-Key: must be 1 to %d printable characters without "
		                   "blanks",
		                   KEY_MAX);
		return;
	}
	c->job.key = key ? strdup(key) : NULL;
	if (key && !c->job.key)
		api_answer_problem(c, 503, "out of memory");
	else if (api_keep_body(c, req) == 0)
		api_offload(c, parse_work, on_parsed);
}

/* --- one job ------------------------------------------------------------ */

static void on_got(void *arg, const struct jobs_result *r)
{
	struct api_call *c = arg;

	if (r->status < 0)
		api_answer_error(c, &r->error);
	else
		api_answer_json(c, 200, job_json(&r->jobs[0]));
}

void api_jobs_get(struct api_call *c, const struct http_request *req)
{
	(void)req;
	ask_by_id(c, JOBS_GET, on_got);
}

void api_jobs_accept(struct api_call *c, const struct http_request *req)
{
	(void)req;
	ask_by_id(c, JOBS_ACCEPT, on_got);
}

/* 202 when it runs: it ends when its review has stopped. */
static void on_cancelled(void *arg, const struct jobs_result *r)
{
	struct api_call *c = arg;

	if (r->status < 0)
		api_answer_error(c, &r->error);
	else
		api_answer_json(c, job_ended(&r->jobs[0]) ? 200 : 202, job_json(&r->jobs[0]));
}

void api_jobs_cancel(struct api_call *c, const struct http_request *req)
{
	(void)req;
	ask_by_id(c, JOBS_CANCEL, on_cancelled);
}

void api_jobs_retry(struct api_call *c, const struct http_request *req)
{
	(void)req;
	if (c->api->ready)
		ask_by_id(c, JOBS_RETRY, on_added);
	else
		api_answer_problem(c, 503, "the daemon is starting or stopping: try again soon");
}

/* --- the list ----------------------------------------------------------- */

static void on_listed(void *arg, const struct jobs_result *r)
{
	struct api_call *c = arg;
	json_t *list;

	if (r->status < 0) {
		api_answer_error(c, &r->error);
		return;
	}
	list = json_array();
	for (size_t i = 0; i < r->n; i++)
		(void)json_array_append_new(list, job_json(&r->jobs[i]));
	api_answer_json(c, 200, list);
}

void api_jobs_list(struct api_call *c, const struct http_request *req)
{
	int r = api_query(req, "after", c->segment, sizeof c->segment);

	if (r < 0) {
		api_answer_problem(c, 400,
		                   "the query may be ?after=ID, the last job of the page "
		                   "before");
		return;
	}
	c->query = (struct jobs_query){
		.op = JOBS_LIST, .after = r > 0 ? c->segment : NULL, .max = LIST_PAGE};
	api_ask(c, on_listed);
}

/* --- events ------------------------------------------------------------- */

static void on_events(void *arg, const struct jobs_result *r)
{
	struct api_call *c = arg;
	struct http_reply reply = {.status = 200, .type = "text/event-stream", .source_len = -1};

	if (r->status < 0) {
		api_answer_error(c, &r->error);
		return;
	}
	job_events_followed(c->api->env.events, &r->jobs[0]);
	reply.source = events_listen(c->api->env.events, r->jobs[0].id, c->after_id);
	if (!reply.source)
		api_answer_problem(c, 503, "too many clients follow events: try again later");
	else
		api_answer(c, &reply);
}

void api_jobs_events(struct api_call *c, const struct http_request *req)
{
	const char *last = http_request_header(req, "Last-Event-ID");
	char after[32];
	int r = api_query(req, "after", after, sizeof after);

	if (r > 0)
		last = after;
	if (r < 0 || (last && *last && api_number(&c->after_id, last) < 0)) {
		api_answer_problem(c, 400,
		                   "?after= and Last-Event-ID take the id of an event, a number");
		return;
	}
	ask_by_id(c, JOBS_GET, on_events);
}

/* --- reports ------------------------------------------------------------ */

static void on_report(void *arg, const struct jobs_result *r)
{
	struct api_call *c = arg;
	const struct job *job = r->jobs;

	if (r->status < 0) {
		api_answer_error(c, &r->error);
	} else if (!job->report) {
		api_answer_problem(c, 404, "job %s is %s: it has no report%s", job->id,
		                   job_state_name(job->state), job_ended(job) ? "" : " yet");
	} else if (asprintf(&c->path, "%s/report.%s", job->report, c->rest) < 0) {
		c->path = NULL;
		api_answer_problem(c, 503, "out of memory");
	} else {
		api_answer_file(c, NULL);
	}
}

void api_jobs_report(struct api_call *c, const struct http_request *req)
{
	(void)req;
	ask_by_id(c, JOBS_GET, on_report);
}
