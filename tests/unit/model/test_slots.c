/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/model/endpoint.h"
#include "tests/unit/model/bench.h"

#define DONE "{\"message\":{\"content\":\"ok\"},\"done\":true}\n"

ANSWER(hello, SAY(OK_CLOSE DONE), HANG_UP);
ANSWER(slow, SAY_AFTER(30, OK_CLOSE DONE), HANG_UP);
ANSWER(broken, SAY(REFUSE("500 Internal Server Error", "{\"error\":\"out of luck\"}")), HANG_UP);
ANSWER(sse,
       SAY(OK_CLOSE "data: {\"choices\":[{\"finish_reason\":\"stop\",\"delta\":"
                    "{\"content\":\"ok\"}}]}\n\n"),
       HANG_UP);
ANSWER(slow_sse,
       SAY_AFTER(30, OK_CLOSE "data: {\"choices\":[{\"finish_reason\":\"stop\",\"delta\":"
                              "{\"content\":\"ok\"}}]}\n\n"),
       HANG_UP);
ANSWER(version, SAY(OK_CLOSE "{\"version\":\"0.33.0\"}"), HANG_UP);
ANSWER(props, SAY(OK_CLOSE "{\"total_slots\":3,\"model_path\":\"x\"}"), HANG_UP);
ANSWER(models, SAY(OK_CLOSE "{\"object\":\"list\",\"data\":[]}"), HANG_UP);
ANSWER(loading,
       SAY(REFUSE("503 Service Unavailable", "{\"error\":{\"message\":\"Loading model\",\"type\":"
                                             "\"unavailable_error\",\"code\":503}}")),
       HANG_UP);

static void second_peer(struct bench *b)
{
	fake_peer_start(&b->peer[1], &b->loop, b->path);
	b->endpoint[1] = b->endpoint[0];
	b->endpoint[1].name = "other";
	b->endpoint[1].url = b->peer[1].url;
}

static void ask_as(struct bench *b, struct asked *a, const char *caller, const char *user)
{
	struct model_request req = {.user = user, .caller = caller, .options = MODEL_OPTIONS_NONE};

	bench_ask_with(b, a, &req);
}

Test(slots, one_slot_serves_in_order_of_arrival)
{
	struct asked a[6] = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	SCRIPTS(&b.peer[0], slow, hello);
	for (size_t i = 0; i < 6; i++) {
		static const char *const users[] = {"a", "b", "c", "d", "e", "f"};

		a[i].user = users[i];
		bench_ask(&b, &a[i]);
	}
	bench_finish(&b);
	cr_expect_str_eq(b.peer[0].order, "abcdef");
	cr_expect_str_eq(b.finished, "abcdef");
	cr_expect_eq(b.peer[0].busiest, 1);
	cr_expect_geq(a[5].record.queue_ms, 28);
	cr_expect_lt(a[5].record.total_ms, a[5].record.queue_ms, "waiting was counted as work");
}

Test(slots, callers_take_turns)
{
	struct asked a[6] = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	SCRIPTS(&b.peer[0], slow, hello);
	for (size_t i = 0; i < 4; i++)
		ask_as(&b, &a[i], "alpha", "a");
	ask_as(&b, &a[4], "beta", "b");
	ask_as(&b, &a[5], "beta", "b");
	bench_finish(&b);
	cr_expect_str_eq(b.peer[0].order, "ababaa", "%s", b.peer[0].order);
}

static void ask_of_size(struct bench *b, struct asked *a, const char *user, int64_t num_ctx)
{
	struct model_request req = {.user = user, .options = MODEL_OPTIONS_NONE};

	req.options.num_ctx = num_ctx;
	bench_ask_with(b, a, &req);
}

static json_int_t reloads(const struct bench *b)
{
	json_t *all = model_status(b->model);
	json_int_t n = json_integer_value(json_object_get(json_array_get(all, 0), "reloads"));

	json_decref(all);
	return n;
}

/* As they are when the last request has reached the peer. */
static void keep_reloads(void *arg, const char *path)
{
	struct asked *a = arg;

	(void)path;
	a->reloads = reloads(a->bench);
}

