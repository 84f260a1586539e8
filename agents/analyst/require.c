/* SPDX-License-Identifier: MIT */
/* What the pipeline requires: series that are not there, and series whose newest run is too old. */
#include "agents/analyst/require.h"

#include <fnmatch.h>

#include "agents/analyst/compared.h"
#include "agents/analyst/gap.h"
#include "lib/base/clock.h"
#include "lib/evidence/pipeline.h"

#define HOUR_S 3600
#define KEY    FINDING_KEY_REQUIRED "%s"

/* A series that a requirement means, and its newest run. */
struct required {
	const char *name;
	const struct artifact *artifact; /* NULL: not known */
	int64_t newest_s;
};

struct requiring {
	struct work *w;
	const struct requirement *requirement;
	struct required *at;
	size_t n, cap;
};

/* A key that is copied from a report means itself, whatever signs of a pattern are in it. */
static bool is_meant(const struct requiring *r, const char *text)
{
	const char *pattern = r->requirement->series;

	return strcmp(pattern, text) == 0 || fnmatch(pattern, text, 0) == 0;
}

static void add(struct requiring *r, const struct required *one)
{
	if (work_grow(r->w, &r->at, r->n, &r->cap, sizeof *r->at))
		r->at[r->n++] = *one;
}

static const struct view *present_view(const struct series *s)
{
	return s->views[s->present];
}

/* A file's series, by its key, by its path without times, or by the path of its newest run. */
static void collect_series(struct requiring *r)
{
	for (size_t i = 0; i < r->w->n_series; i++) {
		const struct series *s = &r->w->series[i];
		const struct view *v;

		if (!s->group)
			continue;
		v = present_view(s);
		if (is_meant(r, s->key) || is_meant(r, s->path) || is_meant(r, v->artifact->path))
			add(r, &(struct required){v->artifact->path, v->artifact, v->time_s});
	}
}

/* The file that a metric's series is measured in: the key of that one begins its own. */
static const struct artifact *artifact_of(const struct work *w, const char *key)
{
	for (size_t i = 0; i < w->n_series; i++) {
		const struct series *s = &w->series[i];
		size_t len = strlen(s->key);

		if (s->group && strncmp(key, s->key, len) == 0 && key[len] == '/')
			return present_view(s)->artifact;
	}
	return NULL;
}

/* Of one metric or configuration, as the history calls it. Its runs stand in order of time. */
static void collect_tracks(struct requiring *r)
{
	const struct dossier *d = r->w->d;

	for (size_t i = 0; i < d->n_history; i++) {
		const struct history_point *p = &d->history[i];

		if (i + 1 < d->n_history && strcmp(p->series, p[1].series) == 0)
			continue;
		if (is_meant(r, p->series))
			add(r,
			    &(struct required){p->series, artifact_of(r->w, p->series), p->time_s});
	}
}

static int64_t age_s(const struct requiring *r, const struct required *one)
{
	return r->w->settings->now_s - one->newest_s;
}

static bool is_overdue(const struct requiring *r, const struct required *one)
{
	uint64_t max_ms = r->requirement->max_age_ms;

	return max_ms && age_s(r, one) > 0 && (uint64_t)age_s(r, one) > max_ms / 1000;
}

static void tell(struct requiring *r, struct gap *g)
{
	(void)gap_add(r->w, g, work_printf(r->w, KEY, r->requirement->series));
}

static void tell_absent(struct requiring *r)
{
	struct gap g = gap_new(SEVERITY_HIGH);

	say(&g.text, "The pipeline requires ");
	say_name(&g.text, r->requirement->series);
	say(&g.text, ", and no run of such a series is there.");
	tell(r, &g);
}

/* The day on which it was too old first: the same in every later night. */
static void set_since(struct requiring *r, struct gap *g, const struct required *oldest)
{
	g->finding.since = day_of_run(r->w, oldest->newest_s +
	                                            (int64_t)(r->requirement->max_age_ms / 1000));
}

static void set_gate(struct requiring *r, struct gap *g, const struct required *oldest)
{
	struct gate *gate = work_alloc(r->w, 1, sizeof *gate);

	if (!gate)
		return;
	*gate = (struct gate){"age of the newest run, h", (double)age_s(r, oldest) / HOUR_S,
	                      (double)r->requirement->max_age_ms / (1000.0 * HOUR_S), true};
	g->finding.gates = gate;
	g->finding.n_gates = 1;
}

static void say_others(struct requiring *r, struct sentence *s, const struct required *oldest,
                       size_t n)
{
	size_t said = 0;

	for (size_t i = 0; n && i < r->n; i++) {
		if (&r->at[i] == oldest || !is_overdue(r, &r->at[i]))
			continue;
		say(s, said ? "" : "; too old as well: ");
		gap_name(s, r->at[i].name, said++, n);
	}
}

static void tell_overdue(struct requiring *r, const struct required *oldest, size_t n)
{
	struct gap g = gap_new(SEVERITY_HIGH);

	say(&g.text, "The pipeline requires ");
	say_name(&g.text, r->requirement->series);
	say(&g.text, ", and the newest run of ");
	say_name(&g.text, oldest->name);
	say(&g.text, ", of ");
	say_name(&g.text, day_of_run(r->w, oldest->newest_s));
	say(&g.text, ", is older than it may be");
	say_others(r, &g.text, oldest, n - 1);
	say(&g.text, ".");
	if (oldest->artifact)
		gap_artifact(r->w, &g, oldest->artifact->id);
	set_gate(r, &g, oldest);
	set_since(r, &g, oldest);
	tell(r, &g);
}

static void judge(struct requiring *r)
{
	const struct required *oldest = NULL;
	size_t n = 0;

	collect_series(r);
	if (!r->n)
		collect_tracks(r);
	if (!r->n) {
		tell_absent(r);
		return;
	}
	for (size_t i = 0; i < r->n; i++) {
		if (!is_overdue(r, &r->at[i]))
			continue;
		n++;
		if (!oldest || r->at[i].newest_s < oldest->newest_s)
			oldest = &r->at[i];
	}
	if (oldest)
		tell_overdue(r, oldest, n);
}

void requirements_judge(struct work *w)
{
	for (size_t i = 0; i < w->settings->n_requirements && !w->failed; i++) {
		struct requiring r = {.w = w, .requirement = &w->settings->requirements[i]};

		judge(&r);
	}
}
