/* SPDX-License-Identifier: MIT */
/* What agents are together, as a finding: in words, as its figures are no facts of artifacts. */
#include <errno.h>

#include "agents/analyst/contest.h"

#define SEGMENTS_MAX (2 * AGENTS_MAX + 4)
#define GAIN         1.02 /* more tokens a second than alone, to be called more */

struct words {
	struct segment at[SEGMENTS_MAX];
	size_t n;
};

static void add_words(struct words *w, const char *text)
{
	if (w->n < SEGMENTS_MAX)
		w->at[w->n++] = (struct segment){.words = text};
}

static void add_name(struct words *w, const char *text)
{
	if (w->n < SEGMENTS_MAX)
		w->at[w->n++] = (struct segment){.name = text};
}

static const char *waiting(enum contention_cause cause)
{
	switch (cause) {
	case CAUSE_SLOT:
		return " slow one another down: most of it is waiting for a slot of the server";
	case CAUSE_QUEUE:
		return " slow one another down: most of it is waiting within the server";
	case CAUSE_RELOAD:
		return " slow one another down: most of it is loading the model anew";
	case CAUSE_MEMORY:
		break;
	}
	return " slow one another down: most of it is that answers are written more slowly, as "
	       "where memory or compute are shared";
}

static const char *outcome(const struct contest *c)
{
	if (!c->is_measured)
		return " could not be measured side by side: no run had a good answer to all";
	if (c->is_contended)
		return waiting(c->cause);
	return c->is_uneven ? " do not slow one another down, but one has more to write"
	                    : " do not slow one another down";
}

static const char *gain(const struct contest *c)
{
	double ratio = c->tokens_per_wall_s.median / c->tokens_per_wall_s_solo.median;

	if (!c->is_measured)
		return ".";
	return ratio > GAIN       ? "; together they write more in the same time than alone."
	       : ratio < 1 / GAIN ? "; together they write less in the same time than alone."
	                          : "; together they write as much in the same time as alone.";
}

static int add_gates(struct finding *f, const struct contest *c, struct arena *arena)
{
	struct gate *gates = arena_calloc(arena, 2, sizeof *gates);
	double slowest = (double)NAN;

	if (!gates)
		return -ENOMEM;
	for (size_t i = 0; i < c->agents; i++)
		slowest = fmax(slowest, c->each[i].stretch);
	gates[0] = (struct gate){"efficiency", c->efficiency, CONTEST_CONTENTION,
	                         c->efficiency >= CONTEST_CONTENTION};
	gates[1] = (struct gate){"times as long a token together", slowest, CONTEST_SLOWED,
	                         slowest >= CONTEST_SLOWED};
	f->gates = gates;
	f->n_gates = 2;
	return 0;
}

static int fill_text(struct finding *f, const struct contest *c, const char *const *names,
                     struct arena *arena)
{
	struct words w = {.n = 0};
	struct segment *segments;

	add_words(&w, "Agents ");
	for (size_t i = 0; i < c->agents; i++) {
		if (i)
			add_words(&w, i + 1 == c->agents ? " and " : ", ");
		add_name(&w, names[i]);
	}
	add_words(&w, outcome(c));
	add_words(&w, gain(c));
	segments = arena_calloc(arena, w.n, sizeof *segments);
	if (!segments)
		return -ENOMEM;
	memcpy(segments, w.at, w.n * sizeof *segments);
	f->text = (struct text){segments, w.n};
	return 0;
}

int contest_finding(struct dossier *d, const struct contest *c, const char *const *names,
                    const char *today, struct error *err)
{
	struct finding f = {.id = (unsigned)d->n_findings + 1,
	                    .key = "concurrency:agents",
	                    .since = today,
	                    .kind = FINDING_CONCURRENCY,
	                    .severity = c->is_contended ? SEVERITY_MEDIUM : SEVERITY_INFO,
	                    .p = (double)NAN,
	                    .p_adjusted = (double)NAN,
	                    .effect = (double)NAN};
	struct finding *more = arena_grow(d->arena, d->findings, d->n_findings * sizeof f,
	                                  (d->n_findings + 1) * sizeof f);

	if (!more || add_gates(&f, c, d->arena) < 0 || fill_text(&f, c, names, d->arena) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	more[d->n_findings++] = f;
	d->findings = more;
	return 0;
}
