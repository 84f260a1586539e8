/* SPDX-License-Identifier: MIT */
/*
 * The findings that are open over nights, and their acknowledgement.
 */
#include <errno.h>
#include <stdio.h>

#include "daemon/api_impl.h"
#include "lib/base/clock.h"

static void on_json(void *arg, const struct jobs_result *r)
{
	struct api_call *c = arg;

	if (r->status < 0)
		api_answer_error(c, &r->error);
	else
		api_answer_json(c, 200, json_incref(r->json));
}

/* No other findings than the open ones are known, with or without the parameter. */
void api_findings_list(struct api_call *c, const struct http_request *req)
{
	char open[8] = "", after[24] = "0";
	const struct api_parameter list[] = {{"open", open, sizeof open},
	                                     {"after", after, sizeof after}};

	c->query = (struct jobs_query){.op = JOBS_FINDINGS};
	if (api_parameters(req, list, ARRAY_LEN(list)) < 0 ||
	    (*open && strcmp(open, "true") != 0) || api_number(&c->query.skip, after) < 0) {
		api_answer_problem(c, 400,
		                   "the query may be ?open and after=NUMBER, the next of the page "
		                   "before");
		return;
	}
	api_ask(c, on_json);
}

/* --- acknowledging ------------------------------------------------------- */

/* A member that is a text or null or missing; the text is the body's. */
static int read_text(const char **ret, const json_t *body, const char *name, size_t max,
                     struct error *err)
{
	const json_t *value = json_object_get(body, name);

	*ret = json_string_value(value);
	if (value && !*ret && !json_is_null(value))
		return error_set(err, -EINVAL, "%s: must be a text", name);
	if (*ret && json_string_length(value) > max)
		return error_set(err, -EINVAL, "%s: longer than %zu bytes", name, max);
	if (*ret && !**ret)
		*ret = NULL;
	return 0;
}

static int check_members(const json_t *body, struct error *err)
{
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)body, name, value) {
		if (strcmp(name, "reason") != 0 && strcmp(name, "until") != 0 &&
		    strcmp(name, "job") != 0)
			return error_set(err, -EINVAL,
			                 "\"%.40s\": no such member; there are reason, until and "
			                 "job",
			                 name);
	}
	return 0;
}

/* A day that is there, and that is not over. */
static int check_until(const char *until, struct error *err)
{
	char text[CLOCK_TEXT_BYTES], now[CLOCK_TEXT_BYTES];
	char day[sizeof "2026-12-24T00:00:00Z" + 1];
	int64_t at;

	if (!until)
		return 0;
	(void)snprintf(day, sizeof day, "%.10sT00:00:00Z", until);
	if (strlen(until) != 10 || !clock_parse(str_of(day), &at))
		return error_set(err, -EINVAL, "until: \"%.40s\" is no date like 2026-12-24",
		                 until);
	clock_text(text, at);
	if (strncmp(text, until, 10) != 0)
		return error_set(err, -EINVAL, "until: there is no %.40s", until);
	clock_text(now, clock_now_s());
	if (strncmp(now, until, 10) > 0)
		return error_set(err, -EINVAL, "until: %.10s is over", until);
	return 0;
}

/* What the body says; its texts live in c->json. */
static int parse(struct api_call *c, struct error *err)
{
	struct ack *a = &c->query.ack;
	int r;

	c->json = c->body_len ? json_loadb(c->body, c->body_len, JSON_REJECT_DUPLICATES, NULL)
	                      : json_object();
	if (!json_is_object(c->json))
		return error_set(err, -EINVAL,
		                 "the body must be a JSON object like {\"reason\": \"a new "
		                 "driver\", \"until\": \"2026-12-24\"}");
	r = check_members(c->json, err);
	if (r == 0)
		r = read_text(&a->reason, c->json, "reason", ACK_REASON_MAX, err);
	if (r == 0)
		r = read_text(&a->until, c->json, "until", 64, err);
	if (r == 0)
		r = read_text(&a->job, c->json, "job", 64, err);
	return r == 0 ? check_until(a->until, err) : r;
}

static void parse_work(uv_work_t *work)
{
	struct api_call *c = work->data;

	c->query = (struct jobs_query){.op = JOBS_ACK, .ack = {.finding = c->segment}};
	(void)!parse(c, &c->err);
}

static void on_parsed(uv_work_t *work, int status)
{
	struct api_call *c = work->data;

	(void)status; /* nobody cancels it */
	if (c->err.code < 0)
		api_answer_error(c, &c->err);
	else
		api_ask(c, on_json);
}

void api_findings_ack(struct api_call *c, const struct http_request *req)
{
	if (api_keep_body(c, req) == 0)
		api_offload(c, parse_work, on_parsed);
}
