/* SPDX-License-Identifier: MIT */
/* Files: directories of which nothing was read, files that are gone, copied or stale. */
#include "agents/analyst/gap.h"

#include <math.h>

#include "agents/analyst/words.h"
#include "lib/base/clock.h"

#define DAY_S          86400
#define UNREAD_LEAST   2 /* files of a directory, below which each speaks for itself */
#define STRAGGLER_S    (7 * DAY_S)
#define SIBLINGS_LEAST 3    /* files of a directory that were written together, without it */
#define SIBLINGS_MOST  4096 /* files of a directory, beyond which it is a heap */
#define REGULAR_LEAST  4    /* runs that make a series a regular one */
#define REGULAR_S      (6 * 3600)
#define MISSED_LEAST   3 /* intervals that pass before a series is said to have stopped */
#define MISSED_S       (2 * DAY_S)
#define SERIES_MOST    4096 /* the more important ones come first */
#define MEASURED_LEAST 2    /* exact numbers, without which equal files are no copied run */
#define LIST(...)      ((const char *const[]){__VA_ARGS__, NULL})

/* --- directories ----------------------------------------------------------------------- */

static struct str directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (struct str){path, (size_t)(slash - path)} : (struct str){"", 0};
}

struct directory {
	const struct artifact *first;
	size_t files, unread;
	int64_t latest_s; /* modification of its files with tables */
	size_t tables;    /* such files */
	size_t from;      /* its files are files[from] and on, `files` of them */
};

struct directories {
	struct directory *at;
	size_t n;
	size_t *of;    /* by index of artifact */
	size_t *files; /* indices of artifacts, directory by directory */
};

static bool is_unread(const struct artifact *a)
{
	return !a->duplicate_of && (a->status == STATUS_UNREADABLE || a->status == STATUS_SKIPPED);
}

static void add_file(struct directory *d, const struct artifact *a)
{
	d->first = d->first ? d->first : a;
	d->files++;
	d->unread += is_unread(a);
	if (!a->n_tables)
		return;
	d->latest_s = d->tables++ && d->latest_s > a->modified_s ? d->latest_s : a->modified_s;
}

static void order_files(struct directories *ds, size_t n)
{
	size_t from = 0;

	for (size_t d = 0; d < ds->n; d++) {
		ds->at[d].from = from;
		from += ds->at[d].files;
		ds->at[d].files = 0;
	}
	for (size_t i = 0; i < n; i++) {
		struct directory *d = &ds->at[ds->of[i]];

		ds->files[d->from + d->files++] = i;
	}
}

static void list_directories(struct work *w, struct directories *ret)
{
	const struct inventory *inv = &w->d->inventory;
	struct strmap names = {.arena = w->arena};

	*ret = (struct directories){.at = work_alloc(w, inv->n_artifacts, sizeof *ret->at),
	                            .of = work_alloc(w, inv->n_artifacts, sizeof *ret->of),
	                            .files = work_alloc(w, inv->n_artifacts, sizeof *ret->files)};
	for (size_t i = 0; i < inv->n_artifacts && !w->failed; i++) {
		const struct artifact *a = &inv->artifacts[i];
		struct str d = directory_of(a->path);
		const char *name = work_printf(w, "%u/%.*s", a->root, (int)d.len, d.at);

		if (!name || strmap_add(&names, str_of(name), &ret->of[i]) < 0) {
			w->failed = true;
			return;
		}
		ret->n = names.n;
		add_file(&ret->at[ret->of[i]], a);
	}
	if (!w->failed)
		order_files(ret, inv->n_artifacts);
}

static bool is_dark(const struct directory *d)
{
	return d->files >= UNREAD_LEAST && d->unread == d->files && strchr(d->first->path, '/');
}

static const char *directory_name(struct work *w, const struct directory *d)
{
	struct str name = directory_of(d->first->path);

	return work_printf(w, "%.*s", (int)name.len, name.at);
}

