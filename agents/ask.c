/* SPDX-License-Identifier: MIT */
/*
 * Which questions each task asks, and about what. All text of a question is made in draft.c.
 */
#include <errno.h>
#include <stdio.h>

#include "agents/draft.h"
#include "agents/ids.h"

#define WORDS_A_CLAIM     50 /* one or two sentences */
#define DEFAULT_CLAIMS    4
#define MAX_CLAIMS        6
#define ANALYSE_ADVICE    2
#define COMPOSE_ADVICE    3
#define INSIGHT_CLAIMS    3 /* the rest of its words is for advice and risks */
#define INSIGHT_ADVICE    3
#define INSIGHT_FINDINGS  8 /* on performance, and half as many gaps */
#define OVERVIEW_FINDINGS 12
#define COVERED_GROUPS    8
#define PARTS_MAX         3 /* of one group: what is left then is in the tables */

/* The questions of one step as they are made. */
struct round {
	const struct dossier *d;
	const struct persona *persona;
	const struct ask_limits *limits;
	struct arena *arena;
	struct ask *asks; /* room for max_asks */
	size_t n, max;
	bool *marks; /* by fact id: belongs to the group at hand */
	bool *told;  /* likewise: stands in a question of this step */
};

static size_t claims_of(const struct persona *p)
{
	uint64_t n = p->max_words ? p->max_words / WORDS_A_CLAIM : DEFAULT_CLAIMS;

	return n < 1 ? 1 : n > MAX_CLAIMS ? MAX_CLAIMS : (size_t)n;
}

static struct draft draft_of(const struct round *r, size_t claims, size_t advice)
{
	return (struct draft){.d = r->d,
	                      .persona = r->persona,
	                      .arena = r->arena,
	                      .max_claims = claims,
	                      .max_advice = advice};
}

static int round_add(struct round *r, struct draft *dr, const char *title)
{
	int made = draft_end(dr, title, &r->asks[r->n]);

	if (made > 0)
		r->n++;
	return made < 0 ? made : 0;
}

typedef bool finding_filter(const struct finding *f);

static bool any_finding(const struct finding *f)
{
	(void)f;
	return true;
}

static bool is_gap(const struct finding *f)
{
	return f->kind == FINDING_GAP || f->kind == FINDING_VANISHED;
}

static bool is_performance(const struct finding *f)
{
	return !is_gap(f) && f->kind != FINDING_NEW && f->kind != FINDING_ENVIRONMENT;
}

static bool needs_action(const struct finding *f)
{
	return f->severity != SEVERITY_INFO;
}

/* The most severe first; of one severity in the order of their ids. */
static void add_findings(struct draft *dr, finding_filter *wanted, size_t max)
{
	const struct dossier *d = dr->d;
	size_t i, n = 0;
	int severity;

	for (severity = SEVERITY_HIGH; severity <= SEVERITY_INFO; severity++)
		for (i = 0; i < d->n_findings; i++) {
			const struct finding *f = &d->findings[i];

			if ((int)f->severity != severity || !wanted(f))
				continue;
			if (n++ < max)
				draft_finding(dr, f);
			else
				dr->omitted++;
		}
}

static void note_formats(struct draft *dr)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(256);
	const struct inventory *inv = &dr->d->inventory;
	int format;
	size_t i;

	for (format = FORMAT_CSV; format <= FORMAT_TEXT; format++)
		for (i = 0; i < inv->n_artifacts; i++)
			if ((int)inv->artifacts[i].format == format) {
				buf_printf(&b, "%s%s", b.len ? ", " : "",
				           artifact_format_name((enum artifact_format)format));
				break;
			}
	if (b.len)
		draft_note(dr, "Formats that were read: ", buf_text(&b));
}

/* How many values a group has of a metric: the first such count, 0 where it holds single ones. */
static unsigned count_of(const struct group *g)
{
	size_t i;

	for (i = 0; i < g->n_configurations * g->n_metrics; i++)
		if (g->cells[i].count)
			return g->cells[i].count;
	return 0;
}

/* What there is to read, so that a reader learns what the gaps are gaps in. */
static void add_coverage(struct draft *dr)
{
	const struct dossier *d = dr->d;
	size_t i;

	for (i = 0; i < d->n_groups && i < COVERED_GROUPS; i++) {
		draft_note(dr, "Measurements that were read: ", d->groups[i].title);
		draft_fact(dr, count_of(&d->groups[i]), NULL);
	}
}

