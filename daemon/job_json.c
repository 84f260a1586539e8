/* SPDX-License-Identifier: MIT */
#include "daemon/job_json.h"

#include "daemon/time_json.h"

static json_t *time_or_null(int64_t unix_s)
{
	return unix_s ? time_json(unix_s) : json_null();
}

static json_t *paths_json(const char *request)
{
	json_t *root = request ? json_loads(request, 0, NULL) : NULL;
	json_t *paths = json_object_get(root, "paths");

	paths = paths ? json_incref(paths) : json_array();
	json_decref(root);
	return paths;
}

static json_t *error_json(const char *problem)
{
	json_t *e = problem ? json_loads(problem, 0, NULL) : NULL;

	return e ? e : json_null();
}

json_t *job_json(const struct job *j)
{
	return json_pack(
		"{s:s, s:s, s:o, s:s?, s:s?, s:s?, s:s, s:s?, s:o, s:o, s:o, s:o, s:s?, s:s?}",
		"id", j->id, "pipeline", j->pipeline, "paths", paths_json(j->request), "subject",
		j->subject, "machine", j->machine, "key", j->key, "state", job_state_name(j->state),
		"step", j->step, "submitted_at", time_or_null(j->submitted_at), "started_at",
		time_or_null(j->started_at), "finished_at", time_or_null(j->finished_at), "error",
		error_json(j->error), "verdict", j->verdict, "report", j->report);
}

bool job_ended(const struct job *j)
{
	return j->state != JOB_QUEUED && j->state != JOB_RUNNING;
}