static void find_dark(struct work *w, const struct directories *ds)
{
	const struct inventory *inv = &w->d->inventory;
	struct gap gap = gap_new(SEVERITY_LOW);
	size_t n = 0, said = 0;

	for (size_t i = 0; i < ds->n; i++)
		n += is_dark(&ds->at[i]);
	if (!n)
		return;
	say(&gap.text, "Nothing could be read in ");
	for (size_t i = 0; i < ds->n; i++)
		if (is_dark(&ds->at[i]))
			gap_name(&gap.text, directory_name(w, &ds->at[i]), said++, n);
	say(&gap.text, ".");
	for (size_t i = 0; i < inv->n_artifacts; i++)
		if (is_dark(&ds->at[ds->of[i]]))
			gap_artifact(w, &gap, (unsigned)i + 1);
	(void)gap_add(w, &gap, "gap:directories");
}

/* --- gone ------------------------------------------------------------------------------ */

/* The paths of all that is there, without times and numbers. */
static void list_paths(struct work *w, struct strmap *ret)
{
	const struct inventory *inv = &w->d->inventory;
	size_t at;

	for (size_t i = 0; i < inv->n_artifacts && !w->failed; i++) {
		const struct artifact *a = &inv->artifacts[i];
		const char *path = work_printf(w, "%u/%s", a->root, path_stripped(w, a->path));

		if (!path || strmap_add(ret, str_of(path), &at) < 0)
			w->failed = true;
	}
}

/* Old runs are cleared away where later ones are there; else something is missing. */
static void find_gone(struct work *w, const struct strmap *paths, bool cleared)
{
	const struct inventory *inv = &w->d->inventory;
	struct gap gap = gap_new(cleared ? SEVERITY_INFO : SEVERITY_MEDIUM);
	const char *said[GAP_SAID + 1];
	size_t n = 0, at;

	for (size_t i = 0; i < inv->n_gone && !w->failed; i++) {
		const struct gone_artifact *g = &inv->gone[i];
		const char *path = work_printf(w, "%u/%s", g->root, path_stripped(w, g->path));

		if (!path || strmap_find(paths, str_of(path), &at) != cleared)
			continue;
		if (n <= GAP_SAID)
			said[n] = g->path;
		n++;
	}
	if (!n || w->failed)
		return;
	for (size_t i = 0; i < n && i <= GAP_SAID; i++)
		gap_name(&gap.text, said[i], i, n);
	say(&gap.text, n == 1 ? " was" : " were");
	say(&gap.text, " there at the last review and");
	say(&gap.text, n == 1 ? " is gone" : " are gone");
	say(&gap.text, cleared ? "; later runs are there." : ".");
	(void)gap_add(w, &gap, cleared ? "gap:cleared" : "gap:gone");
}

/* --- copied runs ----------------------------------------------------------------------- */

/* By index of artifact: it holds numbers that no two runs share, as configurations do not. */
static bool *list_measured(struct work *w)
{
	bool *ret = work_alloc(w, w->d->inventory.n_artifacts, sizeof *ret);

	for (size_t i = 0; ret && i < w->n_series; i++) {
		const struct series *s = &w->series[i];
		const struct group *g = series_group(w, s);
		size_t n = 0;

		for (size_t c = 0; g && c < g->n_configurations * g->n_metrics; c++) {
			const struct fact *f = dossier_fact(w->d, g->cells[c].center);

			n += f && g->metrics[c % g->n_metrics].better != BETTER_NONE &&
			     gap_is_exact(f->value);
		}
		for (size_t k = 0; n >= MEASURED_LEAST && k < s->n_views; k++)
			ret[s->views[k]->artifact->id - 1] = true;
	}
	return ret;
}

struct copy {
	const char *path; /* of its series */
	const struct artifact *artifact, *of;
};

static int by_path(const void *x, const void *y)
{
	const struct copy *a = x, *b = y;
	int order = strcmp(a->path, b->path);

	return order                               ? order
	       : a->artifact->id < b->artifact->id ? -1
	                                           : a->artifact->id > b->artifact->id;
}

static struct copy *list_copies(struct work *w, size_t *ret_n)
{
	const struct inventory *inv = &w->d->inventory;
	const bool *measured = list_measured(w);
	struct copy *ret = work_alloc(w, inv->n_artifacts, sizeof *ret);

