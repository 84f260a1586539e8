/* SPDX-License-Identifier: MIT */
/* A prompt that does not fit is never sent, and whether it does is counted or estimated. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "tests/unit/model/bench.h"

#define SSE(text)                                                                        \
	"data: {\"choices\":[{\"finish_reason\":\"stop\",\"delta\":{\"content\":\"" text \
	"\"}}]}\n\n"
#define JSON_OK "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

ANSWER(props, SAY(JSON_OK "{\"total_slots\":1,\"default_generation_settings\":{\"n_ctx\":200}}"),
       HANG_UP);
ANSWER(three_tokens, SAY(JSON_OK "{\"tokens\":[1,2,3]}"), HANG_UP);
ANSWER(many_tokens,
       SAY(JSON_OK "{\"tokens\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"
                   "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}"),
       HANG_UP);
ANSWER(unknown, SAY(REFUSE("404 Not Found", "{\"error\":{\"message\":\"no\"}}")), HANG_UP);
ANSWER(rubbish, SAY(JSON_OK "{\"tokens\":7"), HANG_UP);
ANSWER(silent, SAY_AFTER(30000, ""), HANG_UP);
ANSWER(answer, SAY(OK_CLOSE SSE("ok")), HANG_UP);
ANSWER(a_byte_a_token,
       SAY(OK_CLOSE "{\"message\":{\"content\":\"ok\"},\"done\":true,"
                    "\"prompt_eval_count\":10}\n"),
       HANG_UP);

/* A context of 200 tokens, 70 of them for the answer and 64 for the template: 66 are left. */
static void ask_llama(struct bench *b, struct asked *a, const char *prompt)
{
	struct model_request req = {.user = prompt, .options = MODEL_OPTIONS_NONE};

	req.options.num_predict = 70;
	bench_init(b, PROVIDER_DETECT);
	b->peer[0].gets[0].path = "/props";
	b->peer[0].gets[0].script = props;
	bench_ask_with(b, a, &req);
}

static const char long_prompt[] = "aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee "
				  "ffffffffff gggggggggg hhhhhhhhhh iiiiiiiiii";

Test(budget, a_prompt_that_fits_by_its_bytes_is_not_counted)
{
	struct asked a = {0};
	struct bench b;

	ask_llama(&b, &a, "short");
	SCRIPTS(&b.peer[0], answer);
	bench_finish(&b);
	cr_expect_eq(a.status, 0, "%s", a.record.error);
	cr_expect_eq(b.peer[0].posts, 1);
}

Test(budget, a_long_one_of_few_tokens_is_sent)
{
	struct asked a = {0};
	struct bench b;

	ask_llama(&b, &a, long_prompt);
	SCRIPTS(&b.peer[0], three_tokens, answer);
	bench_finish(&b);
	cr_expect_eq(a.status, 0, "%s", a.record.error);
	cr_expect_str_eq(b.peer[0].paths[b.peer[0].n_paths - 2], "/tokenize");
	cr_expect_str_eq(b.peer[0].paths[b.peer[0].n_paths - 1], "/v1/chat/completions");
	cr_expect_eq(a.record.attempts, 1);
}

Test(budget, one_of_too_many_tokens_is_never_sent)
{
	struct asked a = {0};
	struct bench b;

	ask_llama(&b, &a, long_prompt);
	SCRIPTS(&b.peer[0], many_tokens, answer);
	bench_finish(&b);
	cr_expect_eq(a.status, -E2BIG);
	cr_expect_str_eq(a.record.error, "the prompt has 70 tokens, and 66 fit into the context "
	                                 "beside the answer");
	cr_expect_eq(a.record.prompt_tokens, 70);
	cr_expect_eq(a.record.attempts, 0);
	cr_expect_eq(a.room, 66);
	cr_expect_eq(b.peer[0].posts, 1);
}

Test(budget, a_server_that_cannot_count_decides_itself)
{
	struct asked a = {0};
	struct bench b;

	ask_llama(&b, &a, long_prompt);
	SCRIPTS(&b.peer[0], unknown, answer);
	bench_finish(&b);
	cr_expect_eq(a.status, 0, "%s", a.record.error);

	a = (struct asked){0};
	ask_llama(&b, &a, long_prompt);
	SCRIPTS(&b.peer[0], rubbish, answer);
	bench_finish(&b);
	cr_expect_eq(a.status, 0, "%s", a.record.error);
}

Test(budget, counting_can_be_cancelled)
{
	struct asked a = {0};
	struct bench b;

	ask_llama(&b, &a, long_prompt);
	SCRIPTS(&b.peer[0], silent);
	bench_cancel_at(&b, &a, "/tokenize");
	bench_finish(&b);
	cr_expect_eq(a.status, -ECANCELED);
	cr_expect_eq(b.peer[0].hung_up, 1);
}

Test(budget, where_nobody_counts_it_is_estimated_from_earlier_prompts)
{
	struct model_request req = {.user = "ten bytes.", .options = MODEL_OPTIONS_NONE};
	struct asked a[2] = {0};
	struct bench b;

	req.options.num_ctx = 200;
	req.options.num_predict = 70;
	bench_init(&b, PROVIDER_OLLAMA);
	SCRIPTS(&b.peer[0], a_byte_a_token);
	bench_ask_with(&b, &a[0], &req);
	req.user = long_prompt;
	bench_ask_with(&b, &a[1], &req);
	bench_finish(&b);
	cr_expect_eq(a[0].status, 0, "%s", a[0].record.error);
	cr_expect_eq(a[1].status, -E2BIG);
	cr_expect(strstr(a[1].record.error, "the prompt has some 10"), "%s", a[1].record.error);
	cr_expect_eq(b.peer[0].posts, 1);
}

/* Less than the answer alone may take: also before any answer told how long a token is. */
Test(budget, into_a_context_without_room_nothing_is_sent)
{
	struct model_request req = {.user = long_prompt, .options = MODEL_OPTIONS_NONE};
	struct asked a = {0};
	struct bench b;

	req.options.num_ctx = 100;
	req.options.num_predict = 200;
	bench_init(&b, PROVIDER_OLLAMA);
	SCRIPTS(&b.peer[0], a_byte_a_token);
	bench_ask_with(&b, &a, &req);
	bench_finish(&b);
	cr_expect_eq(a.status, -E2BIG);
	cr_expect_eq(a.room, 0);
	cr_expect_eq(b.peer[0].posts, 0);
}
