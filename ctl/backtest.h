/* SPDX-License-Identifier: MIT */
/*
 * backtest - what would each night of a tree have said? Works here, without a daemon, a state or a
 * network.
 *
 * The tree is read once. For each of its nights it is analysed as it was then
 * (agents/analyst/as_of.h), with the pipeline's usual smallest effect, and no review before it: all
 * that is known of earlier nights lies in the tree. Of its changes those are told that the night
 * before did not tell, or told in another state.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "agents/analyst/inject.h"
#include "ctl/explain.h"

#define BACKTEST_DATE_BYTES sizeof "2026-11-20"

struct backtest_change {
	enum finding_kind kind;
	const char *state, *since, *key, *text;
	bool worse;  /* else it is better, or nothing to act on */
	bool news;   /* not told in this state by the night before */
	bool raised; /* the night before did not raise an alarm about it, and this one does */
};

struct backtest_night {
	char date[BACKTEST_DATE_BYTES];
	int64_t first_s, last_s;
	enum verdict verdict;
	unsigned long series, tested;
	struct backtest_change *changes;
	size_t n_changes;
};

/* Over all nights, of what was news. */
struct backtest_totals {
	size_t alarms, confirmed;     /* for the worse: raised, and sure (at once, or later) */
	size_t improvements, changed; /* sure; changed: nobody knows what is better */
	size_t spikes, recovered;
};

struct backtest {
	struct explained *tree;
	struct arena *arena; /* of the changes */
	const char *path;    /* resolved */
	struct backtest_night *nights;
	size_t n;
	struct backtest_totals totals;
	double inject_pct; /* 0: no step was put in */
	struct inject_tally inject;
};

/*
 * config: as explain_read() has it. Errors: a path that is missing, nothing in it that is a
 * measurement, a bad configuration, no memory.
 */
int backtest_read(struct backtest **ret, const char *path, double inject_pct, const char *config,
                  struct error *err) MUST_USE;
void backtest_free(struct backtest *b); /* NULL is fine */
DEFINE_CLEANUP(struct backtest *, backtest_free)

void backtest_print(const struct backtest *b, FILE *to);
/* As docs/chimeractl.1 has it. NULL: no memory. */
json_t *backtest_json(const struct backtest *b);
