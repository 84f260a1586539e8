/* SPDX-License-Identifier: MIT */
/*
 * Every fact again from its cells, or from the facts that it stands on.
 */
#include <errno.h>
#include <stdio.h>

#include "ctl/verify_impl.h"

#define RELATIVE   1e-9
#define RELATIVE_P 1e-6
#define FROM_MAX   4096

#define SAMPLES_ALWAYS 1000 /* numbers of a fact; the lists of more may be left out */

static int statistic_of(const char *name)
{
	enum statistic s;

	return statistic_named(&s, name) ? (int)s : -1;
}

static double tolerance_of(int statistic)
{
	bool p = statistic == STAT_MANN_WHITNEY_P || statistic == STAT_SIGN_P ||
	         statistic == STAT_MANN_KENDALL_P || statistic == STAT_MODERATED_T_P;

	return p ? RELATIVE_P : RELATIVE;
}

static void compare(struct verify *v, const char *id, const char *what, double stated, double found,
                    double relative)
{
	if (isnan(found) || !verify_close(stated, found, relative))
		verify_wrong(v, "%s: %s: %s expected, %s found", id, what, verify_real(stated).text,
		             verify_real(found).text);
}

/* --- from cells ---------------------------------------------------------------- */

static int collect(struct verify *v, const json_t *fact, struct verify_cells *c)
{
	const json_t *locator;
	size_t i;

	json_array_foreach (json_object_get(fact, "cells"), i, locator) {
		if (c->bad[0])
			break;
		if (verify_cells_add(v, locator, c) < 0)
			return -ENOMEM;
	}
	return 0;
}

static void check_samples(struct verify *v, const char *id, const struct verify_cells *c,
                          bool counted)
{
	const json_t *list = json_object_get(v->samples, id);

	if (!list && (counted || !v->samples || c->n > SAMPLES_ALWAYS))
		return;
	if (json_array_size(list) != c->n) {
		verify_wrong(v, "%s: samples.json: %zu numbers expected, %zu cells found", id,
		             json_array_size(list), c->n);
		return;
	}
	for (size_t i = 0; i < c->n; i++) {
		const json_t *number = json_array_get(list, i);
		double stated = verify_number_of(number);

		if (!verify_close(stated, c->at[i], RELATIVE)) {
			verify_wrong(v, "%s: samples.json: number %zu: %s expected, %s found", id,
			             i + 1, verify_real(stated).text, verify_real(c->at[i]).text);
			return; /* one line says it: a shifted list would fill the screen */
		}
	}
}

/* Cells without a number can be counted, not averaged. */
static void check_numbers(const char *id, struct verify *v, const struct verify_cells *c)
{
	for (size_t i = 0; i < c->n; i++) {
		if (isnan(c->at[i])) {
			verify_wrong(v, "%s: cell %zu of %zu holds no number", id, i + 1, c->n);
			return;
		}
	}
}

static void check_unit(struct verify *v, const json_t *fact, const struct verify_cells *c)
{
	const char *unit = verify_text(fact, "unit"), *fault = verify_unit_fault(c, unit);

	if (fault)
		verify_wrong(v, "%s: unit: \"%.30s\" expected, %s", verify_text(fact, "id"), unit,
		             fault);
}

/* In *k, unless it holds just those cells already. */
static int keep_cells(struct verify *v, const json_t *fact, struct verify_kept *k, bool counted)
{
	const json_t *locators = json_object_get(fact, "cells");

	if (k->locators && json_equal(k->locators, locators))
		return 0;
	verify_kept_done(k);
	k->cells.counted = counted;
	if (collect(v, fact, &k->cells) < 0)
		return -ENOMEM;
	k->sorted = calloc(k->cells.n + 1, sizeof *k->sorted);
	if (!k->sorted)
		return -ENOMEM;
	if (k->cells.n)
		memcpy(k->sorted, k->cells.at, k->cells.n * sizeof *k->sorted);
	if (!counted)
		verify_sort(k->sorted, k->cells.n);
	k->locators = locators;
	return 0;
}

/* What an earlier review measured must be the same thing. */
static void check_reviews(struct verify *v, const json_t *fact)
{
	static const char *const same[] = {"metric", "unit", "better", "subject"};
	const json_t *locator, *earlier;
	size_t i;

	json_array_foreach (json_object_get(fact, "cells"), i, locator) {
		earlier = verify_review_fact(v, locator);
		for (size_t k = 0; earlier && k < ARRAY_LEN(same); k++) {
			if (json_equal(json_object_get(fact, same[k]),
			               json_object_get(earlier, same[k])))
				continue;
			verify_wrong(v, "%s: %s of review %.40s has another %s",
			             verify_text(fact, "id"), verify_text(locator, "fact"),
			             verify_text(locator, "review"), same[k]);
			return;
		}
	}
}

