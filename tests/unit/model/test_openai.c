/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/model/bench.h"

#define DATA(json) "data: " json "\n\n"
#define DELTA(text)                                                                             \
	DATA("{\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"content\":\"" text \
	     "\"}}]}")
#define FIRST                                                                         \
	DATA("{\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"role\":" \
	     "\"assistant\",\"content\":null}}],\"model\":\"tiny\"}")
#define STOP DATA("{\"choices\":[{\"finish_reason\":\"stop\",\"index\":0,\"delta\":{}}]}")
#define USAGE                                                                               \
	DATA("{\"choices\":[],\"usage\":{\"completion_tokens\":16,\"prompt_tokens\":28,"    \
	     "\"prompt_tokens_details\":{\"cached_tokens\":0}},\"timings\":{\"cache_n\":9," \
	     "\"prompt_n\":19,\"prompt_ms\":30.5,\"predicted_n\":16,\"predicted_ms\":250.0}}")
#define LAST "data: [DONE]\n\n"

ANSWER(hello, SAY(OK_CLOSE FIRST DELTA("Hel") DELTA("lo") STOP USAGE LAST), HANG_UP);

Test(openai, an_answer_arrives_whole_with_its_record)
{
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OPENAI, hello);
	cr_expect_eq(a.status, 0, "%s", a.record.error);
	cr_expect_str_eq(a.answer, "Hello");
	cr_expect_str_eq(a.record.provider, "openai");
	cr_expect_str_eq(a.record.finish, "stop");
	cr_expect_eq(a.record.prompt_tokens, 28);
	cr_expect_eq(a.record.output_tokens, 16);
	cr_expect_eq(a.record.prompt_eval_ms, 30.5);
	cr_expect_eq(a.record.eval_ms, 250);
	cr_expect_eq(a.record.tokens_per_s, 64);
	cr_expect(isnan(a.record.load_ms), "nobody told a load time");
	cr_expect_not(a.record.cached,
	              "a prompt that the server had in its cache was still answered");
	cr_expect(a.record.ttft_ms > 0);
}

Test(openai, a_stream_may_be_cut_at_every_byte)
{
	ANSWER(bytes, SAY(OK_CLOSE), BYTEWISE(FIRST DELTA("H\xc3\xa4") DELTA("l") STOP USAGE LAST),
	       HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OPENAI, bytes);
	cr_expect_str_eq(a.answer, "H\xc3\xa4l", "%s", a.record.error);
	cr_expect_eq(a.record.output_tokens, 16);
}

Test(openai, pings_crlf_and_a_missing_end_mark_do_no_harm)
{
	ANSWER(odd,
	       SAY(OK_CLOSE ": ping\r\n\r\n:\r\nevent: message\r\ndata:{\"choices\":[{\"delta\":"
	                    "{\"content\":\"Hi\"}}]}\r\n\r\n: ping\r\n\r\ndata: {\"choices\":"
	                    "[{\"finish_reason\":\"stop\",\"delta\":{}}]}"),
	       HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OPENAI, odd);
	cr_expect_eq(a.status, 0, "%s", a.record.error);
	cr_expect_str_eq(a.answer, "Hi");
	cr_expect_eq(a.record.output_tokens, -1);
}

Test(openai, a_stream_without_finish_reason_is_no_answer)
{
	ANSWER(cut, SAY(OK_CLOSE FIRST DELTA("half") LAST), HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OPENAI, cut);
	cr_expect_eq(a.status, -EPIPE);
	cr_expect_eq(a.record.attempts, 3);
}

Test(openai, an_error_line_and_an_error_event_are_errors)
{
	ANSWER(line,
	       SAY(OK_CLOSE FIRST DELTA("x") "error: {\"code\":500,\"message\":\"old\"}\n\n" LAST),
	       HANG_UP);
	ANSWER(event, SAY(OK_CLOSE FIRST DATA("{\"error\":{\"code\":500,\"message\":\"new\"}}")),
	       HANG_UP);
	ANSWER(bare, SAY(OK_CLOSE DATA("{\"error\":\"bare\"}")), HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OPENAI, line, event, bare);
	cr_expect_eq(a.status, -EREMOTEIO);
	cr_expect_eq(a.record.attempts, 3);
	cr_expect_str_eq(a.record.error, "the server gave up: bare (3 tries)");
}

Test(openai, no_delta_at_all_is_an_empty_answer)
{
	ANSWER(nothing, SAY(OK_CLOSE FIRST STOP LAST), HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OPENAI, nothing);
	cr_expect_eq(a.status, -ENODATA);
	cr_expect_str_eq(a.record.error, "the answer is empty (3 tries)");
	cr_expect_str_eq(a.answer, "");
}

Test(openai, an_empty_answer_has_no_tokens_where_the_server_does_not_count_them)
{
	ANSWER(nothing, SAY(OK_CLOSE FIRST STOP), HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OPENAI, nothing);
	cr_expect_eq(a.status, -ENODATA);
	cr_expect_eq(a.record.output_tokens, 0);
}

Test(openai, an_answer_that_was_not_streamed_is_taken_too)
{
	ANSWER(plain,
	       SAY(OK_CLOSE
	           "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"all\"}}],"
	           "\"usage\":{\"completion_tokens\":1,\"prompt_tokens\":2}}"),
	       HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OPENAI, plain);
	cr_expect_str_eq(a.answer, "all", "%s", a.record.error);
	cr_expect_eq(a.record.output_tokens, 1);
}

