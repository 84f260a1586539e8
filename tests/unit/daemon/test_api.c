/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/stat.h>

#include "lib/base/files.h"
#include "tests/unit/daemon/null_api.h"
#include "tests/unit/daemon/talk.h"

struct answer {
	bool come;
	struct http_reply reply;
};

static void on_reply(void *arg, struct http_reply *reply)
{
	struct answer *a = arg;

	cr_assert(!a->come, "one reply for a request");
	a->come = true;
	a->reply = *reply;
}

static struct http_reply ask(struct null_api *n, const char *method, const char *target,
                             const char *body)
{
	const struct http_request request = {.method = method,
	                                     .target = target,
	                                     .body = body ? body : "",
	                                     .body_len = body ? strlen(body) : 0};
	struct answer a = {0};
	struct api_call *c = api_handle(n->api, &request, on_reply, &a);

	cr_assert_eq(c == NULL, a.come);
	talk_run_until(n->loop, &a.come);
	return a.reply;
}

static unsigned status_of(struct null_api *n, const char *method, const char *target,
                          const char *body)
{
	struct http_reply r = ask(n, method, target, body);
	unsigned status = r.status;

	http_reply_done(&r);
	return status;
}

static void setup(struct null_api *n, uv_loop_t *loop)
{
	cr_assert_eq(uv_loop_init(loop), 0);
	null_api_init(n, loop);
}

static void finish(struct null_api *n, uv_loop_t *loop)
{
	null_api_done(n);
	cr_expect_eq(uv_loop_close(loop), 0, "a handle was left open");
}

Test(api, each_resource_answers_its_methods)
{
	static const struct {
		const char *method, *target;
		unsigned status;
	} cases[] = {
		{"GET", "/healthz", 200},
		{"HEAD", "/healthz", 200},
		{"GET", "/healthz?x=1", 200},
		{"GET", "/readyz", 200},
		{"GET", "/metrics", 200},
		{"GET", "/v1/jobs", 200},
		{"GET", "/v1/jobs?after=" NULL_API_JOB, 200},
		{"GET", "/v1/jobs?before=x", 400},
		{"GET", "/v1/jobs?after=%zz", 400},
		{"GET", "/v1/jobs?after=%00", 400},
		{"GET", "/v1/jobs/latest", 200},
		{"GET", "/v1/jobs/2026", 200},
		{"GET", "/v1/jobs/%32026", 200},
		{"GET", "/v1/jobs/nope", 404},
		{"GET", "/v1/jobs/", 404},
		{"GET", "/v1/jobs/a/b", 404},
		{"GET", "/v1/jobs/latest/report.pdf", 404},
		{"GET", "/v1/jobs/latest/report.md", 404}, /* the folder is empty */
		{"DELETE", "/v1/jobs/latest", 409},
		{"POST", "/v1/jobs/latest/retry", 202},
		{"POST", "/v1/jobs/latest/accept", 200},
		{"GET", "/v1/jobs/latest/events?after=x", 400},
		{"GET", "/v1/findings?open", 200},
		{"GET", "/v1/findings", 200},
		{"GET", "/v1/findings?open=true", 200},
		{"GET", "/v1/findings?open=false", 400},
		{"GET", "/v1/findings?closed", 400},
		{"POST", "/v1/findings/k/ack", 200},
		{"GET", "/v1/findings/k/ack", 405},
		{"POST", "/v1/findings//ack", 404},
		{"GET", "/v1/trends?metric=a&metric=b", 400},
		{"GET", "/v1/trends?since=x", 400},
		{"GET", "/v1/trends?until=2026-01-01", 400},
		{"GET", "/v1/trends?metric=%00", 400},
		{"GET", "/v1/pipelines", 200},
		{"GET", "/v1/personas", 200},
		{"GET", "/v1/endpoints", 200},
		{"GET", "/v1/endpoints?check=server", 200},
		{"GET", "/v1/endpoints?check=model", 200},
		{"GET", "/v1/endpoints?check=all", 400},
		{"GET", "/v1/endpoints?verify=model", 400},
		{"PUT", "/v1/jobs", 405},
		{"DELETE", "/healthz", 405},
		{"GET", "/", 303},
		{"GET", "/reports/index.html", 404}, /* there is none yet */
		{"GET", "/reports/latest/report.html", 404},
		{"GET", "/reports/latest/else.html", 404},
		{"GET", "/jobs/2026", 200},
		{"POST", "/jobs/2026", 405},
		{"GET", "/job.js", 200},
		{"GET", "/nothing", 404},
		{"GET", "/v1/jobsx", 404},
		{"OPTIONS", "*", 404},
	};
	struct null_api n;
	uv_loop_t loop;

	setup(&n, &loop);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned status = status_of(&n, cases[i].method, cases[i].target, NULL);

		cr_expect_eq(status, cases[i].status, "%s %s: %u", cases[i].method, cases[i].target,
		             status);
	}
	finish(&n, &loop);
}