static int ask_inventory(struct round *r)
{
	CLEANUP(draft_done) struct draft dr = draft_of(r, claims_of(r->persona), 0);

	draft_begin(&dr,
	            "say what the benchmark files cover, what is missing from or broken in them, "
	            "and what a reader cannot learn because of it.",
	            r->limits->max_prompt_bytes);
	note_formats(&dr);
	add_findings(&dr, is_gap, OVERVIEW_FINDINGS);
	add_coverage(&dr);
	return round_add(r, &dr, "inventory");
}

static void mark(const struct round *r, unsigned id)
{
	if (dossier_fact(r->d, id))
		r->marks[id] = true;
}

/* Which facts are this group's, so that its findings are found without a search for each. */
static void mark_group(const struct round *r, const struct group *g)
{
	size_t i, n = g->n_configurations * g->n_metrics;

	memset(r->marks, 0, (r->d->n_facts + 1) * sizeof *r->marks);
	for (i = 0; i < g->n_metrics; i++)
		mark(r, g->metrics[i].spread);
	for (i = 0; i < n; i++) {
		const struct group_cell *c = &g->cells[i];
		const unsigned ids[] = {c->center, c->count, c->min, c->max,
		                        c->mean,   c->stdev, c->p95, c->cv};
		size_t k;

		for (k = 0; k < ARRAY_LEN(ids); k++)
			mark(r, ids[k]);
	}
}

/* A change stands on facts over facts: the reference may be of another night, this one is here. */
static bool is_marked(const struct round *r, unsigned id)
{
	const struct fact *f = dossier_fact(r->d, id);
	size_t i;

	for (i = 0; f && i < f->n_from; i++)
		if (dossier_fact(r->d, f->from[i]) && r->marks[f->from[i]])
			return true;
	return f && r->marks[id];
}

static bool is_about_group(const struct round *r, const struct group *g, const struct finding *f)
{
	size_t i;

	for (i = 0; i < f->n_facts; i++)
		if (is_marked(r, f->facts[i]))
			return true;
	if (f->n_facts) /* of another table of the same file */
		return false;
	for (i = 0; i < f->n_artifacts; i++)
		if (f->artifacts[i] == g->artifact)
			return true;
	return false;
}

static void add_group_findings(const struct round *r, struct draft *dr, const struct group *g)
{
	const struct dossier *d = r->d;
	int severity;
	size_t i;

	for (severity = SEVERITY_HIGH; severity <= SEVERITY_INFO; severity++)
		for (i = 0; i < d->n_findings; i++)
			if ((int)d->findings[i].severity == severity &&
			    is_about_group(r, g, &d->findings[i]))
				draft_finding(dr, &d->findings[i]);
}

/* No earlier part has told it. */
static bool is_untold(const struct round *r, unsigned id)
{
	return dossier_fact(r->d, id) && !r->told[id];
}

static void add_fact(const struct round *r, struct draft *dr, unsigned id, const char *note)
{
	if (is_untold(r, id))
		draft_fact(dr, id, note);
}

static void add_row(const struct round *r, struct draft *dr, unsigned id)
{
	if (is_untold(r, id))
		draft_row(dr, id);
}

static unsigned center_of(const struct group *g, unsigned configuration, size_t metric)
{
	return configuration ? g->cells[(configuration - 1) * g->n_metrics + metric].center : 0;
}

/* The ends of each metric first, then the rest in a table for each. */
static void add_group_facts(const struct round *r, struct draft *dr, const struct group *g)
{
	size_t m, c;

	for (m = 0; m < g->n_metrics; m++) {
		add_fact(r, dr, center_of(g, g->metrics[m].best, m), "best of this metric");
		add_fact(r, dr, center_of(g, g->metrics[m].worst, m), "worst of this metric");
		add_fact(r, dr, g->metrics[m].spread, NULL);
	}
	for (m = 0; m < g->n_metrics; m++)
		for (c = 0; c < g->n_configurations; c++)
			if (c + 1 != g->metrics[m].best && c + 1 != g->metrics[m].worst)
				add_row(r, dr, center_of(g, (unsigned)c + 1, m));
}

static const char *group_title(const struct round *r, const struct group *g, unsigned part)
{
	return part == 0
	               ? arena_printf(r->arena, "group %u: %s", g->id, g->title)
	               : arena_printf(r->arena, "group %u, part %u: %s", g->id, part + 1, g->title);
}

static void mark_told(const struct round *r, const struct draft *dr)
{
	for (size_t i = 0; i < dr->n_facts; i++)
		r->told[dr->facts[i]] = true;
}

