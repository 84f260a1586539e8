/* SPDX-License-Identifier: MIT */
/*
 * Answers that come as slowly as those of a model. Every token has its time from the beginning of
 * its call, so that a timer that is late once does not make the rest late too.
 */
#include "tests/server/server.h"

#define EVENT_BYTES_MAX 65536

static void schedule(struct conn *c);

static uint64_t due_ms(const struct conn *c)
{
	const struct speech *sp = &c->reply->speech;

	return c->began_ms + sp->load_ms + sp->first_ms + (c->told + 1) * sp->token_ms;
}

static void say(struct conn *c, struct buf *b)
{
	conn_say(c, buf_text(b), b->len);
}

static void tell_token(struct conn *c, struct buf *b)
{
	const struct speech *sp = &c->reply->speech;
	size_t from = sp->text_len * c->told / sp->tokens;
	size_t to = sp->text_len * (c->told + 1) / sp->tokens;
	char stamp[32];

	if (sp->stamps) {
		int n = snprintf(stamp, sizeof stamp, "%llu ", (unsigned long long)uv_hrtime());

		dialect_token(b, c->server, stamp, (size_t)n);
	} else {
		dialect_token(b, c->server, sp->text + from, to - from);
	}
	c->told++;
}

static void speech_on_timer(uv_timer_t *timer)
{
	struct conn *c = timer->data;
	CLEANUP(buf_done) struct buf b = BUF_INIT(EVENT_BYTES_MAX);

	if (c->told == 0)
		dialect_begin(&b, c->server);
	if (c->told < c->reply->speech.tokens)
		tell_token(c, &b);
	if (c->told < c->reply->speech.tokens) {
		say(c, &b);
		if (!c->closing)
			schedule(c);
		return;
	}
	dialect_end(&b, c->server, &c->reply->speech, c->request_len);
	say(c, &b);
	speech_stop(c);
	conn_next(c);
}

static void schedule(struct conn *c)
{
	const struct speech *sp = &c->reply->speech;
	struct server *s = c->server;
	uint64_t now = uv_now(&s->loop), due = due_ms(c);

	if (s->lock) {
		due = s->lock_until_ms > now ? s->lock_until_ms : now;
		due += sp->token_ms + (c->told ? 0 : sp->load_ms + sp->first_ms);
		s->lock_until_ms = due;
	}
	(void)uv_timer_start(&c->timer, speech_on_timer, due > now ? due - now : 0, 0);
}

static void begin(struct conn *c)
{
	c->server->speaking++;
	c->speaking = true;
	c->began_ms = uv_now(&c->server->loop);
	schedule(c);
}

void speech_start(struct conn *c)
{
	struct server *s = c->server;

	c->told = 0;
	if (s->speaking < s->slots) {
		begin(c);
		return;
	}
	c->queued = true;
	TAILQ_INSERT_TAIL(&s->queue, c, waiting);
}

void speech_stop(struct conn *c)
{
	struct server *s = c->server;
	struct conn *next = TAILQ_FIRST(&s->queue);

	if (c->queued)
		TAILQ_REMOVE(&s->queue, c, waiting);
	c->queued = false;
	if (!c->speaking)
		return;
	c->speaking = false;
	s->speaking--;
	if (!next)
		return;
	TAILQ_REMOVE(&s->queue, next, waiting);
	next->queued = false;
	begin(next);
}
