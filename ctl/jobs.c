/* SPDX-License-Identifier: MIT */
/*
 * submit, list, show, cancel, retry, accept: one request to the daemon each.
 */
#include <errno.h>
#include <stdio.h>

#include "ctl/client.h"
#include "ctl/ctl_json.h"
#include "ctl/progress.h"
#include "ctl/request.h"
#include "ctl/terminal.h"
#include "lib/base/clock.h"

#define ROWS_MAX      512 /* the daemon sends 50 a page */
#define SUBJECT_BYTES (64 * 1024)

static const struct option_spec no_options[] = {{0}};

/* One operand, a job id, and nothing else: its path into ret. */
static int job_operand(const char *command, char *ret, size_t size, const char *tail, int argc,
                       char **argv)
{
	struct error err = {0};
	int n = options_parse(no_options, NULL, argc, argv, &err);

	if (n >= 0 && n != 1)
		n = error_set(&err, -EINVAL, "give one job id (a unique prefix, or latest)");
	if (n > 0)
		n = client_job_path(ret, size, argv[0], tail, &err);
	return n < 0 ? ctl_usage(command, &err) : CTL_DONE;
}

static int job_call(const struct ctl *ctl, const char *command, const char *method,
                    const char *tail, int argc, char **argv, struct reply *ret)
{
	char path[128];
	int code = job_operand(command, path, sizeof path, tail, argc, argv);

	return code ? code : client_simple(ctl, command, method, path, ret);
}

static int print_json(const json_t *json)
{
	(void)json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	(void)putchar('\n');
	return CTL_DONE;
}

