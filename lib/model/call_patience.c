/* SPDX-License-Identifier: MIT */
/*
 * What failing may cost a call. The clock of a try runs while its server is silent: any byte that
 * the endpoint sends to anyone of ours, and each answer to a ping, sets it back. So a server that
 * reads a long prompt has all its timeouts, and one that accepts and never answers has not.
 */
#include <errno.h>

#include "lib/model/call.h"

#define PINGS_IN_PATIENCE 3 /* one lost answer is not death */

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t patience_left(const struct model_call *c)
{
	return c->patience_ms > c->lost_ms ? c->patience_ms - c->lost_ms : 0;
}

bool call_is_out_of_patience(const struct model_call *c)
{
	return c->patience_ms && patience_left(c) == 0;
}

uint64_t call_silence_due(const struct model_call *c)
{
	return c->patience_ms ? later(c->try_began, c->ep->heard) + patience_left(c) : 0;
}

uint64_t call_ping_due(const struct model_call *c)
{
	uint64_t from = later(later(c->try_began, c->ep->heard), c->pinged_at);

	return c->patience_ms ? from + patience_left(c) / PINGS_IN_PATIENCE + 1 : 0;
}

/* A try that ran into a time limit is lost as a whole, any other from its last word on. */
void call_charge_try(struct model_call *c)
{
	bool all = c->failure.code == -ETIMEDOUT;
	uint64_t now = uv_now(c->model->loop);

	if (c->failure.class != FAILURE_NONE && c->failure.class != FAILURE_LOADING)
		c->lost_ms += now - (all ? c->try_began : later(c->try_began, c->news_at));
}
