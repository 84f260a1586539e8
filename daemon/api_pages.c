/* SPDX-License-Identifier: MIT */
/*
 * What api.h tells about the daemon itself: health, and what is configured.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "daemon/api_impl.h"
#include "lib/evidence/pipeline.h"

#define CATALOGUE_MAX 256 /* files of a directory that are listed */

/* Where it keeps what, for those who look at the disk, and what it may read. */
void api_healthz(struct api_call *c, const struct http_request *req)
{
	const struct config *config = c->config;
	json_t *roots = json_array();

	(void)req;
	for (size_t i = 0; i < config->n_roots; i++)
		(void)json_array_append_new(roots, json_string(config->roots[i]));
	api_answer_json(c, 200,
	                json_pack("{s:s, s:s, s:s, s:s, s:o}", "status", "ok", "version",
	                          CHIMERAD_VERSION, "state", config->state, "reports",
	                          config->reports, "roots", roots));
}

static void on_probed(void *arg, const struct jobs_result *r)
{
	struct api_call *c = arg;

	if (r->status < 0)
		api_answer_problem(c, 503, "%s", r->error.text);
	else
		api_answer_json(c, 200, json_pack("{s:s}", "status", "ready"));
}

/* A full disk is found here, and not by the night's job. */
void api_readyz(struct api_call *c, const struct http_request *req)
{
	(void)req;
	c->query = (struct jobs_query){.op = JOBS_PROBE};
	if (c->api->ready)
		api_ask(c, on_probed);
	else
		api_answer_problem(c, 503, "the daemon is starting or stopping");
}

/* --- what is configured ------------------------------------------------- */

/* What it is known as here, and what its check has found. */
static void on_checked(void *arg, json_t *report)
{
	struct api_call *c = arg;
	json_t *all = c->api->env.endpoints(c->api->env.arg), *one, *check;
	size_t i, k;

	json_array_foreach (all, i, one) {
		json_array_foreach (report, k, check) {
			if (json_equal(json_object_get(one, "name"),
			               json_object_get(check, "name")))
				(void)json_object_set(one, "check", check);
		}
	}
	json_decref(report);
	api_answer_json(c, 200, all);
}

void api_endpoints(struct api_call *c, const struct http_request *req)
{
	const struct api_env *env = &c->api->env;
	char check[16] = "";
	struct error err = {0};

	if (api_query(req, "check", check, sizeof check) < 0 ||
	    (check[0] && strcmp(check, "server") != 0 && strcmp(check, "model") != 0))
		api_answer_problem(c, 400, "the query may be check=server or check=model");
	else if (!check[0])
		api_answer_json(c, 200, env->endpoints(env->arg));
	else if (env->check_endpoints(env->arg, strcmp(check, "model") == 0, on_checked, c, &err) <
	         0)
		api_answer_error(c, &err);
}

static int is_yaml(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > 5 && d->d_name[0] != '.' && strcmp(d->d_name + len - 5, ".yaml") == 0;
}

static json_t *pipeline_json(const char *dir, const char *name)
{
	struct pipeline *p = NULL;
	struct error err = {0};
	json_t *steps, *json;

	if (pipeline_load(&p, dir, name, &err) < 0)
		return json_pack("{s:s, s:n, s:[], s:i, s:i, s:s}", "name", name, "title", "steps",
		                 "agents", 0, "variants", 0, "error", err.text);
	steps = json_array();
	for (size_t i = 0; i < p->n_steps; i++)
		(void)json_array_append_new(
			steps, json_pack("{s:s, s:s, s:s}", "id", p->steps[i].id, "stage",
		                         stage_name((enum stage)p->steps[i].stage), "agent",
		                         p->steps[i].agent));
	json = json_pack("{s:s, s:s?, s:o, s:I, s:I, s:n}", "name", p->name, "title", p->title,
	                 "steps", steps, "agents", (json_int_t)p->n_agents, "variants",
	                 (json_int_t)pipeline_variants(p), "error");
	pipeline_free(p);
	return json;
}

static json_t *persona_json(const char *dir, const char *name)
{
	struct persona *p = NULL;
	struct error err = {0};
	json_t *json;

	if (persona_load(&p, dir, name, &err) < 0)
		return json_pack("{s:s, s:n, s:n, s:s}", "name", name, "title", "task", "error",
		                 err.text);
	json = json_pack("{s:s, s:s?, s:s, s:n}", "name", p->name, "title", p->title, "task",
	                 task_name((enum task)p->task), "error");
	persona_free(p);
	return json;
}

static void list_work(uv_work_t *work)
{
	struct api_call *c = work->data;
	bool pipelines = strcmp(c->rest, "pipelines") == 0;
	const char *dir = pipelines ? c->config->pipelines : c->config->personas;
	struct dirent **names = NULL;
	int n = scandir(dir, &names, is_yaml, alphasort);

	if (n < 0) {
		error_set(&c->err, -errno, "%s: %s", dir, strerror(errno));
		return;
	}
	c->json = json_array();
	for (int i = 0; i < n; i++) {
		char *name = names[i]->d_name;

		name[strlen(name) - 5] = '\0';
		if (i < CATALOGUE_MAX)
			(void)json_array_append_new(c->json, pipelines ? pipeline_json(dir, name)
			                                               : persona_json(dir, name));
		free(names[i]);
	}
	free(names);
}

static void on_catalogued(uv_work_t *work, int status)
{
	struct api_call *c = work->data;

	(void)status;
	if (c->err.code < 0)
		api_answer_problem(c, 500, "%s", c->err.text);
	else
		api_answer_json(c, 200, TAKE(c->json));
}

void api_catalogue(struct api_call *c, const struct http_request *req)
{
	(void)req;
	api_offload(c, list_work, on_catalogued);
}
