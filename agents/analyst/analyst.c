/* SPDX-License-Identifier: MIT */
#include "agents/analyst/analyst.h"

#include <errno.h>
#include <math.h>

#include "agents/analyst/as_of.h"
#include "agents/analyst/compared.h"
#include "agents/analyst/expect.h"
#include "agents/analyst/file_sweeps.h"
#include "agents/analyst/inject.h"
#include "agents/analyst/repetitions.h"
#include "agents/analyst/require.h"
#include "agents/analyst/restated.h"

#define DEFAULT_MAX_FACTS 50000

static void forget(struct dossier *d)
{
	d->facts = NULL, d->n_facts = 0;
	d->groups = NULL, d->n_groups = 0;
	d->findings = NULL, d->n_findings = 0;
	d->recommendations = NULL, d->n_recommendations = 0;
	d->risks = NULL, d->n_risks = 0;
	d->roles = NULL, d->n_roles = 0;
	d->table_notes = NULL, d->n_table_notes = 0;
	d->times = NULL, d->n_times = 0;
	d->history = NULL, d->n_history = 0;
	d->conditions = NULL, d->n_conditions = 0;
	d->differences = NULL, d->n_differences = 0;
	d->acknowledged = NULL, d->n_acknowledged = 0;
	d->charts = (struct charts){0};
	d->noise = NULL, d->n_noise = 0;
	d->expected = NULL, d->n_expected = 0;
	d->compared = (struct compared){.smallest_change_pct = NO_NUMBER};
	d->runs = (struct run_times){0};
	d->verdict = VERDICT_CANNOT_TELL;
}

/* Up to the groups: all that is measured, with its facts. */
static void read_tables(struct work *w)
{
	if (w->settings->as_of_s)
		w->failed = as_of_cut(w->d, w->settings) < 0;
	forget(w->d);
	views_build(w);
	for (size_t i = 0; i < w->n_views && !w->failed; i++)
		failures_find(w, w->views[i]);
	failures_mark_artifacts(w);
	failures_mark_summaries(w);
	series_build(w);
	for (size_t i = 0; i < w->n_series && !w->failed; i++)
		group_plan(w, &w->series[i]);
	for (size_t i = 0; i < w->n_series && !w->failed; i++)
		group_build(w, &w->series[i]);
}

static struct work work_on(struct dossier *d, const struct analyst_settings *s)
{
	return (struct work){.d = d,
	                     .settings = s,
	                     .arena = d->arena,
	                     .facts.max = s->max_facts ? s->max_facts : DEFAULT_MAX_FACTS};
}

static int outcome_of(const struct work *w, struct error *err)
{
	if (w->failed)
		return error_set(
			err, -ENOMEM,
			"analysis: out of memory; raise limits.memory_bytes or review fewer "
			"files at once");
	return 0;
}

int analyst_run(struct dossier *d, const struct analyst_settings *s, struct error *err)
{
	struct work w = work_on(d, s);

	read_tables(&w);
	restated_find(&w);
	acks_read(&w);
	file_sweeps_find(&w);
	notes_take(&w);
	history_compare(&w);
	runs_tell(&w);
	findings_best(&w);
	findings_repetitions(&w);
	findings_variance(&w);
	gaps_find(&w);
	consistency_check(&w);
	prose_check(&w);
	stated_check(&w);
	expectations_judge(&w);
	requirements_judge(&w);
	findings_order(&w);
	charts_settle(&w);
	advice_give(&w);
	risks_weigh(&w);
	return outcome_of(&w, err);
}

int analyst_inject(struct inject_tally *ret, struct dossier *d, const struct analyst_settings *s,
                   double size, struct error *err)
{
	struct work w = work_on(d, s);
	struct suite **suites;

	read_tables(&w);
	compared_read(&w);
	suites = work_alloc(&w, w.n_compared, sizeof *suites);
	for (size_t i = 0; suites && i < w.n_compared; i++)
		suites[i] = &w.compared[i].suite;
	if (suites)
		w.failed |= inject_steps(ret, suites, w.n_compared, size) < 0;
	return outcome_of(&w, err);
}
