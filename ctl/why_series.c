/* SPDX-License-Identifier: MIT */
/*
 * METRIC[@key=value,...] and report.md:LINE:COLUMN.
 */
#include <errno.h>

#include "agents/writer/pointer.h"
#include "ctl/ctl_json.h"
#include "ctl/why_impl.h"
#include "lib/base/str.h"

#define SERIES_MAX 20
#define TEXT_MAX   4096

/* --- what is asked for ----------------------------------------------------------- */

/* Whether the fact's subject has this "key=value". A value may have commas in it. */
static bool has_pair(const json_t *fact, struct str pair)
{
	const char *key;
	json_t *text;

	json_object_foreach (json_object_get(fact, "subject"), key, text) {
		size_t len = strlen(key);
		const char *value = json_string_value(text);

		if (value && pair.len > len && memcmp(pair.at, key, len) == 0 &&
		    pair.at[len] == '=' &&
		    str_is((struct str){pair.at + len + 1, pair.len - len - 1}, value))
			return true;
	}
	return false;
}

/* All of "a=b,c=d": of the ways to cut it at commas, one must fit. */
static bool has_all(const json_t *fact, const char *pairs)
{
	const char *end = pairs + strlen(pairs);

	if (pairs == end)
		return true;
	for (const char *cut = pairs; cut <= end; cut++) {
		if ((*cut == ',' || cut == end) &&
		    has_pair(fact, (struct str){pairs, (size_t)(cut - pairs)}))
			return has_all(fact, *cut ? cut + 1 : cut);
	}
	return false;
}

static bool is_of(const json_t *fact, struct str metric, const char *pairs)
{
	return (str_is(metric, ctl_json_text(fact, "metric")) ||
	        str_is(metric, ctl_json_text(fact, "quantity"))) &&
	       has_all(fact, pairs);
}

/* The present run's value of a series: what noise is told of, or the first fact of its cells. */
static bool is_center(const json_t *fact)
{
	const char *statistic = ctl_json_text(fact, "statistic");
	const char *comma = strchr(ctl_json_text(fact, "label"), ',');

	return json_array_size(json_object_get(fact, "cells")) > 0 && !comma &&
	       (strcmp(statistic, "median") == 0 || strcmp(statistic, "value") == 0);
}

/* --- series ------------------------------------------------------------------------ */

static bool cites(const struct why *w, const json_t *finding, const char *id, const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		const char *name = json_string_value(one);
		const json_t *from = json_object_get(why_by_id(w, name), "from");

		if (name && (strcmp(name, id) == 0 || (finding && cites(w, NULL, id, from))))
			return true;
	}
	return false;
}

static void put_findings(const struct why *w, FILE *to, const char *id)
{
	const json_t *finding;
	bool any = false, change = false;
	size_t i;

	json_array_foreach (json_object_get(w->report, "findings"), i, finding) {
		if (!cites(w, finding, id, json_object_get(finding, "facts")))
			continue;
		any = true;
		change |= json_array_size(json_object_get(finding, "gates")) &&
		          *ctl_json_text(finding, "state");
		(void)fputs("\n", to);
		why_finding(w, to, finding);
	}
	if (change)
		return;
	(void)fputs(any ? "\nNo change was found:\n" : "\nNothing was found:\n", to);
	if (!why_noise(w, to, id))
		(void)fputs("  not tested  it has no earlier run\n", to);
}

int why_series(const struct why *w, FILE *to, const char *what, struct error *err)
{
	const char *at = strchr(what, '@');
	struct str metric = {what, at ? (size_t)(at - what) : strlen(what)};
	const json_t *fact;
	size_t i, n = 0;

	json_array_foreach (json_object_get(w->report, "facts"), i, fact) {
		if (!is_center(fact) || !is_of(fact, metric, at ? at + 1 : ""))
			continue;
		if (n++ >= SERIES_MAX)
			continue;
		(void)fputs(n > 1 ? "\n" : "", to);
		why_fact(w, to, fact);
		put_findings(w, to, ctl_json_text(fact, "id"));
	}
	if (n > SERIES_MAX)
		(void)fprintf(to, "\nand %zu more: name them with @key=value\n", n - SERIES_MAX);
	return n ? 0
	         : error_set(err, -EINVAL,
	                     "%.80s: no fact, finding or series of this report: a metric's name "
	                     "is as the artifact has it, its key=value as in subject",
	                     what);
}

