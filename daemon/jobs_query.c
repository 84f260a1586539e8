/* SPDX-License-Identifier: MIT */
#include "daemon/jobs_query.h"

#include <errno.h>

#include "daemon/job_json.h"

void jobs_result_done(struct jobs_result *r)
{
	if (r->jobs)
		jobs_free(r->jobs, r->n);
	json_decref(r->json);
	*r = (struct jobs_result){0};
}

void jobs_result_give(struct jobs_result *r, int status, struct job *job)
{
	r->status = status;
	if (status < 0)
		return;
	r->jobs = malloc(sizeof *job);
	if (!r->jobs) {
		job_done(job);
		r->status = error_set(&r->error, -ENOMEM, "out of memory");
		return;
	}
	r->jobs[0] = *job;
	r->n = 1;
}

static void add(struct jobs_result *ret, struct store *s, const struct job *like, bool with_key,
                uint64_t max_queued)
{
	const struct job wanted = {.pipeline = like->pipeline,
	                           .subject = like->subject,
	                           .machine = like->machine,
	                           .request = like->request,
	                           .key = with_key ? like->key : NULL};
	struct job job = {0};
	int r = store_add(s, &job, &ret->existed, &wanted, max_queued, &ret->error);

	jobs_result_give(ret, r, &job);
}

static void retry(struct jobs_result *ret, struct store *s, const char *id, uint64_t max_queued)
{
	struct job old = {0};

	ret->status = store_get(s, &old, id, &ret->error);
	if (ret->status < 0)
		return;
	if (job_ended(&old))
		add(ret, s, &old, false, max_queued);
	else
		ret->status = error_set(&ret->error, -EBUSY,
		                        "job %s is %s: only an ended job is retried", old.id,
		                        job_state_name(old.state));
	job_done(&old);
}

static void cancel(struct jobs_result *ret, struct store *s, const char *id)
{
	struct job job = {0}, now = {0};
	int r = store_get(s, &job, id, &ret->error);

	if (r < 0) {
		ret->status = r;
		return;
	}
	r = store_cancel(s, job.id, &ret->error);
	if (r == 0 || r == -EBUSY) /* busy: it runs, and the queue cancels it on the loop */
		r = store_get(s, &now, job.id, &ret->error);
	jobs_result_give(ret, r, &now);
	job_done(&job);
}

void jobs_query_run(struct jobs_result *ret, struct store *s, const struct jobs_query *q,
                    uint64_t max_queued)
{
	struct job job = {0};

	*ret = (struct jobs_result){0};
	switch (q->op) {
	case JOBS_ADD:
		add(ret, s, q->job, true, max_queued);
		break;
	case JOBS_GET:
		jobs_result_give(ret, store_get(s, &job, q->id, &ret->error), &job);
		break;
	case JOBS_LIST:
		ret->status = store_list(s, &ret->jobs, &ret->n, q->after, q->max, &ret->error);
		break;
	case JOBS_CANCEL:
		cancel(ret, s, q->id);
		break;
	case JOBS_RETRY:
		retry(ret, s, q->id, max_queued);
		break;
	case JOBS_ACCEPT:
		jobs_result_give(ret, store_accept(s, &job, q->id, &ret->error), &job);
		break;
	case JOBS_FINDINGS:
		ret->status = store_findings_list(s, &ret->json, q->skip, &ret->error);
		break;
	case JOBS_COUNT:
		ret->status = store_findings_count(s, &ret->json, &ret->error);
		break;
	case JOBS_ACK:
		ret->status = store_ack(s, &ret->json, &q->ack, &ret->error);
		break;
	case JOBS_PROBE:
		ret->status = store_probe(s, &ret->error);
		break;
	}
}

uint64_t jobs_counts_ended(const struct jobs_counts *c)
{
	return c->by_state[JOB_SUCCEEDED] + c->by_state[JOB_FAILED] + c->by_state[JOB_CANCELLED];
}
