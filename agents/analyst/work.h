/* SPDX-License-Identifier: MIT */
/*
 * work - what the analyst's files share while one review is analysed. Inside this room only.
 *
 * The walk: tables -> views (view.c) -> failed rows (failures.c) -> series of views (series.c)
 * -> roles (roles.c) -> configurations and facts (groups.c, facts.c) -> comparison with earlier
 * runs (history.c) -> findings (best.c, findings.c, gaps*.c) -> recommendations (advice.c).
 */
#pragma once

#include "agents/analyst/analyst.h"
#include "agents/analyst/quantities.h"
#include "agents/analyst/statistics.h"
#include "agents/analyst/strmap.h"
#include "agents/analyst/units.h"

#define MAX_CONFIGURATIONS 400
#define ERROR_TEXT_BYTES   120 /* of foreign error texts, in findings */

/*
 * A view is one logical table of one artifact: one table, or the tables below each row of
 * another (/metrics/0/gpu/+*, /metrics/1/gpu/+* ...) put together, or one table whose numbers of
 * one name lie in several objects, with those objects as rows.
 */
#define MAP_NONE (-1)
#define MAP_OWN  (-2)

struct view_column {
	const char *id;     /* the same in every run: pointer, header, "#name" for added ones */
	const char *name;   /* as written */
	const char *parent; /* pointer above it, "" for none */
	bool is_row_key;
	bool is_added; /* text from around the table; no cell of it can be named */
	bool restates; /* holds the same numbers as an earlier column of its name */
	const struct column_meaning *meaning; /* by the tool's schema; NULL: none knows it */
};

struct part {
	const struct table *table;
	const int *map;         /* view column -> table column, MAP_NONE, or MAP_OWN - i */
	const struct cell *own; /* texts from around the table */
};

struct view_row {
	uint32_t part, row;
	int fail_column;    /* view column that tells of the failure; -1: no failed run */
	const char *failed; /* why it is left out, NULL: usable */
	const char *text;   /* the foreign error text, NULL: none */
};

struct view {
	size_t number; /* in work.views */
	struct artifact *artifact;
	const char *shape; /* which table, the same in every run */
	const char *where; /* which table, as printed; "" when there is one */
	struct part *parts;
	size_t n_parts;
	struct view_column *columns;
	size_t n_columns;
	struct view_row *known; /* a row each; NULL: one part, and nothing is known of its rows */
	size_t n_rows, n_failed, n_noted; /* noted: passed over by the reader, no failed runs */
	int64_t time_s;                   /* when it was measured */
	int64_t run_s;                    /* tells runs apart: what the path says, else time_s */
	bool dated; /* its path or content tells the time; else it is when the file was written */
	int time_column;          /* its rows tell several times: by this column; -1: they do not */
	int64_t first_s, last_s;  /* of its rows, by that column */
	const char *machine;      /* what the artifact or the settings say; NULL: nothing */
	const struct view *whole; /* this one holds some of that one's rows; NULL: all there are */
};

enum role { ROLE_KEY, ROLE_METRIC, ROLE_COVARIATE, ROLE_IGNORED };

struct column_role {
	enum role role;
	const char *why;
	struct measure measure;
	struct column_unit unit;                /* of its cells */
	bool derived;                           /* a metric that restates another one */
	bool rule_role, rule_unit, rule_better; /* the configuration says so */
};

/* The rows of one view, by configuration. */
struct configurations {
	struct strmap names; /* subject, joined -> number */
	uint32_t *rows;      /* row numbers, configuration by configuration */
	size_t *first;       /* n + 1 offsets into rows */
	size_t n;
};