/* --- a place on the page --------------------------------------------------------------- */

static bool holds(const json_t *numeral, json_int_t line, json_int_t column)
{
	json_int_t first = json_integer_value(json_object_get(numeral, "column"));
	const char *text = ctl_json_text(numeral, "text");
	json_int_t len = 0;

	for (; *text; text++)
		len += ((unsigned char)*text & 0xc0) != 0x80;
	return json_integer_value(json_object_get(numeral, "line")) == line && column >= first &&
	       column < first + len;
}

static void put_figure(const struct why *w, FILE *to, const json_t *numeral)
{
	const char *ref = ctl_json_text(numeral, "ref");
	const json_t *value = pointer_get(w->report, ref);

	(void)fputs("figure: ", to);
	why_put(to, ref);
	(void)fputs(" of report.json = ", to);
	if (json_is_array(value))
		(void)fprintf(to, "%zu entries", json_array_size(value));
	else if (json_is_number(value))
		why_number(to, json_number_value(value));
	else
		(void)fputs("no number", to);
	(void)fputc('\n', to);
}

static void put_numeral(const struct why *w, FILE *to, const json_t *numeral)
{
	const char *means = ctl_json_text(numeral, "means"), *ref = ctl_json_text(numeral, "ref");
	const json_t *fact = strcmp(means, "fact") == 0 ? why_by_id(w, ref) : NULL;
	const json_t *scale = json_object_get(numeral, "scale");

	(void)fprintf(to, "report.md:%lld:%lld: \"",
	              (long long)json_integer_value(json_object_get(numeral, "line")),
	              (long long)json_integer_value(json_object_get(numeral, "column")));
	why_put(to, ctl_json_text(numeral, "text"));
	(void)fputs("\", ", to);
	if (*ctl_json_text(numeral, "bound"))
		(void)fprintf(to, "the value is %s it, ",
		              *ctl_json_text(numeral, "bound") == '<' ? "below" : "above");
	if (scale) {
		(void)fputs("times ", to);
		why_number(to, json_number_value(scale));
		(void)fputs(", ", to);
	}
	if (fact) {
		(void)fputs("rounded to the digits printed:\n", to);
		why_fact(w, to, fact);
	} else if (strcmp(means, "figure") == 0) {
		put_figure(w, to, numeral);
	} else {
		why_put(to, means);
		(void)fputs(*ref ? ": " : "", to);
		why_put(to, ref);
		(void)fputc('\n', to);
	}
	if (strcmp(means, "id") == 0 && *ref == 'K' && why_by_id(w, ref))
		why_finding(w, to, why_by_id(w, ref));
	if (strcmp(means, "id") == 0 && *ref == 'F' && why_by_id(w, ref))
		why_fact(w, to, why_by_id(w, ref));
}

int why_place(const struct why *w, FILE *to, const char *what, struct error *err)
{
	char *end, *last;
	long line = strtol(what, &end, 10), column = *end == ':' ? strtol(end + 1, &last, 10) : 0;
	const json_t *numeral, *next = NULL;
	size_t i;

	if (line < 1 || column < 1 || *last)
		return error_set(err, -EINVAL,
		                 "report.md:%.40s: a line and a column, both from 1, are "
		                 "expected",
		                 what);
	json_array_foreach (json_object_get(w->report, "numerals"), i, numeral) {
		json_int_t at = json_integer_value(json_object_get(numeral, "column"));

		if (holds(numeral, line, column)) {
			put_numeral(w, to, numeral);
			return 0;
		}
		if (!next && json_integer_value(json_object_get(numeral, "line")) == line &&
		    at > column)
			next = numeral;
	}
	return next ? error_set(err, -EINVAL,
	                        "report.md:%.40s: no figure stands there; the next of that line is "
	                        "in column %lld",
	                        what,
	                        (long long)json_integer_value(json_object_get(next, "column")))
	            : error_set(err, -EINVAL,
	                        "report.md:%.40s: no figure stands on that line: give another",
	                        what);
}
