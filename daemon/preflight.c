/* SPDX-License-Identifier: MIT */
#include "daemon/preflight.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/review.h"

#define INSPECT_MAX_MS 5000
#define ANSWER_MAX_MS  45000 /* loading included */
#define ANSWER_TOKENS  24

/* Nothing but a grammar makes a model answer this with one of the two other words. */
static const char question[] = "Write the word gamma and nothing else.";
static const char words[] = "{\"type\":\"object\",\"properties\":{\"word\":{\"type\":\"string\","
			    "\"enum\":[\"alpha\",\"beta\"]}},\"required\":[\"word\"],"
			    "\"additionalProperties\":false}";

struct server_check {
	struct preflight *preflight;
	char *endpoint;
	struct model_call *call; /* under way */
	uv_timer_t timer;        /* of the call */
	bool timed_out;
	json_t *report;
};

struct preflight {
	uv_loop_t *loop;
	struct model *model;
	uint64_t patience_ms;
	bool generate;
	preflight_done_fn *done;
	void *arg;
	json_t *schema;
	struct server_check *checks;
	size_t n, pending;
};

/* --- the end ------------------------------------------------------------ */

static void preflight_free(struct preflight *p)
{
	json_decref(p->schema);
	for (size_t i = 0; i < p->n; i++)
		free(p->checks[i].endpoint);
	free(p->checks);
	free(p);
}

static void check_on_closed(uv_handle_t *handle)
{
	struct server_check *c = handle->data;
	struct preflight *p = c->preflight;
	json_t *all;

	if (--p->pending > 0)
		return;
	all = json_array();
	for (size_t i = 0; i < p->n; i++)
		(void)json_array_append_new(all, p->checks[i].report);
	p->done(p->arg, all);
	preflight_free(p);
}

static void check_end(struct server_check *c)
{
	uv_close((uv_handle_t *)&c->timer, check_on_closed);
}

static void check_fail(struct server_check *c, const char *why)
{
	(void)json_object_set_new(c->report, "error", json_string(why));
	check_end(c);
}

/* --- what it says of itself --------------------------------------------- */

static void put_ms(json_t *o, const char *name, double value)
{
	(void)json_object_set_new(o, name, isfinite(value) ? json_real(value) : json_null());
}

static void put_count(json_t *o, const char *name, int64_t n)
{
	(void)json_object_set_new(o, name, n >= 0 ? json_integer(n) : json_null());
}

static void put_about(json_t *o, const struct model_about *a)
{
	(void)json_object_set_new(o, "provider", json_string(a->provider));
	(void)json_object_set_new(o, "version", json_string(a->version));
	(void)json_object_set_new(o, "model", json_string(a->model));
	(void)json_object_set_new(o, "identity", json_string(a->identity));
	(void)json_object_set_new(o, "slots", json_integer(a->slots));
	(void)json_object_set_new(o, "reloads", json_integer(a->reloads));
	(void)json_object_set_new(o, "loaded", json_boolean(a->loaded));
	(void)json_object_set_new(o, "drops_system", json_boolean(a->drops_system));
	(void)json_object_set_new(o, "context_asked",
	                          strcmp(a->provider, "ollama") == 0 ? json_integer(REVIEW_NUM_CTX)
	                                                             : json_null());
	put_count(o, "context_trained", a->context_trained);
	put_count(o, "context_used", a->context);
	put_ms(o, "gpu_pct", 100 * a->gpu_share);
	(void)json_object_set_new(o, "error", a->error[0] ? json_string(a->error) : json_null());
}

/* Now that it is loaded. */
static void check_on_about_again(void *arg, const struct model_about *about)
{
	struct server_check *c = arg;

	if (about->status == 0)
		put_about(c->report, about);
	check_end(c);
}

static int check_inspect(struct server_check *c, model_about_fn *done, struct error *err)
{
	struct model_inspection *started; /* it ends by itself */

	return model_inspect(&started, c->preflight->model, c->endpoint, NULL, INSPECT_MAX_MS, done,
	                     c, err);
}

/* --- one short answer --------------------------------------------------- */

static bool keeps_to_schema(const struct model_result *res)
{
	CLEANUP(json_decrefp) json_t *doc = json_loadb(res->answer, res->answer_len, 0, NULL);
	const char *word = json_string_value(json_object_get(doc, "word"));

	return word && (strcmp(word, "alpha") == 0 || strcmp(word, "beta") == 0);
}

