/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/model/bench.h"

#define CHUNK(text) "{\"message\":{\"content\":\"" text "\"},\"done\":false}\n"
#define DONE        "{\"message\":{\"content\":\"\"},\"done\":true,\"eval_count\":2}\n"

ANSWER(hello, SAY(OK_CLOSE CHUNK("Hel") CHUNK("lo") DONE), HANG_UP);
ANSWER(broken, SAY(REFUSE("500 Internal Server Error", "{\"error\":\"out of luck\"}")), HANG_UP);

Test(failures, nobody_listens)
{
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	fake_peer_stop(&b.peer[0]);
	(void)uv_run(&b.loop, UV_RUN_ONCE);
	bench_ask(&b, &a);
	bench_finish(&b);
	cr_expect_eq(a.status, -ECONNREFUSED);
	cr_expect_eq(a.record.attempts, 1, "it was tried again");
	cr_expect(strstr(a.record.error, "no answer at http://127.0.0.1:"), "%s", a.record.error);
	cr_expect(strstr(a.record.error, ": connection refused; start the model server or use "
	                                 "--endpoint builtin"),
	          "%s", a.record.error);
}

Test(failures, nobody_listens_where_the_provider_is_to_be_detected)
{
	struct asked a[2] = {0};
	struct bench b;

	bench_init(&b, PROVIDER_DETECT);
	b.endpoint[0].url = "unix:/nonexistent/llama.sock";
	bench_ask(&b, &a[0]);
	bench_ask(&b, &a[1]);
	bench_finish(&b);
	for (size_t i = 0; i < 2; i++) {
		cr_expect_eq(a[i].status, -ECONNREFUSED);
		cr_expect(strstr(a[i].record.error, "/nonexistent/llama.sock"), "%s",
		          a[i].record.error);
		cr_expect_str_eq(a[i].record.endpoint, "local");
	}
}

Test(failures, refusals_are_not_repeated_and_say_why)
{
	static const struct {
		const struct fake_step answer[3];
		int status;
		const char *says;
	} cases[] = {
		{{SAY(REFUSE("400 Bad Request", "{\"error\":\"invalid model name\"}")), HANG_UP},
	         -EREMOTEIO,
	         "HTTP 400: invalid model name"},
		{{SAY(REFUSE("400 Bad Request",
	                     "{\"error\":\"the input length exceeds the context length\"}")),
	          HANG_UP},
	         -E2BIG,
	         "the prompt is longer than the context: the input length"}, /* Ollama 0.24 */
		{{SAY(REFUSE("400 Bad Request",
	                     "{\"error\":\"the prompt is longer than the context length currently "
	                     "available to the model; shorten the prompt\"}")),
	          HANG_UP},
	         -E2BIG,
	         "the prompt is longer than the context: the prompt"}, /* Ollama 0.33 */
		{{SAY(REFUSE("403 Forbidden", "")), HANG_UP}, -EACCES, "(HTTP 403)"},
		{{SAY(REFUSE("404 Not Found", "404 page not found")), HANG_UP},
	         -EREMOTEIO,
	         "HTTP 404: 404 page not found"},
		{{SAY("HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nConnection: "
	              "close\r\n\r\n"),
	          HANG_UP},
	         -EREMOTEIO,
	         "redirects are not followed"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct fake_step *script = cases[i].answer;
		struct asked a = {0};
		struct bench b;

		bench_init(&b, PROVIDER_OLLAMA);
		b.peer[0].scripts = &script;
		b.peer[0].n_scripts = 1;
		bench_ask(&b, &a);
		bench_finish(&b);
		cr_expect_eq(a.status, cases[i].status, "%zu: %d", i, a.status);
		cr_expect(strstr(a.record.error, cases[i].says), "%zu: %s", i, a.record.error);
		cr_expect_eq(b.peer[0].posts, 1);
	}
}

Test(failures, a_broken_server_gets_three_tries_with_pauses)
{
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OLLAMA, broken);
	cr_expect_eq(a.status, -EREMOTEIO);
	cr_expect_str_eq(a.record.error, "HTTP 500: out of luck (3 tries)");
	cr_expect_eq(b.peer[0].posts, 3);
	cr_expect_gt(a.record.total_ms, 300); /* 200 and 400 ms, give or take */
}

