/* SPDX-License-Identifier: MIT */
#include "agents/analyst/analyst.h"

#include <errno.h>
#include <math.h>

#include "agents/analyst/expect.h"
#include "agents/analyst/file_sweeps.h"
#include "agents/analyst/repetitions.h"

#define DEFAULT_MAX_FACTS 50000

static void forget(struct dossier *d)
{
	d->facts = NULL, d->n_facts = 0;
	d->groups = NULL, d->n_groups = 0;
	d->findings = NULL, d->n_findings = 0;
	d->recommendations = NULL, d->n_recommendations = 0;
	d->roles = NULL, d->n_roles = 0;
	d->table_notes = NULL, d->n_table_notes = 0;
	d->times = NULL, d->n_times = 0;
	d->history = NULL, d->n_history = 0;
	d->compared = (struct compared){.smallest_change_pct = NO_NUMBER};
	d->runs = (struct run_times){0};
	d->verdict = VERDICT_CANNOT_TELL;
}

int analyst_run(struct dossier *d, const struct analyst_settings *s, struct error *err)
{
	struct work w = {.d = d,
	                 .settings = s,
	                 .arena = d->arena,
	                 .max_facts = s->max_facts ? s->max_facts : DEFAULT_MAX_FACTS};

	forget(d);
	views_build(&w);
	for (size_t i = 0; i < w.n_views && !w.failed; i++)
		failures_find(&w, w.views[i]);
	failures_mark_artifacts(&w);
	failures_mark_summaries(&w);
	series_build(&w);
	for (size_t i = 0; i < w.n_series && !w.failed; i++)
		group_build(&w, &w.series[i]);
	file_sweeps_find(&w);
	notes_take(&w);
	history_compare(&w);
	runs_tell(&w);
	findings_best(&w);
	findings_repetitions(&w);
	findings_variance(&w);
	gaps_find(&w);
	consistency_check(&w);
	expectations_judge(&w);
	findings_order(&w);
	advice_give(&w);
	if (w.failed)
		return error_set(
			err, -ENOMEM,
			"analysis: out of memory; raise limits.memory_bytes or review fewer "
			"files at once");
	return 0;
}