/* Views of one shape, oldest first; the last one with usable rows is the present. */
struct series {
	const char *key; /* machine, path without dates and numbers, shape */
	const char *path;
	struct view **views;
	size_t n_views;
	size_t present;            /* index into views; n_views: no usable row in any */
	struct column_role *roles; /* of the present view's columns */
	size_t decided; /* the view whose columns `roles` are about: the present one, if any */
	int *metrics;   /* its metric columns, in the order of the group */
	size_t n_metrics;
	int *keys;
	size_t n_keys;
	size_t n_usable;                      /* cells of metrics with a direction in usable rows */
	struct configurations configurations; /* of the present view, as its group has them */
	unsigned group;                       /* id, 0: none */
	unsigned gap;                         /* finding id of its failed rows, 0: none */
};

/*
 * Facts are bounded. The value of each configuration and what tells a change come first: room is
 * kept for them while they are still to come. The rest is told while there is more.
 */
struct facts_budget {
	size_t max, kept;
	bool full;            /* even of the first there are too many */
	unsigned *plain;      /* facts: values without their spread and quantiles ... */
	unsigned *uncompared; /* ... and values of steady series, not told against earlier runs */
	size_t n_plain, cap_plain, n_uncompared, cap_uncompared;
};

struct work {
	struct dossier *d;
	const struct analyst_settings *settings;
	struct arena *arena; /* d's */
	struct view **views;
	size_t n_views, cap_views;
	struct series *series; /* in order of importance once sorted */
	size_t n_series;
	size_t cap_facts, cap_findings, cap_groups, cap_recommendations, cap_risks, cap_history,
		cap_conditions, cap_differences, cap_acknowledged, cap_noise;
	struct facts_budget facts;
	struct compared_series *compared; /* history.c: one for each series that has a group */
	size_t n_compared;
	struct machine_shift *machines; /* machine_shift.c: those with several tables */
	size_t n_machines;
	struct told *told; /* changes.c: what changed, as it is found */
	size_t n_told, cap_told;
	struct untested *untested; /* changes.c: the largest differences that could not be tested */
	size_t n_untested;
	struct change *changes;
	size_t n_changes, cap_changes;
	struct file_sweep *file_sweeps;
	size_t n_file_sweeps, cap_file_sweeps;
	struct ranking *rankings; /* one for each finding of best.c that ranks */
	size_t n_rankings, cap_rankings;
	bool **explained; /* by group: cells whose scatter repetitions.c explains; NULL: none looked
	                     at */
	struct past_ack *acks;
	size_t n_acks;
	struct line *lines; /* charts.c: of findings about runs */
	size_t n_lines, cap_lines, cap_shifts, cap_fronts;
	bool failed; /* out of memory: whatever came after is void */
};