/* What a group's questions have come to. */
struct progress {
	size_t first; /* its first question, which counts what none of them tells */
	bool rest;    /* there is more than fitted so far */
};

/* Of part 0 the findings; what does not fit is a part of its own. */
static int ask_group(struct round *r, const struct group *g, unsigned part, struct progress *p)
{
	size_t advice = r->persona->max_risks ? 0 : ANALYSE_ADVICE, i; /* of all together, then */
	CLEANUP(draft_done) struct draft dr = draft_of(r, claims_of(r->persona), advice);

	draft_begin(&dr,
	            "explain what the findings of this benchmark mean, "
	            "what may be behind them, and what to check next.",
	            r->limits->max_prompt_bytes);
	draft_note(&dr, "Benchmark file: ", g->title);
	if (*g->where)
		draft_note(&dr, "Table: ", g->where);
	for (i = 0; i < g->n_keys; i++)
		draft_note(&dr, "Configurations differ in: ", g->keys[i]);
	mark_group(r, g);
	if (part == 0)
		add_group_findings(r, &dr, g);
	add_group_facts(r, &dr, g);
	p->rest = dr.omitted > 0 && dr.n_facts > 0;
	mark_told(r, &dr);
	if (part == 0) {
		p->first = r->n;
	} else {
		r->asks[p->first].omitted -= dr.n_facts;
		dr.omitted = 0;
	}
	return round_add(r, &dr, group_title(r, g, part));
}

/* What all findings together come to: in short, what to do, and at which risk. */
static int ask_insight(struct round *r)
{
	size_t claims = claims_of(r->persona);
	CLEANUP(draft_done)
	struct draft dr = draft_of(r, claims < INSIGHT_CLAIMS ? claims : INSIGHT_CLAIMS,
	                           INSIGHT_ADVICE);

	dr.max_risks = r->persona->max_risks;
	dr.summary = true;
	draft_begin(
		&dr,
		"sum up for an engineer who has to choose a configuration what the findings "
		"come to, recommend what balances throughput, first token and quality, and name "
		"the risks of acting on the findings with what contains each.",
		r->limits->max_prompt_bytes);
	add_findings(&dr, is_performance, INSIGHT_FINDINGS);
	add_findings(&dr, is_gap, INSIGHT_FINDINGS / 2);
	return dr.n_findings && r->n < r->max ? round_add(r, &dr, "insight") : 0;
}

/* Every group once before any is asked about again. */
static int ask_groups(struct round *r)
{
	size_t n = r->d->n_groups, i;
	struct progress *progress = arena_calloc(r->arena, n + 1, sizeof *progress);
	unsigned part;
	int e = progress ? 0 : -ENOMEM;

	if (e == 0 && r->persona->max_risks) /* first, as the groups may fill the room */
		e = ask_insight(r);
	for (part = 0; part < PARTS_MAX; part++)
		for (i = 0; e == 0 && i < n && r->n < r->max; i++)
			if (part == 0 || progress[i].rest)
				e = ask_group(r, &r->d->groups[i], part, &progress[i]);
	return e;
}

struct section {
	const char *title, *task;
	finding_filter *wanted;
	size_t max_findings, advice;
};

static int ask_section(struct round *r, const struct section *s)
{
	CLEANUP(draft_done) struct draft dr = draft_of(r, claims_of(r->persona), s->advice);

	draft_begin(&dr, s->task, r->limits->max_prompt_bytes);
	add_findings(&dr, s->wanted, s->max_findings);
	return dr.n_findings ? round_add(r, &dr, s->title) : 0;
}

static const struct section overview = {"overview",
                                        "explain what the most severe findings mean together, "
                                        "what may be behind them, and what to check next.",
                                        any_finding, OVERVIEW_FINDINGS, ANALYSE_ADVICE};

static const struct section sections[] = {
	{"Executive Summary",
         "write the executive summary: what an engineer must know who reads nothing else.",
         any_finding, 6, 0},
	{"Performance Analysis",
         "write the performance analysis: what the measurements tell of the system under test, "
         "and which mechanisms may be behind them.",
         is_performance, OVERVIEW_FINDINGS, 0},
	{"Key Findings",
         "comment on the key findings: why each matters, and how sure a reader can be of it.",
         any_finding, OVERVIEW_FINDINGS, 0},
	{"Recommendations", "recommend what to do about the findings, the most urgent in front.",
         needs_action, OVERVIEW_FINDINGS, COMPOSE_ADVICE},
};

