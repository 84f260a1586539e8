/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/model/bench.h"

#define CHUNK(text)                                                                     \
	"{\"model\":\"gemma3\",\"message\":{\"role\":\"assistant\",\"content\":\"" text \
	"\"},\"done\":false}\n"
#define DONE                                                                                    \
	"{\"model\":\"gemma3\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":" \
	"true,"                                                                                 \
	"\"done_reason\":\"stop\",\"total_duration\":2000000000,\"load_duration\":5000000,"     \
	"\"prompt_eval_count\":28,\"prompt_eval_duration\":236000000,\"eval_count\":16,"        \
	"\"eval_duration\":250000000}\n"

ANSWER(hello, SAY(OK_CLOSE CHUNK("Hel") CHUNK("lo") DONE), HANG_UP);

Test(ollama, an_answer_arrives_whole_with_its_record)
{
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OLLAMA, hello);
	cr_expect_eq(a.done, 1);
	cr_expect_eq(a.status, 0, "%s", a.record.error);
	cr_expect_str_eq(a.answer, "Hello");
	cr_expect_str_eq(a.record.endpoint, "local");
	cr_expect_str_eq(a.record.provider, "ollama");
	cr_expect_str_eq(a.record.model, "gemma3");
	cr_expect_str_eq(a.record.finish, "stop");
	cr_expect_str_eq(a.record.error, "");
	cr_expect_eq(a.record.prompt_tokens, 28);
	cr_expect_eq(a.record.output_tokens, 16);
	cr_expect_eq(a.record.load_ms, 5);
	cr_expect_eq(a.record.prompt_eval_ms, 236);
	cr_expect_eq(a.record.eval_ms, 250);
	cr_expect_eq(a.record.tokens_per_s, 64);
	cr_expect_eq(a.record.attempts, 1);
	cr_expect(a.record.ttft_ms > 0 && a.record.ttft_ms <= a.record.total_ms);
	cr_expect(a.record.queue_ms >= 0);
	cr_expect_not(a.record.truncated);
}

Test(ollama, a_stream_may_be_cut_at_every_byte)
{
	ANSWER(bytes, SAY(OK_CLOSE), BYTEWISE(CHUNK("H\\u00e4l") CHUNK("l\xc3\xb6") DONE), HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OLLAMA, bytes);
	cr_expect_str_eq(a.answer, "H\xc3\xa4ll\xc3\xb6", "%s", a.record.error);
	cr_expect_eq(a.record.output_tokens, 16);
}

Test(ollama, metrics_that_are_omitted_stay_unknown)
{
	ANSWER(bare, SAY(OK_CLOSE CHUNK("x") "{\"done\":true}\n"), HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OLLAMA, bare);
	cr_expect_eq(a.status, 0, "%s", a.record.error);
	cr_expect_eq(a.record.output_tokens, -1);
	cr_expect_eq(a.record.prompt_tokens, -1);
	cr_expect(isnan(a.record.load_ms) && isnan(a.record.eval_ms) &&
	          isnan(a.record.tokens_per_s));
	cr_expect_str_eq(a.record.finish, "stop");
}

Test(ollama, the_done_line_may_carry_text_and_lack_its_line_end)
{
	ANSWER(last, SAY(OK_CLOSE CHUNK("a") "{\"message\":{\"content\":\"z\"},\"done\":true}"),
	       HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OLLAMA, last);
	cr_expect_str_eq(a.answer, "az", "%s", a.record.error);
}

Test(ollama, an_answer_cut_by_num_predict_says_length)
{
	ANSWER(cut, SAY(OK_CLOSE CHUNK("half") "{\"done\":true,\"done_reason\":\"length\"}\n"),
	       HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OLLAMA, cut);
	cr_expect_eq(a.status, 0);
	cr_expect_str_eq(a.record.finish, "length");
}

Test(ollama, an_error_line_after_some_tokens_is_tried_again)
{
	ANSWER(dies, SAY(OK_CLOSE CHUNK("lost") "{\"error\":\"unexpected EOF\"}\n"), HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OLLAMA, dies, hello);
	cr_expect_eq(a.status, 0, "%s", a.record.error);
	cr_expect_str_eq(a.answer, "Hello", "text of the failed try was kept");
	cr_expect_eq(a.record.attempts, 2);
}

Test(ollama, the_end_of_the_stream_without_done_is_no_answer)
{
	ANSWER(eof, SAY(OK_CLOSE CHUNK("half")), HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OLLAMA, eof);
	cr_expect_eq(a.status, -EPIPE);
	cr_expect_str_eq(a.answer, "");
	cr_expect_eq(a.record.attempts, 3);
	cr_expect_str_eq(a.record.finish, "error");
	cr_expect_str_eq(a.record.error, "the stream ended before the answer did (3 tries)");
}

Test(ollama, an_error_within_an_error_is_unwrapped)
{
	ANSWER(nested,
	       SAY(OK_CLOSE "{\"error\":\"{\\\"error\\\":{\\\"code\\\":500,\\\"message\\\":"
	                    "\\\"CUDA gone\\\",\\\"type\\\":\\\"server_error\\\"}}\"}\n"),
	       HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OLLAMA, nested);
	cr_expect_eq(a.status, -EREMOTEIO);
	cr_expect_str_eq(a.record.error, "the server gave up: CUDA gone (3 tries)");
}

