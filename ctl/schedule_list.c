/* SPDX-License-Identifier: MIT */
/*
 * schedule list: each schedule, when it runs next, and what its last review said.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "ctl/ctl_json.h"
#include "ctl/options.h"
#include "ctl/schedule_impl.h"
#include "ctl/terminal.h"
#include "lib/base/bind.h"

#define SCHEDULES_MAX 256
#define PAGES_MAX     20 /* of 50 jobs: how far back the last review of a schedule is looked for */

static int is_schedule(const struct dirent *d)
{
	return bind_check_name(d->d_name) == NULL;
}

static void free_names(struct dirent **names, int n)
{
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

/* --- the last job of each ------------------------------------------------------ */

/* Puts the job where its schedule is, unless there is a later one. Returns how many are left. */
static size_t place_jobs(json_t *schedules, const json_t *jobs)
{
	json_t *schedule;
	const json_t *job;
	size_t left = 0, i, k;

	json_array_foreach (schedules, i, schedule) {
		char prefix[SCHEDULED_KEY_BYTES];

		scheduled_key_prefix(prefix, ctl_json_text(schedule, "name"));
		json_array_foreach (jobs, k, job) {
			if (json_is_null(json_object_get(schedule, "job")) &&
			    strncmp(ctl_json_text(job, "key"), prefix, strlen(prefix)) == 0)
				(void)json_object_set(schedule, "job", (json_t *)(uintptr_t)job);
		}
		left += json_is_null(json_object_get(schedule, "job"));
	}
	return left;
}

/* Page after page, newest first. Returns a ctl_exit code. */
static int find_jobs(const struct ctl *ctl, json_t *schedules)
{
	CLEANUP(client_freep) struct client *c = NULL;
	char path[128] = "/v1/jobs";
	struct error err = {0};
	int r, code = schedule_connect(ctl, &c);

	for (int page = 0; code == CTL_DONE && page < PAGES_MAX; page++) {
		CLEANUP(reply_done) struct reply reply = {0};
		size_t n;

		r = client_call(c, "GET", path, NULL, NULL, &reply, &err);
		if (r < 0)
			return client_fail("schedule", r, &err);
		if (reply.status >= 400)
			return client_refused("schedule", &reply);
		n = json_array_size(reply.json);
		if (place_jobs(schedules, reply.json) == 0 || n == 0)
			break;
		(void)snprintf(path, sizeof path, "/v1/jobs?after=%.64s",
		               ctl_json_text(json_array_get(reply.json, n - 1), "id"));
	}
	return code;
}

/* --- what is there -------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

static json_t *describe(const char *name, const struct scheduled *s)
{
	struct schedule_times times;

	schedule_times(&times, name);
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:n}", "name", name, "at", text_or_null(s->at),
	                 "after", text_or_null(s->after), "next", text_or_null(times.next),
	                 "last_trigger", text_or_null(times.last), "job");
}

static int read_one(json_t *into, const char *name)
{
	CLEANUP(scheduled_freep) struct scheduled *s = NULL;
	char path[SCHEDULE_PATH_BYTES];
	struct error err = {0};
	int r = schedule_path(path, name, &err);

	if (r == 0)
		r = scheduled_load(&s, path, &err);
	if (r < 0)
		return ctl_fail(CTL_FAILED, "schedule: %s", err.text);
	return json_array_append_new(into, describe(name, s)) < 0
	               ? ctl_fail(CTL_FAILED, "schedule: out of memory")
	               : CTL_DONE;
}

static int read_all(json_t *into)
{
	char dir[SCHEDULE_PATH_BYTES];
	struct dirent **names = NULL;
	struct error err = {0};
	int code = CTL_DONE, n;

	if (schedule_path(dir, "", &err) < 0)
		return ctl_fail(CTL_FAILED, "schedule: %s", err.text);
	n = scandir(dir, &names, is_schedule, alphasort);
	if (n < 0)
		return errno == ENOENT
		               ? CTL_DONE
		               : ctl_fail(CTL_FAILED, "schedule: %s: %s", dir, strerror(errno));
	if (n > SCHEDULES_MAX)
		code = ctl_fail(CTL_FAILED, "schedule: %s: %d reviews, of which %d are shown", dir,
		                n, SCHEDULES_MAX);
	for (int i = 0; i < n && i < SCHEDULES_MAX; i++) {
		int one = read_one(into, names[i]->d_name);

		code = code ? code : one;
	}
	free_names(names, n);
	return code;
}

/* --- printing --------------------------------------------------------------------- */

/* "02:30", "after bench.service", or both. */
static void when(char *ret, size_t size, const json_t *schedule)
{
	const char *at = ctl_json_text(schedule, "at"), *after = ctl_json_text(schedule, "after");

	(void)snprintf(ret, size, "%s%s%s%s", at, *at && *after ? ", " : "", *after ? "after " : "",
	               after);
}

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static const char *verdict_of(const json_t *job)
{
	const char *verdict = ctl_json_text(job, "verdict");

	return or_dash(*verdict ? verdict : ctl_json_text(job, "state"));
}

static void print_table(const json_t *schedules)
{
	enum { COLUMNS = 6, AT_BYTES = 480 };
	size_t n = json_array_size(schedules), i;
	const char *cells[(SCHEDULES_MAX + 1) * COLUMNS] = {"NAME", "AT",      "NEXT",
	                                                    "LAST", "VERDICT", "JOB"};
	CLEANUP(freep) char *at = calloc(n + 1, AT_BYTES);
	const json_t *schedule;

	if (!at)
		return;
	json_array_foreach (schedules, i, schedule) {
		const json_t *job = json_object_get(schedule, "job");
		const char **row = cells + (i + 1) * COLUMNS;

		when(at + i * AT_BYTES, AT_BYTES, schedule);
		row[0] = ctl_json_text(schedule, "name");
		row[1] = or_dash(at + i * AT_BYTES);
		row[2] = or_dash(ctl_json_text(schedule, "next"));
		row[3] = or_dash(ctl_json_text(job, "submitted_at"));
		row[4] = verdict_of(job);
		row[5] = or_dash(ctl_json_text(job, "id"));
	}
	terminal_table(stdout, cells, n + 1, COLUMNS);
}

int schedule_list(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option_spec none[] = {{0}};
	struct error err = {0};
	int n = options_parse(none, NULL, argc, argv, &err), code, asked = CTL_DONE;
	json_t *schedules;

	if (n > 0)
		n = error_set(&err, -EINVAL, "\"%.40s\": list takes no operand", argv[0]);
	if (n < 0)
		return ctl_usage("schedule", &err);
	schedules = json_array();
	code = read_all(schedules);
	if (json_array_size(schedules))
		asked = find_jobs(ctl, schedules);
	if (!ctl->json)
		print_table(schedules);
	else if (ctl_json_print(json_incref(schedules)) < 0)
		code = ctl_fail(CTL_FAILED, "schedule: out of memory");
	json_decref(schedules);
	return code ? code : asked;
}
