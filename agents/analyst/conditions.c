/* SPDX-License-Identifier: MIT */
#include "agents/analyst/conditions.h"

#include "agents/analyst/words.h"

#define REMEMBERED_MAX 20000 /* of all runs of a review */
#define LIST(...)      ((const char *const[]){__VA_ARGS__, NULL})

/* Conditions of one run, by name. */
struct conditions {
	struct past_condition *at;
	size_t n;
};

/* The one text of a column in all rows of a run; NULL: there are several, or none. */
static const char *only_text(const struct view *v, int column)
{
	const char *ret = NULL;

	for (size_t r = 0; column >= 0 && r < v->n_rows; r++) {
		const struct cell c = view_cell(v, r, (size_t)column);

		if (view_row(v, r).failed)
			continue;
		if (!c.text || (ret && strcmp(ret, c.text) != 0))
			return NULL;
		ret = c.text;
	}
	return ret && *ret ? ret : NULL;
}

/* Names of the machine and the program come first: there is room for a few. */
static bool comes_first(const char *name)
{
	struct words w = words_of(name);

	return name_is_environment(name) ||
	       words_any(&w, LIST("kernel", "clock", "clocks", "governor", "firmware"));
}

static size_t collect(struct work *w, struct past_condition *ret, const struct series *s,
                      const struct view *v)
{
	const struct view *present = s->views[s->present];
	size_t n = 0;

	for (int first = 1; first >= 0; first--)
		for (size_t i = 0; i < present->n_columns && n < PAST_CONDITIONS_MAX; i++) {
			const struct view_column *c = &present->columns[i];
			const char *text;

			if (s->roles[i].role != ROLE_COVARIATE ||
			    comes_first(c->name) != (first > 0))
				continue;
			text = only_text(v, view_find(v, c->id));
			text = text ? text_tamed(w, text, ERROR_TEXT_BYTES) : NULL;
			if (text)
				ret[n++] = (struct past_condition){text_clean(w, c->id), text};
		}
	return w->failed ? 0 : n;
}

static void read_run(struct work *w, struct conditions *ret, const struct tracks *t,
                     const struct run_at *run)
{
	const struct past *past = w->d->past;

	*ret = (struct conditions){0};
	if (run->view) {
		ret->at = work_alloc(w, PAST_CONDITIONS_MAX, sizeof *ret->at);
		ret->n = ret->at ? collect(w, ret->at, t->series, run->view) : 0;
	} else if (past && past->conditions) {
		w->failed |= past->conditions(past->arg, w->arena, t->key, run->time_s, &ret->at,
		                              &ret->n) < 0;
	}
}

static const char *find(const struct conditions *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->at[i].name, name) == 0)
			return c->at[i].text;
	return NULL;
}

/* As it is written in the present run; its id where that has no such column. */
static const char *name_of(struct work *w, const struct tracks *t, const char *id)
{
	const struct view *present = t->series->views[t->series->present];
	int column = view_find(present, id);

	return column >= 0 ? present->columns[column].name : text_tamed(w, id, ERROR_TEXT_BYTES);
}

static bool is_named(const struct differences *d, const char *name)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->names[i], name) == 0)
			return true;
	return false;
}

/* The report holds what its sentences quote. */
static void note(struct work *w, const struct condition_difference *c)
{
	struct dossier *d = w->d;

	if (work_grow(w, &d->differences, d->n_differences, &w->cap_differences,
	              sizeof *d->differences))
		d->differences[d->n_differences++] = *c;
}

static void say_difference(struct sentence *s, struct differences *d,
                           const struct condition_difference *c)
{
	say(s, d->n ? ", " : "; what differs between the two runs: ");
	d->names[d->n++] = c->name;
	say_name(s, c->name);
	say(s, " was ");
	say_name(s, c->before);
	say(s, " and is ");
	say_name(s, c->since);
}

void conditions_say(struct work *w, struct sentence *s, const struct tracks *t,
                    const struct run_at runs[static 2], struct differences *d)
{
	struct conditions before, since;

	read_run(w, &before, t, &runs[0]);
	read_run(w, &since, t, &runs[1]);
	for (size_t i = 0; i < 2 * since.n && d->n < MAX_DIFFERENCES && !w->failed; i++) {
		const struct past_condition *is = &since.at[i % since.n];
		const struct condition_difference c = {name_of(w, t, is->name),
		                                       find(&before, is->name), is->text};

		if (!c.name || !c.before || strcmp(c.before, c.since) == 0 ||
		    comes_first(c.name) != (i < since.n) || is_named(d, c.name))
			continue;
		note(w, &c);
		say_difference(s, d, &c);
	}
}

/* --- for the next review ----------------------------------------------------------------- */

static void remember_run(struct work *w, const struct tracks *t, const struct run_at *run)
{
	struct dossier *d = w->d;
	struct conditions c;

	if (d->n_conditions >= REMEMBERED_MAX)
		return;
	read_run(w, &c, t, run);
	for (size_t i = 0; i < c.n && d->n_conditions < REMEMBERED_MAX; i++)
		if (work_grow(w, &d->conditions, d->n_conditions, &w->cap_conditions,
		              sizeof *d->conditions))
			d->conditions[d->n_conditions++] = (struct history_condition){
				t->key, run->time_s, c.at[i]};
}

/* The runs of the tree that no earlier review knows, by number. */
static struct run_at *new_runs(struct work *w, const struct tracks *t)
{
	struct run_at *ret = work_alloc(w, t->n_runs, sizeof *ret);

	for (size_t i = 0; ret && i < t->n; i++)
		for (size_t k = 0; k < t->at[i].n; k++) {
			const struct track_point *p = &t->at[i].points[k];

			if (p->view && !p->past)
				ret[p->run] = (struct run_at){p->view, p->time_s};
		}
	return ret;
}

void conditions_remember(struct work *w)
{
	/* those of tonight before all others: there is a limit */
	for (int present = 1; present >= 0; present--)
		for (size_t i = 0; i < w->n_compared && !w->failed; i++) {
			const struct tracks *t = &w->compared[i].tracks;
			const struct run_at *runs = new_runs(w, t);

			for (size_t k = 0; runs && k < t->n_runs && !w->failed; k++)
				if (runs[k].view && (k + 1 == t->n_runs) == present)
					remember_run(w, t, &runs[k]);
		}
}
