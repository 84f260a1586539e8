/* SPDX-License-Identifier: MIT */
/* Views of one shape whose paths differ only by time or number are runs of one series. */
#include "agents/analyst/work.h"

/* Several roots are several places, unless their names are only times. A file is its own root. */
static const char *series_path(struct work *w, const struct artifact *a)
{
	const char *root = root_name(w, a);

	if (w->d->inventory.n_roots < 2 || strcmp(root, a->path) == 0)
		return path_stripped(w, a->path);
	return path_stripped(w, work_printf(w, "%s/%s", root, a->path) ?: "");
}

static const char *key_of(struct work *w, const char *path, const struct view *v)
{
	const char *machine = v->machine ? v->machine : "";
	bool whole = v->artifact->format == FORMAT_CSV && v->artifact->n_tables == 1;
	const char *shape = whole ? "" : v->shape;

	return work_printf(w, "%s%s%s%s%s", machine, *machine ? "/" : "", path, *shape ? "#" : "",
	                   shape);
}

static void add_view(struct work *w, struct series *s, struct view *v)
{
	size_t at = s->n_views;
	struct view **views = s->views;

	/* Capacities are powers of two, so that no count of them need be kept. */
	if (!(at & (at - 1))) {
		views = work_alloc(w, at ? 2 * at : 1, sizeof(struct view *));
		if (!views)
			return;
		if (at)
			memcpy(views, s->views, at * sizeof *views);
		s->views = views;
	}
	while (at > 0 && views[at - 1]->time_s > v->time_s) {
		views[at] = views[at - 1];
		at--;
	}
	views[at] = v;
	s->n_views++;
}

static size_t count_usable(const struct series *s, const struct view *v)
{
	size_t n = 0;

	for (size_t m = 0; m < s->n_metrics; m++) {
		size_t c = (size_t)s->metrics[m];

		if (s->roles[c].measure.better == BETTER_NONE)
			continue;
		if (view_is_measured(v, c) && v->n_failed + v->n_noted == 0) {
			n += v->n_rows;
			continue;
		}
		for (size_t r = 0; r < v->n_rows; r++)
			n += !view_row(v, r).failed && (view_cell(v, r, c).kind == CELL_NUMBER ||
			                                view_cell(v, r, c).kind == CELL_LIST);
	}
	return n;
}

/* The columns of a run that lies with others in one table are what they are in all of it. */
static void assign_roles(struct work *w, struct series *s)
{
	struct view *present = s->views[s->present], whole;

	if (present->whole) {
		whole = *present->whole;
		s->views[s->present] = &whole;
	}
	roles_assign(w, s);
	s->views[s->present] = present;
}

/* The latest run that measured something stands for the series. */
static void choose_present(struct work *w, struct series *s)
{
	for (size_t i = s->n_views; i > 0 && !w->failed; i--) {
		if (!view_is_usable(s->views[i - 1]))
			continue;
		s->present = s->decided = i - 1;
		assign_roles(w, s);
		if (!w->failed && s->n_metrics) {
			s->n_usable = count_usable(s, s->views[s->present]);
			return;
		}
	}
	s->present = s->n_views;
}

/* Data before prose about it, directed before undirected, much before little. */
static int compare_series(const void *x, const void *y)
{
	const struct series *a = x, *b = y;
	int prose_a = a->views[0]->artifact->format == FORMAT_MARKDOWN;
	int prose_b = b->views[0]->artifact->format == FORMAT_MARKDOWN;

	if (prose_a != prose_b)
		return prose_a - prose_b;
	if (a->n_usable != b->n_usable)
		return a->n_usable > b->n_usable ? -1 : 1;
	return strcmp(a->key, b->key);
}

static struct series *series_of(struct work *w, struct strmap *keys, const struct view *v)
{
	const char *path = series_path(w, v->artifact);
	const char *key = path ? key_of(w, path, v) : NULL;
	size_t at;

	if (!key || strmap_add(keys, str_of(key), &at) < 0) {
		w->failed = true;
		return NULL;
	}
	if (at == w->n_series)
		w->series[w->n_series++] = (struct series){.key = key, .path = path};
	return &w->series[at];
}

static void add_runs(struct work *w, struct series *s, size_t number)
{
	struct view *v = w->views[number];
	size_t n = 0;
	struct view **nights = nights_of(w, v, &n);

	if (!nights) {
		add_view(w, s, v);
		return;
	}
	times_by_rows(w, number, n);
	for (size_t i = 0; i < n && !w->failed; i++)
		add_view(w, s, nights[i]);
}

void series_build(struct work *w)
{
	struct strmap keys = {.arena = w->arena};

	times_find(w);
	machines_find(w);
	w->series = work_alloc(w, w->n_views, sizeof *w->series);
	for (size_t i = 0; i < w->n_views && !w->failed; i++) {
		struct series *s = series_of(w, &keys, w->views[i]);

		if (s)
			add_runs(w, s, i);
	}
	for (size_t i = 0; i < w->n_series && !w->failed; i++)
		choose_present(w, &w->series[i]);
	if (!w->failed && w->n_series)
		qsort(w->series, w->n_series, sizeof *w->series, compare_series);
}
