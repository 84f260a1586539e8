/* SPDX-License-Identifier: MIT */
#include "daemon/api.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "daemon/api_impl.h"
#include "daemon/problem.h"
#include "lib/base/str.h"

static const struct route {
	const char *method, *path; /* {} matches one segment */
	api_handler *handle;
	const char *rest;
} routes[] = {
	{"GET", "/v1/jobs", api_jobs_list, NULL},
	{"POST", "/v1/jobs", api_jobs_add, NULL},
	{"GET", "/v1/jobs/{}", api_jobs_get, NULL},
	{"DELETE", "/v1/jobs/{}", api_jobs_cancel, NULL},
	{"POST", "/v1/jobs/{}/retry", api_jobs_retry, NULL},
	{"POST", "/v1/jobs/{}/accept", api_jobs_accept, NULL},
	{"GET", "/v1/jobs/{}/events", api_jobs_events, NULL},
	{"GET", "/v1/jobs/{}/report.md", api_jobs_report, "md"},
	{"GET", "/v1/jobs/{}/report.html", api_jobs_report, "html"},
	{"GET", "/v1/jobs/{}/report.json", api_jobs_report, "json"},
	{"GET", "/v1/findings", api_findings_list, NULL},
	{"POST", "/v1/findings/{}/ack", api_findings_ack, NULL},
	{"GET", "/v1/trends", api_trends, NULL},
	{"GET", "/v1/backup", api_backup, NULL},
	{"GET", "/v1/pipelines", api_catalogue, "pipelines"},
	{"GET", "/v1/personas", api_catalogue, "personas"},
	{"GET", "/v1/endpoints", api_endpoints, NULL},
	{"GET", "/", api_to_index, NULL},
	{"GET", "/reports/index.html", api_index, "html"},
	{"GET", "/reports/{}/report.html", api_jobs_report, "html"},
	{"GET", "/reports/{}/report.md", api_jobs_report, "md"},
	{"GET", "/reports/{}/report.json", api_jobs_report, "json"},
	{"GET", "/jobs/{}", api_job_page, NULL},
	{"GET", "/job.js", api_job_script, NULL},
	{"GET", "/healthz", api_healthz, NULL},
	{"GET", "/readyz", api_readyz, NULL},
	{"GET", "/metrics", api_metrics, NULL},
};

/* --- answers ------------------------------------------------------------ */

static void call_end(struct api_call *c)
{
	c->api->in_flight--;
	if (c->gone)
		*c->gone = true;
	free(c->body);
	free(c->path);
	job_done(&c->job);
	json_decref(c->json);
	source_close(c->source);
	free(c);
}

void api_answer(struct api_call *c, struct http_reply *reply)
{
	if (c->conditional)
		api_condition_apply(&c->condition, reply);
	c->api->answers[reply->status / 100 % 6]++;
	if (c->reply)
		c->reply(c->arg, reply);
	else
		http_reply_done(reply);
	call_end(c);
}

void api_answer_text(struct api_call *c, unsigned status, const char *type, char *text)
{
	struct http_reply reply = {.status = text ? status : 503,
	                           .type = type,
	                           .body = text,
	                           .body_len = text ? strlen(text) : 0};

	api_answer(c, &reply);
}

void api_answer_json(struct api_call *c, unsigned status, json_t *json)
{
	char *text = json ? json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;

	json_decref(json);
	api_answer_text(c, status, "application/json", text);
}

void api_problem(struct http_reply *ret, unsigned status, const char *detail)
{
	json_t *problem = problem_new(status, "%s", detail);

	*ret = (struct http_reply){.status = status, .type = PROBLEM_TYPE};
	ret->body = problem ? json_dumps(problem, JSON_COMPACT) : NULL;
	ret->body_len = ret->body ? strlen(ret->body) : 0;
	if (status == 429 || status == 503)
		ret->retry_after_s = 5;
	json_decref(problem);
}

