/* SPDX-License-Identifier: MIT */
/* What a server may cost that accepts and does not answer, and that a slow one is waited for. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "tests/unit/model/bench.h"

#define CHUNK(text) "{\"message\":{\"content\":\"" text "\"},\"done\":false}\n"
#define DONE        "{\"message\":{\"content\":\"\"},\"done\":true,\"eval_count\":2}\n"
#define VERSION     "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"version\":\"0.9\"}"

ANSWER(hello, SAY(OK_CLOSE CHUNK("Hel") CHUNK("lo") DONE), HANG_UP);
ANSWER(nothing, SAY_AFTER(8000, ""), HANG_UP);
ANSWER(slow, SAY_AFTER(1200, OK_CLOSE CHUNK("Hel") CHUNK("lo") DONE), HANG_UP);
ANSWER(stalls, SAY(OK_CLOSE CHUNK("Hel")), SAY_AFTER(8000, ""), HANG_UP);
ANSWER(slowly_broken, SAY_AFTER(250, REFUSE("500 Internal Server Error", "{}")), HANG_UP);
ANSWER(version, SAY(VERSION), HANG_UP);

static void ask(struct bench *b, struct asked *a, uint64_t patience_ms)
{
	const struct model_request req = {
		.user = "a question", .options = MODEL_OPTIONS_NONE, .patience_ms = patience_ms};

	bench_ask_with(b, a, &req);
	bench_finish(b);
}

static void let_it_answer_pings(struct bench *b, const struct fake_step *script)
{
	b->peer[0].gets[0].path = "/api/version";
	b->peer[0].gets[0].script = script;
}

Test(patience, a_server_that_accepts_and_never_answers_costs_no_more)
{
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	SCRIPTS(&b.peer[0], nothing);
	let_it_answer_pings(&b, nothing);
	ask(&b, &a, 500);
	cr_expect_eq(a.status, -ETIMEDOUT);
	cr_expect(strstr(a.record.error, "no sign of life"), "%s", a.record.error);
	cr_expect_lt(a.record.total_ms, 8000, "the peer was waited for");
	cr_expect_eq(b.peer[0].posts, 1, "it was tried again");
}

Test(patience, a_slow_server_that_shows_that_it_is_there_is_waited_for)
{
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	SCRIPTS(&b.peer[0], slow);
	let_it_answer_pings(&b, version);
	ask(&b, &a, 400);
	cr_expect_eq(a.status, 0, "%s", a.record.error);
	cr_expect_str_eq(a.answer, "Hello");
}

/* A refusal is a sign of life too. */
Test(patience, a_server_that_knows_no_such_path_is_alive)
{
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OPENAI);
	SCRIPTS(&b.peer[0], slow);
	ask(&b, &a, 400);
	cr_expect_neq(a.status, -ETIMEDOUT, "%s", a.record.error);
}

Test(patience, a_stream_that_dies_with_its_server_costs_no_more)
{
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	SCRIPTS(&b.peer[0], stalls);
	let_it_answer_pings(&b, nothing);
	ask(&b, &a, 500);
	cr_expect_eq(a.status, -ETIMEDOUT);
	cr_expect_lt(a.record.total_ms, 8000, "the peer was waited for");
}

Test(patience, tries_that_fail_slowly_use_it_up_together)
{
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	SCRIPTS(&b.peer[0], slowly_broken);
	let_it_answer_pings(&b, version);
	ask(&b, &a, 300);
	cr_expect_eq(a.status, -EREMOTEIO);
	cr_expect_leq(b.peer[0].posts, 2);
}

Test(patience, a_good_answer_costs_none)
{
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	SCRIPTS(&b.peer[0], hello);
	ask(&b, &a, 300);
	cr_expect_eq(a.status, 0);
	cr_expect_eq(a.lost_ms, 0);
}

Test(patience, closing_ends_a_ping_too)
{
	struct asked a = {0};
	struct bench b;

	bench_init(&b, PROVIDER_OLLAMA);
	bench_cancel_at(&b, &a, "/api/version");
	SCRIPTS(&b.peer[0], nothing);
	let_it_answer_pings(&b, nothing);
	ask(&b, &a, 1200);
	cr_expect_eq(a.status, -ECANCELED);
	cr_expect_eq(b.peer[0].n_paths, 2, "there was no ping to end");
}