Test(failures, a_busy_server_is_asked_again)
{
	ANSWER(busy,
	       SAY(REFUSE("503 Service Unavailable",
	                  "{\"error\":\"server busy, please try again.  maximum pending requests "
	                  "exceeded\"}")),
	       HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OLLAMA, busy, hello);
	cr_expect_eq(a.status, 0, "%s", a.record.error);
	cr_expect_eq(a.record.attempts, 2);
}

Test(failures, no_first_token_in_time)
{
	ANSWER(late, SAY_AFTER(30000, OK_CLOSE CHUNK("x") DONE), HANG_UP);
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	b.endpoint[0].timeouts.first_token_ms = 1000;
	SCRIPTS(&b.peer[0], late);
	bench_ask(&b, &a);
	bench_finish(&b);
	cr_expect_eq(a.status, -ETIMEDOUT);
	cr_expect_str_eq(a.record.error, "no first token in time");
	cr_expect_eq(b.peer[0].posts, 1);
	cr_expect_lt(a.record.total_ms, 30000, "the peer was waited for");
}

Test(failures, headers_are_no_token)
{
	ANSWER(headers, SAY(OK_CLOSE), SAY_AFTER(30000, CHUNK("x")), HANG_UP);
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	b.endpoint[0].timeouts.first_token_ms = 1000;
	SCRIPTS(&b.peer[0], headers);
	bench_ask(&b, &a);
	bench_finish(&b);
	cr_expect_str_eq(a.record.error, "no first token in time");
}

Test(failures, a_stream_that_stalls_is_tried_again)
{
	ANSWER(stall, SAY(OK_CLOSE CHUNK("half")), SAY_AFTER(30000, DONE), HANG_UP);
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	b.endpoint[0].timeouts.idle_ms = 2000;
	SCRIPTS(&b.peer[0], stall, hello);
	bench_ask(&b, &a);
	bench_finish(&b);
	cr_expect_eq(a.status, 0, "%s", a.record.error);
	cr_expect_str_eq(a.answer, "Hello");
	cr_expect_eq(a.record.attempts, 2);
	cr_expect_eq(b.peer[0].hung_up, 1, "the stalled connection was left open");
}

Test(failures, a_slow_stream_is_no_stall)
{
	ANSWER(slow, SAY(OK_CLOSE CHUNK("a")), SAY_AFTER(800, CHUNK("b")),
	       SAY_AFTER(800, CHUNK("c")), SAY_AFTER(800, DONE), HANG_UP);
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	b.endpoint[0].timeouts.idle_ms = 2000;
	SCRIPTS(&b.peer[0], slow);
	bench_ask(&b, &a);
	bench_finish(&b);
	cr_expect_str_eq(a.answer, "abc", "%s", a.record.error);
	cr_expect_gt(a.record.total_ms, 2000);
}

Test(failures, a_finished_answer_whose_connection_stays_open_counts)
{
	ANSWER(open, SAY(OK_CLOSE CHUNK("all") DONE), HANG_UP_AFTER(30000));
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	b.endpoint[0].timeouts.idle_ms = 1000;
	SCRIPTS(&b.peer[0], open);
	bench_ask(&b, &a);
	bench_finish(&b);
	cr_expect_str_eq(a.answer, "all", "%s", a.record.error);
	cr_expect_eq(a.record.attempts, 1);
}

