/* SPDX-License-Identifier: MIT */
#include "tests/unit/daemon/fake_review.h"

#include <errno.h>
#include <stdio.h>

#include "lib/base/files.h"

#define STEP_MS 5
#define CHATTER 3000

struct review {
	uv_timer_t timer;
	struct review_ops ops;
	void *arg;
	char *script, *id;
	char report[4096];
	struct review_end end;
	int ticks;
};

static void on_closed(uv_handle_t *handle)
{
	struct review *r = CONTAINER_OF(handle, struct review, timer);

	r->ops.on_done(r->arg, &r->end);
	free(r->script);
	free(r->id);
	free(r);
}

static void finish(struct review *r, enum job_state state)
{
	r->end.state = state;
	if (!uv_is_closing((uv_handle_t *)&r->timer))
		uv_close((uv_handle_t *)&r->timer, on_closed);
}

static void say(struct review *r, const char *event, json_t *data)
{
	r->ops.on_event(r->arg, event, data);
	json_decref(data);
}

static void succeed(struct review *r)
{
	static const char *const names[] = {"report.md", "report.html", "report.json"};
	CLEANUP(freep) char *big = malloc(300000);
	struct error err = {0};

	memset(big, 'x', 300000);
	if (files_make_dirs(r->report, &err) < 0)
		abort();
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (files_write(r->report, names[i], big, i == 0 ? 9 : 300000, &err) < 0)
			abort();
	}
	r->end.verdict = "same";
	r->end.report = r->report;
	finish(r, JOB_SUCCEEDED);
}

static void on_tick(uv_timer_t *timer)
{
	struct review *r = CONTAINER_OF(timer, struct review, timer);

	if (r->ticks++ == 0) {
		say(r, "step", json_pack("{s:s, s:s}", "id", "inventory", "state", "running"));
		for (int i = 0; r->script && strcmp(r->script, "chatty") == 0 && i < CHATTER; i++)
			say(r, "progress",
			    json_pack("{s:s, s:i, s:i}", "step", "inventory", "done", i, "total",
			              CHATTER));
		return;
	}
	if (r->script && strcmp(r->script, "stays") == 0)
		return;
	if (r->script && strcmp(r->script, "fails") == 0) {
		error_set(&r->end.error, -ENOSPC, "disk full");
		finish(r, JOB_FAILED);
		return;
	}
	say(r, "step", json_pack("{s:s, s:s}", "id", "inventory", "state", "done"));
	succeed(r);
}

int fake_review_start(struct review **ret, const struct review_env *env, const struct job *job,
                      const struct review_ops *ops, void *arg, struct error *err)
{
	struct review *r;

	if (job->machine && strcmp(job->machine, "refuses") == 0)
		return error_set(err, -ENOMEM, "no memory for a review");
	r = calloc(1, sizeof *r);
	r->ops = *ops;
	r->arg = arg;
	r->script = job->machine ? strdup(job->machine) : NULL;
	r->id = strdup(job->id);
	(void)snprintf(r->report, sizeof r->report, "%s/%s",
	               env->config ? env->config->reports : "/tmp", job->id);
	(void)uv_timer_init(env->loop, &r->timer);
	(void)uv_timer_start(&r->timer, on_tick, STEP_MS, STEP_MS);
	*ret = r;
	return 0;
}

void fake_review_cancel(struct review *r)
{
	finish(r, JOB_CANCELLED);
}

void fake_review_suspend(struct review *r)
{
	finish(r, JOB_QUEUED);
}
