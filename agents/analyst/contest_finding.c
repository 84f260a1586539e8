/* SPDX-License-Identifier: MIT */
/* What agents are together, as a finding: in words, as its figures are no facts of artifacts. */
#include <errno.h>

#include "agents/analyst/contest.h"
#include "agents/analyst/two_sample.h"

#define SEGMENTS_MAX (8 * AGENTS_MAX + 4)

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

static const char *waiting(const struct contest *c)
{
	switch (c->cause) {
	case CAUSE_SLOT:
		return c->loads_differ ? " slow one another down: most of it is waiting, as the "
		                         "server loads its model for the options of one at a time"
		                       : " slow one another down: most of it is waiting for a "
		                         "slot of the server";
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
		return waiting(c);
	return c->is_uneven ? " do not slow one another down, but one has more to write"
	                    : " do not slow one another down";
}

static bool is(const struct contest_change *c, enum two_sample_verdict v)
{
	return strcmp(c->verdict, two_sample_verdict_name(v)) == 0;
}

static bool is_different(const struct contest_change *c)
{
	return is(c, TWO_SAMPLE_CHANGED) || is(c, TWO_SAMPLE_SIZE_UNCLEAR);
}

/* Only what the test bears out is said without reserve. */
static const char *gain(const struct contest *c)
{
	const struct contest_change *g = &c->gain;

	if (!c->is_measured)
		return ".";
	if (is(g, TWO_SAMPLE_SIZE_UNCLEAR))
		return g->pct > 0 ? "; together they write more in the same time than alone, "
		                    "perhaps by "
		                    "little."
		                  : "; together they write less in the same time than alone, "
		                    "perhaps by "
		                    "little.";
	if (is(g, TWO_SAMPLE_CHANGED))
		return g->pct > 0 ? "; together they write more in the same time than alone."
		                  : "; together they write less in the same time than alone.";
	if (is(g, TWO_SAMPLE_EQUAL))
		return "; together they write as much in the same time as alone.";
	if (is(g, TWO_SAMPLE_UNDECIDED) || !(fabs(g->pct) > 100 * CONTEST_MATTERS))
		return "; the runs do not tell whether they write more together than alone.";
	return g->pct > 0 ? "; as far as so few runs tell, they write more in the same time "
	                    "together than alone."
	                  : "; as far as so few runs tell, they write less in the same time "
	                    "together than alone.";
}

static const char *sooner(const struct contest_delta *d)
{
	if (!is(&d->ttft, TWO_SAMPLE_CHANGED))
		return ".";
	return d->ttft_ms < 0 ? ", and its first token comes sooner."
	                      : ", and its first token comes later.";
}

static void add_not_compared(struct words *w, const struct contest *c, const char *name)
{
	add_words(w, " is not compared with ");
	add_name(w, name);
	add_words(w, c->equal_prompts ? ": the server did not do all that was asked for."
	                              : ": they were not asked the same.");
}

static void add_not_told_apart(struct words *w, const struct contest_delta *d, const char *name)
{
	add_words(w, " and ");
	add_name(w, name);
	add_words(w, " are not told apart by how fast they write");
	if (!is(&d->ttft, TWO_SAMPLE_CHANGED))
		add_words(w, ".");
	else
		add_words(w, d->ttft_ms < 0 ? "; the first token of the former comes sooner."
		                            : "; the first token of the former comes later.");
}

/* Whether it pays to ask for other options: one agent against another, each alone. */
static void add_delta(struct words *w, const struct contest *c, const struct contest_delta *d,
                      const char *const *names)
{
	const struct contest_change *t = &d->throughput;

	add_words(w, " Alone, ");
	add_name(w, names[d->b]);
	if (!d->ranked) {
		add_not_compared(w, c, names[d->a]);
	} else if (!is_different(t) && !is(t, TWO_SAMPLE_EQUAL)) {
		add_not_told_apart(w, d, names[d->a]);
	} else {
		add_words(w, is(t, TWO_SAMPLE_EQUAL) ? " writes as fast as "
		             : t->pct > 0            ? " writes faster than "
		                                     : " writes more slowly than ");
		add_name(w, names[d->a]);
		add_words(w, sooner(d));
	}
}

/* What to do where nothing shows that working at the same time pays; NULL: it may. */
static const char *way_out(const struct contest *c)
{
	if (!c->is_contended || (is_different(&c->gain) && c->gain.pct > 0))
		return NULL;
	if (c->loads_differ)
		return "Ask for the same num_ctx and num_gpu in all agents, or give each a server "
		       "of its own: nothing shows that they gain by working at the same time.";
	switch (c->cause) {
	case CAUSE_SLOT:
	case CAUSE_QUEUE:
		return "Let the server answer as many requests at a time as there are agents, or "
		       "run these one after the other: nothing shows that they gain by working "
		       "at the same time.";
	case CAUSE_RELOAD:
		return "Have the server keep loaded what all agents ask for, or give each a server "
		       "of its own: nothing shows that they gain by working at the same time.";
	case CAUSE_MEMORY:
		break;
	}
	return "Run the agents one after the other, or give each a machine of its own: nothing "
	       "shows that they gain by working at the same time.";
}

static int add_advice(struct dossier *d, const struct contest *c, unsigned finding)
{
	const char *words = way_out(c);
	size_t n = d->n_recommendations;
	struct recommendation *more;
	struct segment *segment;
	unsigned *id;

	if (!words)
		return 0;
	more = arena_grow(d->arena, d->recommendations, n * sizeof *more, (n + 1) * sizeof *more);
	segment = arena_calloc(d->arena, 1, sizeof *segment);
	id = arena_calloc(d->arena, 1, sizeof *id);
	if (!more || !segment || !id)
		return -ENOMEM;
	*segment = (struct segment){.words = words};
	*id = finding;
	more[n] = (struct recommendation){
		.id = (unsigned)n + 1, .findings = id, .n_findings = 1, .text = {segment, 1}};
	d->recommendations = more;
	d->n_recommendations++;
	return 0;
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
	for (size_t i = 0; c->is_measured && i < c->n_deltas; i++)
		add_delta(&w, c, &c->deltas[i], names);
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
	if (add_advice(d, c, f.id) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return 0;
}
