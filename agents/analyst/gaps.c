/* SPDX-License-Identifier: MIT */
/* What is broken or missing: failed rows, files that could not be read, facts left out. */
#include "agents/analyst/gap.h"

#define MAX_SAID_FILES          5 /* files named in a sentence */
#define MAX_SAID_CONFIGURATIONS 4

/* "error is set: timed out" -> "error is set" */
static size_t class_length(const char *why)
{
	return strcspn(why, ":");
}

static bool same_class(const char *a, const char *b)
{
	size_t n = class_length(a);

	return n == class_length(b) && strncmp(a, b, n) == 0;
}

/* Failed rows of one class over all runs of a series. */
struct failures {
	const char *why;  /* of the first one */
	const char *text; /* its error text, NULL: none */
	struct cells cells;
	const struct view **views; /* where there are some */
	size_t n_views, whole;     /* whole: views with nothing else */
	size_t n_files;            /* the views lie in */
};

static bool is_first_part(const struct view *v, size_t row)
{
	size_t part = view_row(v, row).part;

	return part == 0 || v->parts[part - 1].table != v->parts[part].table;
}

static bool is_failure(const struct view *v, size_t row)
{
	return view_row(v, row).failed && view_row(v, row).fail_column >= 0 &&
	       is_first_part(v, row);
}

static void add_failures(struct work *w, struct failures *f, const struct view *v)
{
	uint32_t *rows = work_alloc(w, v->n_failed, sizeof *rows);
	int *columns = work_alloc(w, v->n_failed, sizeof *columns);
	struct cells cells;
	size_t n = 0;

	for (size_t r = 0; !w->failed && r < v->n_rows; r++) {
		const struct view_row row = view_row(v, r);

		if (!is_failure(v, r) || !same_class(row.failed, f->why))
			continue;
		if (!f->text)
			f->text = row.text;
		rows[n] = (uint32_t)r;
		columns[n++] = row.fail_column;
	}
	if (!n)
		return;
	cells_of_rows(w, &cells, v, rows, columns, n);
	cells_append(w, &f->cells, &cells);
	f->views[f->n_views++] = v;
	f->n_files += f->n_views == 1 || f->views[f->n_views - 2]->artifact != v->artifact;
	f->whole += v->n_failed + v->n_noted == v->n_rows;
}

/* Runs that lie in one file name it once. */
static void say_files(struct sentence *s, const struct failures *f)
{
	const struct artifact *last = NULL;
	size_t said = 0;

	for (size_t i = 0; i < f->n_views; i++) {
		if (f->views[i]->artifact != last)
			gap_name(s, f->views[i]->artifact->path, said++, f->n_files);
		last = f->views[i]->artifact;
	}
}

/* Configurations of the present run without a single usable row. */
static bool is_sayable(const struct group *g)
{
	return g->n_keys && g->n_keys <= MAX_SAID_CONFIGURATIONS;
}

static void say_lost(struct work *w, struct sentence *s, const struct series *series)
{
	const struct group *g = series_group(w, series);
	size_t n = 0;

	for (size_t i = 0; g && i < g->n_configurations; i++) {
		const struct group_configuration *c = &g->configurations[i];

		if (!c->failed || !is_sayable(g))
			continue;
		if (n++ == MAX_SAID_CONFIGURATIONS) {
			say(s, " and others");
			return;
		}
		say(s, n == 1 ? "; nothing is left of " : " and of ");
		say_configuration(s, g, c);
	}
}

static unsigned *artifacts_of(struct work *w, const struct failures *f)
{
	unsigned *ids = work_alloc(w, f->n_files, sizeof *ids);

	for (size_t i = 0, n = 0; ids && i < f->n_views; i++)
		if (i == 0 || f->views[i]->artifact != f->views[i - 1]->artifact)
			ids[n++] = f->views[i]->artifact->id;
	return ids;
}

static enum severity severity_of(const struct series *s, const struct failures *f)
{
	const struct view *last = s->views[s->n_views - 1];

	if (f->views[f->n_views - 1] == last && f->whole &&
	    last->n_failed + last->n_noted == last->n_rows)
		return SEVERITY_HIGH; /* the latest run is lost */
	return SEVERITY_MEDIUM;
}

static void say_failures(struct work *w, struct sentence *text, const struct series *s,
                         const struct failures *f, unsigned count)
{
	const char *error = f->text ? text_tamed(w, f->text, ERROR_TEXT_BYTES) : NULL;
	bool one = f->cells.n == 1, whole = f->whole == f->n_views;

	if (whole && one) {
		say(text, "The only row of ");
	} else {
		say(text, whole ? "All " : "");
		say_fact(text, count);
		say(text, one ? " row of " : " rows of ");
	}
	say_files(text, f);
	say(text, whole ? " failed" : one ? " failed and is left out" : " failed and are left out");
	say(text, " (");
	say_name(text, error && *error ? error : f->why);
	say(text, ")");
	if (s->present < s->n_views && f->views[f->n_views - 1] == s->views[s->present])
		say_lost(w, text, s);
	say(text, ".");
}

static void add_gap(struct work *w, struct series *s, const struct failures *f)
{
	struct sentence text = {.n = 0};
	struct finding gap = gap_new(severity_of(s, f)).finding;
	unsigned *facts = work_alloc(w, 1, sizeof *facts);
	const struct finding *added;

	if (w->failed)
		return;
	facts[0] = fact_count(w, "failed rows", &f->cells);
	gap.facts = facts, gap.n_facts = facts[0] ? 1 : 0;
	gap.artifacts = artifacts_of(w, f), gap.n_artifacts = f->n_files;
	gap.key = work_printf(w, "gap:%s/%.*s", s->key, (int)class_length(f->why), f->why);
	say_failures(w, &text, s, f, facts[0]);
	gap.text = text_of(w, &text);
	added = finding_add(w, &gap);
	if (added && !s->gap)
		s->gap = added->id;
}