Test(api, metrics_tell_which_model_server_rests)
{
	struct null_api n;
	struct http_reply r;
	uv_loop_t loop;

	setup(&n, &loop);
	r = ask(&n, "GET", "/metrics", NULL);
	cr_assert_eq(r.status, 200);
	cr_expect(strstr(r.body, "chimerad_endpoint_up{endpoint=\"up\"} 1\n"), "%s", r.body);
	cr_expect(strstr(r.body, "chimerad_endpoint_up{endpoint=\"down\"} 0\n"));
	cr_expect(strstr(r.body, "chimerad_endpoint_slots{endpoint=\"down\"} 3\n"));
	cr_expect(strstr(r.body, "chimerad_last_success_timestamp_seconds 1000\n"));
	http_reply_done(&r);
	finish(&n, &loop);
}

Test(api, a_wrong_method_is_told_the_right_ones)
{
	struct null_api n;
	struct http_reply r;
	uv_loop_t loop;

	setup(&n, &loop);
	r = ask(&n, "PATCH", "/v1/jobs/latest", NULL);
	cr_expect_eq(r.status, 405);
	cr_expect_str_eq(r.allow, "GET, DELETE");
	cr_expect_str_eq(r.type, "application/problem+json");
	http_reply_done(&r);
	finish(&n, &loop);
}

Test(api, a_bad_submission_is_refused_with_what_and_where)
{
	static const struct {
		const char *body;
		unsigned status;
		const char *says;
	} cases[] = {
		{"", 400, "no JSON"},
		{"{\"paths\":[\"ROOT\"],\"paths\":[\"ROOT\"]}", 400, "no JSON"},
		{"[1]", 400, "must be a JSON object"},
		{"{}", 400, "paths: is missing"},
		{"{\"paths\":\"ROOT\"}", 400, "paths: must be a list"},
		{"{\"paths\":[]}", 400, "paths: must be a list"},
		{"{\"paths\":[1]}", 400, "paths: each must be a text"},
		{"{\"paths\":[\"a/b\"]}", 400, "is not absolute"},
		{"{\"paths\":[\"ROOT/missing\"]}", 400, "No such file"},
		{"{\"paths\":[\"/etc\"]}", 403, "/etc: lies below none of the configured roots"},
		{"{\"paths\":[\"/nothing-there\"]}", 403, "lies below none"},
		{"{\"paths\":[\"ROOT/../../etc/passwd\"]}", 403, "lies below none"},
		{"{\"paths\":[\"ROOT/../../nothing/there\"]}", 403, "lies below none"},
		{"{\"paths\":[\"ROOT/out\"]}", 403, "lies below none"}, /* a link to / */
		{"{\"paths\":[\"ROOTx\"]}", 403, "lies below none"},
		{"{\"paths\":[\"/not-mounted/x\"]}", 403,
	         "does not see its root /not-mounted (No "},
		{"{\"paths\":[\"ROOT\"],\"pathes\":1}", 400, "\\\"pathes\\\": unknown member"},
		{"{\"paths\":[\"ROOT\"],\"pipeline\":\"none\"}", 400, "nightly-review"},
		{"{\"paths\":[\"ROOT\"],\"pipeline\":\"../x\"}", 400, "pipeline"},
		{"{\"paths\":[\"ROOT\"],\"subject\":\"a\\nb\"}", 400, "subject: has control"},
		{"{\"paths\":[\"ROOT\"],\"subject\":\"\"}", 400, "subject: must be a text"},
		{"{\"paths\":[\"ROOT\"],\"slots\":2}", 400, "unknown member"},
		{"{\"paths\":[\"ROOT\"],\"fresh\":1}", 400, "fresh: must be"},
		{"{\"paths\":[\"ROOT\"],\"endpoint\":\"gpu9\"}", 400, "no configured endpoint"},
		{"{\"paths\":[\"ROOT\"],\"endpoint\":\"http://10.0.0.1:80\"}", 400,
	         "no configured endpoint"},
		{"{\"paths\":[\"ROOT\"],\"parameters\":{\"a\":[]}}", 400, "parameters: a:"},
		{"{\"paths\":[\"ROOT\"],\"parameters\":{\"priority\":10}}", 400,
	         "priority: must be from -9 to 9"},
	};
	struct null_api n;
	uv_loop_t loop;
	char link[64];

	setup(&n, &loop);
	(void)snprintf(link, sizeof link, "%s/out", n.root);
	cr_assert_eq(symlink("/", link), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf body = BUF_INIT(4096);
		const char *hole = strstr(cases[i].body, "ROOT"), *from = cases[i].body;
		struct http_reply r;

		for (; hole; from = hole + 4, hole = strstr(from, "ROOT")) {
			buf_add(&body, from, (size_t)(hole - from));
			buf_puts(&body, n.root);
		}
		buf_puts(&body, from);
		r = ask(&n, "POST", "/v1/jobs", buf_text(&body));
		cr_expect_eq(r.status, cases[i].status, "%s: %u", cases[i].body, r.status);
		cr_expect(strstr(r.body, cases[i].says), "%s: %s", cases[i].body, r.body);
		http_reply_done(&r);
		buf_done(&body);
	}
	finish(&n, &loop);
}