Test(failures, the_whole_call_has_a_limit_too)
{
	ANSWER(drip, SAY(OK_CLOSE CHUNK("a")), SAY_AFTER(500, CHUNK("b")),
	       SAY_AFTER(500, CHUNK("c")), SAY_AFTER(500, CHUNK("d")), SAY_AFTER(500, CHUNK("e")),
	       SAY_AFTER(500, DONE), HANG_UP);
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	b.endpoint[0].timeouts.total_ms = 1250;
	SCRIPTS(&b.peer[0], drip);
	bench_ask(&b, &a);
	bench_finish(&b);
	cr_expect_eq(a.status, -ETIMEDOUT);
	cr_expect_str_eq(a.record.error, "the call took longer than its time limit");
	cr_expect_eq(b.peer[0].posts, 1);
}

Test(failures, a_reset_in_the_middle_of_a_line_is_tried_again)
{
	ANSWER(reset, SAY(OK_CLOSE CHUNK("half") "{\"mess"), RESET_AFTER(20));
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OLLAMA, reset, hello);
	cr_expect_eq(a.status, 0, "%s", a.record.error);
	cr_expect_eq(a.record.attempts, 2);
	cr_expect_str_eq(a.answer, "Hello");
}

Test(failures, a_server_that_closes_between_calls_does_no_harm)
{
	ANSWER(chunked,
	       SAY("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2d\r\n"
	           "{\"message\":{\"content\":\"Hello\"},\"done\":true}\n\r\n0\r\n\r\n"),
	       HANG_UP);
	struct asked a[5] = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	SCRIPTS(&b.peer[0], chunked);
	for (size_t i = 0; i < 5; i++)
		bench_ask(&b, &a[i]);
	bench_finish(&b);
	for (size_t i = 0; i < 5; i++) {
		cr_expect_str_eq(a[i].answer, "Hello", "%zu: %s", i, a[i].record.error);
		cr_expect_eq(a[i].record.attempts, 1);
	}
}

Test(failures, connections_are_kept_and_used_again)
{
	ANSWER(chunked, SAY("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2d\r\n"
	                    "{\"message\":{\"content\":\"Hello\"},\"done\":true}\n\r\n0\r\n\r\n"));
	struct asked a[3] = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	SCRIPTS(&b.peer[0], chunked);
	for (size_t i = 0; i < 3; i++)
		bench_ask(&b, &a[i]);
	bench_finish(&b);
	cr_expect_str_eq(a[2].answer, "Hello", "%s", a[2].record.error);
	cr_expect_eq(b.peer[0].connections, 1);
}

Test(failures, progress_is_told_at_most_ten_times_a_second)
{
	char text[8192] = OK_CLOSE;
	struct fake_step steps[] = {{FAKE_BYTEWISE, text, 0}, {FAKE_HANG_UP, NULL, 0}, {0}};
	const struct fake_step *script = steps;
	struct asked a = {0};
	struct bench b;

	for (unsigned i = 0; i < 100; i++)
		strcat(text, i % 2 ? CHUNK("a") : CHUNK("b"));
	strcat(text, DONE);
	bench_init(&b, PROVIDER_OLLAMA);
	b.peer[0].scripts = &script;
	b.peer[0].n_scripts = 1;
	bench_ask(&b, &a);
	bench_finish(&b);
	cr_expect_eq(a.status, 0, "%s", a.record.error);
	cr_expect_geq(a.progress, 1);
	cr_expect_leq(a.progress, 2 + (unsigned)(a.record.total_ms / 100), "%u in %.0f ms",
	              a.progress, a.record.total_ms);
}

Test(failures, a_model_without_a_name_is_not_asked_of_ollama)
{
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	b.endpoint[0].model = NULL;
	bench_ask(&b, &a);
	bench_finish(&b);
	cr_expect_eq(a.status, -EINVAL);
	cr_expect_str_eq(a.record.error, "endpoint local: no model is named; use --model NAME");
	cr_expect_eq(b.peer[0].posts, 0);
}

/* With seed 41 and temperature 0.5; the second try is answered. */
static void ask_twice(struct asked *a, struct bench *b, const struct fake_step *first)
{
	const struct fake_step *scripts[] = {first, hello};
	struct model_request req = {.user = "q", .options = MODEL_OPTIONS_NONE};

	req.options.seed = 41;
	req.options.temperature = 0.5;
	bench_init(b, PROVIDER_OLLAMA);
	b->peer[0].scripts = scripts;
	b->peer[0].n_scripts = 2;
	bench_ask_with(b, a, &req);
	bench_finish(b);
	cr_expect_str_eq(a->answer, "Hello", "%s", a->record.error);
	cr_expect_eq(a->record.attempts, 2);
}

