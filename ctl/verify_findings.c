/* SPDX-License-Identifier: MIT */
/*
 * Findings against their facts: gates, directions, what is called best, what a subject is.
 */
#include <math.h>
#include <stdio.h>

#include "ctl/gate.h"
#include "ctl/verify_impl.h"

#define KEY_BYTES_MAX 2048

static const json_t *first_fact(const struct verify *v, const json_t *finding)
{
	const char *id = json_string_value(json_array_get(json_object_get(finding, "facts"), 0));

	return id ? verify_by_id(v, 'F', id) : NULL;
}

/* --- gates ----------------------------------------------------------------------- */

static void check_gates(struct verify *v, const json_t *finding)
{
	const json_t *gate;
	size_t i;

	json_array_foreach (json_object_get(finding, "gates"), i, gate) {
		const char *name = verify_text(gate, "name");
		const json_t *passed = json_object_get(gate, "passed");
		double value, threshold;
		bool holds;

		if (!json_is_boolean(passed) || !verify_number(gate, "value", &value) ||
		    !verify_number(gate, "threshold", &threshold)) {
			if (!json_is_boolean(passed))
				verify_wrong(v,
				             "%s: gate \"%.60s\": passed is neither true nor false",
				             verify_text(finding, "id"), name);
			continue;
		}
		holds = gate_holds(gate_sense_of(name), value, threshold);
		if (holds != json_is_true(passed) && fabs(value) != fabs(threshold))
			verify_wrong(v, "%s: gate \"%.60s\": %s against %s %s",
			             verify_text(finding, "id"), name, verify_real(value).text,
			             verify_real(threshold).text,
			             holds ? "passes, and is said not to"
			                   : "does not pass, and is said to");
	}
}

/* --- directions ------------------------------------------------------------------- */

/* +1: the metric became better, -1: worse, 0: this fact does not tell. */
static int turn_of(const json_t *fact)
{
	const char *statistic = verify_text(fact, "statistic"),
		   *better = verify_text(fact, "better");
	bool ratio = strcmp(statistic, "ratio") == 0 ||
	             strcmp(statistic, "hodges_lehmann_ratio") == 0;
	int up = strcmp(better, "higher") == 0 ? 1 : strcmp(better, "lower") == 0 ? -1 : 0;
	double value;

	if (!ratio && strcmp(statistic, "delta") != 0 && strcmp(statistic, "delta_pct") != 0 &&
	    strcmp(statistic, "hodges_lehmann") != 0)
		return 0;
	if (!verify_number(fact, "value", &value))
		return 0;
	value -= ratio;
	return value > 0 ? up : value < 0 ? -up : 0;
}

static void check_direction(struct verify *v, const json_t *finding)
{
	const char *kind = verify_text(finding, "kind");
	int wanted = strcmp(kind, "regression") == 0    ? -1
	             : strcmp(kind, "improvement") == 0 ? 1
	                                                : 0;
	int turn = turn_of(first_fact(v, finding));

	if (wanted && turn == -wanted)
		verify_wrong(v, "%s: %s, but %s became %s", verify_text(finding, "id"), kind,
		             verify_text(first_fact(v, finding), "id"),
		             turn > 0 ? "better" : "worse");
}

/* The verdict of the whole against the findings that alarm. */
static void check_verdict(struct verify *v)
{
	const char *verdict = verify_text(json_object_get(v->report, "job"), "verdict");
	const json_t *finding;
	size_t i, worse = 0;

	json_array_foreach (json_object_get(v->report, "findings"), i, finding) {
		const char *state = verify_text(finding, "state");

		worse += strcmp(verify_text(finding, "kind"), "regression") == 0 &&
		         strcmp(state, "confirmed") == 0;
	}
	if (worse && (strcmp(verdict, "same") == 0 || strcmp(verdict, "better") == 0))
		verify_wrong(v, "job: verdict %s with %zu confirmed regressions", verdict, worse);
}

/* --- best ------------------------------------------------------------------------- */

