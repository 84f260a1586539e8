/* SPDX-License-Identifier: MIT */
/*
 * dossier - all that one review knows, filled station by station.
 *
 * collector: inventory. analyst: facts, groups, findings, recommendations, compared, verdict,
 * history, conditions, differences, acknowledged, charts.
 * claims: comments, model recommendations, struck. writer: reads only. One owner, one thread at
 * a time; everything in it lives in its arena.
 */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/evidence/chart.h"
#include "lib/evidence/fact.h"
#include "lib/evidence/past.h"

/*
 * What is comparable: the rows of one table (or of tables of one shape, one per run) as
 * configurations by metrics. The matrix holds fact ids, 0 where there is none.
 */
struct group_metric {
	const char *name, *quantity, *unit;
	enum better better;
	unsigned best,
		worst;   /* index into configurations + 1; 0: no direction, or nothing to rank */
	unsigned spread; /* fact id: ratio of the larger of worst and best to the smaller, 0: none
	                  */
	bool derived;    /* restates another metric: shown, but neither ranked nor compared */
};

struct group_configuration {
	const struct label *subject;
	size_t n_subject;
	size_t n_rows, n_failed;
	bool failed; /* every row of it failed: listed, never ranked */
};

/* The statistics that a configuration has of a metric; with one value only `center` is set. */
struct group_cell {
	unsigned center; /* median, or the value itself */
	unsigned count, min, max, mean, stdev, p95, cv;
	bool best; /* of those that did the same work, by a metric with a direction */
};

struct group {
	unsigned id;       /* from 1, in order of importance */
	const char *title; /* the path, letter by letter, of the artifact it came from */
	const char *where; /* which table in it: "/backends/" + "*" or "table 2"; "" when there is
	                      one */
	unsigned artifact;
	const char *machine;     /* as told, "" where nobody did */
	const char *path;        /* without times: the same in every run */
	const char *const *keys; /* names of the key columns that differ between configurations */
	size_t n_keys;
	struct group_metric *metrics;
	size_t n_metrics;
	struct group_configuration *configurations;
	size_t n_configurations;
	struct group_cell *cells; /* cells[configuration * n_metrics + metric] */
	bool incomparable;        /* numbers of different things: nothing of it is ranked */
	unsigned repeats;         /* id of the group that it says again; 0: none. Not ranked */
	/* Where the configurations did different work: they are ranked within each. */
	const char *const *work_keys; /* of `keys`, those that name it */
	size_t n_work_keys;
	size_t *work_of;          /* per configuration: from 0 */
	size_t n_works;           /* 0: all of it is one work */
	const struct label *work; /* of a part of a group that is one of its works: which ... */
	size_t n_work;
	const char *work_name; /* ... and what keys of findings call it; NULL: no such part */
};

enum verdict {
	VERDICT_WORSE,
	VERDICT_BETTER,
	VERDICT_MIXED,
	VERDICT_SAME,
	VERDICT_CANNOT_TELL,
	VERDICT_NO_NEW_DATA
};
const char *verdict_name(enum verdict v);     /* "cannot_tell" */
const char *verdict_in_words(enum verdict v); /* "cannot tell" */

struct compared {
	unsigned long series, tested, untestable, new_series, vanished;
	double smallest_change_pct; /* NAN: null */
	const char *const *gone;    /* keys of series that only the last review measured */
	size_t n_gone;
};

/* When the runs were that stand behind the groups, by what their paths or contents tell. */
struct run_times {
	size_t n; /* distinct times; 0: no artifact tells its own */
	int64_t first_s, last_s;
	const char *const *days; /* "2026-11-20", distinct, the latest ones */
	size_t n_days;
	const char *const *earlier; /* the same of runs that no path or content in the tree dates */
	size_t n_earlier;
};

/* What told when a table was measured, in the order of their weight. */
enum time_source { TIME_COLUMN, TIME_FIELD, TIME_FILE_NAME, TIME_DIRECTORY_NAME, TIME_MODIFIED };
const char *time_source_name(enum time_source s); /* "file name" */

struct table_time {
	unsigned artifact, table; /* of the first table of the shape */
	enum time_source source;
	const char *name;        /* of the column or pointer of the field; NULL: neither */
	int64_t first_s, last_s; /* of its rows, where they tell several; else both the same */
	size_t runs;             /* in this table: its rows of different days are several */
};

