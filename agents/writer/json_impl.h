/* SPDX-License-Identifier: MIT */
/*
 * json_impl - what the files that build report.json share.
 *
 * Values go in by make_put(), which takes them over also when it fails; a failure (no memory)
 * sticks to the maker, so that there is one check at the end.
 */
#pragma once

#include "agents/writer/json.h"
#include "agents/writer/pointer.h"

struct maker {
	const struct dossier *d;
	const struct report_meta *meta;
	bool failed;
};

void make_put(struct maker *m, json_t *object, const char *key, json_t *value);
void make_push(struct maker *m, json_t *array, json_t *value);
/* "F12" */
json_t *make_id(char letter, unsigned long number);
json_t *make_ids(struct maker *m, char letter, const unsigned *ids, size_t n);
json_t *make_time(int64_t unix_s);
json_t *make_subject(struct maker *m, const struct label *labels, size_t n);
/* An integer, or null where it is negative: "unknown". */
json_t *make_count(int64_t n);

json_t *make_inventory(struct maker *m);
json_t *make_facts(struct maker *m);
json_t *make_findings(struct maker *m);
json_t *make_recommendations(struct maker *m);
json_t *make_risks(struct maker *m);
json_t *make_commentary(struct maker *m);
json_t *make_configuration(struct maker *m);
json_t *make_steps(struct maker *m);
json_t *make_calls(struct maker *m);
json_t *make_totals(struct maker *m);
/* The same of the calls of these steps alone. */
json_t *make_totals_of(struct maker *m, const struct report_step *steps, size_t n);
json_t *make_options(struct maker *m, const struct model_options *p);
json_t *make_measured(struct maker *m, const struct measured *x);
json_t *make_ignored(struct maker *m, const struct ignored_option *options, size_t n);
json_t *make_seed(uint64_t seed);
json_t *make_concurrency(struct maker *m);
/* The calls of one of those who were asked in a trial; lane: which of its `who`. */
json_t *make_trial_calls(struct maker *m, const struct trials *t, const struct trial *trial,
                         size_t lane);
json_t *make_sweep(struct maker *m);
json_t *make_agent(struct maker *m, size_t i);
json_t *make_agents(struct maker *m);