Test(ollama, a_missing_model_is_said_with_the_way_out)
{
	ANSWER(missing, SAY(REFUSE("404 Not Found", "{\"error\":\"model 'gemma3' not found\"}")),
	       HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OLLAMA, missing);
	cr_expect_eq(a.status, -ENODEV);
	cr_expect_str_eq(a.record.error, "model 'gemma3' is not on the server; ollama pull gemma3");
	cr_expect_eq(a.record.attempts, 1, "a 404 was tried again");
}

Test(ollama, bytes_that_are_not_utf8_are_no_answer)
{
	ANSWER(wrong, SAY(OK_CLOSE CHUNK("\xff\xfe") DONE), HANG_UP);
	ANSWER(surrogate, SAY(OK_CLOSE CHUNK("\\ud800") DONE), HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OLLAMA, wrong, surrogate, hello);
	cr_expect_eq(a.status, 0, "%s", a.record.error);
	cr_expect_eq(a.record.attempts, 3);
	cr_expect_str_eq(a.answer, "Hello");
}

Test(ollama, a_prompt_that_the_server_cut_is_told)
{
	ANSWER(whole, SAY(OK_CLOSE CHUNK("x") "{\"done\":true,\"prompt_eval_count\":4096}\n"),
	       HANG_UP);
	ANSWER(half, SAY(OK_CLOSE CHUNK("x") "{\"done\":true,\"prompt_eval_count\":2051}\n"),
	       HANG_UP);
	ANSWER(fits, SAY(OK_CLOSE CHUNK("x") "{\"done\":true,\"prompt_eval_count\":2052}\n"),
	       HANG_UP);
	struct model_request req = {.user = "q", .options = MODEL_OPTIONS_NONE};
	struct asked a[3] = {0};
	struct bench b;

	req.options.num_ctx = 4096;
	bench_init(&b, PROVIDER_OLLAMA);
	SCRIPTS(&b.peer[0], whole, half, fits);
	for (size_t i = 0; i < 3; i++)
		bench_ask_with(&b, &a[i], &req);
	bench_finish(&b);
	cr_expect(a[0].record.truncated);
	cr_expect(a[1].record.truncated);
	cr_expect_not(a[2].record.truncated);
}

Test(ollama, the_request_says_all_that_the_server_would_guess)
{
	CLEANUP(json_decrefp) json_t *schema = json_pack("{s:s}", "type", "object");
	struct model_request req = {
		.system = "be brief", .user = "q", .schema = schema, .options = MODEL_OPTIONS_NONE};
	json_t *body, *options;
	struct asked a = {0};
	struct bench b;

	req.options.temperature = 0.25;
	req.options.num_ctx = 4096;
	req.options.seed = 7;
	bench_init(&b, PROVIDER_OLLAMA);
	b.endpoint[0].keep_alive = "45m";
	SCRIPTS(&b.peer[0], hello);
	bench_ask_with(&b, &a, &req);
	bench_finish(&b);

	body = json_loads(b.peer[0].body, 0, NULL);
	options = json_object_get(body, "options");
	cr_assert(options);
	cr_expect_str_eq(b.peer[0].paths[0], "/api/chat");
	cr_expect(json_is_true(json_object_get(body, "stream")));
	cr_expect(json_is_false(json_object_get(body, "truncate")));
	cr_expect(json_is_false(json_object_get(body, "shift")));
	cr_expect(json_is_false(json_object_get(body, "think")));
	cr_expect_str_eq(json_string_value(json_object_get(body, "keep_alive")), "45m");
	cr_expect(json_equal(json_object_get(body, "format"), schema));
	cr_expect_eq(json_array_size(json_object_get(body, "messages")), 2);
	cr_expect_eq(json_real_value(json_object_get(options, "temperature")), 0.25);
	cr_expect_eq(json_integer_value(json_object_get(options, "num_ctx")), 4096);
	cr_expect_eq(json_integer_value(json_object_get(options, "num_predict")), 2048);
	cr_expect_eq(json_integer_value(json_object_get(options, "seed")), 7);
	cr_expect_null(json_object_get(options, "top_k"), "an option that nobody gave was sent");
	cr_expect_null(json_object_get(options, "num_gpu"));
	cr_expect_eq(a.record.options.num_predict, 2048);
	cr_expect_null(strcasestr(b.peer[0].head, "expect:"));
	cr_expect_null(strcasestr(b.peer[0].head, "authorization:"));
	json_decref(body);
}

Test(ollama, a_context_array_of_eight_megabytes_is_too_long_but_seven_are_not)
{
	char *seven = malloc(16 << 20);
	struct fake_step steps[] = {{FAKE_SAY, OK_CLOSE CHUNK("x"), 0},
	                            {FAKE_SAY, seven, 0},
	                            {FAKE_HANG_UP, NULL, 0},
	                            {0}};
	const struct fake_step *scripts[] = {steps};
	struct asked a = {0}, c = {0};
	struct bench b;

	cr_assert(seven);
	for (size_t pad = 7; pad <= 8; pad++) {
		size_t n = pad << 20;

		memset(seven, ' ', n);
		memcpy(seven + n, "{\"done\":true}\n", sizeof "{\"done\":true}\n");
		bench_init(&b, PROVIDER_OLLAMA);
		b.peer[0].scripts = scripts;
		b.peer[0].n_scripts = 1;
		bench_ask(&b, pad == 7 ? &a : &c);
		bench_finish(&b);
	}
	cr_expect_eq(a.status, 0, "%s", a.record.error);
	cr_expect_eq(c.status, -EMSGSIZE, "%d %s", c.status, c.record.error);
	free(seven);
}