/* How the analyst took a column. */
struct role_note {
	unsigned artifact, table;        /* of the first table of the shape */
	const char *column, *role, *why; /* role: key metric covariate ignored */
	const char *pointer;             /* JSON: below one row; NULL: no column of JSON */
	const char *quantity, *unit;     /* of a metric; NULL: not known */
	enum better better;              /* of a metric */
	bool restates;                   /* a metric computed from another one */
	size_t metric;                   /* of the group's metrics, from 1; 0: none of them */
	bool names_work;                 /* a key that tells different work apart */
	bool rule_role, rule_unit, rule_better; /* the configuration says so */
};

/* How the analyst took a table: alone, or with others of its artifact and shape. */
struct table_note {
	unsigned artifact;
	const unsigned *tables; /* their numbers in the artifact */
	size_t n_tables;
	const char *shape; /* the same in every run: "/benchmarks/" + "*", "table 2" */
	size_t n_rows, n_failed, n_noted; /* noted: passed over by the reader */
	const struct role_note *columns;  /* of the run that decided; NULL: no row could be used */
	size_t n_columns;
	unsigned decided_by;     /* the artifact of that run; 0: none */
	unsigned group;          /* of its series, 0: nothing in it is a measurement */
	size_t n_configurations; /* of the run that decided, 0 of others */
	int64_t first_s, last_s; /* when it was measured */
	const char *time_by;     /* what told that: "modification time" */
	const char *time_name;   /* of the column or field that did; NULL: neither */
	size_t n_runs;           /* in this table alone */
};

/* What decided whether the present run of a series is like those before it, found or not. */
struct noise_note {
	unsigned fact;       /* the present run's value */
	size_t earlier;      /* runs that it was held against */
	size_t streak;       /* runs at the end beyond the limit, the present one included */
	double distance_pct; /* from their median; NAN: not tested, and so are the next three */
	double limit_pct;    /* that it must be beyond; NAN: no difference would have been seen */
	double sd_pct;       /* of one run about its level */
	double noticed_pct;  /* the smallest change that is seen four times out of five */
	double p;            /* of the distance; NAN: not tested */
};

/* What became of one expectation of the pipeline. */
enum expected_outcome {
	EXPECTED_MEASURED,         /* there are findings on it */
	EXPECTED_FAILED,           /* all runs of what it is about failed */
	EXPECTED_NO_CONFIGURATION, /* the metric was measured, but not of this configuration */
	EXPECTED_OTHER_UNIT,       /* a metric of that name is in a unit that it cannot mean */
	EXPECTED_NO_METRIC,        /* nothing measured has that name */
};
const char *expected_outcome_name(enum expected_outcome o); /* "no_configuration" */

struct dossier {
	struct arena *arena;     /* borrowed */
	const struct past *past; /* borrowed; NULL: nobody knows of earlier reviews */
	struct inventory inventory;
	struct fact *facts;
	size_t n_facts;
	struct finding *findings;
	size_t n_findings;
	struct recommendation *recommendations;
	size_t n_recommendations;
	struct risk *risks;
	size_t n_risks;
	bool weighs_risks; /* a persona is to weigh them */
	struct comment *comments;
	size_t n_comments;
	struct strike *struck;
	size_t n_struck;
	struct group *groups;
	size_t n_groups;
	struct role_note *roles; /* of the groups' columns */
	size_t n_roles;
	struct table_note *table_notes; /* in order of artifact */
	size_t n_table_notes;
	struct table_time *times;
	size_t n_times;
	struct compared compared;
	struct run_times runs;
	enum verdict verdict;
	struct history_point *history; /* of each series, by time */
	size_t n_history;
	struct history_condition *conditions; /* of the runs that are new */
	size_t n_conditions;
	struct condition_difference *differences; /* as sentences of this review tell them */
	size_t n_differences;
	struct past_ack *acknowledged; /* what findings of this review are, as their texts say it */
	size_t n_acknowledged;
	struct charts charts;
	struct noise_note *noise; /* of each series with an earlier run */
	size_t n_noise;
	enum expected_outcome *expected; /* of each expectation */
	size_t n_expected;
};

static inline const struct fact *dossier_fact(const struct dossier *d, unsigned id)
{
	return id >= 1 && id <= d->n_facts ? &d->facts[id - 1] : NULL;
}

static inline const struct finding *dossier_finding(const struct dossier *d, unsigned id)
{
	return id >= 1 && id <= d->n_findings ? &d->findings[id - 1] : NULL;
}

/* Which way what changed went: +1 better, -1 worse, 0: nobody knows, or nothing changed. */
int dossier_way(const struct dossier *d, const struct finding *f);

static inline const struct artifact *dossier_artifact(const struct dossier *d, unsigned id)
{
	return id >= 1 && id <= d->inventory.n_artifacts ? &d->inventory.artifacts[id - 1] : NULL;
}