void api_answer_problem(struct api_call *c, unsigned status, const char *fmt, ...)
{
	struct http_reply reply;
	char detail[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(detail, sizeof detail, fmt, ap);
	va_end(ap);
	api_problem(&reply, status, detail);
	api_answer(c, &reply);
}

void api_answer_error(struct api_call *c, const struct error *err)
{
	static const struct {
		int code;
		unsigned status;
	} map[] = {{-ENOENT, 404}, {-ENOTUNIQ, 400}, {-EINVAL, 400},   {-EEXIST, 409},
	           {-EBUSY, 409},  {-EALREADY, 409}, {-EAGAIN, 429},   {-ENOSPC, 507},
	           {-EDQUOT, 507}, {-ENOMEM, 503},   {-ESHUTDOWN, 503}};
	unsigned status = 500;

	for (size_t i = 0; i < ARRAY_LEN(map); i++) {
		if (map[i].code == err->code)
			status = map[i].status;
	}
	if (status == 500)
		log_err(c->api->env.log, "a request failed: %s", err->text);
	api_answer_problem(c, status, "%s", err->text);
}

void api_ask(struct api_call *c, jobs_done_fn *done)
{
	struct error err = {0};
	int r = c->api->env.ask(c->api->env.arg, &c->query, done, c);

	if (r == 0)
		return;
	error_set(&err, r,
	          r == -ESHUTDOWN ? "the daemon is stopping: try again in a moment"
	                          : "out of memory");
	api_answer_error(c, &err);
}

int api_keep_body(struct api_call *c, const struct http_request *req)
{
	c->body = malloc(req->body_len + 1);
	if (!c->body) {
		api_answer_problem(c, 503, "out of memory");
		return -ENOMEM;
	}
	memcpy(c->body, req->body, req->body_len);
	c->body[req->body_len] = '\0';
	c->body_len = req->body_len;
	return 0;
}

void api_offload(struct api_call *c, uv_work_cb work, uv_after_work_cb after)
{
	const struct error none = {-ENOMEM, "out of memory"};

	c->work.data = c;
	if (uv_queue_work(c->api->env.loop, &c->work, work, after) < 0)
		api_answer_error(c, &none);
}

static void open_work(uv_work_t *work)
{
	struct api_call *c = work->data;

	(void)!file_source_open(&c->source, &c->about, c->api->env.loop, c->path, &c->err);
}

static void on_opened(uv_work_t *work, int status)
{
	struct api_call *c = work->data;
	const struct file_about *a = &c->about;
	struct http_reply reply = {
		.status = 200, .source_len = a->bytes, .modified_s = a->modified_s};

	(void)status; /* nobody cancels it */
	if (c->err.code < 0) {
		bool absent = c->err.code == -ENOENT;

		api_answer_problem(c, absent ? 404 : 500, "%s",
		                   absent && c->absent ? c->absent : c->err.text);
		return;
	}
	reply.type = strcmp(c->rest, "json") == 0   ? "application/json"
	             : strcmp(c->rest, "html") == 0 ? "text/html; charset=utf-8"
	                                            : "text/markdown; charset=utf-8";
	reply.source = TAKE(c->source);
	(void)snprintf(reply.etag, sizeof reply.etag,
	               "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 "%09" PRIx64 "\"", a->inode,
	               (uint64_t)a->bytes, (uint64_t)a->modified_s, (uint64_t)a->modified_ns);
	api_answer(c, &reply);
}

void api_answer_file(struct api_call *c, const char *absent)
{
	c->absent = absent;
	api_offload(c, open_work, on_opened);
}

/* --- paths and queries -------------------------------------------------- */

static int hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes %XX into a text; -EINVAL: malformed, a NUL, or longer than size allows. */
static int decode(char *ret, size_t size, struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		int c = (unsigned char)text.at[i];

		if (c == '%') {
			if (i + 2 >= text.len || hex_of(text.at[i + 1]) < 0 ||
			    hex_of(text.at[i + 2]) < 0)
				return -EINVAL;
			c = hex_of(text.at[i + 1]) * 16 + hex_of(text.at[i + 2]);
			i += 2;
		}
		if (c == 0 || n + 1 >= size)
			return -EINVAL;
		ret[n++] = (char)c;
	}
	ret[n] = '\0';
	return 0;
}

/* Which of the parameters `pair` begins with, and its value. */
static const struct api_parameter *parameter_of(const struct api_parameter *list, size_t n,
                                                struct str pair, struct str *value)
{
	size_t len = strcspn(pair.at, "=&#");

	*value = (struct str){pair.at + len, pair.len - len};
	if (value->len)
		value->at++, value->len--;
	for (size_t i = 0; i < n; i++)
		if (str_is((struct str){pair.at, len}, list[i].name))
			return &list[i];
	return NULL;
}

int api_parameters(const struct http_request *req, const struct api_parameter *list, size_t n)
{
	const char *at = strchr(req->target, '?');
	unsigned found = 0;

	while (at && at[1]) {
		struct str pair = {at + 1, strcspn(at + 1, "&#")}, value;
		const struct api_parameter *p = parameter_of(list, n, pair, &value);
		unsigned bit = p ? 1u << (p - list) : 0;

		if (!p || (found & bit) || decode(p->ret, p->size, value) < 0)
			return -EINVAL;
		found |= bit;
		at = pair.at[pair.len] == '&' ? pair.at + pair.len : NULL;
	}
	return (int)found;
}

