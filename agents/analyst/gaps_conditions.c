/* SPDX-License-Identifier: MIT */
/* What the artifacts themselves say against their figures. */
#include "agents/analyst/gap.h"

#include <strings.h>

#include "agents/analyst/words.h"

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

enum condition { BUILT_FOR_DEBUG, CLOCKS_VARY, THRESHOLD_MISSED };

struct complaint {
	enum severity severity;
	const char *key, *label, *one, *many, *then; /* one, many: behind the number */
};

static const struct complaint complaints[] = {
	[BUILT_FOR_DEBUG] = {SEVERITY_MEDIUM, "gap:debug", "fields that tell of a debug build",
                             " field tells of a debug build, in ",
                             " fields tell of debug builds, in ",
                             ": a release build will give other figures."},
	[CLOCKS_VARY] = {SEVERITY_LOW, "gap:scaling", "fields that tell of a varying clock",
                         " field tells that the processor's clock may vary, in ",
                         " fields tell that the processor's clock may vary, in ",
                         ": times there scatter with it."},
	[THRESHOLD_MISSED] = {SEVERITY_MEDIUM, "gap:threshold", "thresholds that were missed",
                              " threshold that the benchmark sets itself was missed, in ",
                              " thresholds that benchmarks set themselves were missed, in ", "."},
};

/* By the column's name, before any cell is looked at. k6: /metrics/x/thresholds/p(95)<200/ok. */
static bool may_tell(enum condition what, const struct view_column *c)
{
	struct words w = words_of(c->name);

	switch (what) {
	case BUILT_FOR_DEBUG:
		return words_any(&w, LIST("build", "configuration", "profile", "mode"));
	case CLOCKS_VARY:
		return words_are_any(&w, LIST("cpu_scaling_enabled")) || words_has(&w, "governor");
	case THRESHOLD_MISSED:
		return strcmp(c->name, "ok") == 0 && strstr(c->parent, "/thresholds") != NULL;
	}
	return false;
}

static bool tells(enum condition what, const struct cell *c)
{
	bool text = c->kind == CELL_TEXT;

	switch (what) {
	case BUILT_FOR_DEBUG:
		return text && strcasecmp(c->text, "debug") == 0;
	case CLOCKS_VARY:
		return (c->kind == CELL_BOOL && c->number > 0) ||
		       (text && (strcasecmp(c->text, "powersave") == 0 ||
		                 strcasecmp(c->text, "ondemand") == 0 ||
		                 strcasecmp(c->text, "schedutil") == 0));
	case THRESHOLD_MISSED:
		return c->kind == CELL_BOOL && !(c->number > 0);
	}
	return false;
}

struct found {
	struct gap gap;
	struct gap_cells cells;
};

/* A field that stands in every row of a table is one field. */
static void look_at(struct work *w, struct found *f, enum condition what, const struct view *v,
                    size_t column)
{
	for (size_t r = 0; r < v->n_rows && !w->failed; r++) {
		const struct cell cell = view_cell(v, r, column);
		uint32_t row = (uint32_t)r;
		int at = (int)column;

		if (!tells(what, &cell))
			continue;
		gap_cells(w, &f->cells, v, &row, &at, 1);
		gap_artifact(w, &f->gap, v->artifact->id);
		return;
	}
}

static void find(struct work *w, enum condition what)
{
	const struct complaint *c = &complaints[what];
	struct found f = {.gap = gap_new(c->severity)};

	for (size_t i = 0; i < w->n_views && !w->failed; i++)
		for (size_t k = 0; k < w->views[i]->n_columns && !w->failed; k++)
			if (!w->views[i]->columns[k].is_added &&
			    may_tell(what, &w->views[i]->columns[k]))
				look_at(w, &f, what, w->views[i], k);
	if (w->failed || !f.cells.cells.n || !gap_count(w, &f.gap, c->label, &f.cells))
		return;
	say(&f.gap.text, f.cells.cells.n == 1 ? c->one : c->many);
	gap_files(w, &f.gap);
	say(&f.gap.text, c->then);
	(void)gap_add(w, &f.gap, c->key);
}

void gaps_in_conditions(struct work *w)
{
	for (enum condition c = BUILT_FOR_DEBUG; c <= THRESHOLD_MISSED && !w->failed; c++)
		find(w, c);
}