/* Zeroed memory; on failure NULL and w->failed. */
void *work_alloc(struct work *w, size_t n, size_t size) MUST_USE;
char *work_printf(struct work *w, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_USE;
/* Room for one more in a growing array of the arena; *array unchanged on failure. */
bool work_grow(struct work *w, void *array, size_t n, size_t *cap, size_t size) MUST_USE;

static inline struct view_row view_row(const struct view *v, size_t row)
{
	return v->known ? v->known[row] : (struct view_row){.row = (uint32_t)row};
}

/* Something was measured in it. */
static inline bool view_is_usable(const struct view *v)
{
	return v->n_rows > v->n_failed + v->n_noted;
}

/* view.c */
/* To write down what is known of a row. NULL: no memory. */
struct view_row *view_row_known(struct work *w, struct view *v, size_t row) MUST_USE;
void views_build(struct work *w);
struct cell view_cell(const struct view *v, size_t row, size_t column);
const struct table *view_table(const struct view *v, size_t row);
/* The table's column behind a view's column in this row, NULL: none, or added. */
const struct column *view_table_column(const struct view *v, size_t row, size_t column);
/* The same for all rows, where the view is one whole part and has it as a column; else NULL. */
const struct column *view_only_column(const struct view *v, size_t column);
/* Numbers by the million, kept without their text: no configuration can be told by them. */
bool view_is_measured(const struct view *v, size_t column);
/* -1: none. */
int view_find(const struct view *v, const char *id);
/* "/a/b" -> "/a"; "/b" and "" -> "". */
const char *pointer_parent(struct work *w, const char *pointer);

/* sections.c: numbers of one name in several objects of one table. */
struct sections {
	const char **parents; /* pointers */
	size_t n;
	const bool *measures; /* per table column, where n > 0 */
	bool *restates;       /* per table column */
};
void sections_of(struct work *w, const struct table *t, struct sections *ret);

/* failures.c */
void failures_find(struct work *w, struct view *v);
void failures_mark_artifacts(struct work *w);
void failures_mark_summaries(struct work *w);

/* series.c, runs.c */
void series_build(struct work *w);
int runs_by_time(const void *x, const void *y); /* for qsort() of int64_t */
void runs_tell(struct work *w);                 /* fills dossier.runs ... */
/* ... but for the days of runs that the tree does not date; times come out in order. */
void runs_tell_earlier(struct work *w, int64_t *times, size_t n);

/* times.c */
/* The time in a path; ret_in_name: in the file's own name. */
bool path_time(const char *path, int64_t *ret_s, bool *ret_in_name);
/* The path with a star for each time, commit and number of a run. */
const char *path_stripped(struct work *w, const char *path);
/* How much of it is the directory, with its slash. */
size_t path_directory(const char *path);
const char *root_name(const struct work *w, const struct artifact *a);
void times_find(struct work *w); /* of all views; fills dossier.times, one a view */
bool row_time(const struct view *v, size_t row, size_t column, int64_t *ret_s);
void times_by_rows(struct work *w, size_t view, size_t runs); /* its rows tell that many runs */

/* machines.c */
/* The column is for the name of the machine measured. */
bool machines_names(const struct view_column *c);
void machines_find(struct work *w); /* of all views */

/* nights.c: the runs that the rows of one table are; NULL: one run, or no memory. */
struct view **nights_of(struct work *w, struct view *v, size_t *ret_n);
#define NIGHT_QUIET_S 3600 /* so long nothing is measured between two nights ... */
bool is_other_night(int64_t before_s, int64_t s); /* ... and another day has begun */

/* roles.c */
void roles_assign(struct work *w, struct series *s);

/* meanings.c: what the schema of the tool says of a column that has a meaning. */
void meaning_assign(struct column_role *role, const struct view_column *c, bool lists);
struct measure meaning_measure(const struct view_column *c);

/* derived.c: which metrics restate others. */
void metrics_derive(struct work *w, const struct view *v, struct column_role *roles);

/* configurations.c; keys are columns of v, -1 where it has no such column. */
void configurations_build(struct work *w, struct configurations *ret, const struct view *v,
                          const int *keys, size_t n_keys);
/*
 * A MEASURED column whose n_rows numbers stand configuration by configuration as `rows` do: one
 * pass over the column instead of one for each configuration. They lie in `room`, which is as large
 * as n_rows doubles. False: no memory. May be called by several threads.
 */
bool configurations_gather(const struct configurations *c, const struct column *column,
                           size_t n_rows, void *room, struct column *ret) MUST_USE;
/* The rows of one configuration. */
static inline const uint32_t *configuration_rows(const struct configurations *c, size_t i,
                                                 size_t *ret_n)
{
	*ret_n = c->first[i + 1] - c->first[i];
	return c->rows + c->first[i];
}
/* The texts of the keys in a row, joined: what configurations_build() numbers. NULL: no memory. */
const char *configuration_name(struct work *w, const struct view *v, size_t row, const int *keys,
                               size_t n_keys);

/* cells.c: the numbers of one configuration and metric, and where they stand. */
struct cells {
	double *numbers; /* NULL where they are those of `column` in `rows` */
	const struct column *column;
	const uint32_t *rows;
	size_t n;
	struct locator *at;
	size_t n_at;
	struct exclusion *excluded;
	size_t n_excluded;
};
/* All rows of one configuration, and the columns of the view whose texts make it one. */
struct picked {
	const uint32_t *rows;
	size_t n_rows;
	const int *keys; /* -1: none of this view */
	size_t n_keys;
	const struct column_unit *unit; /* that the numbers are turned into */
};
void cells_collect(struct work *w, struct cells *ret, const struct view *v, const struct picked *p,
                   size_t column);
/*
 * Of a gathered column whose first number in these rows is number `first`: those that are usable.
 * Returns how many; may be called by several threads.
 */
size_t cells_usable(const struct view *v, const struct picked *p, const struct column *gathered,
                    size_t first, double *ret);
/* The places of those n cells; their numbers stay in the column. */
void cells_place_usable(struct work *w, struct cells *ret, const struct view *v,
                        const struct picked *p, size_t column, size_t n);
/* One behind the other, for facts over several runs. */
void cells_join(struct work *w, struct cells *ret, const struct cells *const *parts, size_t n);
/* Of numbers that are there, n >= 1. */
double cells_median(struct work *w, const struct cells *c);
/* Puts b behind a. */
void cells_append(struct work *w, struct cells *a, const struct cells *b);
/* Locators of one cell a row, whatever is in it. */
void cells_of_rows(struct work *w, struct cells *ret, const struct view *v, const uint32_t *rows,
                   const int *columns, size_t n);
const char *rows_text(struct work *w, const uint32_t *rows, size_t n); /* sorted, from 0 */

/* facts.c */
struct fact_of {
	const char *label_suffix; /* ", earlier run"; "" for none */
	const struct measure *measure;
	const char *metric;
	const struct label *subject;
	size_t n_subject;
};
unsigned fact_add(struct work *w, const struct fact *f); /* 0: not finite, or no room */
unsigned fact_over_cells(struct work *w, const struct fact_of *of, enum statistic statistic,
                         double value, const struct cells *c);
unsigned fact_over_facts(struct work *w, const struct fact_of *of, enum statistic statistic,
                         unsigned this_one, unsigned reference);
/*
 * Over the values of these facts (ratios, mostly), or over the samples of two, [this, reference]:
 * the caller has computed the value.
 */
unsigned fact_over_list(struct work *w, const struct fact_of *of, enum statistic statistic,
                        double value, const unsigned *from, size_t n);
/* How far series moved together, in %, up being better: from their ratios, all with a direction. */
unsigned fact_common_shift(struct work *w, const char *label, const unsigned *ratios, size_t n);
unsigned fact_count(struct work *w, const char *label, const struct cells *c);
/* How many facts these are; `from` stays the caller's arena's. */
unsigned fact_count_of(struct work *w, const char *label, const unsigned *from, size_t n);
/* The share of all facts that is full when what is asked for has no more room. */
enum fact_share {
	FACTS_MATRIX, /* three quarters: the present run of each series */
	FACTS_DETAIL, /* seven eighths: comparisons that tell of no change */
};
size_t facts_share(const struct work *w, enum fact_share share);
/* n more fit in the share, beside what room is kept for. */
bool facts_room(const struct work *w, enum fact_share share, size_t n);
void facts_keep(struct work *w, size_t n);    /* room for n that are to come */
void facts_release(struct work *w, size_t n); /* they come now */
void facts_note_plain(struct work *w, unsigned value);
void facts_note_uncompared(struct work *w, unsigned value);

/* text.c: a sentence as it grows. */
#define SENTENCE_SEGMENTS 128
struct sentence {
	struct segment segments[SENTENCE_SEGMENTS];
	size_t n;
};
void say(struct sentence *s, const char *words);        /* static; no digits */
void say_name(struct sentence *s, const char *foreign); /* lives in the arena */
void say_fact(struct sentence *s, unsigned fact);
void say_fact_as(struct sentence *s, unsigned fact, enum segment_as as);
void say_subject(struct sentence *s, const struct label *subject, size_t n);
struct text text_of(struct work *w, const struct sentence *s);
/* At most max bytes, cut at a character, without control characters. */
const char *text_tamed(struct work *w, const char *text, size_t max);
/* Foreign bytes as a text that every store and page can hold. */
const char *text_clean(struct work *w, const char *text);

/* The group that stands for the series; NULL: none. */
static inline const struct group *series_group(const struct work *w, const struct series *s)
{
	return s->group ? &w->d->groups[s->group - 1] : NULL;
}

/* groups.c */
/* The configurations of the present run; room is kept for a value of each, and how far they are
 * apart. */
void group_plan(struct work *w, struct series *s);
void group_build(struct work *w, struct series *s);
/* Best and worst by each of its metrics. */
void group_rank(struct work *w, struct group *g, const struct series *s);
/* A sentence names a configuration by what tells it from the others of its group. */
void say_configuration(struct sentence *s, const struct group *g,
                       const struct group_configuration *c);
bool has_configuration_name(const struct group *g);
/* "" where it has none. */
const char *configuration_text(const struct group_configuration *c, const char *key);
/* A text of its own for each configuration: it only repeats what the other keys say. */
bool key_is_label(struct work *w, const struct group *g, const char *key);
/* "Time" where that can only mean this metric, else its own name. */
void say_metric(struct work *w, struct sentence *s, const struct group *g, size_t metric,
                bool begins);
void say_group(struct sentence *s, const struct group *g);
/* What the facts of one configuration and metric have in common. */
struct fact_of group_fact_of(const struct series *s, const struct group *g, size_t configuration,
                             size_t metric);

/* notes.c: dossier.roles and .table_notes, once the groups are built */
void notes_take(struct work *w);

/* history.c, changes.c, environment.c */
/* What advice.c needs to know of a finding about runs. */
struct change {
	const char *key;    /* the finding's: the same pointer */
	const char *before; /* day of the last run before it, NULL: not told by an artifact */
	const struct group *group;
	size_t configuration;
	bool part; /* of another metric of the same configuration */
};
void history_compare(struct work *w); /* all series with their earlier runs */
/* How the key of a finding about a machine begins. */
#define ENVIRONMENT_OF_MACHINE "environment:machine"

/* charts.c: of the first findings, the runs behind them; after findings_order() */
void charts_settle(struct work *w);
/* Of its subject what tells a configuration from the others: n_keys labels. */
const struct label *chart_subject(struct work *w, const struct group *g, size_t configuration);

/* acknowledged.c: what somebody has acknowledged stays listed, and alarms nobody */
void acks_read(struct work *w);
bool acks_have(const struct work *w, const char *key);
void acknowledge(struct work *w, struct finding *f); /* if it is open, and is acknowledged */

/* findings.c, gaps.c, advice.c */
/* About one artifact; its numbers are none yet. On failure w->failed. */
struct finding finding_about(struct work *w, enum finding_kind kind, enum severity severity,
                             unsigned artifact);
struct finding *finding_add(struct work *w, const struct finding *f); /* sets id and since */
/* A copy in the arena of those that are not 0. */
unsigned *finding_facts(struct work *w, const unsigned *from, size_t n, size_t *ret_n);
const struct change *change_of(const struct work *w, const struct finding *f); /* NULL: none */
void risks_weigh(struct work *w);                                              /* risks.c */
void findings_best(struct work *w); /* best.c; fills w->rankings */
/* Over the rankings so far: pareto.c, marginal.c. */
void findings_pareto(struct work *w);
void findings_marginal(struct work *w);
void findings_variance(struct work *w);
void findings_order(struct work *w);
void gaps_find(struct work *w);
void consistency_check(struct work *w); /* consistency.c */
void prose_check(struct work *w);       /* prose.c */
void stated_check(struct work *w);      /* stated.c */
void advice_give(struct work *w);
