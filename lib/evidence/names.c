/* SPDX-License-Identifier: MIT */
/* The words of the contract for every enum of this room. */
#include "lib/evidence/dossier.h"
#include "lib/evidence/trials.h"

const char *artifact_format_name(enum artifact_format f)
{
	static const char *const names[] = {"csv", "json", "markdown", "text", "other"};

	return names[f];
}

const char *artifact_status_name(enum artifact_status s)
{
	static const char *const names[] = {"ok", "partial", "unreadable", "skipped"};

	return names[s];
}

const char *statistic_name(enum statistic s)
{
	static const char *const names[STATISTIC_COUNT] = {"value",
	                                                   "count",
	                                                   "sum",
	                                                   "min",
	                                                   "max",
	                                                   "mean",
	                                                   "median",
	                                                   "p90",
	                                                   "p95",
	                                                   "p99",
	                                                   "stdev",
	                                                   "cv",
	                                                   "mad",
	                                                   "delta",
	                                                   "delta_pct",
	                                                   "ratio",
	                                                   "rank",
	                                                   "hodges_lehmann",
	                                                   "hodges_lehmann_ratio",
	                                                   "mann_whitney_p",
	                                                   "cles",
	                                                   "geomean_ratio",
	                                                   "sign_p",
	                                                   "theil_sen",
	                                                   "mann_kendall_p",
	                                                   "common_shift",
	                                                   "moderated_t_p"};

	return names[s];
}

bool statistic_named(enum statistic *ret, const char *name)
{
	for (int s = 0; s < STATISTIC_COUNT; s++) {
		if (strcmp(statistic_name((enum statistic)s), name) != 0)
			continue;
		*ret = (enum statistic)s;
		return true;
	}
	return false;
}

const char *better_name(enum better b)
{
	static const char *const names[] = {"none", "higher", "lower"};

	return names[b];
}

const char *expected_outcome_name(enum expected_outcome o)
{
	static const char *const names[] = {"measured", "failed", "no_configuration", "other_unit",
	                                    "no_metric"};

	return names[o];
}

const char *finding_kind_name(enum finding_kind k)
{
	static const char *const names[FINDING_KIND_COUNT] = {"regression",
	                                                      "improvement",
	                                                      "changed",
	                                                      "environment",
	                                                      "best",
	                                                      "outlier",
	                                                      "high_variance",
	                                                      "trend",
	                                                      "gap",
	                                                      "new",
	                                                      "vanished",
	                                                      "expectation_missed",
	                                                      "expectation_met",
	                                                      "contradiction",
	                                                      "concurrency"};

	return names[k];
}

const char *severity_name(enum severity s)
{
	static const char *const names[] = {"high", "medium", "low", "info"};

	return names[s];
}

const char *segment_as_name(enum segment_as a)
{
	static const char *const names[] = {"value",   "unit",      "name",
	                                    "subject", "direction", "size"};

	return names[a];
}

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = {"worse", "better",      "mixed",
	                                    "same",  "cannot_tell", "no_new_data"};

	return names[v];
}

const char *verdict_in_words(enum verdict v)
{
	static const char *const words[] = {"worse", "better",      "mixed",
	                                    "same",  "cannot tell", "no new data"};

	return words[v];
}

const char *time_source_name(enum time_source s)
{
	static const char *const names[] = {"column", "field", "file name", "directory name",
	                                    "modification time"};

	return names[s];
}

const char *trial_kind_name(enum trial_kind k)
{
	static const char *const names[] = {"warm_up", "solo", "together"};

	return names[k];
}

const char *contention_cause_name(enum contention_cause c)
{
	static const char *const names[] = {"slot", "queue", "reload", "memory"};

	return names[c];
}
