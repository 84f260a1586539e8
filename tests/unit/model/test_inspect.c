/* SPDX-License-Identifier: MIT */
/* What a server says of itself and of a model, and what is said where it cannot be used. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "lib/model/about.h"
#include "tests/unit/model/bench.h"

#define OK "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

ANSWER(version, SAY(OK "{\"version\":\"0.24.0\"}"), HANG_UP);
ANSWER(tags, SAY(OK "{\"models\":[{\"name\":\"gemma3:latest\",\"digest\":\"abc123\"}]}"), HANG_UP);
ANSWER(no_tags, SAY(OK "{\"models\":[{\"name\":\"gemma3n:latest\",\"digest\":\"x\"}]}"), HANG_UP);
ANSWER(show,
       SAY(OK "{\"model_info\":{\"general.architecture\":\"gemma3\","
              "\"gemma3.block_count\":34,\"gemma3.context_length\":131072}}"),
       HANG_UP);
ANSWER(ps,
       SAY(OK "{\"models\":[{\"name\":\"gemma3:latest\",\"size\":8000,\"size_vram\":6000,"
              "\"context_length\":2048}]}"),
       HANG_UP);
ANSWER(props,
       SAY(OK "{\"default_generation_settings\":{\"n_ctx\":8192},\"total_slots\":2,"
              "\"model_path\":\"/m/tiny.gguf\",\"build_info\":\"b11669\"}"),
       HANG_UP);
ANSWER(models,
       SAY(OK "{\"data\":[{\"id\":\"tiny\",\"meta\":{\"n_ctx_train\":32768,\"size\":44,"
              "\"n_params\":40}}]}"),
       HANG_UP);
ANSWER(rubbish, SAY(OK "[1,2"), HANG_UP);
ANSWER(loading,
       SAY(REFUSE("503 Service Unavailable", "{\"error\":{\"message\":\"Loading model\",\"type\":"
                                             "\"unavailable_error\",\"code\":503}}")),
       HANG_UP);
ANSWER(silent, SAY_AFTER(30000, ""), HANG_UP);

struct inspected {
	struct bench bench;
	struct model_about about;
	unsigned done;
	bool gone; /* the peer */
};

static void on_about(void *arg, const struct model_about *about)
{
	struct inspected *t = arg;

	t->done++;
	t->about = *about;
	model_close(t->bench.model);
	if (!t->gone)
		fake_peer_stop(&t->bench.peer[0]);
}

static void get(struct inspected *t, size_t i, const char *path, const struct fake_step *script)
{
	t->bench.peer[0].gets[i].path = path;
	t->bench.peer[0].gets[i].script = script;
}

/* Also that an unknown endpoint is refused. */
static struct model_inspection *start(struct inspected *t, const char *model, uint64_t max_ms)
{
	struct model_inspection *i;
	struct error err = {0};

	cr_assert_eq(model_new(&t->bench.model, &t->bench.loop, t->bench.endpoint, 1, &err), 0);
	cr_expect_eq(model_inspect(&i, t->bench.model, "nobody", model, 300, on_about, t, &err),
	             -ENOENT);
	cr_assert_eq(model_inspect(&i, t->bench.model, "local", model, max_ms, on_about, t, &err),
	             0, "%s", err.text);
	cr_expect_eq(t->done, 0, "done() ran inside model_inspect()");
	return i;
}

static void inspect(struct inspected *t, const char *model)
{
	(void)start(t, model, 20000);
	bench_finish(&t->bench);
	cr_expect_eq(t->done, 1);
	cr_expect_str_eq(t->about.endpoint, "local");
}

Test(inspect, ollama_tells_its_model)
{
	struct inspected t = {0};

	bench_init(&t.bench, PROVIDER_OLLAMA);
	get(&t, 0, "/api/version", version);
	get(&t, 1, "/api/tags", tags);
	get(&t, 2, "/api/ps", ps);
	SCRIPTS(&t.bench.peer[0], show);
	inspect(&t, NULL);
	cr_expect_eq(t.about.status, 0, "%s", t.about.error);
	cr_expect_str_eq(t.about.provider, "ollama");
	cr_expect_str_eq(t.about.version, "0.24.0");
	cr_expect_str_eq(t.about.identity, "abc123");
	cr_expect_eq(t.about.context_trained, 131072);
	cr_expect_eq(t.about.layers, 35);
	cr_expect_eq(t.about.context, 2048);
	cr_expect_eq(t.about.gpu_share, 0.75);
	cr_expect(t.about.loaded);
	cr_expect_str_eq(t.bench.peer[0].body, "{\"model\":\"gemma3\"}");
}