/* The cells are not there: what is left of them is what the report says they held. */
static void check_from_samples(struct verify *v, const json_t *fact, int statistic, double value)
{
	const json_t *list = json_object_get(v->samples, verify_text(fact, "id")), *one;
	size_t n = json_array_size(list), i;
	CLEANUP(freep) double *numbers = n ? calloc(n, sizeof *numbers) : NULL;

	if (!numbers || statistic == STAT_COUNT) {
		v->result->not_recomputed++;
		return;
	}
	json_array_foreach (list, i, one)
		numbers[i] = verify_number_of(one);
	verify_sort(numbers, n);
	if (verify_int(fact, "n") != (json_int_t)n)
		verify_wrong(v, "%s: n: %lld expected, %zu samples found", verify_text(fact, "id"),
		             (long long)verify_int(fact, "n"), n);
	compare(v, verify_text(fact, "id"), statistic_name((enum statistic)statistic), value,
	        verify_statistic((enum statistic)statistic, numbers, n), RELATIVE);
	v->result->from_samples++;
}

/* A file that is gone takes all of its facts along: the first is told, the others are counted. */
static void tell_bad(struct verify *v, const char *id, const struct verify_cells *c)
{
	if (c->gone && c->gone->lost++)
		v->result->wrong++;
	else
		verify_wrong(v, "%s: %s", id, c->bad);
}

static void tell_lost(struct verify *v)
{
	for (size_t i = 0; i < v->n_artifacts; i++) {
		const struct verify_artifact *a = &v->artifacts[i];

		if (a->lost > 1)
			verify_wrong(v, "%s: not there, and neither are the cells of %lu facts",
			             verify_text(a->stated, "id"), a->lost);
	}
}

static int check_from_cells(struct verify *v, const json_t *fact, int statistic, double value)
{
	bool counted = statistic == STAT_COUNT;
	struct verify_kept *k = &v->kept[counted];
	const struct verify_cells *c = &k->cells;
	const char *id = verify_text(fact, "id");

	if (keep_cells(v, fact, k, counted) < 0)
		return -ENOMEM;
	if (c->bad[0]) {
		if (c->absent)
			check_from_samples(v, fact, statistic, value);
		else
			tell_bad(v, id, c);
		return 0;
	}
	if (verify_int(fact, "n") != (json_int_t)c->n)
		verify_wrong(v, "%s: n: %lld expected, %zu cells found", id,
		             (long long)verify_int(fact, "n"), c->n);
	check_samples(v, id, c, counted);
	check_reviews(v, fact);
	if (!counted)
		check_numbers(id, v, c);
	if (statistic != STAT_CV)
		check_unit(v, fact, c);
	compare(v, id, statistic_name((enum statistic)statistic), value,
	        verify_statistic((enum statistic)statistic, k->sorted, c->n), RELATIVE);
	return 0;
}

/* --- from facts ----------------------------------------------------------------- */

/* The stated values: each of them is checked in its own turn. */
static size_t values_of(const struct verify *v, const json_t *from, double *values)
{
	size_t n = json_array_size(from);

	n = n < FROM_MAX ? n : FROM_MAX;
	for (size_t i = 0; i < n; i++) {
		const json_t *id = json_array_get(from, i);
		const json_t *fact = verify_by_id(v, 'F',
		                                  json_is_string(id) ? json_string_value(id) : "");

		if (!verify_number(fact, "value", &values[i]))
			values[i] = NO_NUMBER;
	}
	return n;
}

static double rank_of(const double *values, size_t n, const char *better)
{
	double rank = 1;

	for (size_t i = 1; i < n; i++)
		rank += strcmp(better, "lower") == 0 ? values[i] < values[0]
		                                     : values[i] > values[0];
	return rank;
}

/* In %, from the median of the ratios' logarithms, each turned so that better is up. */
static double common_shift(const struct verify *v, const json_t *from, double *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *id = json_string_value(json_array_get(from, i));
		const json_t *fact = verify_by_id(v, 'F', id ? id : "");

		if (!(values[i] > 0))
			return NO_NUMBER;
		values[i] = log(values[i]);
		if (strcmp(verify_text(fact, "better"), "lower") == 0)
			values[i] = -values[i];
	}
	verify_sort(values, n);
	return 100 * (exp(verify_statistic(STAT_MEDIAN, values, n)) - 1);
}

