/* SPDX-License-Identifier: MIT */
/*
 * fact - computed values with the cells they came from, and the findings over them.
 *
 * Ids are dense and start at 1: fact F7 is facts[6]. The JSON of all of this is fixed by
 * docs/report.schema.json. Everything lives in the dossier's arena.
 */
#pragma once

#include "lib/evidence/table.h"

/* In the order of the contract; names by statistic_name(). */
enum statistic {
	STAT_VALUE,
	STAT_COUNT,
	STAT_SUM,
	STAT_MIN,
	STAT_MAX,
	STAT_MEAN,
	STAT_MEDIAN,
	STAT_P90,
	STAT_P95,
	STAT_P99,
	STAT_STDEV,
	STAT_CV,
	STAT_MAD,
	STAT_DELTA,
	STAT_DELTA_PCT,
	STAT_RATIO,
	STAT_RANK,
	STAT_HODGES_LEHMANN,
	STAT_HODGES_LEHMANN_RATIO,
	STAT_MANN_WHITNEY_P,
	STAT_CLES,
	STAT_GEOMEAN_RATIO,
	STAT_SIGN_P,
	STAT_THEIL_SEN,
	STAT_MANN_KENDALL_P,
	STAT_COMMON_SHIFT,
	STAT_MODERATED_T_P,
};
#define STATISTIC_COUNT (STAT_MODERATED_T_P + 1)

const char *statistic_name(enum statistic s); /* "delta_pct" */
/* false: there is none of this name, and *ret is untouched. */
bool statistic_named(enum statistic *ret, const char *name);
const char *better_name(enum better b); /* "none", "higher", "lower" */

/*
 * A place as in report.json. Table form: table, column, and rows; or where in place of rows: all
 * rows with these texts but for `except`. JSON form: pointer, rows or NULL. Text form: place. An
 * earlier review's fact: review and fact, and nothing else.
 */
struct locator {
	unsigned artifact;         /* A id */
	unsigned table;            /* from 1; 0: another form */
	const char *rows;          /* "1-36,40", from 1; NULL: all the pointer names */
	const char *column;        /* of the table form, else NULL */
	const char *pointer;       /* of the JSON form, else NULL */
	struct text_place place;   /* of the text form, else line 0 */
	double factor;             /* value = number in the cell * factor; 1 when there is none */
	const struct label *where; /* {column, text}; NULL: rows or pointer name the cells */
	size_t n_where;
	const char *except; /* rows that where matches and that are not meant; NULL: none */
	const char *review; /* an earlier job; NULL: the cells are an artifact's */
	unsigned fact;      /* of that review */
};

struct exclusion {
	struct locator at;
	const char *why;
};

struct fact {
	unsigned id;
	const char *label;    /* "median throughput": no digits but those of names */
	const char *metric;   /* the column's name letter by letter; NULL: none */
	const char *quantity; /* "throughput", "time_to_first_token"; NULL: unknown */
	const char *unit;     /* "tok/s", "ms", "%"; NULL: none */
	enum better better;
	const struct label *subject; /* configuration: {key column, text} */
	size_t n_subject;
	enum statistic statistic;
	double value; /* finite, in `unit` */
	long n;       /* cells it stands on; -1: null (facts over facts) */
	const struct locator *cells;
	size_t n_cells;
	const struct exclusion *excluded;
	size_t n_excluded;
	const unsigned *from; /* fact ids [this, reference], or all that it sums up */
	size_t n_from;
	const double *samples; /* the numbers used, in cell order; NULL: fact_sample() has them, or
	                          there are none: facts over facts */
	const struct column *column; /* MEASURED, whose numbers in `rows` they are; else NULL */
	const uint32_t *rows;
	size_t n_samples;
};

static inline double fact_sample(const struct fact *f, size_t i)
{
	return f->samples ? f->samples[i] : column_number(f->column, f->rows[i]);
}

enum finding_kind {
	FINDING_REGRESSION,
	FINDING_IMPROVEMENT,
	FINDING_CHANGED,
	FINDING_ENVIRONMENT,
	FINDING_BEST,
	FINDING_OUTLIER,
	FINDING_HIGH_VARIANCE,
	FINDING_TREND,
	FINDING_GAP,
	FINDING_NEW,
	FINDING_VANISHED,
	FINDING_EXPECTATION_MISSED,
	FINDING_EXPECTATION_MET,
	FINDING_CONTRADICTION,
	FINDING_CONCURRENCY,
};
#define FINDING_KIND_COUNT (FINDING_CONCURRENCY + 1)
enum severity { SEVERITY_HIGH, SEVERITY_MEDIUM, SEVERITY_LOW, SEVERITY_INFO };

const char *finding_kind_name(enum finding_kind k); /* "expectation_missed" */
const char *severity_name(enum severity s);         /* high medium low info */

/* How a fact is printed inside a sentence. */
enum segment_as { AS_VALUE, AS_UNIT, AS_NAME, AS_SUBJECT, AS_DIRECTION, AS_SIZE };
const char *segment_as_name(enum segment_as a);

/*
 * One piece of a sentence. Exactly one of words, name and fact is set. `name` is foreign text
 * copied letter by letter (a path, a column), `words` are ours or a model's and hold no digit.
 * In JSON both are {"t": ...}; a fact is {"f": "F12", "as": ...}.
 */
struct segment {
	const char *words;
	const char *name;
	unsigned fact;
	enum segment_as as;
};

struct text {
	const struct segment *segments;
	size_t n;
};

struct gate {
	const char *name;
	double value, threshold; /* NAN prints null */
	bool passed;
};

struct finding {
	unsigned id;       /* K1 ... */
	const char *key;   /* the same every night: "best:reports/x.csv/tokens_s" */
	const char *group; /* key of the finding that tells it where many did alike; NULL: none */
	const char *since; /* "2026-11-21" */
	enum finding_kind kind;
	enum severity severity;
	const unsigned *facts;
	size_t n_facts;
	const unsigned *artifacts;
	size_t n_artifacts;
	const struct gate *gates;
	size_t n_gates;
	const char *verdict;          /* changed ... untestable; NULL */
	const char *state;            /* suspected ...; NULL */
	double p, p_adjusted, effect; /* NAN prints null */
	unsigned expectation;         /* which of the pipeline's it judges, from 1; 0: none */
	unsigned rank; /* fact: of what it judges among the configurations of its table; 0: none */
	struct text text; /* the builtin sentence; ends with a full stop */
};

/* How the key of a gap begins where what is missing is what the pipeline requires. */
#define FINDING_KEY_REQUIRED "gap:required:"
bool finding_is_required(const struct finding *f);
/* It is suspected or confirmed: neither over again nor acknowledged. */
bool finding_alarms(const struct finding *f);
bool finding_is_acknowledged(const struct finding *f);

struct recommendation {
	unsigned id; /* R1 ... */
	const unsigned *findings;
	size_t n_findings;
	struct text text;
	bool by_model;
};

/* What somebody risks who acts on findings, and what contains that. */
struct risk {
	const unsigned *findings;
	size_t n_findings;
	struct text risk, mitigation;
	bool by_model;
};

/* Words of the model about facts and findings. */
struct comment {
	unsigned id;      /* C1 ... */
	const char *step; /* step id that asked for it */
	const unsigned *facts;
	size_t n_facts;
	const unsigned *findings;
	size_t n_findings;
	struct text text;
	bool hypothesis;
	bool summary; /* of all, not about one thing */
};

struct strike {
	const char *step, *reason, *text;
};
