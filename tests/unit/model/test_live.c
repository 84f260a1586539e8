/* SPDX-License-Identifier: MIT */
/* Against a real server, where CHIMERAD_MODEL_URL names one. */
#include <criterion/criterion.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/model/model.h"

static const char *const schema =
	"{\"type\":\"object\",\"properties\":{\"claims\":{\"type\":\"array\",\"minItems\":1,"
	"\"maxItems\":3,\"items\":{\"type\":\"object\",\"properties\":{\"facts\":{\"type\":"
	"\"array\","
	"\"minItems\":1,\"maxItems\":2,\"items\":{\"type\":\"string\",\"enum\":[\"F1\",\"F2\","
	"\"F12\"]}},"
	"\"text\":{\"type\":\"string\",\"pattern\":\"^([A-Za-z "
	",.;:'()\\\\u2019-]|\\\\{(F1|F2|F12)\\\\})"
	"{20,200}$\"}},\"required\":[\"facts\",\"text\"],\"additionalProperties\":false}}},"
	"\"required\":[\"claims\"],\"additionalProperties\":false}";

struct live {
	uv_loop_t loop;
	struct model *model;
	struct model_result res;
	char *answer;
	unsigned pending, done, progress;
	struct model_call *call;
	bool cancel;
};

static void on_progress(void *arg, const char *state, uint64_t tokens)
{
	struct live *l = arg;

	(void)tokens;
	l->progress++;
	if (l->cancel && strcmp(state, "streaming") == 0)
		model_cancel(l->call);
}

static void on_done(void *arg, const struct model_result *res)
{
	struct live *l = arg;

	l->res = *res;
	free(l->answer);
	l->answer = strdup(res->answer);
	l->done++;
	if (--l->pending == 0)
		model_close(l->model);
}

static const char *need_server(void)
{
	const char *url = getenv("CHIMERAD_MODEL_URL");

	if (!url)
		cr_skip_test("CHIMERAD_MODEL_URL names no model server");
	return url;
}

static void live_init(struct live *l)
{
	struct model_endpoint ep = {.name = "live", .url = need_server()};
	struct error err = {0};

	*l = (struct live){0};
	cr_assert_eq(curl_global_init(CURL_GLOBAL_DEFAULT), CURLE_OK);
	cr_assert_eq(uv_loop_init(&l->loop), 0);
	cr_assert_eq(model_new(&l->model, &l->loop, &ep, 1, &err), 0, "%s", err.text);
}

static void live_ask(struct live *l, json_t *shape, int64_t predict)
{
	static const struct model_ops ops = {on_progress, on_done};
	struct model_request req = {
		.user = "Facts: F1 throughput, F2 latency, F12 memory. Write what "
			"they mean. Refer to a fact as {F1}.",
		.schema = shape,
		.options = MODEL_OPTIONS_NONE};
	struct error err = {0};

	req.options.temperature = 0.8;
	req.options.num_predict = predict;
	req.options.seed = 3;
	l->pending++;
	cr_assert_eq(model_call(&l->call, l->model, &req, &ops, l, &err), 0, "%s", err.text);
}

static void live_finish(struct live *l)
{
	(void)uv_run(&l->loop, UV_RUN_DEFAULT);
	cr_expect_eq(uv_loop_close(&l->loop), 0);
	curl_global_cleanup();
}

/* Every text of the answer without a digit outside an id. */
static void expect_no_numbers(const json_t *doc)
{
	json_t *claims = json_object_get(doc, "claims"), *claim;
	size_t i;

	cr_assert_gt(json_array_size(claims), 0);
	json_array_foreach (claims, i, claim) {
		const char *p = json_string_value(json_object_get(claim, "text"));

		cr_assert(p);
		for (; *p; p++) {
			if (*p == '{')
				p = strchr(p, '}');
			cr_assert(p && !strchr("0123456789", *p));
		}
	}
}

Test(live, a_schema_gives_json_without_digits_and_a_whole_record)
{
	CLEANUP(json_decrefp) json_t *shape = json_loads(schema, 0, NULL), *doc = NULL;
	struct live l;

	live_init(&l);
	cr_assert(shape);
	live_ask(&l, shape, 600);
	live_finish(&l);
	cr_assert_eq(l.res.status, 0, "%s", l.res.record.error);
	doc = json_loads(l.answer, 0, NULL);
	cr_assert(doc, "%s", l.answer);
	expect_no_numbers(doc);
	cr_expect_gt(l.res.record.ttft_ms, 0);
	cr_expect_gt(l.res.record.tokens_per_s, 0);
	cr_expect_gt(l.res.record.output_tokens, 0);
	cr_expect_gt(l.res.record.prompt_tokens, 0);
	cr_expect_gt(l.progress, 0);
	cr_log_info("%s: ttft %.1f ms, %.0f tok/s, %ld tokens: %s", l.res.record.provider,
	            l.res.record.ttft_ms, l.res.record.tokens_per_s,
	            (long)l.res.record.output_tokens, l.answer);
	free(l.answer);
}

Test(live, many_calls_share_the_slots_that_the_server_told)
{
	struct live l;

	live_init(&l);
	for (int i = 0; i < 12; i++)
		live_ask(&l, NULL, 40);
	live_finish(&l);
	cr_expect_eq(l.done, 12);
	cr_expect_eq(l.res.status, 0, "%s", l.res.record.error);
	cr_expect_gt(l.res.record.queue_ms, 0);
	free(l.answer);
}

Test(live, cancel_ends_the_stream)
{
	struct live l;

	live_init(&l);
	l.cancel = true;
	live_ask(&l, NULL, 4000);
	live_finish(&l);
	cr_expect_eq(l.res.status, -ECANCELED, "%d", l.res.status);
	free(l.answer);
}