Test(slots, calls_that_load_the_model_alike_go_together)
{
	static const char *const users[] = {"a", "B", "a", "B", "a", "B"};
	struct asked a[6] = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	b.endpoint[0].slots = 2;
	SCRIPTS(&b.peer[0], slow);
	b.peer[0].at_request = keep_reloads;
	b.peer[0].arg = &a[0];
	for (size_t i = 0; i < 6; i++)
		ask_of_size(&b, &a[i], users[i], i % 2 ? 8192 : 4096);
	bench_finish(&b);
	cr_expect_str_eq(b.peer[0].order, "aaaBBB", "%s", b.peer[0].order);
	cr_expect_eq(a[0].reloads, 1, "%u reloads", (unsigned)a[0].reloads);
}

Test(slots, no_call_is_overtaken_for_ever)
{
	struct asked a[24] = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	b.endpoint[0].slots = 2;
	SCRIPTS(&b.peer[0], slow);
	for (size_t i = 0; i < 24; i++)
		ask_of_size(&b, &a[i], i == 1 ? "B" : "a", i == 1 ? 8192 : 4096);
	bench_finish(&b);
	cr_expect_leq(strcspn(b.peer[0].order, "B"), 10, "%s", b.peer[0].order);
	cr_expect_eq(b.peer[0].busiest, 2);
}

Test(slots, models_do_not_wait_for_one_another)
{
	struct model_request req = {.user = "B", .model = "other", .options = MODEL_OPTIONS_NONE};
	struct asked a[2] = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	b.endpoint[0].slots = 2;
	SCRIPTS(&b.peer[0], slow);
	ask_of_size(&b, &a[0], "a", 4096);
	req.options.num_ctx = 8192;
	bench_ask_with(&b, &a[1], &req);
	bench_finish(&b);
	cr_expect_eq(b.peer[0].busiest, 2);
}

Test(slots, a_higher_priority_goes_first)
{
	struct model_request req = {.options = MODEL_OPTIONS_NONE};
	static const char *const users[] = {"a", "b", "c", "d", "e"};
	static const int priorities[] = {0, -1, 0, 9, 0};
	struct asked a[5] = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	SCRIPTS(&b.peer[0], slow);
	for (size_t i = 0; i < 5; i++) {
		req.user = req.caller = users[i];
		req.priority = priorities[i];
		bench_ask_with(&b, &a[i], &req);
	}
	bench_finish(&b);
	cr_expect_str_eq(b.peer[0].order, "daceb", "%s", b.peer[0].order);
}

Test(slots, a_priority_is_a_number_or_its_text)
{
	static const struct {
		const char *json;
		int priority;
		bool ok;
	} cases[] = {{"[3]", 3, true},       {"[\"-9\"]", -9, true},
	             {"[10]", 0, false},     {"[\"\"]", 0, false},
	             {"[\"1x\"]", 0, false}, {"[1.5]", 0, false},
	             {"[null]", 0, false},   {"[\"99999999999999999999\"]", 0, false}};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		json_t *list = json_loads(cases[i].json, 0, NULL);
		int priority = 0;

		cr_expect_eq(model_priority_read(&priority, json_array_get(list, 0)), cases[i].ok,
		             "%s", cases[i].json);
		cr_expect_eq(priority, cases[i].priority, "%s", cases[i].json);
		json_decref(list);
	}
}

Test(slots, as_many_as_configured_run_together)
{
	struct asked a[7] = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	b.endpoint[0].slots = 3;
	SCRIPTS(&b.peer[0], slow);
	for (size_t i = 0; i < 7; i++)
		bench_ask(&b, &a[i]);
	bench_finish(&b);
	cr_expect_eq(b.peer[0].busiest, 3);
	cr_expect_eq(b.peer[0].posts, 7);
}

Test(slots, a_question_asked_from_on_done_is_answered)
{
	struct asked second = {0}, first = {.then = &second};
	struct bench b;

	ASK_ONCE(&first, &b, PROVIDER_OLLAMA, hello);
	cr_expect_str_eq(first.answer, "ok");
	cr_expect_str_eq(second.answer, "ok", "%s", second.record.error);
}

Test(slots, ollama_is_detected)
{
	struct asked a[3] = {0};
	struct bench b;

	bench_init(&b, PROVIDER_DETECT);
	b.endpoint[0].slots = 0;
	b.peer[0].gets[0].path = "/api/version";
	b.peer[0].gets[0].script = version;
	SCRIPTS(&b.peer[0], slow);
	for (size_t i = 0; i < 3; i++)
		bench_ask(&b, &a[i]);
	bench_finish(&b);
	cr_expect_str_eq(a[2].record.provider, "ollama", "%s", a[2].record.error);
	cr_expect_eq(b.peer[0].busiest, 1);
	cr_expect_eq(b.peer[0].n_paths, 4, "it was asked more than once who it is");
}