/* It may be the text so far that the server gave up on. */
Test(failures, an_error_in_the_stream_or_its_early_end_changes_the_seed_only)
{
	ANSWER(dies, SAY(OK_CLOSE CHUNK("lost") "{\"error\":\"bad output\"}\n"), HANG_UP);
	ANSWER(ends, SAY(OK_CLOSE CHUNK("lost")), HANG_UP);
	ANSWER(says_nothing, SAY(OK_CLOSE), HANG_UP);
	const struct {
		const struct fake_step *first;
		int seed; /* of the second try */
	} cases[] = {{dies, 42}, {ends, 42}, {says_nothing, 41}};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct asked a = {0};
		struct bench b;

		ask_twice(&a, &b, cases[i].first);
		cr_expect_eq(a.record.options.seed, cases[i].seed, "%zu", i);
		cr_expect_eq(a.record.options.temperature, 0.5);
	}
}

Test(failures, floods_are_stopped_and_tried_again_with_other_dice)
{
	char flood[4096] = OK_CLOSE;
	struct fake_step steps[] = {{FAKE_SAY, flood, 0}, {FAKE_HANG_UP, NULL, 30000}, {0}};
	struct asked a = {0};
	struct bench b;

	for (int i = 0; i < 20; i++)
		strcat(flood, CHUNK("<unused32>"));
	ask_twice(&a, &b, steps);
	cr_expect_eq(a.record.options.seed, 42);
	cr_expect_float_eq(a.record.options.temperature, 0.6, 1e-9);
	cr_expect(strstr(b.peer[0].body, "\"seed\":42"));
	cr_expect_eq(b.peer[0].hung_up, 1, "the flood was left running");
}

Test(failures, an_answer_has_a_limit)
{
	size_t n = (1 << 20) + 64;
	char *text = malloc(n + 256), *p = text;
	struct fake_step steps[] = {{FAKE_SAY, text, 0}, {FAKE_HANG_UP, NULL, 0}, {0}};
	const struct fake_step *script = steps;
	struct asked a = {0};
	struct bench b;

	cr_assert(text);
	p = stpcpy(p, OK_CLOSE "{\"message\":{\"content\":\"");
	for (size_t i = 0; i < n; i++)
		*p++ = (char)('a' + (i * i / 7) % 26);
	stpcpy(p, "\"},\"done\":true}\n");
	bench_init(&b, PROVIDER_OLLAMA);
	b.peer[0].scripts = &script;
	b.peer[0].n_scripts = 1;
	bench_ask(&b, &a);
	bench_finish(&b);
	free(text);
	cr_expect_eq(a.status, -EMSGSIZE);
	cr_expect_str_eq(a.record.error, "the answer is longer than 1 MiB");
}

Test(failures, an_endless_error_body_ends)
{
	size_t n = 1 << 20;
	char *text = calloc(1, n + 256);
	struct fake_step steps[] = {{FAKE_SAY, text, 0}, {FAKE_HANG_UP, NULL, 30000}, {0}};
	const struct fake_step *script = steps;
	struct asked a = {0};
	struct bench b;

	cr_assert(text);
	memset(stpcpy(text, "HTTP/1.1 400 Bad Request\r\n\r\nno "), 'o', n);
	bench_init(&b, PROVIDER_OLLAMA);
	b.peer[0].scripts = &script;
	b.peer[0].n_scripts = 1;
	bench_ask(&b, &a);
	bench_finish(&b);
	free(text);
	cr_expect_eq(a.status, -EREMOTEIO);
	cr_expect_eq(strncmp(a.record.error, "HTTP 400: no oooo", 17), 0, "%s", a.record.error);
}

