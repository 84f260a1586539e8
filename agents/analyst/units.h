/* SPDX-License-Identifier: MIT */
/*
 * units - what the name of a column says: what it measures, in which unit, which way is better.
 *
 * Only names are looked at here; roles.c weighs them against the shape of the data.
 */
#pragma once

#include <stdbool.h>

#include "lib/evidence/fact.h"

/* How near to the front of a report a metric belongs: smaller is nearer. */
#define RANK_SAMPLES 0 /* raw repetitions of what follows */
#define RANK_UNKNOWN 90

struct measure {
	const char *quantity; /* "throughput"; NULL: unknown */
	const char *unit;     /* "tok/s"; NULL: none told. Static text */
	enum better better;
	int rank;
	bool known;  /* the name says that it measures something */
	bool spread; /* a statistic of spread (std, cv): never ranked */
	bool part;   /* of a time that has a metric of its own: load, prompt eval, system */
	bool flow;   /* a rate or a time: exactly zero cannot be */
};

/* `parent` is the pointer above the column ("/benchmark/latency_percentiles"), "" for none. */
struct measure measure_of(const char *name, const char *parent);

bool name_is_error(const char *name);       /* error, exception, error_message ... */
bool name_is_success(const char *name);     /* success, ok, passed ... */
bool name_is_status(const char *name);      /* status, state, outcome ... */
bool name_is_exit_code(const char *name);   /* exit_code, returncode */
bool name_is_index(const char *name);       /* index, row, run, prompt_index, seed ... */
bool name_is_count(const char *name);       /* eval_count, Tokens, response_chars ... */
bool name_is_tally(const char *name);       /* a count that only a run can tell: eval_count */
bool name_is_option(const char *name);      /* num_gpu, batch_size, threads ... */
bool name_is_time(const char *name);        /* timestamp, generated_at, date ... */
bool name_is_prose(const char *name);       /* prompt, response, banter_text ... */
bool name_is_environment(const char *name); /* version, driver, commit, hostname ... */
bool name_is_sensor(const char *name);      /* power_draw, fan_speed, utilization_gpu ... */
bool name_is_unit(const char *name);        /* time_unit, unit, scoreUnit */
bool name_is_quantity(const char *name);    /* Metric, statistic: another measure in each row */

bool name_is_parameter(const char *name); /* parameter_level: hyperfine's */
/* command, name, benchmark, kernel ...: what was run, however long its text is. */
bool name_is_workload(const char *name);
/* ... that names the work rather than a choice, where options stand beside it. */
bool name_is_work(const char *name);
/* test, query, n_prompt ...: rows that differ by it did different work. */
bool name_is_other_work(const char *name);
bool name_is_statistic(const char *word); /* a lower-case word: mean, p95, stdev ... */

/* The unit that a text in a unit column means ("ns", "ms", "ops/s"); NULL: none we know. */
const char *unit_of_text(const char *text);