Test(openai, loading_is_waited_for_and_is_no_failure)
{
	ANSWER(loading,
	       SAY(REFUSE("503 Service Unavailable",
	                  "{\"error\":{\"message\":\"Loading "
	                  "model\",\"type\":\"unavailable_error\",\"code\":503}}")),
	       HANG_UP);
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OPENAI);
	SCRIPTS(&b.peer[0], loading, loading, hello);
	bench_ask(&b, &a);
	bench_finish(&b);
	cr_expect_eq(a.status, 0, "%s", a.record.error);
	cr_expect_eq(b.peer[0].posts, 3);
	cr_expect_eq(a.record.attempts, 1, "waiting for the model to load is no attempt");
}

Test(openai, loading_for_ever_ends_with_the_first_token_time)
{
	ANSWER(loading,
	       SAY(REFUSE("503 Service Unavailable",
	                  "{\"error\":{\"message\":\"Loading "
	                  "model\",\"type\":\"unavailable_error\",\"code\":503}}")),
	       HANG_UP);
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OPENAI);
	b.endpoint[0].timeouts.first_token_ms = 1500;
	SCRIPTS(&b.peer[0], loading);
	bench_ask(&b, &a);
	bench_finish(&b);
	cr_expect_eq(a.status, -ETIMEDOUT);
	cr_expect(strstr(a.record.error, "is loading its model"), "%s", a.record.error);
}

Test(openai, a_prompt_over_the_context_is_not_sent_again)
{
	ANSWER(too_long,
	       SAY(REFUSE("400 Bad Request",
	                  "{\"error\":{\"code\":400,\"message\":\"request (9 tokens) exceeds the "
	                  "available "
	                  "context size (8 tokens)\",\"type\":\"exceed_context_size_error\"}}")),
	       HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OPENAI, too_long);
	cr_expect_eq(a.status, -E2BIG);
	cr_expect_eq(a.record.attempts, 1);
}

Test(openai, the_request_asks_for_schema_stream_and_usage)
{
	CLEANUP(json_decrefp) json_t *schema = json_pack("{s:s}", "type", "object");
	struct model_request req = {
		.user = "q", .model = "other", .schema = schema, .options = MODEL_OPTIONS_NONE};
	json_t *body, *format, *got;
	struct asked a = {0};
	struct bench b;

	req.options.num_predict = 99;
	req.options.num_ctx = 4096;
	bench_init(&b, PROVIDER_OPENAI);
	b.endpoint[0].api_key = "s3cret";
	SCRIPTS(&b.peer[0], hello);
	bench_ask_with(&b, &a, &req);
	bench_finish(&b);

	body = json_loads(b.peer[0].body, 0, NULL);
	format = json_object_get(body, "response_format");
	got = json_object_get(json_object_get(format, "json_schema"), "schema");
	cr_expect_str_eq(b.peer[0].paths[0], "/v1/chat/completions");
	cr_expect(strstr(b.peer[0].head, "Authorization: Bearer s3cret\r\n"));
	cr_expect_str_eq(json_string_value(json_object_get(body, "model")), "other");
	cr_expect(json_is_true(json_object_get(body, "stream")));
	cr_expect_eq(json_integer_value(json_object_get(body, "max_tokens")), 99);
	cr_expect_null(json_object_get(body, "num_ctx"));
	cr_expect_eq(a.record.options.num_ctx, -1, "the record tells what was not sent");
	cr_expect(json_is_true(
		json_object_get(json_object_get(body, "stream_options"), "include_usage")));
	cr_expect_str_eq(json_string_value(json_object_get(format, "type")), "json_schema");
	cr_expect(json_equal(got, schema));
	json_decref(body);
}

Test(openai, the_server_may_name_the_model)
{
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OPENAI);
	b.endpoint[0].model = NULL;
	SCRIPTS(&b.peer[0], hello);
	bench_ask(&b, &a);
	bench_finish(&b);
	cr_expect_str_eq(a.record.model, "tiny");
}

/* --- servers without schemas -------------------------------------------- */

ANSWER(no_schema,
       SAY(REFUSE("400 Bad Request", "{\"error\":{\"message\":\"response_format is unknown\","
                                     "\"type\":\"invalid_request_error\"}}")),
       HANG_UP);

static void ask_for_json(struct bench *b, struct asked *a)
{
	json_t *schema = json_pack("{s:s}", "type", "object");
	struct model_request req = {.user = "q", .schema = schema, .options = MODEL_OPTIONS_NONE};

	bench_ask_with(b, a, &req);
	json_decref(schema);
}

Test(openai, a_server_that_refuses_the_schema_is_asked_without_it_from_then_on)
{
	struct asked a[2] = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OPENAI);
	SCRIPTS(&b.peer[0], no_schema, hello);
	ask_for_json(&b, &a[0]);
	ask_for_json(&b, &a[1]);
	bench_finish(&b);
	cr_expect_str_eq(a[0].answer, "Hello", "%s", a[0].record.error);
	cr_expect_str_eq(a[1].answer, "Hello", "%s", a[1].record.error);
	cr_expect_eq(a[0].record.attempts, 2);
	cr_expect_eq(a[1].record.attempts, 1);
	cr_expect_null(strstr(b.peer[0].body, "response_format"));
}

Test(openai, a_request_that_is_refused_either_way_is_refused)
{
	struct asked a[2] = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OPENAI);
	SCRIPTS(&b.peer[0], no_schema, no_schema, hello);
	ask_for_json(&b, &a[0]);
	ask_for_json(&b, &a[1]);
	bench_finish(&b);
	cr_expect_eq(a[0].status, -EREMOTEIO);
	cr_expect_str_eq(a[0].record.error, "HTTP 400: response_format is unknown");
	cr_expect_eq(a[0].record.attempts, 2);
	cr_expect_str_eq(a[1].answer, "Hello", "%s", a[1].record.error);
	cr_expect(strstr(b.peer[0].body, "response_format"), "it was not the schema's fault");
}