Test(failures, cancel_closes_the_connection_at_once)
{
	ANSWER(endless, SAY(OK_CLOSE CHUNK("a")), SAY_AFTER(30000, DONE), HANG_UP);
	struct asked a = {.cancel_at_first_token = true};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	SCRIPTS(&b.peer[0], endless);
	bench_ask(&b, &a);
	bench_finish(&b);
	cr_expect_eq(a.done, 1);
	cr_expect_eq(a.status, -ECANCELED);
	cr_expect_str_eq(a.record.finish, "cancelled");
	cr_expect_eq(b.peer[0].hung_up, 1);
}

Test(failures, cancel_before_anything_was_sent)
{
	struct asked a[2] = {{.user = "1"}, {.user = "2"}};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	SCRIPTS(&b.peer[0], hello);
	bench_ask(&b, &a[0]);
	bench_ask(&b, &a[1]);
	model_cancel(a[1].call);
	bench_finish(&b);
	cr_expect_eq(a[0].status, 0, "%s", a[0].record.error);
	cr_expect_eq(a[1].status, -ECANCELED);
	cr_expect_eq(b.peer[0].posts, 1);
}

static void cancel_when_queued_again(struct asked *a, const char *state, uint64_t tokens)
{
	(void)tokens;
	if (a->bench->peer[0].posts == 1 && strcmp(state, "queued") == 0)
		model_cancel(a->call);
}

Test(failures, cancel_during_a_pause)
{
	struct asked a = {.at_progress = cancel_when_queued_again};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OLLAMA, broken, hello);
	cr_expect_eq(a.status, -ECANCELED);
	cr_expect_eq(b.peer[0].posts, 1);
}

static void close_at_first_token(struct asked *a, const char *state, uint64_t tokens)
{
	(void)tokens;
	if (strcmp(state, "streaming") == 0)
		model_close(a->bench->model);
}

Test(failures, close_cancels_every_call)
{
	ANSWER(endless, SAY(OK_CLOSE CHUNK("a")), SAY_AFTER(30000, DONE), HANG_UP);
	struct asked a[3] = {{.at_progress = close_at_first_token}};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	b.endpoint[0].slots = 2;
	SCRIPTS(&b.peer[0], endless);
	for (size_t i = 0; i < 3; i++)
		bench_ask(&b, &a[i]);
	bench_finish(&b);
	for (size_t i = 0; i < 3; i++) {
		cr_expect_eq(a[i].done, 1);
		cr_expect_eq(a[i].status, -ECANCELED, "%d", a[i].status);
	}
}

Test(failures, close_during_a_probe)
{
	ANSWER(silent, SAY_AFTER(30000, OK_CLOSE), HANG_UP);
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_DETECT);
	b.peer[0].gets[0].path = "/api/version";
	b.peer[0].gets[0].script = silent;
	bench_ask(&b, &a);
	while (!b.peer[0].n_paths)
		(void)uv_run(&b.loop, UV_RUN_ONCE);
	model_close(b.model);
	bench_finish(&b);
	cr_expect_eq(a.status, -ECANCELED);
}

Test(failures, a_proxy_in_the_environment_is_not_used)
{
	struct asked a = {0};
	struct bench b;

	cr_assert_eq(setenv("http_proxy", "http://127.0.0.1:9", 1), 0);
	cr_assert_eq(setenv("ALL_PROXY", "http://127.0.0.1:9", 1), 0);
	ASK_ONCE(&a, &b, PROVIDER_OLLAMA, hello);
	cr_expect_str_eq(a.answer, "Hello", "%s", a.record.error);
}

Test(failures, what_is_not_http_is_an_error)
{
	ANSWER(ssh, SAY("SSH-2.0-OpenSSH_9.2\r\n"), HANG_UP);
	struct asked a = {0};
	struct bench b;

	ASK_ONCE(&a, &b, PROVIDER_OLLAMA, ssh);
	cr_expect_lt(a.status, 0);
	cr_expect(a.record.error[0]);
}
