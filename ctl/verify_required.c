/* SPDX-License-Identifier: MIT */
/*
 * What the pipeline requires against what was measured: by the times that the report says of each
 * table, and by the paths of the artifacts that were compared.
 */
#include <fnmatch.h>

#include "ctl/verify_impl.h"
#include "lib/base/clock.h"

#define HOUR_S 3600.0

static const json_t *configured(const struct verify *v, const char *key)
{
	return json_object_get(json_object_get(v->report, "configuration"), key);
}

/* The pattern that a finding is about; NULL: it is none of these. */
static const char *pattern_of(const json_t *finding)
{
	const char *key = verify_text(finding, "key");

	return strncmp(key, FINDING_KEY_REQUIRED, strlen(FINDING_KEY_REQUIRED)) == 0 &&
	                       strcmp(verify_text(finding, "kind"), "gap") == 0
	               ? key + strlen(FINDING_KEY_REQUIRED)
	               : NULL;
}

static bool time_of(const json_t *object, const char *key, int64_t *ret)
{
	return clock_parse(str_of(verify_text(object, key)), ret);
}

static double submitted(const struct verify *v)
{
	int64_t s = 0;

	return time_of(json_object_get(v->report, "job"), "submitted_at", &s) ? (double)s
	                                                                      : NO_NUMBER;
}

/* Whether a table of this artifact was measured then, by what the report says of it. */
static bool was_measured(const struct verify *v, const char *artifact, double s)
{
	const json_t *t;
	size_t i;

	json_array_foreach (configured(v, "times"), i, t) {
		int64_t first, last;

		if (strcmp(verify_text(t, "artifact"), artifact) == 0 &&
		    time_of(t, "first", &first) && time_of(t, "last", &last) &&
		    s >= (double)first - 1 && s <= (double)last + 1)
			return true;
	}
	return false;
}

/* The latest time of its tables; NO_NUMBER: none is told. */
static double newest_of(const struct verify *v, const char *artifact)
{
	double newest = NO_NUMBER;
	const json_t *t;
	size_t i;

	json_array_foreach (configured(v, "times"), i, t) {
		int64_t last;

		if (strcmp(verify_text(t, "artifact"), artifact) == 0 &&
		    time_of(t, "last", &last) && !(newest >= (double)last))
			newest = (double)last;
	}
	return newest;
}

/* --- a finding that is there --------------------------------------------------------- */

static const json_t *requirement_of(const struct verify *v, const char *pattern)
{
	const json_t *r;
	size_t i;

	json_array_foreach (configured(v, "require"), i, r) {
		if (strcmp(verify_text(r, "series"), pattern) == 0)
			return r;
	}
	return NULL;
}

static void check_age(struct verify *v, const json_t *finding, const json_t *requirement)
{
	const json_t *gate = json_array_get(json_object_get(finding, "gates"), 0);
	const char *artifact = json_string_value(
		json_array_get(json_object_get(finding, "artifacts"), 0));
	double age, threshold, max_age_s;

	if (!verify_number(gate, "value", &age) || !verify_number(gate, "threshold", &threshold) ||
	    !verify_number(requirement, "max_age_s", &max_age_s) ||
	    !verify_close(threshold * HOUR_S, max_age_s, 1e-9) || !(age > threshold))
		verify_wrong(v, "%s: not older than what the pipeline requires",
		             verify_text(finding, "id"));
	else if (artifact && !was_measured(v, artifact, submitted(v) - age * HOUR_S))
		verify_wrong(v, "%s: no table of %.20s is %s h old", verify_text(finding, "id"),
		             artifact, verify_real(age).text);
}

/* The path of a compared artifact that the pattern means as it stands; NULL: none. */
static const json_t *compared_as(const struct verify *v, const char *pattern, size_t *at)
{
	const json_t *groups = configured(v, "groups");

	while (*at < json_array_size(groups)) {
		const char *id = verify_text(json_array_get(groups, (*at)++), "artifact");
		const json_t *artifact = verify_by_id(v, 'A', id);

		if (artifact && fnmatch(pattern, verify_text(artifact, "path"), 0) == 0)
			return artifact;
	}
	return NULL;
}

static void check_there(struct verify *v, const json_t *finding, const char *pattern)
{
	const json_t *requirement = requirement_of(v, pattern), *artifact;
	size_t at = 0;

	if (!requirement) {
		verify_wrong(v, "%s: the pipeline does not require \"%.100s\"",
		             verify_text(finding, "id"), pattern);
		return;
	}
	if (json_array_size(json_object_get(finding, "gates"))) {
		check_age(v, finding, requirement);
		return;
	}
	artifact = compared_as(v, pattern, &at);
	if (artifact)
		verify_wrong(v, "%s: \"%.100s\" is said to be absent, and %s is there",
		             verify_text(finding, "id"), pattern, verify_text(artifact, "id"));
}

/* --- a finding that should be -------------------------------------------------------- */

static bool is_told(const struct verify *v, const char *pattern)
{
	const json_t *f;
	size_t i;

	json_array_foreach (json_object_get(v->report, "findings"), i, f) {
		const char *told = pattern_of(f);

		if (told && strcmp(told, pattern) == 0)
			return true;
	}
	return false;
}

static void check_untold(struct verify *v, const json_t *requirement)
{
	const char *pattern = verify_text(requirement, "series");
	const json_t *artifact;
	double max_age_s;
	size_t at = 0;

	if (is_told(v, pattern))
		return;
	if (json_array_size(configured(v, "groups")) == 0)
		verify_wrong(v, "findings: nothing was measured, and \"%.100s\" is required",
		             pattern);
	if (!verify_number(requirement, "max_age_s", &max_age_s))
		return;
	while ((artifact = compared_as(v, pattern, &at))) {
		double newest = newest_of(v, verify_text(artifact, "id"));

		if (submitted(v) - newest > max_age_s)
			verify_wrong(v, "findings: %s is older than \"%.100s\" may be",
			             verify_text(artifact, "id"), pattern);
	}
}

void verify_required(struct verify *v)
{
	const json_t *o;
	size_t i;

	json_array_foreach (json_object_get(v->report, "findings"), i, o) {
		const char *pattern = pattern_of(o);

		if (pattern)
			check_there(v, o, pattern);
	}
	json_array_foreach (configured(v, "require"), i, o)
		check_untold(v, o);
}
