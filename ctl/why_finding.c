/* SPDX-License-Identifier: MIT */
/*
 * A finding: its gates, and what would have flipped it; also where nothing was found.
 */
#include <math.h>

#include "agents/analyst/suite.h"
#include "ctl/ctl_json.h"
#include "ctl/gate.h"
#include "ctl/summary.h"
#include "ctl/why_impl.h"

/* --- gates ------------------------------------------------------------------------ */

static void put_side(FILE *to, enum gate_sense sense, bool passed, double threshold)
{
	static const char *const beyond[][2] = {
		[GATE_AT_LEAST] = {"would pass at ", "would not pass below "},
		[GATE_AT_MOST] = {"would pass at ", "would not pass above "},
		[GATE_WITHIN] = {"would pass within ", "would not pass beyond "},
		[GATE_EQUAL] = {"would pass at ", "would pass at nothing but "},
	};
	static const char *const tail[] = {[GATE_AT_LEAST] = " or more",
	                                   [GATE_AT_MOST] = " or less",
	                                   [GATE_WITHIN] = "",
	                                   [GATE_EQUAL] = ""};

	(void)fputs(beyond[sense][passed], to);
	why_number(to, threshold);
	(void)fputs(passed ? "" : tail[sense], to);
}

void why_gate(FILE *to, const char *name, double value, double threshold, bool passed)
{
	(void)fputs(passed ? "  passed      " : "  not passed  ", to);
	why_put(to, name);
	(void)fputs(": ", to);
	if (isfinite(value))
		why_number(to, value);
	else
		(void)fputs("not known", to);
	if (isfinite(threshold)) {
		(void)fputs(" against ", to);
		why_number(to, threshold);
		(void)fputs("; it ", to);
		put_side(to, gate_sense_of(name), passed, fabs(threshold));
	}
	(void)fputc('\n', to);
}

static double number_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void put_gates(FILE *to, const json_t *finding)
{
	const json_t *gates = json_object_get(finding, "gates"), *gate;
	size_t i, passed = 0;

	if (json_array_size(gates))
		(void)fputs("\nGates:\n", to);
	json_array_foreach (gates, i, gate) {
		bool good = json_is_true(json_object_get(gate, "passed"));

		passed += good;
		why_gate(to, ctl_json_text(gate, "name"), number_of(gate, "value"),
		         number_of(gate, "threshold"), good);
	}
	if (i && passed == i)
		(void)fputs("All of them passed: any one that had not would have made it another "
		            "finding, or none.\n",
		            to);
	else if (i)
		(void)fprintf(to,
		              "%zu of %zu passed: what it is called follows from those that "
		              "did not.\n",
		              passed, i);
}

/* --- the finding --------------------------------------------------------------------- */

static void put_member(FILE *to, const json_t *finding, const char *key)
{
	const char *text = ctl_json_text(finding, key);

	if (!*text)
		return;
	(void)fprintf(to, "%-9s", key);
	why_put(to, text);
	(void)fputc('\n', to);
}

static void put_measure(FILE *to, const json_t *finding, const char *key)
{
	double value = number_of(finding, key);

	if (!isfinite(value))
		return;
	(void)fprintf(to, "%-9s", key);
	why_number(to, value);
	(void)fputc('\n', to);
}

void why_finding(const struct why *w, FILE *to, const json_t *finding)
{
	static const char *const members[] = {"kind",  "severity", "verdict",
	                                      "state", "since",    "key"};
	CLEANUP(freep)
	char *sentence = summary_sentence(w->report, json_object_get(finding, "text"));
	const json_t *id;
	size_t i;

	why_put(to, ctl_json_text(finding, "id"));
	(void)fputs("  ", to);
	why_put(to, sentence ? sentence : "");
	(void)fputs("\n\n", to);
	for (i = 0; i < ARRAY_LEN(members); i++)
		put_member(to, finding, members[i]);
	put_measure(to, finding, "effect");
	put_measure(to, finding, "p");
	if (isfinite(number_of(finding, "p_adjusted"))) {
		(void)fputs("p adj.   ", to);
		why_number(to, number_of(finding, "p_adjusted"));
		(void)fputc('\n', to);
	}
	put_gates(to, finding);
	if (json_array_size(json_object_get(finding, "facts")))
		(void)fputs("\nStands on:\n", to);
	json_array_foreach (json_object_get(finding, "facts"), i, id) {
		const json_t *fact = why_by_id(w, json_string_value(id));

		if (fact)
			why_fact(w, to, fact);
	}
	json_array_foreach (json_object_get(finding, "artifacts"), i, id) {
		const json_t *artifact = why_by_id(w, json_string_value(id));

		(void)fputs(i ? ", " : "\nOf: ", to);
		why_put(to, ctl_json_text(artifact, "id"));
		(void)fputc(' ', to);
		why_put(to, ctl_json_text(artifact, "path"));
	}
	(void)fputs(i ? "\n" : "", to);
}

/* --- where nothing was found ----------------------------------------------------------- */

static const json_t *noise_of(const struct why *w, const char *fact)
{
	const json_t *list = json_object_get(json_object_get(w->report, "configuration"), "noise");
	const json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		if (strcmp(ctl_json_text(one, "fact"), fact) == 0)
			return one;
	}
	return NULL;
}

/* The fact that says how far the present run is from the earlier ones; NULL: there was no room. */
static const json_t *difference_of(const struct why *w, const char *fact)
{
	const json_t *one;
	size_t i;

	json_array_foreach (json_object_get(w->report, "facts"), i, one) {
		const char *from = json_string_value(
			json_array_get(json_object_get(one, "from"), 0));

		if (strcmp(ctl_json_text(one, "statistic"), "delta_pct") == 0 && from &&
		    strcmp(from, fact) == 0)
			return one;
	}
	return NULL;
}

bool why_noise(const struct why *w, FILE *to, const char *fact)
{
	const json_t *noise = noise_of(w, fact), *delta = difference_of(w, fact);
	const json_t *configuration = json_object_get(w->report, "configuration");
	double earlier = number_of(noise, "earlier_runs"), limit = number_of(noise, "limit_pct");
	double distance = number_of(noise, "distance_pct"),
	       noticed = number_of(noise, "noticed_pct");
	double least = number_of(configuration, "min_effect_pct");
	double effect = fabs(number_of(delta, "value"));

	if (!noise)
		return false;
	why_gate(to, "earlier runs", earlier, SUITE_RUNS, earlier >= SUITE_RUNS);
	if (isfinite(distance))
		why_gate(to, "distance from the median of the earlier runs, %", distance, limit,
		         distance > limit);
	else
		(void)fputs("  not tested  nothing tells its noise: too few runs of it, and of its "
		            "like\n",
		            to);
	if (isfinite(effect) && isfinite(least))
		why_gate(to, "effect, %", effect, least, effect > least);
	why_gate(to, "runs in a row on this side", number_of(noise, "streak"), SUITE_STAYED,
	         number_of(noise, "streak") >= SUITE_STAYED);
	if (isfinite(noticed)) {
		(void)fputs("  A change of ", to);
		why_number(to, noticed);
		(void)fputs(" % would have been noticed four times out of five.\n", to);
	}
	return true;
}
