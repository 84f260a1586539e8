/* SPDX-License-Identifier: MIT */
/*
 * verify_impl - what the parts of verify share. Nobody else includes this.
 */
#pragma once

#include <jansson.h>
#include <math.h>

#include "ctl/row_range.h"
#include "ctl/verify.h"
#include "lib/base/arena.h"
#include "lib/evidence/dossier.h"

#define NO_NUMBER ((double)NAN) /* a cell that holds none, a statistic that is not defined */

/* An artifact of the report, and what was read in its place. */
struct verify_artifact {
	const json_t *stated;
	const struct artifact *read; /* NULL: not there */
	const char *root;
	struct arena *arena;
	struct json_node *dom; /* of a JSON artifact, once a pointer asked for it */
	bool dom_tried;
	unsigned long lost;         /* facts that stand on it, while it is not there */
	struct verify_lines *lines; /* of a tool's text, once a locator asked for them */
};

/* The rows that the last locator with a `where` named; both texts are the report's. */
struct verify_matches {
	const struct table *table; /* NULL: none yet */
	const json_t *where;
	const char *except;
	uint32_t *rows; /* n of them, from 1; malloc'd */
	size_t n;
};

struct verify_cells {
	double *at; /* NO_NUMBER: a cell without one */
	size_t n, cap;
	char bad[160]; /* the first thing that is wrong: "" none */
	bool absent;   /* what is wrong is that something was left out, and that is allowed */
	struct verify_artifact *gone; /* what is wrong is that this is not there */
	bool counted;                 /* whatever stands in them */
	const char *base; /* what the units of the cells turn into, as "s"; NULL: they have none */
	double one;       /* one of the fact's unit in that base, by the factors */
};

/* What the cells of the last fact held: the statistics of one configuration stand on the same. */
struct verify_kept {
	const json_t *locators; /* the report's; NULL: none yet */
	struct verify_cells cells;
	double *sorted; /* the numbers of cells, by size; malloc'd */
};

struct verify {
	const struct verify_options *options;
	const struct verify_texts *texts;
	FILE *out;
	struct verify_result *result;
	json_t *report, *samples;
	json_t *ids;     /* id -> the object that has it, in facts, findings, artifacts ... */
	json_t *reviews; /* job id -> {report, samples} of earlier reviews, as they are needed */
	struct arena *arena;
	struct dossier scan;
	struct verify_artifact *artifacts; /* in the order of the report */
	size_t n_artifacts;
	struct verify_matches matches;
	struct verify_kept kept[2]; /* without and with `counted` */
	uint64_t work_left; /* cells that may still be visited: a report could ask for 10^12 */
};