static int two_samples(struct verify *v, const json_t *fact, int statistic, double *ret,
                       bool *known)
{
	CLEANUP(verify_cells_done) struct verify_cells x = {0};
	CLEANUP(verify_cells_done) struct verify_cells y = {0};
	const json_t *from = json_object_get(fact, "from");
	struct verify_cells *sides[] = {&x, &y};
	int r = 0;

	*known = json_array_size(from) == 2;
	for (size_t i = 0; i < 2 && r == 0 && *known; i++) {
		const char *id = json_string_value(json_array_get(from, i));
		const json_t *side = verify_by_id(v, 'F', id ? id : "");

		r = collect(v, side, sides[i]);
		*known = r == 0 && !sides[i]->bad[0] && sides[i]->n > 0;
	}
	if (*known)
		*ret = verify_two_samples((enum statistic)statistic, x.at, x.n, y.at, y.n, known);
	return r;
}

/* NO_NUMBER with *known: it cannot be computed from these values, whatever the report says. */
static int from_facts(struct verify *v, const json_t *fact, int statistic, double *ret, bool *known)
{
	CLEANUP(freep) double *values = calloc(FROM_MAX, sizeof *values);
	size_t n = values ? values_of(v, json_object_get(fact, "from"), values) : 0;

	if (!values)
		return -ENOMEM;
	*known = true;
	*ret = NO_NUMBER;
	if (verify_statistic_of_cells((enum statistic)statistic)) {
		verify_sort(values, n);
		*ret = verify_statistic((enum statistic)statistic, values, n);
	} else if (statistic == STAT_RANK)
		*ret = rank_of(values, n, verify_text(fact, "better"));
	else if (statistic == STAT_COMMON_SHIFT)
		*ret = common_shift(v, json_object_get(fact, "from"), values, n);
	else if (verify_statistic_of_ratios((enum statistic)statistic))
		*ret = verify_ratios((enum statistic)statistic, values, n);
	else if (statistic > STAT_RANK)
		return two_samples(v, fact, statistic, ret, known);
	else if (n == 2)
		*ret = statistic == STAT_DELTA ? values[0] - values[1]
		       : statistic == STAT_DELTA_PCT
		               ? 100 * (values[0] - values[1]) / fabs(values[1])
		               : values[0] / values[1];
	return 0;
}

static int check_from_facts(struct verify *v, const json_t *fact, int statistic, double value)
{
	const char *id = verify_text(fact, "id");
	const json_t *from = json_object_get(fact, "from"), *one;
	double found;
	bool known;
	size_t i;
	int r = from_facts(v, fact, statistic, &found, &known);

	json_array_foreach (from, i, one) {
		if (json_is_string(one) && strcmp(json_string_value(one), id) == 0)
			verify_wrong(v, "%s: stands on itself", id);
	}
	if (r == 0 && known)
		compare(v, id, statistic_name((enum statistic)statistic), value, found,
		        tolerance_of(statistic));
	else if (r == 0)
		v->result->not_recomputed++;
	return r;
}

/* --- one fact -------------------------------------------------------------------- */

static int check_fact(struct verify *v, const json_t *fact)
{
	const char *id = verify_text(fact, "id"), *name = verify_text(fact, "statistic");
	bool cells = json_array_size(json_object_get(fact, "cells")) > 0;
	int statistic = statistic_of(name);
	double value;

	if (statistic < 0) {
		verify_wrong(v, "%s: statistic \"%.30s\" is unknown", id, name);
		return 0;
	}
	if (!verify_number(fact, "value", &value)) {
		verify_wrong(v, "%s: value is no number", id);
		return 0;
	}
	if (json_array_size(json_object_get(fact, "from")) > 0)
		return check_from_facts(v, fact, statistic, value);
	if (cells && verify_statistic_of_cells((enum statistic)statistic)) {
		verify_subject(v, fact);
		return check_from_cells(v, fact, statistic, value);
	}
	if (statistic == STAT_COUNT && value == 0)
		return 0; /* none of them: there is no cell to name */
	verify_wrong(v, "%s: %s stands on no cell and on no fact", id, name);
	return 0;
}

int verify_facts(struct verify *v, struct error *err)
{
	const json_t *fact, *samples;
	const char *id;
	size_t i;

	json_array_foreach (json_object_get(v->report, "facts"), i, fact) {
		if (check_fact(v, fact) < 0)
			return error_set(err, -ENOMEM, "out of memory");
	}
	tell_lost(v);
	json_object_foreach (v->samples, id, samples) {
		if (!verify_by_id(v, 'F', id))
			verify_wrong(v, "samples.json: \"%.20s\" is no fact of the report", id);
	}
	return 0;
}
