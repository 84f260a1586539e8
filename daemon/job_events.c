/* SPDX-License-Identifier: MIT */
#include "daemon/job_events.h"

#include "daemon/job_json.h"

void job_events_state(struct events *e, const struct job *job)
{
	json_t *data = job_json(job);

	if (data)
		events_publish(e, job->id, "state", data);
	json_decref(data);
	if (job_ended(job))
		events_end(e, job->id);
}

void job_events_start(struct events *e, const struct job *job)
{
	struct job before = *job;

	before.state = JOB_QUEUED;
	before.started_at = 0;
	if (!job->crashes && !job->step && !events_known(e, job->id))
		job_events_state(e, &before);
	job_events_state(e, job);
}

void job_events_followed(struct events *e, const struct job *job)
{
	if (!events_known(e, job->id))
		job_events_state(e, job);
}