static bool seen_class(const struct strmap *seen, const char *why)
{
	size_t at;

	return strmap_find(seen, (struct str){why, class_length(why)}, &at);
}

/* The first failure whose class was not reported yet; false: no more. */
static bool next_class(struct work *w, const struct series *s, struct strmap *seen,
                       const char **ret)
{
	size_t at;

	for (size_t i = 0; i < s->n_views; i++) {
		const struct view *v = s->views[i];

		for (size_t r = 0; v->n_failed && r < v->n_rows; r++) {
			if (!is_failure(v, r) || seen_class(seen, view_row(v, r).failed))
				continue;
			*ret = view_row(v, r).failed;
			if (strmap_add(seen, (struct str){*ret, class_length(*ret)}, &at) < 0)
				w->failed = true;
			return !w->failed;
		}
	}
	return false;
}

static void find_failures(struct work *w, struct series *s)
{
	struct strmap seen = {.arena = w->arena};
	const char *why;

	while (next_class(w, s, &seen, &why)) {
		struct failures f = {.why = why,
		                     .views = work_alloc(w, s->n_views, sizeof *f.views)};

		for (size_t i = 0; i < s->n_views && !w->failed; i++)
			if (s->views[i]->n_failed)
				add_failures(w, &f, s->views[i]);
		if (!w->failed && f.n_views)
			add_gap(w, s, &f);
	}
}

/* Files. */

static bool is_broken(const struct artifact *a)
{
	return (a->status == STATUS_UNREADABLE || a->status == STATUS_SKIPPED) && !a->duplicate_of;
}

static const char *reason_of(const struct artifact *a)
{
	return a->reason ? a->reason : artifact_status_name(a->status);
}

/* Only what the reader found: "; N of M rows failed" stands in a finding of its own. */
static bool reader_complained(const struct artifact *a)
{
	const char *rows = a->reason ? strstr(a->reason, " rows failed (") : NULL;

	return a->status == STATUS_PARTIAL && a->reason && (!rows || strchr(a->reason, ';'));
}

/* "line 4 looks ..." and "line 8 looks ..." are one reason: told by its words. */
static const char *wording(struct work *w, const char *reason)
{
	char *words = work_alloc(w, strlen(reason) + 1, 1);

	for (size_t n = 0; words && *reason; reason++)
		if (*reason < '0' || *reason > '9')
			words[n++] = *reason;
	return words;
}

struct file_gap {
	struct finding finding;
	struct sentence text;
	unsigned *artifacts;
	const char *reason, *words;
	bool mixed; /* reasons differ in their numbers */
};

static void collect_files(struct work *w, struct file_gap *g, size_t first, bool *done)
{
	const struct inventory *inv = &w->d->inventory;
	const struct artifact *a = &inv->artifacts[first];

	for (size_t i = first; !w->failed && i < inv->n_artifacts; i++) {
		const struct artifact *b = &inv->artifacts[i];
		const char *words = done[i] ? NULL : wording(w, reason_of(b));

		if (!words || b->status != a->status || strcmp(words, g->words) != 0)
			continue;
		done[i] = true;
		g->mixed |= strcmp(reason_of(b), reason_of(a)) != 0;
		if (g->finding.n_artifacts < MAX_SAID_FILES) {
			say(&g->text, g->finding.n_artifacts ? ", " : "");
			say_name(&g->text, b->path);
		}
		g->artifacts[g->finding.n_artifacts++] = b->id;
	}
}

/* Files with one reason are one finding. */
static void add_file_gap(struct work *w, size_t first, bool *done)
{
	const struct artifact *a = &w->d->inventory.artifacts[first];
	struct file_gap g = {
		.finding = gap_new(a->status == STATUS_UNREADABLE ? SEVERITY_MEDIUM : SEVERITY_LOW)
	                           .finding,
		.artifacts = work_alloc(w, w->d->inventory.n_artifacts, sizeof *g.artifacts),
		.reason = text_tamed(w, reason_of(a), ERROR_TEXT_BYTES),
		.words = wording(w, reason_of(a))};

	if (w->failed)
		return;
	collect_files(w, &g, first, done);
	say(&g.text, g.finding.n_artifacts > MAX_SAID_FILES ? " and others" : "");
	say(&g.text, a->status == STATUS_PARTIAL ? ": read in part (" : ": not read (");
	say_name(&g.text, g.reason);
	say(&g.text, g.mixed ? ", and the like)." : ").");
	g.finding.artifacts = g.artifacts;
	g.finding.key = work_printf(w, "gap:%s/%s", path_stripped(w, a->path), g.words);
	g.finding.text = text_of(w, &g.text);
	(void)finding_add(w, &g.finding);
}

static void find_files(struct work *w)
{
	const struct inventory *inv = &w->d->inventory;
	bool *done = work_alloc(w, inv->n_artifacts, sizeof *done);

	for (size_t i = 0; done && i < inv->n_artifacts && !w->failed; i++)
		if (!done[i] &&
		    (is_broken(&inv->artifacts[i]) || reader_complained(&inv->artifacts[i])))
			add_file_gap(w, i, done);
}

void gaps_find(struct work *w)
{
	for (size_t i = 0; i < w->n_series && !w->failed; i++)
		find_failures(w, &w->series[i]);
	find_files(w);
	gaps_in_files(w);
	gaps_in_conditions(w);
	gaps_in_runs(w);
	gaps_in_values(w);
	gaps_in_facts(w);
}