	*ret_n = 0;
	for (size_t i = 0; !w->failed && i < inv->n_artifacts; i++) {
		const struct artifact *a = &inv->artifacts[i],
				      *of = dossier_artifact(w->d, a->duplicate_of);
		const char *x, *y;

		if (!of || a->format == FORMAT_MARKDOWN || a->root != of->root ||
		    !measured[of->id - 1])
			continue;
		x = path_stripped(w, a->path);
		y = path_stripped(w, of->path);
		if (x && y && strcmp(x, y) == 0)
			ret[(*ret_n)++] = (struct copy){x, a, of};
	}
	return ret;
}

/* A night whose file has the bytes of an earlier one was copied; a finding for each series. */
static void find_copied(struct work *w)
{
	struct gap_fold fold = {.key = "gap:copied", .words = "Earlier runs were copied also to "};
	size_t n, i, k;
	struct copy *copies = list_copies(w, &n);

	if (!w->failed && n)
		qsort(copies, n, sizeof *copies, by_path);
	for (i = 0; i < n && !w->failed; i = k) {
		struct gap gap = gap_new(SEVERITY_MEDIUM);

		for (k = i; k < n && strcmp(copies[k].path, copies[i].path) == 0; k++)
			gap_artifact(w, &gap, copies[k].artifact->id);
		gap_files(w, &gap);
		say(&gap.text, k - i == 1 ? " is" : " are");
		say(&gap.text, " byte for byte an earlier run, ");
		say_name(&gap.text, copies[i].of->path);
		say(&gap.text, ": copied, not measured.");
		gap_add_folded(w, &fold, &gap, work_printf(w, "gap:copied:%s", copies[i].path));
	}
	gap_fold_end(w, &fold);
}

/* --- stale ----------------------------------------------------------------------------- */

static const char *day_text(struct work *w, int64_t s)
{
	char text[CLOCK_TEXT_BYTES];

	clock_text(text, s);
	return work_printf(w, "%.10s", text);
}

/* When an artifact's content is of, and whether anything but the file system tells. */
struct when {
	int64_t s;
	bool dated;
};

static struct when *list_times(struct work *w)
{
	const struct inventory *inv = &w->d->inventory;
	struct when *ret = work_alloc(w, inv->n_artifacts, sizeof *ret);
	bool in_name;