int api_query(const struct http_request *req, const char *name, char *ret, size_t size)
{
	const struct api_parameter one = {name, ret, size};

	return api_parameters(req, &one, 1);
}

int api_number(uint64_t *ret, const char *text)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return *end || errno ? -EINVAL : 0;
}

/* Where {} stands in the pattern, the segment goes to ret. */
static bool match(const char *pattern, struct str path, char ret[static API_SEGMENT_MAX + 1])
{
	const char *hole = strstr(pattern, "{}"), *tail;
	size_t head, len = 0;

	if (!hole)
		return str_is(path, pattern);
	head = (size_t)(hole - pattern);
	tail = hole + 2;
	if (path.len < head || memcmp(path.at, pattern, head) != 0)
		return false;
	path.at += head, path.len -= head;
	while (len < path.len && path.at[len] != '/')
		len++;
	return str_is((struct str){path.at + len, path.len - len}, tail) &&
	       decode(ret, API_SEGMENT_MAX + 1, (struct str){path.at, len}) == 0 && ret[0];
}

static void answer_not_allowed(struct api_call *c, const char *method, const char *allow)
{
	struct http_reply reply;
	char detail[128];

	(void)snprintf(detail, sizeof detail, "%s is not possible here: %s", method, allow);
	api_problem(&reply, 405, detail);
	(void)snprintf(reply.allow, sizeof reply.allow, "%s", allow);
	api_answer(c, &reply);
}

static bool method_is(const struct route *r, const char *method)
{
	return strcmp(r->method, method) == 0 ||
	       (strcmp(method, "HEAD") == 0 && strcmp(r->method, "GET") == 0);
}

/* What is told of this moment has no tag. */
static bool is_conditional(const struct route *r)
{
	return strcmp(r->method, "GET") == 0 && r->handle != api_jobs_events &&
	       r->handle != api_backup && r->handle != api_endpoints && r->handle != api_healthz &&
	       r->handle != api_readyz && r->handle != api_metrics;
}

static void route(struct api_call *c, const struct http_request *req)
{
	struct str path = {req->target, strcspn(req->target, "?#")};
	char allow[64] = "";

	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		size_t n = strlen(allow);

		if (!match(routes[i].path, path, c->segment))
			continue;
		if (method_is(&routes[i], req->method)) {
			c->rest = routes[i].rest;
			c->conditional = is_conditional(&routes[i]);
			if (c->conditional)
				api_condition_read(&c->condition, req);
			routes[i].handle(c, req);
			return;
		}
		(void)snprintf(allow + n, sizeof allow - n, "%s%s", n ? ", " : "",
		               routes[i].method);
	}
	if (allow[0])
		answer_not_allowed(c, req->method, allow);
	else
		api_answer_problem(c, 404, "%.*s: no such resource",
		                   (int)(path.len < 200 ? path.len : 200), path.at);
}

/* --- calls -------------------------------------------------------------- */

struct api_call *api_handle(struct api *a, const struct http_request *request, api_reply_fn *reply,
                            void *arg)
{
	struct api_call *c = calloc(1, sizeof *c);
	struct http_reply failed;
	bool gone = false;

	if (!c) {
		api_problem(&failed, 503, "out of memory");
		reply(arg, &failed);
		return NULL;
	}
	c->api = a;
	c->config = a->env.config;
	c->reply = reply;
	c->arg = arg;
	c->gone = &gone;
	a->in_flight++;
	route(c, request);
	if (gone)
		return NULL;
	c->gone = NULL;
	return c;
}

void api_forget(struct api_call *c)
{
	c->reply = NULL;
}

int api_new(struct api **ret, const struct api_env *env, struct error *err)
{
	struct api *a = calloc(1, sizeof *a);

	if (!a)
		return error_set(err, -ENOMEM, "no memory for the interface");
	a->env = *env;
	a->begun_ms = uv_now(env->loop);
	*ret = a;
	return 0;
}

void api_free(struct api *a)
{
	assert(!a || a->in_flight == 0);
	free(a);
}

void api_set_config(struct api *a, const struct config *config)
{
	a->env.config = config;
}

void api_set_ready(struct api *a, bool ready)
{
	a->ready = ready;
}

size_t api_in_flight(const struct api *a)
{
	return a->in_flight;
}