/* "3 min", "2 h", "5 d" since an RFC 3339 time. */
static void age(char ret[static 16], const char *since)
{
	static const struct {
		int64_t s;
		const char *unit;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	int64_t then, s;
	size_t i = 0;

	ret[0] = '\0';
	if (!clock_parse(str_of(since), &then))
		return;
	s = clock_now_s() - then;
	s = s < 0 ? 0 : s > 864000000 ? 864000000 : s;
	while (i + 1 < ARRAY_LEN(units) && s < 2 * units[i].s)
		i++;
	(void)snprintf(ret, 16, "%lld %s", (long long)(s / units[i].s), units[i].unit);
}

/* What is reviewed: the name it was given, else the paths. */
static void add_subject(struct buf *b, const json_t *job)
{
	const json_t *path;
	size_t i;

	buf_puts(b, ctl_json_text(job, "subject"));
	if (b->len)
		return;
	json_array_foreach (json_object_get(job, "paths"), i, path) {
		buf_puts(b, i ? " " : "");
		buf_puts(b, json_string_value(path) ? json_string_value(path) : "");
	}
}

static void print_jobs(const json_t *jobs)
{
	enum { COLUMNS = 6 };
	const char *cells[(ROWS_MAX + 1) * COLUMNS] = {"ID",       "STATE", "VERDICT",
	                                               "PIPELINE", "AGE",   "SUBJECT"};
	struct buf subjects[ROWS_MAX];
	char ages[ROWS_MAX][16];
	size_t rows = json_array_size(jobs);

	rows = rows < ROWS_MAX ? rows : ROWS_MAX;
	for (size_t i = 0; i < rows; i++) {
		const json_t *job = json_array_get(jobs, i);
		const char **row = cells + (i + 1) * COLUMNS;

		age(ages[i], ctl_json_text(job, "submitted_at"));
		subjects[i] = (struct buf)BUF_INIT(SUBJECT_BYTES);
		add_subject(&subjects[i], job);
		row[0] = ctl_json_text(job, "id");
		row[1] = ctl_json_text(job, "state");
		row[2] = *ctl_json_text(job, "verdict") ? ctl_json_text(job, "verdict") : "-";
		row[3] = ctl_json_text(job, "pipeline");
		row[4] = ages[i];
		row[5] = buf_text(&subjects[i]);
	}
	terminal_table(stdout, cells, rows + 1, COLUMNS);
	for (size_t i = 0; i < rows; i++)
		buf_done(&subjects[i]);
}

static int run_list(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option_spec table[] = {{"after", 0, OPTION_TEXT, 0}, {0}};
	CLEANUP(reply_done) struct reply reply = {0};
	const char *after = NULL;
	struct error err = {0};
	char path[128];
	int code, n = options_parse(table, &after, argc, argv, &err);

	if (n > 0)
		n = error_set(&err, -EINVAL, "\"%.40s\": list takes no operand", argv[0]);
	if (n == 0)
		n = client_job_path(path, sizeof path, after ? after : "all", "", &err);
	if (n < 0)
		return ctl_usage("list", &err);
	(void)snprintf(path, sizeof path, "/v1/jobs%s%s", after ? "?after=" : "",
	               after ? after : "");
	code = client_simple(ctl, "list", "GET", path, &reply);
	if (code)
		return code;
	if (ctl->json)
		return print_json(reply.json);
	print_jobs(json_is_array(reply.json) ? reply.json : json_object_get(reply.json, "jobs"));
	return CTL_DONE;
}

static void print_member(const char *name, const char *text)
{
	const char *hue = terminal_colour(STDOUT_FILENO) ? terminal_hue(text) : "";

	if (!*text)
		return;
	(void)printf("%-13s%s", name, hue);
	terminal_print(stdout, text);
	(void)printf("%s\n", *hue ? TERMINAL_PLAIN : "");
}

/* How long it has run, or ran. */
static void print_took(const json_t *job)
{
	struct buf b = BUF_INIT(64);
	int64_t from, to = clock_now_s();
	const char *finished = ctl_json_text(job, "finished_at");

	if (clock_parse(str_of(ctl_json_text(job, "started_at")), &from) &&
	    (!*finished || clock_parse(str_of(finished), &to)) && to >= from) {
		progress_duration(&b, (double)(to - from) * 1000);
		print_member(*finished ? "took" : "runs for", buf_text(&b));
	}
	buf_done(&b);
}

static int print_job(const struct ctl *ctl, const json_t *job)
{
	static const char *const members[] = {"id",           "pipeline",   "subject",    "machine",
	                                      "model",        "state",      "step",       "verdict",
	                                      "submitted_at", "started_at", "finished_at"};
	const json_t *path;
	size_t i;

	if (ctl->json)
		return print_json(job);
	for (i = 0; i < ARRAY_LEN(members); i++)
		print_member(members[i], ctl_json_text(job, members[i]));
	print_took(job);
	json_array_foreach (json_object_get(job, "paths"), i, path)
		print_member(i ? "" : "paths",
		             json_string_value(path) ? json_string_value(path) : "");
	print_member("report", ctl_json_text(job, "report"));
	print_member("error", ctl_json_text(json_object_get(job, "error"), "detail"));
	return CTL_DONE;
}

static int run_show(const struct ctl *ctl, int argc, char **argv)
{
	CLEANUP(reply_done) struct reply reply = {0};
	int code = job_call(ctl, "show", "GET", "", argc, argv, &reply);

	return code ? code : print_job(ctl, reply.json);
}

static int run_cancel(const struct ctl *ctl, int argc, char **argv)
{
	CLEANUP(reply_done) struct reply reply = {0};
	int code = job_call(ctl, "cancel", "DELETE", "", argc, argv, &reply);

	return code || !ctl->json ? code : print_job(ctl, reply.json);
}

static int print_id(const struct ctl *ctl, const char *command, const json_t *job)
{
	const char *id = ctl_json_text(job, "id");

	if (ctl->json)
		return print_json(job);
	if (!*id)
		return ctl_fail(
			CTL_FAILED,
			"%s: the daemon's answer names no job: does another program listen there?",
			command);
	terminal_print(stdout, id);
	(void)putchar('\n');
	return CTL_DONE;
}

static int run_retry(const struct ctl *ctl, int argc, char **argv)
{
	CLEANUP(reply_done) struct reply reply = {0};
	int code = job_call(ctl, "retry", "POST", "/retry", argc, argv, &reply);

	return code ? code : print_id(ctl, "retry", reply.json);
}

static int run_accept(const struct ctl *ctl, int argc, char **argv)
{
	CLEANUP(reply_done) struct reply reply = {0};
	int code = job_call(ctl, "accept", "POST", "/accept", argc, argv, &reply);

	return code ? code : print_id(ctl, "accept", reply.json);
}

struct submit_options {
	struct request request;
	const char *key;
};

static int submit(const struct ctl *ctl, const struct submit_options *o, struct reply *ret)
{
	CLEANUP(client_freep) struct client *c = NULL;
	struct error err = {0};
	json_t *body = NULL;
	int r = request_json(&body, &o->request, &err);

	if (r < 0)
		return r == -EINVAL ? ctl_usage("submit", &err)
		                    : ctl_fail(CTL_REJECTED, "submit: %s", err.text);
	r = client_open(&c, ctl, &err);
	if (r == 0)
		r = client_call(c, "POST", "/v1/jobs", body, o->key, ret, &err);
	json_decref(body);
	if (r < 0)
		return client_fail("submit", r, &err);
	return ret->status >= 400 ? client_refused("submit", ret) : CTL_DONE;
}

static int run_submit(const struct ctl *ctl, int argc, char **argv)
{
#define AT(member) offsetof(struct submit_options, member)
	static const struct option_spec table[] = {
		{"pipeline", 'p', OPTION_TEXT, AT(request.pipeline)},
		{"set", 's', OPTION_TEXTS, AT(request.parameters)},
		{"subject", 0, OPTION_TEXT, AT(request.subject)},
		{"machine", 0, OPTION_TEXT, AT(request.machine)},
		{"model", 0, OPTION_TEXT, AT(request.model)},
		{"endpoint", 0, OPTION_TEXT, AT(request.endpoint)},
		{"fresh", 0, OPTION_FLAG, AT(request.fresh)},
		{"key", 0, OPTION_TEXT, AT(key)},
		{0}};
#undef AT
	CLEANUP(reply_done) struct reply reply = {0};
	struct submit_options o = {0};
	struct error err = {0};
	int code, n = options_parse(table, &o, argc, argv, &err);

	if (n == 0)
		n = error_set(&err, -EINVAL, "give the paths to review");
	if (n < 0)
		return ctl_usage("submit", &err);
	o.request.paths = (const char *const *)argv;
	o.request.n_paths = (size_t)n;
	code = submit(ctl, &o, &reply);
	return code ? code : print_id(ctl, "submit", reply.json);
}

const struct command submit_command = {
	"submit",
	"PATH... [-p PIPELINE] [-s key=value]... [--key IDEMPOTENCY-KEY]",
	"queue a review and print its job id",
	"  -p, --pipeline NAME  what to run (default nightly-review)\n"
	"  -s, --set KEY=VALUE  a parameter of the job; may be repeated\n"
	"  --key KEY            submitting the same with the same key again gives the same job\n"
	"  --subject NAME       compare with the last review of this subject\n"
	"  --machine NAME       the machine measured, where the artifacts do not say it\n"
	"  --model NAME         the model that writes\n"
	"  --endpoint NAME      the model server that writes, or builtin\n"
	"  --fresh              read every file again, also what has not changed\n",
	"chimeractl submit /srv/bench/tonight --key \"$(date -I)\"",
	run_submit};
const struct command list_command = {"list",
                                     "[--after ID]",
                                     "list the jobs, newest first",
                                     "  --after ID  the page that follows this job\n",
                                     "chimeractl list",
                                     run_list};
const struct command show_command = {"show",  "ID", "show one job", "", "chimeractl show latest",
                                     run_show};
const struct command cancel_command = {
	"cancel",  "ID", "cancel a queued or running job", "", "chimeractl cancel 20261121-0230",
	run_cancel};
const struct command retry_command = {
	"retry",  "ID", "queue a failed or cancelled job again", "", "chimeractl retry latest",
	run_retry};
const struct command accept_command = {
	"accept",
	"ID",
	"make a review the baseline of its subject",
	"  Pipelines that say compare: {against: accepted} compare with it.\n",
	"chimeractl accept latest",
	run_accept};