	for (size_t i = 0; ret && i < inv->n_artifacts; i++) {
		ret[i].dated = path_time(inv->artifacts[i].path, &ret[i].s, &in_name) && in_name;
		if (!ret[i].dated)
			ret[i].s = inv->artifacts[i].modified_s;
	}
	for (size_t i = 0; ret && i < w->n_views; i++) {
		const struct view *v = w->views[i];
		struct when *a = &ret[v->artifact->id - 1];

		if (v->dated && (!a->dated || v->time_s > a->s))
			*a = (struct when){v->time_s, true};
	}
	return ret;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_summary(const struct artifact *a)
{
	struct words w = words_of(base_name(a->path));

	return words_any(
		&w, LIST("summary", "summaries", "aggregate", "aggregated", "overview", "digest"));
}

/* "gemma3_param_tuning_summary.csv" sums up "gemma3_param_tuning.csv", where that is there. */
static size_t stem_length(const char *name)
{
	const char *summary = strcasestr(name, "summary");

	return summary && summary > name ? (size_t)(summary - name) - 1 : 0;
}

static bool sums_up(const struct artifact *summary, const struct artifact *data)
{
	const char *s = base_name(summary->path), *d = base_name(data->path);
	size_t n = stem_length(s);

	return !is_summary(data) && data->n_tables && data->format != FORMAT_MARKDOWN &&
	       (!n || (strncmp(s, d, n) == 0 && !strchr("abcdefghijklmnopqrstuvwxyz", d[n])));
}

struct stale {
	const struct artifact *summary, *data;
	int64_t lag_s;
};

/* The data of its directory that is newer than a summary by most; times of one sort only. */
static struct stale stale_of(const struct work *w, const struct directories *ds,
                             const struct when *when, size_t i)
{
	const struct inventory *inv = &w->d->inventory;
	const struct directory *d = &ds->at[ds->of[i]];
	struct stale ret = {.summary = &inv->artifacts[i]};

	for (size_t f = 0; f < d->files; f++) {
		size_t k = ds->files[d->from + f];
		int64_t lag = when[k].s - when[i].s;

		if (when[k].dated != when[i].dated || !sums_up(ret.summary, &inv->artifacts[k]) ||
		    lag <= ret.lag_s)
			continue;
		ret.data = &inv->artifacts[k];
		ret.lag_s = lag;
	}
	return ret;
}

/* A summary of which there is a later one belongs to another run. */
static bool is_latest(struct work *w, const struct directories *ds, const struct when *when,
                      size_t i)
{
	const struct inventory *inv = &w->d->inventory;
	const struct directory *d = &ds->at[ds->of[i]];
	const char *path = path_stripped(w, inv->artifacts[i].path);

	for (size_t f = 0; f < d->files && path && !w->failed; f++) {
		size_t k = ds->files[d->from + f];
		const char *other = k != i && is_summary(&inv->artifacts[k])
		                            ? path_stripped(w, inv->artifacts[k].path)
		                            : NULL;

		if (other && strcmp(path, other) == 0 && when[k].s > when[i].s)
			return false;
	}
	return true;
}

static void find_stale_summary(struct work *w, const struct directories *ds,
                               const struct when *when, size_t i, bool *done)
{
	const struct artifact *a = &w->d->inventory.artifacts[i];
	struct gap gap = gap_new(SEVERITY_LOW);
	struct stale s;

	if (done[ds->of[i]] || a->duplicate_of || !is_summary(a) ||
	    ds->at[ds->of[i]].files > SIBLINGS_MOST)
		return;
	s = stale_of(w, ds, when, i);
	if (!s.data || s.lag_s < DAY_S || !is_latest(w, ds, when, i))
		return;
	done[ds->of[i]] = true;
	say_name(&gap.text, a->path);
	say(&gap.text, when[i].dated ? " is of " : " was written on ");
	say_name(&gap.text, day_text(w, when[i].s));
	say(&gap.text, ", before the data that it sums up: ");
	say_name(&gap.text, s.data->path);
	say(&gap.text, " is of ");
	say_name(&gap.text, day_text(w, when[s.data->id - 1].s));
	say(&gap.text, ".");
	gap_artifact(w, &gap, a->id);
	gap_artifact(w, &gap, s.data->id);
	(void)gap_add(w, &gap, work_printf(w, "gap:stale:%s", path_stripped(w, a->path)));
}

/* Of files that are written together, one that was not written with the others. */
static void find_straggler(struct work *w, const struct directories *ds, const struct when *when,
                           size_t d)
{
	const struct inventory *inv = &w->d->inventory;
	const struct directory *dir = &ds->at[d];
	const struct artifact *late = NULL;
	struct gap gap = gap_new(SEVERITY_LOW);
	size_t together = 0, apart = 0;

	if (dir->tables <= SIBLINGS_LEAST)
		return;
	for (size_t f = 0; f < dir->files; f++) {
		size_t i = ds->files[dir->from + f];
		const struct artifact *a = &inv->artifacts[i];
		int64_t lag = dir->latest_s - a->modified_s;

		if (!a->n_tables)
			continue;
		if (when[i].dated)
			return; /* runs by name or content: of different times by their nature */
		together += lag < DAY_S;
		apart += lag >= DAY_S;
		late = lag >= STRAGGLER_S ? a : late;
	}
	if (apart != 1 || together < SIBLINGS_LEAST || !late)
		return;
	say_name(&gap.text, late->path);
	say(&gap.text, " was last written on ");
	say_name(&gap.text, day_text(w, late->modified_s));
	say(&gap.text, ", everything else in its directory on ");
	say_name(&gap.text, day_text(w, dir->latest_s));
	say(&gap.text, ".");
	gap_artifact(w, &gap, late->id);
	(void)gap_add(w, &gap, work_printf(w, "gap:straggler:%s", path_stripped(w, late->path)));
}

static int by_number(const void *x, const void *y)
{
	const double *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

/* The usual time between the runs of a series; NAN: it has none that is regular. */
static double interval_of(struct work *w, const struct series *s)
{
	double *gaps = work_alloc(w, s->n_views, sizeof *gaps);
	size_t n = 0;

	for (size_t i = 0; gaps && i < s->n_views; i++) {
		if (!s->views[i]->dated)
			return NO_NUMBER;
		if (i && s->views[i]->time_s > s->views[i - 1]->time_s)
			gaps[n++] = (double)(s->views[i]->time_s - s->views[i - 1]->time_s);
	}
	if (!gaps || n + 1 < REGULAR_LEAST)
		return NO_NUMBER;
	qsort(gaps, n, sizeof *gaps, by_number);
	return quantile(gaps, n, .5) >= REGULAR_S ? quantile(gaps, n, .5) : NO_NUMBER;
}

static int64_t last_of(const struct series *s)
{
	return s->views[s->n_views - 1]->time_s;
}

static const struct artifact *last_artifact(const struct series *s)
{
	return s->views[s->n_views - 1]->artifact;
}

/* The last run of the series that were measured beside this one and still are. */
static int64_t last_beside(const struct work *w, const double *intervals, size_t number)
{
	const struct series *s = &w->series[number];
	int64_t last = INT64_MIN;

	for (size_t i = 0; i < w->n_series && i < SERIES_MOST; i++) {
		const struct series *other = &w->series[i];

		if (isfinite(intervals[i]) && other->views[0]->time_s <= last_of(s) &&
		    other->views[0]->artifact->root == s->views[0]->artifact->root &&
		    last_of(other) > last)
			last = last_of(other);
	}
	return last;
}

static void tell_stopped(struct work *w, struct gap_fold *f, const struct series *s, int64_t last)
{
	const struct view *v = s->views[s->n_views - 1];
	struct gap gap = gap_new(SEVERITY_MEDIUM);

	say_name(&gap.text, v->artifact->path);
	say(&gap.text, " is the last run of its series, of ");
	say_name(&gap.text, day_text(w, last_of(s)));
	say(&gap.text, "; others beside it have runs up to ");
	say_name(&gap.text, day_text(w, last));
	say(&gap.text, ".");
	gap_artifact(w, &gap, v->artifact->id);
	gap_add_folded(w, f, &gap, work_printf(w, "gap:stopped:%s", s->path));
}

/* Series that are no longer measured, while others that were measured beside them are. */
static void find_stopped(struct work *w)
{
	double *intervals = work_alloc(w, w->n_series, sizeof *intervals);
	bool *told = work_alloc(w, w->d->inventory.n_artifacts, sizeof *told);
	struct gap_fold fold = {.key = "gap:stopped", .words = "Series stopped also with "};

	for (size_t i = 0; intervals && i < w->n_series && i < SERIES_MOST; i++)
		intervals[i] = w->series[i].group ? interval_of(w, &w->series[i]) : NO_NUMBER;
	for (size_t i = 0; !w->failed && i < w->n_series && i < SERIES_MOST; i++) {
		int64_t last = isfinite(intervals[i]) ? last_beside(w, intervals, i) : INT64_MIN;
		double lag = (double)last - (double)last_of(&w->series[i]);

		if (!(lag > MISSED_LEAST * intervals[i] && lag >= MISSED_S) ||
		    told[last_artifact(&w->series[i])->id - 1])
			continue; /* several tables of one file stop together */
		told[last_artifact(&w->series[i])->id - 1] = true;
		tell_stopped(w, &fold, &w->series[i], last);
	}
	gap_fold_end(w, &fold);
}

static void find_stale(struct work *w, const struct directories *ds)
{
	const struct when *when = list_times(w);
	bool *done = work_alloc(w, ds->n, sizeof *done);

	for (size_t i = 0; !w->failed && i < w->d->inventory.n_artifacts; i++)
		find_stale_summary(w, ds, when, i, done);
	for (size_t d = 0; !w->failed && d < ds->n; d++)
		find_straggler(w, ds, when, d);
	find_stopped(w);
}

void gaps_in_files(struct work *w)
{
	struct directories ds;
	struct strmap paths = {.arena = w->arena};

	list_directories(w, &ds);
	if (w->failed)
		return;
	find_dark(w, &ds);
	list_paths(w, &paths);
	find_gone(w, &paths, false);
	find_gone(w, &paths, true);
	find_copied(w);
	find_stale(w, &ds);
}