Test(slots, llama_server_is_detected_and_tells_its_slots)
{
	struct asked a[5] = {0};
	struct bench b;

	bench_init(&b, PROVIDER_DETECT);
	b.endpoint[0].slots = 0;
	b.peer[0].gets[0].path = "/props";
	b.peer[0].gets[0].script = props;
	SCRIPTS(&b.peer[0], slow_sse);
	for (size_t i = 0; i < 5; i++)
		bench_ask(&b, &a[i]);
	bench_finish(&b);
	cr_expect_eq(a[4].status, 0, "%s", a[4].record.error);
	cr_expect_str_eq(a[4].record.provider, "openai");
	cr_expect_eq(b.peer[0].busiest, 3);
	cr_expect(strstr(b.peer[0].body, "\"cache_prompt\":true"));
}

Test(slots, other_openai_servers_are_detected)
{
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_DETECT);
	b.endpoint[0].slots = 0;
	b.peer[0].gets[0].path = "/v1/models";
	b.peer[0].gets[0].script = models;
	SCRIPTS(&b.peer[0], sse);
	bench_ask(&b, &a);
	bench_finish(&b);
	cr_expect_str_eq(a.answer, "ok", "%s", a.record.error);
	cr_expect_null(strstr(b.peer[0].body, "cache_prompt"));
}

Test(slots, a_stranger_is_not_taken_for_a_model_server)
{
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_DETECT);
	bench_ask(&b, &a);
	bench_finish(&b);
	cr_expect_eq(a.status, -EPROTO);
	cr_expect(strstr(a.record.error, "neither Ollama nor"), "%s", a.record.error);
}

Test(slots, a_probe_waits_for_a_model_that_is_loading)
{
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_DETECT);
	b.peer[0].gets[0].path = "/api/version";
	b.peer[0].gets[0].script = loading;
	b.peer[0].gets[1].path = "/props";
	b.peer[0].gets[1].script = props;
	SCRIPTS(&b.peer[0], sse);
	bench_ask(&b, &a);
	while (!b.peer[0].n_paths)
		(void)uv_run(&b.loop, UV_RUN_ONCE);
	b.peer[0].gets[0].path = NULL; /* it is loaded */
	bench_finish(&b);
	cr_expect_str_eq(a.answer, "ok", "%s", a.record.error);
	cr_expect_eq(b.peer[0].n_paths, 4);
}

Test(slots, the_next_endpoint_takes_over_from_one_that_is_not_there)
{
	static const char *const names[] = {"local", "other"};
	struct model_request req = {
		.endpoints = names, .n_endpoints = 2, .user = "q", .options = MODEL_OPTIONS_NONE};
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	second_peer(&b);
	fake_peer_stop(&b.peer[0]);
	(void)uv_run(&b.loop, UV_RUN_ONCE);
	SCRIPTS(&b.peer[1], hello);
	bench_ask_with(&b, &a, &req);
	bench_finish(&b);
	cr_expect_str_eq(a.answer, "ok", "%s", a.record.error);
	cr_expect_str_eq(a.record.endpoint, "other");
}

Test(slots, a_second_try_goes_to_another_endpoint)
{
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	second_peer(&b);
	SCRIPTS(&b.peer[0], broken);
	SCRIPTS(&b.peer[1], hello);
	bench_ask(&b, &a);
	bench_finish(&b);
	cr_expect_str_eq(a.answer, "ok", "%s", a.record.error);
	cr_expect_str_eq(a.record.endpoint, "other");
	cr_expect_eq(b.peer[0].posts, 1);
}

Test(slots, only_named_endpoints_are_used)
{
	static const char *const names[] = {"other"};
	struct model_request req = {
		.endpoints = names, .n_endpoints = 1, .user = "q", .options = MODEL_OPTIONS_NONE};
	struct asked a[2] = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	second_peer(&b);
	SCRIPTS(&b.peer[1], slow);
	bench_ask_with(&b, &a[0], &req);
	bench_ask_with(&b, &a[1], &req);
	bench_finish(&b);
	cr_expect_eq(b.peer[0].posts, 0);
	cr_expect_eq(b.peer[1].posts, 2);
}

