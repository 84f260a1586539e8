/* SPDX-License-Identifier: MIT */
#include "tests/unit/review/bench.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>

#include "daemon/publish.h"
#include "lib/base/files.h"

static void set_path(char **path, const char *dir, const char *name)
{
	free(*path);
	cr_assert_geq(asprintf(path, "%s/%s", dir, name), 0);
}

static void make_config(struct bench *b)
{
	const char *source = getenv("CHIMERAD_SOURCE");
	struct error err = {0};

	cr_assert(source, "CHIMERAD_SOURCE is not set");
	cr_assert_eq(config_default(&b->config, &err), 0, "%s", err.text);
	set_path(&b->config->state, b->dir, "");
	set_path(&b->config->reports, b->dir, "reports");
	set_path(&b->config->personas, source, "personas");
	set_path(&b->config->pipelines, source, "pipelines");
}

void bench_file(const struct bench *b, const char *dir, const char *name, const char *text)
{
	char path[128];
	struct error err = {0};

	(void)snprintf(path, sizeof path, "%s/%s", b->dir, dir);
	cr_assert_eq(files_make_dirs(path, &err), 0, "%s", err.text);
	cr_assert_eq(files_write(path, name, text, strlen(text), &err), 0, "%s", err.text);
}

void bench_init(struct bench *b)
{
	char path[64];
	struct error err = {0};

	memset(b, 0, sizeof *b);
	(void)snprintf(b->dir, sizeof b->dir, "/tmp/chimera.XXXXXX");
	cr_assert(mkdtemp(b->dir));
	(void)snprintf(b->artifacts, sizeof b->artifacts, "%s/artifacts", b->dir);
	bench_file(b, "artifacts", "a.csv",
	           "backend,time_ms,error\nx,1.5,\ny,2.5,\nz,0,connection refused\n");
	bench_file(b, "artifacts", "notes.md", "# Notes\n\n| a | b |\n|---|---|\n| x | 1 |\n");
	make_config(b);
	cr_assert_eq(publish_clear(b->config->reports, &err), 0, "%s", err.text);
	cr_assert_eq(uv_loop_init(&b->loop), 0);
	(void)snprintf(path, sizeof path, "%s/" STORE_FILE, b->dir);
	cr_assert_eq(store_open(&b->store, path, &err), 0, "%s", err.text);
	cr_assert_eq(store_queue_new(&b->queue, &b->loop, b->store, &err), 0);
}

void bench_own_pipelines(struct bench *b)
{
	set_path(&b->config->pipelines, b->dir, "pipelines");
}

static void on_event(void *arg, const char *event, const json_t *data)
{
	struct bench *b = arg;
	const char *step = json_string_value(json_object_get(data, "id"));
	const char *state = json_string_value(json_object_get(data, "state"));

	cr_expect_eq(b->done, 0, "an event after the end");
	if (strcmp(event, "step") == 0 && b->at_step && strcmp(step, b->at_step) == 0 &&
	    strcmp(state, b->at_state) == 0)
		b->act(b->review);
}

static void on_done(void *arg, const struct review_end *end)
{
	struct bench *b = arg;

	b->done++;
	b->review = NULL;
	b->state = end->state;
	(void)snprintf(b->verdict, sizeof b->verdict, "%s", end->verdict ? end->verdict : "");
	(void)snprintf(b->report, sizeof b->report, "%s", end->report ? end->report : "");
	(void)snprintf(b->error, sizeof b->error, "%s", end->error.text);
	cr_expect_eq(end->state == JOB_FAILED, end->error.code < 0);
	cr_expect_eq(end->state == JOB_SUCCEEDED, end->report != NULL);
}

void bench_submit(struct bench *b, const char *pipeline)
{
	char request[256], name[64];
	struct job job = {0}, wanted = {.pipeline = name, .request = request};
	struct error err = {0};
	bool existed;

	(void)snprintf(name, sizeof name, "%s", pipeline);
	(void)snprintf(request, sizeof request, "{\"paths\":[\"%s\"],\"pipeline\":\"%s\"}",
	               b->artifacts, pipeline);
	cr_assert_eq(store_add(b->store, &job, &existed, &wanted, 10, &err), 0, "%s", err.text);
	(void)snprintf(b->id, sizeof b->id, "%s", job.id);
	job_done(&job);
}

void bench_start(struct bench *b)
{
	const struct review_env env = {.loop = &b->loop, .store = b->queue, .config = b->config};
	const struct review_ops ops = {on_event, on_done};
	struct job job = {0};
	struct error err = {0};

	cr_assert_eq(store_claim(b->store, &job, &err), 0, "%s", err.text);
	cr_assert_str_eq(job.id, b->id);
	b->done = 0;
	cr_assert_eq(review_start(&b->review, &env, &job, &ops, b, &err), 0, "%s", err.text);
	cr_expect_eq(b->done, 0, "on_done() ran inside review_start()");
	job_done(&job);
}

void bench_run(struct bench *b)
{
	(void)uv_run(&b->loop, UV_RUN_DEFAULT);
	cr_assert_eq(b->done, 1, "it ended %u times", b->done);
}

void bench_review(struct bench *b, const char *pipeline)
{
	bench_submit(b, pipeline);
	bench_start(b);
	bench_run(b);
}

void bench_requeue(struct bench *b)
{
	struct error err = {0};

	cr_assert_eq(b->state, JOB_QUEUED);
	cr_assert_eq(store_requeue(b->store, b->id, &err), 0, "%s", err.text);
}

json_t *bench_report(const struct bench *b)
{
	char path[sizeof b->report + 16];
	json_t *report;

	(void)snprintf(path, sizeof path, "%s/report.json", b->report);
	report = json_load_file(path, 0, NULL);
	cr_assert(report, "%s: %s", path, b->error);
	return report;
}

static int is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.' && d->d_type == DT_DIR;
}

size_t bench_published(const struct bench *b)
{
	struct dirent **names = NULL;
	int n = scandir(b->config->reports, &names, is_visible, alphasort);

	cr_assert_geq(n, 0);
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return (size_t)n;
}

void bench_done(struct bench *b)
{
	struct error err = {0};

	store_queue_close(b->queue, NULL, NULL);
	(void)uv_run(&b->loop, UV_RUN_DEFAULT);
	cr_expect_eq(uv_loop_close(&b->loop), 0, "a handle was left open");
	store_close(b->store);
	config_free(b->config);
	cr_expect_eq(files_remove_tree(b->dir, &err), 0, "%s", err.text);
}