static void put_answer(json_t *o, const struct model_result *res)
{
	const struct model_record *r = &res->record;

	(void)json_object_set_new(o, "schema_kept", json_boolean(keeps_to_schema(res)));
	put_ms(o, "ttft_ms", r->ttft_ms);
	put_ms(o, "load_ms", r->load_ms);
	put_ms(o, "total_ms", r->total_ms);
	put_ms(o, "tokens_per_s", r->tokens_per_s);
}

static void check_on_done(void *arg, const struct model_result *res)
{
	struct server_check *c = arg;
	struct error ignored = {0};

	(void)uv_timer_stop(&c->timer); /* the call that it would cancel is gone */
	if (res->status < 0) {
		check_fail(c, c->timed_out ? "the model gave no answer within 45 s"
		                           : res->record.error);
		return;
	}
	put_answer(c->report, res);
	if (check_inspect(c, check_on_about_again, &ignored) < 0)
		check_end(c);
}

static void check_on_time(uv_timer_t *timer)
{
	struct server_check *c = timer->data;

	c->timed_out = true;
	model_cancel(c->call);
}

static int check_ask(struct server_check *c, struct error *err)
{
	static const struct model_ops ops = {.on_done = check_on_done};
	const struct preflight *p = c->preflight;
	const char *endpoint = c->endpoint;
	struct model_request req = {.endpoints = &endpoint,
	                            .n_endpoints = 1,
	                            .user = question,
	                            .schema = p->schema,
	                            .options = MODEL_OPTIONS_NONE,
	                            .patience_ms = p->patience_ms};

	req.options.num_ctx = REVIEW_NUM_CTX; /* so that nothing is loaded anew for a review */
	req.options.num_predict = ANSWER_TOKENS;
	req.options.temperature = 0;
	return model_call(&c->call, p->model, &req, &ops, c, err);
}

static void check_on_about(void *arg, const struct model_about *about)
{
	struct server_check *c = arg;
	struct preflight *p = c->preflight;
	struct error err = {0};

	put_about(c->report, about);
	if (!p->generate || about->status < 0) {
		check_end(c);
	} else if (check_ask(c, &err) < 0) {
		check_fail(c, err.text);
	} else {
		(void)uv_timer_start(&c->timer, check_on_time, ANSWER_MAX_MS, 0);
	}
}

/* --- the beginning ------------------------------------------------------ */

static int check_start(struct preflight *p, const char *endpoint, struct error *err)
{
	struct server_check *c = &p->checks[p->n];

	*c = (struct server_check){.preflight = p, .endpoint = strdup(endpoint)};
	c->report = json_pack("{s:s}", "name", endpoint);
	if (!c->endpoint || !c->report) {
		free(c->endpoint);
		json_decref(c->report);
		return error_set(err, -ENOMEM, "out of memory");
	}
	p->n++;
	p->pending++;
	(void)uv_timer_init(p->loop, &c->timer);
	c->timer.data = c;
	if (check_inspect(c, check_on_about, err) < 0)
		check_fail(c, err->text);
	return 0;
}

static struct preflight *preflight_new(size_t max, struct error *err)
{
	struct preflight *p = calloc(1, sizeof *p);

	if (p) {
		p->schema = json_loads(words, 0, NULL);
		p->checks = calloc(max + 1, sizeof *p->checks);
	}
	if (p && p->schema && p->checks)
		return p;
	if (p)
		preflight_free(p);
	(void)error_set(err, -ENOMEM, "out of memory");
	return NULL;
}

int preflight_start(const struct preflight_env *env, bool generate, preflight_done_fn *done,
                    void *arg, struct error *err)
{
	const struct config *config = env->config;
	struct preflight *p = preflight_new(config->n_endpoints, err);

	if (!p)
		return -ENOMEM;
	p->loop = env->loop;
	p->model = env->model;
	p->patience_ms = config->failed_calls_ms;
	p->generate = generate;
	p->done = done;
	p->arg = arg;
	for (size_t i = 0; i < config->n_endpoints; i++) {
		struct error ignored = {0}; /* the others are worth telling of */

		if (config->endpoints[i].provider != PROVIDER_BUILTIN)
			(void)!check_start(p, config->endpoints[i].name, &ignored);
	}
	if (p->n > 0)
		return 0;
	done(arg, json_array());
	preflight_free(p);
	return 0;
}