Test(slots, a_free_slot_elsewhere_is_better_than_waiting)
{
	struct asked a[2] = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	second_peer(&b);
	SCRIPTS(&b.peer[0], slow);
	SCRIPTS(&b.peer[1], slow);
	bench_ask(&b, &a[0]);
	bench_ask(&b, &a[1]);
	bench_finish(&b);
	cr_expect_str_eq(a[0].record.endpoint, "local");
	cr_expect_str_eq(a[1].record.endpoint, "other");
}

Test(slots, the_breaker_opens_after_three_failures_in_a_row)
{
	struct asked second = {0}, first = {.then = &second};
	struct bench b;

	ASK_ONCE(&first, &b, PROVIDER_OLLAMA, broken);
	cr_expect_eq(first.record.attempts, 3);
	cr_expect_eq(second.status, -EHOSTDOWN);
	cr_expect_eq(second.record.attempts, 0);
	cr_expect_eq(b.peer[0].posts, 3, "a resting endpoint was asked");
	cr_expect_str_eq(second.record.endpoint, "local");
	cr_expect(strstr(second.record.error, "endpoint local rests"), "%s", second.record.error);
}

Test(slots, status_tells_what_is_known)
{
	json_t *all, *ep;
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_DETECT);
	b.endpoint[0].slots = 0;
	b.endpoint[1] = (struct model_endpoint){.name = "none", .provider = PROVIDER_BUILTIN};
	b.peer[0].gets[0].path = "/props";
	b.peer[0].gets[0].script = props;
	SCRIPTS(&b.peer[0], slow_sse);
	bench_ask(&b, &a);
	while (!b.peer[0].busy)
		(void)uv_run(&b.loop, UV_RUN_ONCE);
	all = model_status(b.model);
	ep = json_array_get(all, 0);
	cr_expect_eq(json_array_size(all), 2);
	cr_expect_str_eq(json_string_value(json_object_get(ep, "name")), "local");
	cr_expect_str_eq(json_string_value(json_object_get(ep, "provider")), "openai");
	cr_expect_str_eq(json_string_value(json_object_get(ep, "state")), "ready");
	cr_expect_str_eq(json_string_value(json_object_get(ep, "url")), b.peer[0].url);
	cr_expect_eq(json_integer_value(json_object_get(ep, "slots")), 3);
	cr_expect_eq(json_integer_value(json_object_get(ep, "busy")), 1);
	cr_expect_eq(json_integer_value(json_object_get(ep, "queued")), 0);
	ep = json_array_get(all, 1);
	cr_expect_str_eq(json_string_value(json_object_get(ep, "state")), "builtin");
	json_decref(all);
	bench_finish(&b);
}

Test(slots, builtin_alone_is_no_endpoint)
{
	static const struct model_endpoint builtin = {.name = "x", .provider = PROVIDER_BUILTIN};
	static const char *const unknown[] = {"nobody"};
	struct model_request req = {.user = "q", .options = MODEL_OPTIONS_NONE};
	struct model_ops ops = {0};
	struct model_call *call;
	struct model *m;
	struct error err = {0};
	uv_loop_t loop;

	cr_assert_eq(uv_loop_init(&loop), 0);
	cr_assert_eq(model_new(&m, &loop, &builtin, 1, NULL), 0);
	cr_expect_eq(model_call(&call, m, &req, &ops, NULL, &err), -ENOENT);
	req.endpoints = unknown;
	req.n_endpoints = 1;
	cr_expect_eq(model_call(&call, m, &req, &ops, NULL, &err), -EINVAL);
	model_close(m);
	model_close(m);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	cr_expect_eq(uv_loop_close(&loop), 0);
}

Test(slots, bad_endpoints_and_prompts_are_refused_with_a_reason)
{
	struct model_endpoint ep = {.name = "x", .provider = PROVIDER_OLLAMA};
	struct model_request req = {.user = "\xff", .options = MODEL_OPTIONS_NONE};
	struct model_ops ops = {0};
	struct model_call *call;
	struct model *m = NULL;
	struct error err = {0};
	uv_loop_t loop;

	cr_assert_eq(uv_loop_init(&loop), 0);
	cr_expect_eq(model_new(&m, &loop, &ep, 1, &err), -EINVAL);
	cr_expect_str_eq(err.text, "endpoint x: url: is missing");
	ep.url = "ftp://host";
	cr_expect_eq(model_new(&m, &loop, &ep, 1, &err), -EINVAL);
	ep.url = "http://host";
	ep.api_key = "a\r\nX-Evil: 1";
	cr_expect_eq(model_new(&m, &loop, &ep, 1, &err), -EINVAL);
	ep.api_key = NULL;
	cr_assert_eq(model_new(&m, &loop, &ep, 1, &err), 0);
	cr_expect_eq(model_call(&call, m, &req, &ops, NULL, &err), -EILSEQ);
	model_close(m);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	cr_expect_eq(uv_loop_close(&loop), 0);
}