Test(api, an_acknowledgement_is_refused_with_what_is_wrong)
{
	static const struct {
		const char *body;
		unsigned status;
		const char *says;
	} cases[] = {
		{"", 200, "regression:a/b=c"},
		{"{\"reason\": \"a \\u001b[1m driver\", \"until\": null}", 200, "regression:a/b=c"},
		{"{\"until\": \"2999-12-24\", \"job\": \"latest\"}", 200, "regression:a/b=c"},
		{"[]", 400, "must be a JSON object"},
		{"{\"reason\": \"\\ud800\"}", 400, "must be a JSON object"},
		{"{\"reason\": 1}", 400, "reason: must be a text"},
		{"{\"until\": \"tomorrow\"}", 400, "until: \\\"tomorrow\\\" is no date"},
		{"{\"until\": \"2999-02-31\"}", 400, "until: "},
		{"{\"until\": \"1999-12-24\"}", 400, "until: 1999-12-24 is over"},
		{"{\"until\": \"2999-12-24T00:00:00Z\"}", 400, "is no date"},
		{"{\"why\": \"x\"}", 400, "no such member"},
	};
	struct null_api n;
	uv_loop_t loop;

	setup(&n, &loop);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_reply r = ask(&n, "POST", "/v1/findings/regression%3Aa%2Fb%3Dc/ack",
		                          cases[i].body);

		cr_expect_eq(r.status, cases[i].status, "%s: %u", cases[i].body, r.status);
		cr_expect(strstr(r.body, cases[i].says), "%s: %s", cases[i].body, r.body);
		http_reply_done(&r);
	}
	finish(&n, &loop);
}

Test(api, what_is_stored_has_one_form)
{
	struct null_api n;
	struct http_reply r;
	uv_loop_t loop;
	char body[512], first[sizeof n.submitted];

	setup(&n, &loop);
	(void)snprintf(body, sizeof body,
	               "{\"subject\": null, \"fresh\": true, \"paths\": [\"%s/./\"]}", n.root);
	r = ask(&n, "POST", "/v1/jobs", body);
	cr_expect_eq(r.status, 202, "%s", r.body);
	cr_expect_str_eq(r.location, "/v1/jobs/" NULL_API_JOB);
	http_reply_done(&r);
	memcpy(first, n.submitted, sizeof first);
	(void)snprintf(body, sizeof body,
	               "{\"pipeline\":\"nightly-review\",\"paths\":[\"%s\"],\"fresh\":true}",
	               n.root);
	r = ask(&n, "POST", "/v1/jobs", body);
	http_reply_done(&r);
	cr_expect_str_eq(n.submitted, first);
	(void)snprintf(body, sizeof body,
	               "{\"fresh\":true,\"paths\":[\"%s\"],\"pipeline\":\"nightly-review\"}",
	               n.root);
	cr_expect_str_eq(first, body);
	finish(&n, &loop);
}

Test(api, nothing_is_submitted_before_it_is_ready)
{
	struct null_api n;
	uv_loop_t loop;

	setup(&n, &loop);
	api_set_ready(n.api, false);
	cr_expect_eq(status_of(&n, "GET", "/readyz", NULL), 503);
	cr_expect_eq(status_of(&n, "GET", "/healthz", NULL), 200);
	cr_expect_eq(status_of(&n, "POST", "/v1/jobs", "{}"), 503);
	finish(&n, &loop);
}

Test(api, a_report_is_read_bit_by_bit)
{
	CLEANUP(freep) char *big = malloc(200000);
	struct null_api n;
	struct http_reply r;
	struct error err = {0};
	uv_loop_t loop;
	char room[1000];
	size_t got, total = 0;
	enum source_state s = SOURCE_MORE;

	setup(&n, &loop);
	memset(big, 'r', 200000);
	cr_assert_eq(files_write(n.root, "report.json", big, 200000, &err), 0);
	r = ask(&n, "GET", "/v1/jobs/latest/report.json", NULL);
	cr_expect_eq(r.status, 200);
	cr_expect_eq(r.source_len, 200000);
	while (s == SOURCE_MORE || s == SOURCE_WAIT) {
		s = r.source->read(r.source, room, sizeof room, &got);
		total += got;
		if (s == SOURCE_WAIT)
			(void)uv_run(&loop, UV_RUN_ONCE);
	}
	cr_expect_eq(s, SOURCE_END);
	cr_expect_eq(total, 200000);
	http_reply_done(&r);
	finish(&n, &loop);
}

Test(api, a_client_that_has_gone_gets_no_reply)
{
	const struct http_request request = {.method = "GET", .target = "/v1/jobs", .body = ""};
	struct answer a = {0};
	struct null_api n;
	struct api_call *c;
	uv_loop_t loop;

	setup(&n, &loop);
	c = api_handle(n.api, &request, on_reply, &a);
	cr_assert(c);
	api_forget(c);
	finish(&n, &loop);
	cr_expect(!a.come);
}