/* One mismatch. The place comes first: "F12: ...", "report.md:7:20: ...". */
void verify_wrong(struct verify *v, const char *fmt, ...) PRINTF_LIKE(2, 3);
void verify_altered(struct verify *v, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* --- what is where in the report: "" and -1 where it is missing or of another type --------- */
const char *verify_text(const json_t *object, const char *key);
json_int_t verify_int(const json_t *object, const char *key);
/* As few digits as read back as the same double. */
struct verify_real {
	char text[32];
};
struct verify_real verify_real(double value);
double verify_number_of(const json_t *value); /* NO_NUMBER when it is none */
bool verify_number(const json_t *object, const char *key, double *ret);
const json_t *verify_by_id(const struct verify *v, char letter, const char *id);
/* RFC 6901; NULL: there is none. */
const json_t *verify_pointer(const json_t *root, const char *pointer);
bool verify_close(double a, double b, double relative); /* equal to so much */

/* --- the parts -------------------------------------------------------------------------- */
int verify_inventory(struct verify *v, struct error *err) MUST_USE; /* reads the artifacts */
void verify_inventory_done(struct verify *v);
/* Reads the bytes of an artifact anew. -ENOMEM, or 0 with *ret NULL when they cannot be had. */
int verify_artifact_bytes(const struct verify_artifact *a, char **ret, size_t *ret_len) MUST_USE;
void verify_ids(struct verify *v);        /* fills v->ids */
void verify_references(struct verify *v); /* every id that is named exists */
int verify_facts(struct verify *v, struct error *err) MUST_USE;
void verify_findings(struct verify *v);
void verify_expected(struct verify *v); /* findings on what the pipeline expects */
void verify_required(struct verify *v); /* findings on what the pipeline requires */
int verify_concurrency(struct verify *v, struct error *err) MUST_USE; /* from its trials */
int verify_sweep(struct verify *v, struct error *err) MUST_USE;       /* from its trials */
int verify_numerals(struct verify *v, struct error *err) MUST_USE;
void verify_seal(struct verify *v);
void verify_files(struct verify *v); /* those beside: reports of before `files` have none */

/* The artifact of an id, NULL when it is not in the report or could not be read. */
struct verify_artifact *verify_artifact_of(struct verify *v, const char *id);
/* The artifact of an id while it is not there; NULL: it is, or the report has none such. */
struct verify_artifact *verify_gone(struct verify *v, const char *id);
/* What a fact is about against the rows it stands on: subject, metric, exclusions. */
void verify_subject(struct verify *v, const json_t *fact);

/* A place in a tool's text as the cell of a table that stands there. NULL: none does. */
const struct table *verify_text_cell(struct verify *v, const json_t *locator, size_t *ret_row,
                                     size_t *ret_column);
/* What is excluded is not among the cells. */
void verify_text_excluded(struct verify *v, const json_t *fact);
void verify_lines_free(struct verify_lines *l);

/* --- cells (verify_cells.c, verify_json.c, verify_reviews.c) ------------------------------ */
void verify_cells_done(struct verify_cells *c);
void verify_kept_done(struct verify_kept *k);
/* Appends the cells that one locator names. -ENOMEM, or 0; c->bad says what was wrong. */
int verify_cells_add(struct verify *v, const json_t *locator, struct verify_cells *c) MUST_USE;
int verify_cells_push(struct verify *v, struct verify_cells *c, double number) MUST_USE;
void verify_cells_bad(struct verify_cells *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
int verify_json_add(struct verify *v, struct verify_artifact *a, const json_t *locator,
                    struct verify_cells *c) MUST_USE;
int verify_text_add(struct verify *v, struct verify_artifact *a, const json_t *locator,
                    double factor, struct verify_cells *c) MUST_USE;
/* The fact of an earlier review that a locator names; NULL: none, or another locator. */
const json_t *verify_review_fact(struct verify *v, const json_t *locator);
int verify_review_add(struct verify *v, const json_t *locator, struct verify_cells *c) MUST_USE;

const struct table *verify_table_of(const struct artifact *a, json_int_t number);
size_t verify_column_of(const struct table *t, const char *name); /* n_columns: none */

/* set[row] for rows from 1 to n_rows; the caller frees it. NULL: no memory. */
bool *verify_row_set(struct verify *v, const char *rows, size_t n_rows) MUST_USE;

/* The first number in a text ("4.2k" is 4.2: a factor says the rest); NO_NUMBER when it has none.
 */
double verify_number_in(const char *text, char decimal);
/*
 * Whether the factor is what the unit behind the number asks for, or the one in the name of the
 * column, and in one fact the same for all cells.
 */
void verify_factor(struct verify_cells *c, const char *text, char decimal, double factor,
                   const char *name);
bool verify_is_unit(const char *text);
/* Whether the factor turns this unit into another one. */
bool verify_unit_explains(const char *text, double factor);
/* What is wrong with a unit stated for these cells; NULL: nothing. */
const char *verify_unit_fault(const struct verify_cells *c, const char *unit);

/* --- trials of models (verify_trials.c) --------------------------------------------------- */
double verify_member(const json_t *object, const char *key); /* NO_NUMBER when it is none */
bool verify_is_good(const json_t *call);
/* A member that the trials give; no number where they give none. */
void verify_figure(struct verify *v, const json_t *in, const char *place, const char *key,
                   double again);
/* runs, low, high and level_pct of the median of x, which is sorted. */
void verify_interval(struct verify *v, const json_t *in, const char *place, const double *x,
                     size_t n);

/* --- statistics (verify_statistics.c) ----------------------------------------------------- */
void verify_sort(double *x, size_t n);
/* NO_NUMBER: not defined for these numbers. x is sorted. */
double verify_statistic(enum statistic s, const double *x, size_t n);
bool verify_statistic_of_cells(enum statistic s);
/* Of two samples, both sorted here. *known is false for what is not recomputed. */
double verify_two_samples(enum statistic s, double *x, size_t nx, double *y, size_t ny,
                          bool *known);
bool verify_statistic_of_ratios(enum statistic s);
/* The geometric mean, or the sign test on their logarithms; NO_NUMBER: one is not positive. */
double verify_ratios(enum statistic s, const double *x, size_t n);