Test(loads, what_is_not_watched_any_more_does_not_matter)
{
	struct load load = {.num_ctx = 4096, .num_gpu = -1};
	struct loads l = {0};

	for (int i = 0; i < LOADS_MAX + 2; i++) {
		(void)snprintf(load.model, sizeof load.model, "m%d", i);
		loads_take(&l, &load);
	}
	load.num_ctx = 8192;
	cr_expect_eq(loads_ask(&l, &load), LOAD_FITS, "it was never known");
	(void)snprintf(load.model, sizeof load.model, "m0");
	cr_expect_eq(loads_ask(&l, &load), LOAD_BUSY);
	load.num_ctx = 4096;
	loads_release(&l, &load);
	(void)snprintf(load.model, sizeof load.model, "new");
	loads_take(&l, &load);
	(void)snprintf(load.model, sizeof load.model, "m0");
	load.num_ctx = 8192;
	cr_expect_eq(loads_ask(&l, &load), LOAD_FITS, "its place is another's");
	cr_expect_eq(l.reloads, 0);
}

/* --- the breaker, whose times are longer than a test --------------------- */

static void endpoint_for_test(struct endpoint *ep, unsigned slots)
{
	const struct model_endpoint from = {
		.name = "x", .provider = PROVIDER_OLLAMA, .url = "http://x", .slots = slots};

	cr_assert_eq(endpoint_init(ep, &from, NULL), 0);
}

static void fail_times(struct endpoint *ep, unsigned n, uint64_t now)
{
	while (n-- > 0)
		endpoint_failed(ep, "out of luck", now);
}

Test(breaker, rests_for_ten_seconds_and_then_lets_one_call_try)
{
	struct endpoint ep;

	endpoint_for_test(&ep, 4);
	fail_times(&ep, 2, 1000);
	cr_expect_eq(endpoint_ask(&ep, 1000), ENDPOINT_GO);
	fail_times(&ep, 1, 1000);
	cr_expect_eq(endpoint_ask(&ep, 1000), ENDPOINT_RESTING);
	cr_expect_eq(endpoint_ask(&ep, 10999), ENDPOINT_RESTING);
	cr_expect_str_eq(endpoint_state(&ep, 10999), "resting");
	cr_expect_eq(endpoint_ask(&ep, 11000), ENDPOINT_GO);
	endpoint_take(&ep);
	cr_expect_eq(endpoint_ask(&ep, 11000), ENDPOINT_FULL, "more than one call tried");
	endpoint_done(&ep);
}

Test(breaker, closes_after_a_success_and_opens_again_after_a_failure)
{
	struct endpoint ep;

	endpoint_for_test(&ep, 4);
	fail_times(&ep, 3, 0);
	endpoint_take(&ep);
	endpoint_release(&ep);
	fail_times(&ep, 1, 12000);
	cr_expect_eq(endpoint_ask(&ep, 21999), ENDPOINT_RESTING);
	cr_expect_eq(endpoint_ask(&ep, 22000), ENDPOINT_GO);
	endpoint_did_well(&ep, "");
	for (unsigned i = 0; i < 4; i++) {
		cr_expect_eq(endpoint_ask(&ep, 22000), ENDPOINT_GO);
		endpoint_take(&ep);
	}
	cr_expect_eq(endpoint_ask(&ep, 22000), ENDPOINT_FULL);
	cr_expect_str_eq(ep.error, "");
	endpoint_done(&ep);
}

Test(breaker, failures_count_only_in_a_row)
{
	struct endpoint ep;

	endpoint_for_test(&ep, 0);
	cr_expect_eq(ep.slots, 1);
	fail_times(&ep, 2, 0);
	endpoint_did_well(&ep, "");
	fail_times(&ep, 2, 0);
	cr_expect_eq(endpoint_ask(&ep, 0), ENDPOINT_GO);
	endpoint_done(&ep);
}
