/* SPDX-License-Identifier: MIT */
/*
 * world - a small dossier for the tests of this room: a regression, a best, a gap.
 *
 * F1, F2 throughput of this night and the night before, F3 its change; F5, F6 latency of onnx and
 * eager; F7 rows that failed; F8 the spread of the latency; F12, F123 more throughput. The scope
 * holds all of them but F2, and K1 to K3 but not K4.
 */
#pragma once

#include "lib/claims/claims.h"

#define WORLD_FACTS 123

struct world {
	struct dossier d;
	struct fact facts[WORLD_FACTS];
	struct finding findings[4];
	struct group group;
	struct group_metric metric;
	struct claims_scope scope;
	struct claims_outcome outcome;
	struct error err;
};

/* arena_free(w->d.arena) ends it. */
void world_init(struct world *w);

/* Checks an answer with one claim; `about` is JSON ("[\"K1\"]"). Returns accepted sentences. */
size_t world_say(struct world *w, const char *about, const char *text);

/* Why the one sentence of a claim about K1 is struck, "" when it stands. */
const char *world_reason(struct world *w, const char *text);

/* The same about other ids. */
const char *world_reason_about(struct world *w, const char *about, const char *text);
