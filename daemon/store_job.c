/* SPDX-License-Identifier: MIT */
#include "daemon/store_job.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

/* Most bytes of each text; a request is at most a body of the API, and so is a problem. */
#define ID_MAX   64
#define WORD_MAX 256
#define BODY_MAX ((size_t)1024 * 1024)

#define STATE_COLUMN 6

static const char *const state_names[] = {"queued", "running", "succeeded", "failed", "cancelled"};

const char *job_state_name(enum job_state s)
{
	return state_names[s];
}

void job_done(struct job *j)
{
	free(j->id);
	free(j->pipeline);
	free(j->subject);
	free(j->machine);
	free(j->request);
	free(j->key);
	free(j->step);
	free(j->error);
	free(j->verdict);
	free(j->report);
	*j = (struct job){0};
}

void jobs_free(struct job *jobs, size_t n)
{
	for (size_t i = 0; jobs && i < n; i++)
		job_done(&jobs[i]);
	free(jobs);
}

static const struct text_column {
	int column;
	const char *name;
	size_t offset, max;
	bool required;
} texts[] = {
	{0, "id", offsetof(struct job, id), ID_MAX, true},
	{1, "pipeline", offsetof(struct job, pipeline), WORD_MAX, true},
	{2, "subject", offsetof(struct job, subject), WORD_MAX, false},
	{3, "machine", offsetof(struct job, machine), WORD_MAX, false},
	{4, "request", offsetof(struct job, request), BODY_MAX, true},
	{5, "key", offsetof(struct job, key), WORD_MAX, false},
	{7, "step", offsetof(struct job, step), WORD_MAX, false},
	{11, "error", offsetof(struct job, error), BODY_MAX, false},
	{12, "verdict", offsetof(struct job, verdict), WORD_MAX, false},
	{13, "report", offsetof(struct job, report), PATH_MAX, false},
};

static char **text_of(struct job *j, const struct text_column *c)
{
	return (char **)(void *)((char *)j + c->offset);
}

int job_check(const struct store *s, const struct job *job, struct error *err)
{
	struct job copy = *job; /* only to walk over its pointers */

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *text = *text_of(&copy, &texts[i]);

		if (!text && texts[i].required)
			return error_set(err, -EINVAL, "%s: a job without %s", s->path,
			                 texts[i].name);
		if (text && strnlen(text, texts[i].max + 1) > texts[i].max)
			return error_set(err, -EMSGSIZE, "%s: over the limit of %zu bytes",
			                 texts[i].name, texts[i].max);
	}
	return 0;
}

static int read_state(const struct store *s, enum job_state *ret, sqlite3_stmt *st,
                      struct error *err)
{
	CLEANUP(freep) char *name = NULL;
	int r = sql_text(s, &name, st, STATE_COLUMN, WORD_MAX, err);

	if (r < 0)
		return r;
	for (unsigned i = 0; name && i < ARRAY_LEN(state_names); i++) {
		if (strcmp(name, state_names[i]) == 0) {
			*ret = (enum job_state)i;
			return 0;
		}
	}
	return error_set(err, -EBADMSG, "%s: a job in no known state; put a backup in its place",
	                 s->path);
}

static int read_numbers(const struct store *s, struct job *j, sqlite3_stmt *st, struct error *err)
{
	int64_t crashes = 0;
	int r = sql_int(s, &j->submitted_at, st, 8, err);

	if (r == 0)
		r = sql_int(s, &j->started_at, st, 9, err);
	if (r == 0)
		r = sql_int(s, &j->finished_at, st, 10, err);
	if (r == 0)
		r = sql_int(s, &crashes, st, 14, err);
	j->crashes = crashes > 0 ? (uint64_t)crashes : 0;
	return r;
}

int job_read(const struct store *s, struct job *ret, sqlite3_stmt *st, struct error *err)
{
	CLEANUP(job_done) struct job j = {0};
	int r = read_state(s, &j.state, st, err);

	for (size_t i = 0; i < ARRAY_LEN(texts) && r == 0; i++) {
		char **text = text_of(&j, &texts[i]);

		r = sql_text(s, text, st, texts[i].column, texts[i].max, err);
		if (r == 0 && !*text && texts[i].required)
			r = error_set(err, -EBADMSG, "%s: a job without %s", s->path,
			              texts[i].name);
	}
	if (r == 0)
		r = read_numbers(s, &j, st, err);
	if (r < 0)
		return r;
	*ret = j;
	j = (struct job){0};
	return 0;
}

bool job_make_id(char ret[static JOB_ID_BYTES], int64_t now_s)
{
	unsigned char random[3];
	time_t t = (time_t)now_s;
	struct tm tm = {0};
	size_t n;

	if (getrandom(random, sizeof random, 0) != sizeof random || !gmtime_r(&t, &tm))
		return false;
	n = strftime(ret, JOB_ID_BYTES, "%Y%m%d-%H%M%S-", &tm);
	if (n != sizeof "20261121-023000-" - 1)
		return false;
	(void)snprintf(ret + n, JOB_ID_BYTES - n, "%02x%02x%02x", random[0], random[1], random[2]);
	return true;
}
