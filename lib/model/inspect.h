/* SPDX-License-Identifier: MIT */
/*
 * inspect - the questions behind model_inspect(), one after the other.
 */
#pragma once

#include <sys/queue.h>

#include "lib/base/buf.h"
#include "lib/model/failure.h"

enum inspect_state {
	INSPECT_NEW,
	INSPECT_PROBING, /* waits to be told what the server is */
	INSPECT_ASKING,
	INSPECT_ENDING,
};

struct model_inspection {
	LIST_ENTRY(model_inspection) link;
	struct model *model;
	enum inspect_state state;
	struct endpoint *ep;
	struct http_call *call;
	const struct question *next; /* under way */
	struct buf answer;
	struct model_about about;
	model_about_fn *done;
	void *arg;
	uv_timer_t timer; /* begins it from the loop, then ends it at last */
	uint64_t max_ms;
	bool cancelled;
};

/* ep is known now, or f says why it is not. */
void inspect_on_probed(struct model_inspection *i, const struct failure *f);