Test(inspect, a_template_without_a_place_for_the_system_prompt_is_noticed)
{
	static const struct {
		const char *show;
		bool drops;
	} cases[] = {
		{"{\"template\":\"{{ .Prompt }}\"}", true},
		{"{\"template\":\"{{ .System }} {{ .Prompt }}\"}", false},
		{"{\"template\":\"{{- range .Messages }}{{ .Content }}{{ end }}\"}", false},
		{"{\"template\":\"{%- for m in messages -%}\"}", false},
		{"{\"template\":\"{{ .Prompt }}\",\"renderer\":\"gemma4\"}", false},
		{"{\"template\":\"\"}", false},
		{"{\"template\":7}", false},
		{"{}", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		CLEANUP(json_decrefp) json_t *doc = json_loads(cases[i].show, 0, NULL);
		struct model_about a;

		about_init(&a);
		about_read_show(&a, doc);
		cr_expect_eq(a.drops_system, cases[i].drops, "%s", cases[i].show);
	}
}

Test(inspect, a_model_that_is_not_there_is_to_be_pulled)
{
	struct inspected t = {0};

	bench_init(&t.bench, PROVIDER_OLLAMA);
	get(&t, 0, "/api/version", version);
	get(&t, 1, "/api/tags", no_tags);
	inspect(&t, NULL);
	cr_expect_eq(t.about.status, -ENODEV);
	cr_expect_str_eq(t.about.error, "model 'gemma3' is not on the server; ollama pull gemma3");
	cr_expect_eq(t.bench.peer[0].posts, 0, "it was asked for what is not there");
}

Test(inspect, llama_server_tells_its_context_and_is_known_from_then_on)
{
	struct inspected t = {0};

	bench_init(&t.bench, PROVIDER_DETECT);
	get(&t, 0, "/props", props);
	get(&t, 1, "/v1/models", models);
	t.bench.endpoint[0].model = NULL;
	inspect(&t, NULL);
	cr_expect_eq(t.about.status, 0, "%s", t.about.error);
	cr_expect_str_eq(t.about.provider, "openai");
	cr_expect_str_eq(t.about.model, "tiny");
	cr_expect_str_eq(t.about.version, "b11669");
	cr_expect_str_eq(t.about.identity, "/m/tiny.gguf tiny 44 40");
	cr_expect_eq(t.about.context, 8192);
	cr_expect_eq(t.about.context_trained, 32768);
}

Test(inspect, another_server_says_which_models_it_has)
{
	struct inspected t = {0};

	bench_init(&t.bench, PROVIDER_OPENAI);
	get(&t, 0, "/v1/models", models);
	inspect(&t, "large");
	cr_expect_eq(t.about.status, -ENODEV);
	cr_expect_str_eq(t.about.error, "model 'large' is not on the server, which has 'tiny'");
}

Test(inspect, answers_that_are_not_what_was_asked_for_tell_nothing)
{
	struct inspected t = {0};

	bench_init(&t.bench, PROVIDER_OLLAMA);
	get(&t, 0, "/api/version", rubbish);
	get(&t, 1, "/api/tags", rubbish);
	get(&t, 2, "/api/ps", rubbish);
	SCRIPTS(&t.bench.peer[0], rubbish);
	inspect(&t, NULL);
	cr_expect_eq(t.about.status, 0, "%s", t.about.error);
	cr_expect_eq(t.about.context, -1);
	cr_expect_str_eq(t.about.identity, "");
}

Test(inspect, a_server_that_loads_says_so)
{
	struct inspected t = {0};

	bench_init(&t.bench, PROVIDER_OPENAI);
	get(&t, 0, "/props", loading);
	inspect(&t, NULL);
	cr_expect_eq(t.about.status, -EAGAIN);
	cr_expect(strstr(t.about.error, "is loading its model"), "%s", t.about.error);
}

Test(inspect, nobody_listens)
{
	struct inspected t = {.gone = true};

	bench_init(&t.bench, PROVIDER_OLLAMA);
	fake_peer_stop(&t.bench.peer[0]);
	(void)uv_run(&t.bench.loop, UV_RUN_ONCE);
	inspect(&t, NULL);
	cr_expect_eq(t.about.status, -ECONNREFUSED);
	cr_expect(strstr(t.about.error, "start the model server"), "%s", t.about.error);
}

static void cancel(void *inspection, const char *path)
{
	(void)path;
	model_inspect_cancel(inspection);
	model_inspect_cancel(inspection);
}

Test(inspect, it_can_be_cancelled)
{
	struct inspected t = {0};

	bench_init(&t.bench, PROVIDER_OLLAMA);
	get(&t, 0, "/api/version", silent);
	t.bench.peer[0].at_request = cancel;
	t.bench.peer[0].arg = start(&t, NULL, 20000);
	bench_finish(&t.bench);
	cr_expect_eq(t.about.status, -ECANCELED);
	cr_expect_eq(t.bench.peer[0].hung_up, 1);
}

Test(inspect, a_silent_server_costs_no_more_than_it_may)
{
	struct inspected t = {0};

	bench_init(&t.bench, PROVIDER_OLLAMA);
	get(&t, 0, "/api/version", silent);
	(void)start(&t, NULL, 50);
	bench_finish(&t.bench);
	cr_expect_eq(t.about.status, -ETIMEDOUT);
	cr_expect(strstr(t.about.error, "gives no answer in time"), "%s", t.about.error);
}