static int ask_sections(struct round *r)
{
	size_t i;
	int e = 0;

	for (i = 0; e == 0 && i < ARRAY_LEN(sections) && r->n < r->max; i++)
		e = ask_section(r, &sections[i]);
	return e;
}

static int round_ask(struct round *r, enum task task, enum for_each for_each)
{
	if (task == TASK_INVENTORY)
		return ask_inventory(r);
	switch (for_each) {
	case FOR_EACH_GROUP:
		return ask_groups(r);
	case FOR_EACH_SECTION:
		return ask_sections(r);
	case FOR_EACH_NONE:
		break;
	}
	if (task == TASK_ANALYSE && r->persona->max_risks)
		return ask_insight(r);
	return ask_section(r, task == TASK_COMPOSE ? &sections[0] : &overview);
}

static size_t most_asks(const struct dossier *d, const struct ask_limits *limits)
{
	size_t parts = PARTS_MAX * d->n_groups + 1;
	size_t most = parts > ARRAY_LEN(sections) ? parts : ARRAY_LEN(sections);

	return limits->max_asks < most ? limits->max_asks : most;
}

static int ask(enum task task, const struct dossier *d, const struct persona *p,
               enum for_each for_each, const struct ask_limits *limits, struct arena *arena,
               struct ask **ret, size_t *ret_n, struct error *err)
{
	struct round r = {.d = d,
	                  .persona = p,
	                  .limits = limits,
	                  .arena = arena,
	                  .max = most_asks(d, limits)};
	int e;

	r.asks = arena_calloc(arena, r.max, sizeof *r.asks);
	r.marks = arena_calloc(arena, d->n_facts + 1, sizeof *r.marks);
	r.told = arena_calloc(arena, d->n_facts + 1, sizeof *r.told);
	if (!r.asks || !r.marks || !r.told)
		return error_set(err, -ENOMEM, "questions of %s: out of memory", p->name);
	e = r.max ? round_ask(&r, task, for_each) : 0;
	if (e < 0)
		return error_set(err, e, "questions of %s: out of memory", p->name);
	*ret = r.asks;
	*ret_n = r.n;
	return 0;
}

#define AGENT_ASK(function, of_task)                                                 \
	static int function(const struct dossier *d, const struct persona *p,        \
	                    enum for_each for_each, const struct ask_limits *limits, \
	                    struct arena *arena, struct ask **ret, size_t *ret_n,    \
	                    struct error *err)                                       \
	{                                                                            \
		return ask(of_task, d, p, for_each, limits, arena, ret, ret_n, err); \
	}

AGENT_ASK(inventory_ask, TASK_INVENTORY)
AGENT_ASK(analyse_ask, TASK_ANALYSE)
AGENT_ASK(compose_ask, TASK_COMPOSE)

const struct agent *agent_of(enum task t)
{
	static const struct agent agents[] = {
		[TASK_INVENTORY] = {TASK_INVENTORY, inventory_ask},
		[TASK_ANALYSE] = {TASK_ANALYSE, analyse_ask},
		[TASK_COMPOSE] = {TASK_COMPOSE, compose_ask},
	};

	return &agents[t];
}

/* --- answers ---------------------------------------------------------------- */

int ask_schema(json_t **ret, const struct ask *a, struct error *err)
{
	unsigned counted[DRAFT_MAX_FACTS > DRAFT_MAX_FINDINGS ? DRAFT_MAX_FACTS
	                                                      : DRAFT_MAX_FINDINGS];
	struct claims_scope own = a->scope;

	for (unsigned i = 0; i < ARRAY_LEN(counted); i++)
		counted[i] = i + 1;
	own.facts = own.findings = counted;
	return claims_schema(ret, &own, err);
}

int ask_check(struct dossier *d, const struct ask *a, const char *step, const char *answer,
              size_t len, struct claims_outcome *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf ours = BUF_INIT(8 * len + 16);
	CLEANUP(buf_done) struct buf theirs = BUF_INIT(8 * sizeof ret->complaint);
	int r;

	ids_to_dossier(&ours, &a->scope, answer, len);
	if (ours.failed)
		return error_set(err, -ENOMEM, "out of memory");
	r = claims_check(d, &a->scope, step, buf_text(&ours), ours.len, ret, err);
	if (r < 0)
		return r;
	ids_to_question(&theirs, &a->scope, ret->complaint, strlen(ret->complaint));
	(void)snprintf(ret->complaint, sizeof ret->complaint, "%s", buf_text(&theirs));
	return 0;
}