/* Columns that the report says tell different work apart: "A1|benchmark". */
static json_t *work_columns(const struct verify *v)
{
	const json_t *configuration = json_object_get(v->report, "configuration");
	json_t *ret = json_object(), *role;
	char column[KEY_BYTES_MAX];
	size_t i;

	json_array_foreach (json_object_get(configuration, "roles"), i, role) {
		int n = snprintf(column, sizeof column, "%s|%s", verify_text(role, "artifact"),
		                 verify_text(role, "column"));

		if (json_is_true(json_object_get(role, "names_work")) &&
		    strcmp(verify_text(role, "role"), "key") == 0 && (size_t)n < sizeof column)
			(void)json_object_set_new(ret, column, json_true());
	}
	return ret;
}

/* "Encode/format=json" as "Encode/format=": a part that is written as an option names no work. */
static size_t put_work(char *ret, size_t size, const char *text)
{
	bool option = false;
	size_t n = 0;

	for (; *text && n + 1 < size; text++) {
		option = option && *text != '/';
		if (!option)
			ret[n++] = *text;
		option |= *text == '=';
	}
	ret[n] = '\0';
	return *text ? size : n;
}

static bool names_work(const json_t *work, const json_t *cell, const char *key)
{
	char column[KEY_BYTES_MAX];
	int n = snprintf(column, sizeof column, "%s|%s", verify_text(cell, "artifact"), key);

	return (size_t)n < sizeof column && json_object_get(work, column);
}

/*
 * What must be equal for two facts to be ranked together: metric, statistic, unit, the table, the
 * names of the columns that tell the configurations apart, and the work that was done.
 */
static bool peers_key(char *ret, size_t size, const json_t *fact, const json_t *work)
{
	const json_t *cell = json_array_get(json_object_get(fact, "cells"), 0);
	const char *key, *pointer = verify_text(cell, "pointer"), *last = strrchr(pointer, '/');
	json_t *value;
	size_t n;

	if (!cell)
		return false;
	n = (size_t)snprintf(ret, size, "%s|%s|%s|%s|%lld|%s|", verify_text(fact, "metric"),
	                     verify_text(fact, "statistic"), verify_text(fact, "unit"),
	                     verify_text(cell, "artifact"), (long long)verify_int(cell, "table"),
	                     last ? last : verify_text(cell, "column"));
	json_object_foreach (json_object_get(fact, "subject"), key, value) {
		if (n < size)
			n += (size_t)snprintf(ret + n, size - n, "%s,", key);
		if (n < size && names_work(work, cell, key))
			n += put_work(ret + n, size - n, json_string_value(value) ?: "");
	}
	return n < size;
}

/* The best value of each set of peers: key -> fact. */
static json_t *find_best(const struct verify *v, const json_t *work)
{
	json_t *best = json_object(), *fact;
	char key[KEY_BYTES_MAX];
	size_t i;

	json_array_foreach (json_object_get(v->report, "facts"), i, fact) {
		const char *better = verify_text(fact, "better");
		const json_t *so_far;
		double value, top;

		if (strcmp(better, "none") == 0 || !verify_number(fact, "value", &value) ||
		    !peers_key(key, sizeof key, fact, work))
			continue;
		so_far = json_object_get(best, key);
		if (!so_far || !verify_number(so_far, "value", &top) ||
		    (strcmp(better, "lower") == 0 ? value < top : value > top))
			(void)json_object_set(best, key, fact);
	}
	return best;
}

static void check_best(struct verify *v, const json_t *finding, const json_t *best,
                       const json_t *work)
{
	const json_t *said = first_fact(v, finding), *found;
	char key[KEY_BYTES_MAX];
	double value, top;

	if (strcmp(verify_text(finding, "kind"), "best") != 0 || !said ||
	    !peers_key(key, sizeof key, said, work))
		return;
	found = json_object_get(best, key);
	if (found && verify_number(said, "value", &value) && verify_number(found, "value", &top) &&
	    value != top)
		verify_wrong(v, "%s: best: %s (%s) expected, %s (%s) found",
		             verify_text(finding, "id"), verify_text(said, "id"),
		             verify_real(value).text, verify_text(found, "id"),
		             verify_real(top).text);
}

void verify_findings(struct verify *v)
{
	json_t *work = work_columns(v), *best = find_best(v, work);
	const json_t *finding;
	size_t i;

	json_array_foreach (json_object_get(v->report, "findings"), i, finding) {
		check_gates(v, finding);
		check_direction(v, finding);
		check_best(v, finding, best, work);
	}
	verify_expected(v);
	verify_required(v);
	check_verdict(v);
	json_decref(best);
	json_decref(work);
}
