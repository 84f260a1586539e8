/* SPDX-License-Identifier: MIT */
/*
 * schema - the output of one tool, described: which columns must be there, and what each one is.
 * Internal to the collector; the descriptions are data, schemas.c is all that acts on them.
 *
 * A place is a column: in JSON its pointer below a row, else its header. "*" in a place stands for
 * any characters.
 */
#pragma once

#include "lib/base/arena.h"
#include "lib/evidence/table.h"

#define SCHEMA_OF 3

struct schema_place {
	const char *at;
	int means;                   /* MEANS_KEY ... */
	const char *what;            /* in words: "repetitions" */
	const char *quantity, *unit; /* NULL: the name tells, or nothing does */
	enum better better;
	/*
	 * A METRIC restates the first of these that is there. Of other columns: only where one of
	 * them is there the description holds, else a later one for the same place.
	 */
	const char *of[SCHEMA_OF];
	const char *unit_at; /* the column that names the unit row by row; "#unit": the context */
	bool zero_is_none;   /* a zero stands where nothing was measured */
	bool directed;       /* that unit tells the direction: ops/x up, x/op down */
};

/* Rows that are left out, provided that others stay. */
struct schema_skip {
	const char *at;
	const char *text; /* of the cell; "*" stands for any characters */
	bool but;         /* all rows with another text, none without any */
	bool always;      /* even if no other row stays */
	const char *why;
};

/*
 * What is written where a unit is meant: k6's "time" are milliseconds. It may tell more than that:
 * what asv's "suite.time_x" measures are times, whatever unit stands in the cell.
 */
struct schema_unit {
	const char *text;     /* "*" stands for any characters; the first that fits */
	const char *unit;     /* "": of the cell, or none */
	const char *quantity; /* NULL: the metric's */
	enum better better;   /* with a quantity */
};

struct schema {
	const char *tool;
	const char *base;         /* JSON: of the table; NULL: a table without pointers */
	const char *path;         /* the artifact's path; NULL: any */
	const char *const *needs; /* places; NULL-terminated */
	const struct schema_place *places;
	size_t n_places;
	int rest; /* what columns are that have no place */
	const char *rest_what;
	const struct schema_skip *skips;
	size_t n_skips;
	const struct schema_unit *units;
	size_t n_units;
	const char *const *context_keys; /* of what tells tables apart: names; or NULL */
	const char *const *context_else; /* of what tells nothing of the run: names; or NULL */
	const char *machine;             /* the place that names the machine, or NULL */
	const char *units_row; /* a place that is empty in the first row only where that row
	                          holds the units of the columns; or NULL */
};

struct schema_family {
	const struct schema *schemas; /* the first that fits */
	size_t n;
};

typedef struct schema_family schema_family_fn(void);

schema_family_fn schemas_of_micro_benchmarks, schemas_of_models, schemas_of_load_generators,
	schemas_of_suites, schemas_of_systems, schemas_of_agents;

#define SCHEMA_LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
#define SCHEMA_PLACES(p) .places = (p), .n_places = ARRAY_LEN(p)
#define SCHEMA_SKIPS(s)  .skips = (s), .n_skips = ARRAY_LEN(s)
#define SCHEMA_UNITS(u)  .units = (u), .n_units = ARRAY_LEN(u)

/* "a*c" fits "abc". */
bool schema_fits(const char *pattern, const char *text);
/* The first column that fits the place, -1: none. */
int schema_column(const struct table *t, const char *at);

/* schema_units.c: the units of metrics that the first row holds, which the reader left out. */
int schema_units_row(struct table *t, const struct schema *s, struct arena *arena) MUST_USE;
/* The units of metrics whose place has a unit_at. -ENOMEM, or 0. */
int schema_units(struct table *t, const struct schema *s, const struct schema_place *const *places,
                 struct arena *arena) MUST_USE;
