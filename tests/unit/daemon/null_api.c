/* SPDX-License-Identifier: MIT */
#include "tests/unit/daemon/null_api.h"

#include <errno.h>
#include <stdio.h>

#include "lib/base/files.h"

struct null_answer {
	struct null_answer *next;
	struct jobs_query query;
	jobs_done_fn *done;
	void *arg;
};

static void fill(struct job *job, const struct null_api *n, const struct jobs_query *q)
{
	static const char request[] = "{\"paths\":[\"/a\"]}";
	const struct job *from = q->job;

	*job = (struct job){.id = strdup(NULL_API_JOB),
	                    .pipeline = strdup(from ? from->pipeline : "nightly-review"),
	                    .request = strdup(from ? from->request : request),
	                    .state = from ? JOB_QUEUED : JOB_SUCCEEDED,
	                    .submitted_at = 1763692200};
	if (!from)
		job->report = strdup(n->root);
}

static void answer(struct null_api *n, struct null_answer *a)
{
	struct jobs_result r = {0};
	struct job job;

	if (a->query.id && strcmp(a->query.id, "latest") != 0 &&
	    strncmp(NULL_API_JOB, a->query.id, strlen(a->query.id)) != 0)
		r.status = error_set(&r.error, -ENOENT, "no job \"%.60s\"", a->query.id);
	else if (a->query.op == JOBS_CANCEL)
		r.status = error_set(&r.error, -EALREADY, "job is succeeded");
	if (a->query.op == JOBS_FINDINGS || a->query.op == JOBS_COUNT || a->query.op == JOBS_ACK)
		r.json = json_pack("{s:s?}", "finding", a->query.ack.finding);
	else if (r.status == 0) {
		fill(&job, n, &a->query);
		r.jobs = &job;
		r.n = 1;
	}
	if (a->query.job)
		(void)snprintf(n->submitted, sizeof n->submitted, "%s", a->query.job->request);
	a->done(a->arg, &r);
	if (r.n)
		job_done(&job);
	json_decref(r.json);
	free(a);
}

static void on_soon(uv_async_t *async)
{
	struct null_api *n = CONTAINER_OF(async, struct null_api, soon);

	while (n->answers) {
		struct null_answer *a = n->answers;

		n->answers = a->next;
		answer(n, a);
	}
}

static int on_ask(void *arg, const struct jobs_query *q, jobs_done_fn *done, void *done_arg)
{
	struct null_api *n = arg;
	struct null_answer *a = calloc(1, sizeof *a);

	*a = (struct null_answer){n->answers, *q, done, done_arg};
	n->answers = a;
	return uv_async_send(&n->soon);
}

static struct jobs_counts on_counts(void *arg)
{
	(void)arg;
	return (struct jobs_counts){{1, 2, 3, 4, 5}, 1000};
}

static json_t *on_endpoints(void *arg)
{
	(void)arg;
	return json_pack("[{s:s, s:s, s:i}, {s:s, s:s, s:i}]", "name", "up", "state", "ready",
	                 "slots", 2, "name", "down", "state", "resting", "slots", 3);
}

static int on_check_endpoints(void *arg, bool generate, void (*done)(void *, json_t *),
                              void *done_arg, struct error *err)
{
	(void)arg;
	(void)generate;
	(void)err;
	done(done_arg, json_array());
	return 0;
}

static void set(char **text, const char *a, const char *b)
{
	free(*text);
	if (asprintf(text, "%s%s", a, b) < 0)
		abort();
}

static void make_config(struct null_api *n)
{
	struct error err;

	if (config_default(&n->config, &err) < 0 || !mkdtemp(n->root))
		abort();
	set(&n->config->pipelines, getenv("CHIMERAD_SOURCE") ? getenv("CHIMERAD_SOURCE") : ".",
	    "/pipelines");
	set(&n->config->personas, getenv("CHIMERAD_SOURCE") ? getenv("CHIMERAD_SOURCE") : ".",
	    "/personas");
	n->config->roots = calloc(2, sizeof *n->config->roots);
	n->config->roots[0] = strdup(n->root);
	n->config->roots[1] = strdup("/not-mounted"); /* a root that is not there now */
	n->config->n_roots = 2;
}

void null_api_init(struct null_api *n, uv_loop_t *loop)
{
	struct api_env env = {.loop = loop,
	                      .ask = on_ask,
	                      .counts = on_counts,
	                      .endpoints = on_endpoints,
	                      .check_endpoints = on_check_endpoints,
	                      .arg = n};
	struct error err;

	*n = (struct null_api){.loop = loop, .root = "/tmp/chimerad-api-XXXXXX"};
	make_config(n);
	if (events_new(&n->events, &err) < 0 || uv_async_init(loop, &n->soon, on_soon) < 0)
		abort();
	env.events = n->events;
	env.config = n->config;
	if (api_new(&n->api, &env, &err) < 0)
		abort();
	api_set_ready(n->api, true);
}

void null_api_done(struct null_api *n)
{
	struct error err;

	while (api_in_flight(n->api))
		(void)uv_run(n->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&n->soon, NULL);
	(void)uv_run(n->loop, UV_RUN_DEFAULT);
	api_free(n->api);
	events_free(n->events);
	config_free(n->config);
	(void)!files_remove_tree(n->root, &err);
}
