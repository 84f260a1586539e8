/* SPDX-License-Identifier: MIT */
/*
 * What the pipeline expects, against what the report says that was measured and that is run: the
 * findings that judge it, those that contradict it, and those that should be there.
 */
#include <stdlib.h>

#include "ctl/verify_impl.h"

#define OPTIONS_KEY "contradiction:expected-options:"
#define UNIT_KEY    "contradiction:expected-unit:"
#define OTHER_KEY   "contradiction:expected-of:"
#define EQUAL       "equal to the expected "

static const json_t *configured(const struct verify *v, const char *key)
{
	return json_object_get(json_object_get(v->report, "configuration"), key);
}

static const json_t *fact_of(const struct verify *v, const json_t *finding, size_t i)
{
	const char *id = json_string_value(json_array_get(json_object_get(finding, "facts"), i));

	return id ? verify_by_id(v, 'F', id) : NULL;
}

/* The expectation that a finding says it is about; NULL: it says none, or one that is not there. */
static const json_t *expectation_of(const struct verify *v, const json_t *finding)
{
	json_int_t i = verify_int(finding, "expectation");

	return i >= 0 ? json_array_get(configured(v, "expect"), (size_t)i) : NULL;
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* --- figures --------------------------------------------------------------------------------- */

/* %; not finite where there is something and nothing was expected. */
static double deviation_of(const json_t *expected, double measured)
{
	double value = verify_number_of(json_object_get(expected, "value")), off = measured - value;

	return fabs(off) > 0 ? 100 * off / fabs(value) : off;
}

/* What `configuration` expects of the metric, and tolerates, gives this gate for this value. */
static bool is_expected(const json_t *expected, double measured, const json_t *gate)
{
	double tolerance, deviation = 0, threshold = 0, off = deviation_of(expected, measured);
	bool finite = verify_number(gate, "value", &deviation);

	if (!verify_number(expected, "tolerance_pct", &tolerance) ||
	    !verify_number(gate, "threshold", &threshold) ||
	    !verify_close(tolerance, threshold, 1e-12) || isnan(off))
		return false;
	return finite ? verify_close(off, deviation, 1e-9) : !isfinite(off);
}

static bool is_number(const char *text, double *ret)
{
	char *end;

	*ret = strtod(text, &end);
	return *text && !*end && isfinite(*ret) && !text[strspn(text, "0123456789.eE+-")];
}

static bool same_text(const char *a, const char *b)
{
	double x, y;

	return strcmp(a, b) == 0 || (is_number(a, &x) && is_number(b, &y) && !(x < y) && !(x > y));
}

static bool is_meant(const json_t *expected, const json_t *fact)
{
	const json_t *subject = json_object_get(fact, "subject");
	const char *key;
	json_t *text;

	json_object_foreach (json_object_get(expected, "subject"), key, text) {
		const char *has = json_string_value(json_object_get(subject, key));

		if (!has || !same_text(has, json_string_value(text)))
			return false;
	}
	return true;
}

/* --- met and missed -------------------------------------------------------------------------- */

static bool is_of_some(const struct verify *v, const json_t *finding, const json_t *fact,
                       const json_t *gate)
{
	double measured = verify_number_of(json_object_get(fact, "value"));
	const json_t *said = expectation_of(v, finding), *expected;
	size_t i;

	if (json_object_get(finding, "expectation"))
		return said && is_expected(said, measured, gate) && is_meant(said, fact);
	json_array_foreach (configured(v, "expect"), i, expected) {
		if (is_expected(expected, measured, gate))
			return true;
	}
	return false;
}

/* What is called its rank is one, and that of the fact that is judged. */
static void check_rank(struct verify *v, const json_t *finding, const json_t *fact)
{
	const char *rank = verify_text(finding, "rank");
	const json_t *ranked = *rank ? verify_by_id(v, 'F', rank) : NULL;
	const char *of = json_string_value(json_array_get(json_object_get(ranked, "from"), 0));

	if (*rank && (strcmp(verify_text(ranked, "statistic"), "rank") != 0 || !of ||
	              strcmp(of, verify_text(fact, "id")) != 0))
		verify_wrong(v, "%s: %s is no rank of %s", verify_text(finding, "id"), rank,
		             verify_text(fact, "id"));
}

static void check_judged(struct verify *v, const json_t *finding)
{
	const char *kind = verify_text(finding, "kind"), *id = verify_text(finding, "id");
	bool met = strcmp(kind, "expectation_met") == 0;
	const json_t *gate = json_array_get(json_object_get(finding, "gates"), 0);
	const json_t *fact = fact_of(v, finding, 0);

	if (!met && strcmp(kind, "expectation_missed") != 0)
		return;
	if (json_is_true(json_object_get(gate, "passed")) != met)
		verify_wrong(v, "%s: %s, but its gate says otherwise", id, kind);
	if (isnan(verify_number_of(json_object_get(fact, "value"))))
		verify_wrong(v, "%s: %s of nothing that was measured", id, kind);
	else
		check_rank(v, finding, fact);
	if (fact && !is_of_some(v, finding, fact, gate))
		verify_wrong(v, "%s: %s, which no expectation of the pipeline gives", id, kind);
}

/* --- options --------------------------------------------------------------------------------- */

/* The party whose name ends the key, "" being the pipeline itself. */
static const json_t *party_of(const struct verify *v, const char *key)
{
	const char *slash = strrchr(key, '/');
	const json_t *party;
	size_t i;

	json_array_foreach (configured(v, "options"), i, party) {
		if (slash && strcmp(verify_text(party, "agent"), slash + 1) == 0)
			return party;
	}
	return NULL;
}

static bool is_true_gate(const json_t *expected, const json_t *party, const json_t *gate)
{
	const char *name = verify_text(gate, "name");
	const char *option = name + strlen(EQUAL);
	double run = verify_number_of(json_object_get(json_object_get(party, "options"), option));
	double claimed, value, threshold;

	return is_number(verify_text(json_object_get(expected, "subject"), option), &claimed) &&
	       verify_number(gate, "value", &value) &&
	       verify_number(gate, "threshold", &threshold) && verify_close(run, value, 1e-12) &&
	       verify_close(claimed, threshold, 1e-12);
}

static void check_options(struct verify *v, const json_t *finding, const json_t *expected)
{
	const json_t *party = party_of(v, verify_text(finding, "key")), *gate;
	const char *id = verify_text(finding, "id");
	size_t i, differ = 0;

	if (!party) {
		verify_wrong(v, "%s: no options of whom it is about", id);
		return;
	}
	json_array_foreach (json_object_get(finding, "gates"), i, gate) {
		if (!starts(verify_text(gate, "name"), EQUAL) ||
		    !is_true_gate(expected, party, gate))
			verify_wrong(v, "%s: gate \"%.60s\" is not of what is expected and run", id,
			             verify_text(gate, "name"));
		differ += json_is_false(json_object_get(gate, "passed"));
	}
	if (!differ)
		verify_wrong(v, "%s: a contradiction of options that are the same", id);
}

/* Some option that the expectation names is another one of this party. */
static bool contradicts(const json_t *expected, const json_t *party)
{
	const json_t *options = json_object_get(party, "options");
	const char *key;
	json_t *text;

	json_object_foreach (json_object_get(expected, "subject"), key, text) {
		double claimed, run = verify_number_of(json_object_get(options, key));

		if (!isnan(run) && is_number(json_string_value(text), &claimed) &&
		    (run < claimed || run > claimed))
			return true;
	}
	return false;
}

static bool is_told_of(const struct verify *v, const json_t *expected, const json_t *party)
{
	const json_t *finding;
	size_t i;

	json_array_foreach (json_object_get(v->report, "findings"), i, finding) {
		const json_t *told = expectation_of(v, finding);

		if (told && starts(verify_text(finding, "key"), OPTIONS_KEY) &&
		    party_of(v, verify_text(finding, "key")) == party &&
		    json_equal(json_object_get(told, "subject"),
		               json_object_get(expected, "subject")))
			return true;
	}
	return false;
}

/* --- another unit, another configuration -------------------------------------------------------
 */

static void check_unit(struct verify *v, const json_t *finding, const json_t *expected)
{
	const json_t *fact = fact_of(v, finding, 0);

	if (strcmp(verify_text(fact, "metric"), verify_text(expected, "metric")) != 0 ||
	    strcmp(verify_text(fact, "unit"), verify_text(expected, "unit")) == 0)
		verify_wrong(v, "%s: no metric of that name in another unit",
		             verify_text(finding, "id"));
}

static void check_other(struct verify *v, const json_t *finding, const json_t *expected)
{
	const json_t *claimed = fact_of(v, finding, 0), *other = fact_of(v, finding, 1);
	const json_t *gate = json_array_get(json_object_get(finding, "gates"), 0);
	double tolerance = verify_number_of(json_object_get(expected, "tolerance_pct"));
	double missed = verify_number_of(json_object_get(claimed, "value"));
	double found = verify_number_of(json_object_get(other, "value"));

	if (!is_meant(expected, claimed) || is_meant(expected, other))
		verify_wrong(v, "%s: not of the configuration that is expected, and another one",
		             verify_text(finding, "id"));
	if (fabs(deviation_of(expected, missed)) <= tolerance ||
	    !is_expected(expected, found, gate) || !json_is_true(json_object_get(gate, "passed")))
		verify_wrong(v, "%s: not what the other configuration measured instead",
		             verify_text(finding, "id"));
}

static void check_contradiction(struct verify *v, const json_t *finding)
{
	const json_t *expected = expectation_of(v, finding);
	const char *key = verify_text(finding, "key");
	bool options = starts(key, OPTIONS_KEY), unit = starts(key, UNIT_KEY);
	bool other = starts(key, OTHER_KEY);

	if (strcmp(verify_text(finding, "kind"), "contradiction") != 0 ||
	    (!options && !unit && !other))
		return;
	if (!expected)
		verify_wrong(v, "%s: contradicts no expectation", verify_text(finding, "id"));
	else if (options)
		check_options(v, finding, expected);
	else if (unit)
		check_unit(v, finding, expected);
	else
		check_other(v, finding, expected);
}

/* --- what should be there ----------------------------------------------------------------------
 */

static bool is_judged(const struct verify *v, size_t number)
{
	const json_t *finding;
	size_t i;

	json_array_foreach (json_object_get(v->report, "findings"), i, finding) {
		if (starts(verify_text(finding, "kind"), "expectation_") &&
		    verify_int(finding, "expectation") == (json_int_t)number)
			return true;
	}
	return false;
}

static void check_untold(struct verify *v, const json_t *expected, size_t number)
{
	const char *outcome = verify_text(expected, "outcome");
	const json_t *party;
	size_t i;

	if (!*outcome)
		return; /* written by a program that did not tell */
	if ((strcmp(outcome, "measured") == 0) != is_judged(v, number))
		verify_wrong(v, "configuration: expectation %zu: outcome %.20s, but it %s", number,
		             outcome, is_judged(v, number) ? "is judged" : "is not judged");
	json_array_foreach (configured(v, "options"), i, party) {
		if (contradicts(expected, party) && !is_told_of(v, expected, party))
			verify_wrong(v,
			             "findings: expectation %zu is of other options than those "
			             "that run, and nothing says so",
			             number);
	}
}

void verify_expected(struct verify *v)
{
	const json_t *o;
	size_t i;

	json_array_foreach (json_object_get(v->report, "findings"), i, o) {
		check_judged(v, o);
		check_contradiction(v, o);
	}
	json_array_foreach (configured(v, "expect"), i, o)
		check_untold(v, o, i);
}
