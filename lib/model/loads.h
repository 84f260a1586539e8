/* SPDX-License-Identifier: MIT */
/*
 * loads - what a server has loaded its models with, as far as our own requests tell.
 *
 * Ollama loads a model anew when a request comes with another num_ctx or num_gpu than the one
 * before, and waits with that until all that runs on the model has ended. So calls that are alike
 * go together, and one that differs waits until its model is idle.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOADS_MAX 8 /* models of one server at a time; more are not watched */

struct load { /* -1: left to the server */
	char model[128];
	int64_t num_ctx, num_gpu;
};

struct loads {
	struct {
		struct load load;
		unsigned busy;
		bool awaited; /* by a call that differs and has waited long enough */
	} of[LOADS_MAX];
	size_t n;
	unsigned reloads; /* that our requests have made necessary */
};

enum load_answer {
	LOAD_FITS,   /* it is loaded so, or not at all, as far as we know */
	LOAD_RELOAD, /* it is idle, and loaded otherwise */
	LOAD_BUSY,   /* likewise, but at work; or another call is to have it next */
};
enum load_answer loads_ask(const struct loads *l, const struct load *load);

/* Until loads_forget_waits() no more calls begin that fit. */
void loads_await(struct loads *l, const struct load *load);
void loads_forget_waits(struct loads *l);

void loads_take(struct loads *l, const struct load *load);
void loads_release(struct loads *l, const struct load *load); /* once for each take */
