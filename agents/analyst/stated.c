/* SPDX-License-Identifier: MIT */
/*
 * What an artifact states of the options that it was made with, against the options that it holds:
 * the name of a directory of its path ("gpu80_ctx512_temp0p8"), what an agent was given and what it
 * wrote down of its run, and what a report says ("num_gpu=80") of the runs beside it. Only where
 * both are exact, and nothing that is there agrees.
 */
#include <ctype.h>
#include <math.h>

#include "agents/analyst/gap.h"
#include "lib/evidence/pipeline.h"

#define MAX_FINDINGS 10
#define MAX_ROWS     1000 /* of a table, looked at for options */

/* --- facts ----------------------------------------------------------------------------------- */

static unsigned fact_of_cell(struct work *w, const struct view *v, uint32_t row, int column)
{
	struct cell cell = view_cell(v, row, (size_t)column);
	double *number = work_alloc(w, 1, sizeof *number);
	struct cells at;
	struct fact f = {.metric = v->columns[column].name, .better = BETTER_NONE, .n = 1};

	cells_of_rows(w, &at, v, &row, &column, 1);
	if (w->failed || !number || at.n_at != 1)
		return 0;
	*number = f.value = cell.number;
	f.label = work_printf(w, "%s, as the artifact has it", f.metric);
	f.statistic = STAT_VALUE;
	f.cells = at.at, f.n_cells = 1;
	f.samples = number, f.n_samples = 1;
	return fact_add(w, &f);
}

static bool differ(double a, double b)
{
	return a < b || a > b;
}

/* --- what an agent was given, and what it says of its run --------------------------------------
 */

#define GIVEN "/config/options/"
#define RUN   "/result/configuration/"

/* The column of the run's option beside that of the given one; -1: this is none, or has none. */
static int run_beside(struct work *w, const struct view *v, size_t column)
{
	const char *id = v->columns[column].id, *at = strstr(id, GIVEN);
	size_t option;
	const char *other;

	if (!at || !option_find(at + strlen(GIVEN), &option))
		return -1;
	other = work_printf(w, "%.*s" RUN "%s", (int)(at - id), id, at + strlen(GIVEN));
	return other ? view_find(v, other) : -1;
}

static bool tell_run(struct work *w, const struct view *v, uint32_t row, int given, int run)
{
	struct gap g = gap_new(SEVERITY_MEDIUM);
	unsigned facts[] = {fact_of_cell(w, v, row, given), fact_of_cell(w, v, row, run)};
	const char *key = work_printf(w, "contradiction:%s#%s", path_stripped(w, v->artifact->path),
	                              v->columns[given].id);

	if (!key || !facts[0] || !facts[1] || gap_is_told(w, key))
		return false;
	g.finding.kind = FINDING_CONTRADICTION;
	say(&g.text, "In ");
	say_name(&g.text, v->artifact->path);
	say(&g.text, " an agent was given ");
	say_name(&g.text, v->columns[given].name);
	say(&g.text, " ");
	say_fact(&g.text, facts[0]);
	say(&g.text, " (");
	say_name(&g.text, v->columns[given].id);
	say(&g.text, "), and its result says ");
	say_fact(&g.text, facts[1]);
	say(&g.text, " (");
	say_name(&g.text, v->columns[run].id);
	say(&g.text, ").");
	gap_artifact(w, &g, v->artifact->id);
	gap_fact(w, &g, facts[0]);
	gap_fact(w, &g, facts[1]);
	return gap_add(w, &g, key) != NULL;
}

static void check_runs(struct work *w, const struct view *v, size_t *told)
{
	for (size_t c = 0; c < v->n_columns && *told < MAX_FINDINGS && !w->failed; c++) {
		int run = run_beside(w, v, c);

		for (uint32_t r = 0; run >= 0 && r < v->n_rows && r < MAX_ROWS; r++) {
			struct cell a = view_cell(v, r, c), b = view_cell(v, r, (size_t)run);

			if (a.kind == CELL_NUMBER && b.kind == CELL_NUMBER &&
			    differ(a.number, b.number) && *told < MAX_FINDINGS)
				*told += tell_run(w, v, r, (int)c, run);
		}
	}
}

/* --- the name of a directory -------------------------------------------------------------------
 */

/* "80", or "0p8" where the option is no whole number. */
static bool read_value(struct str text, bool whole, double *ret)
{
	char copy[24];
	char *end;
	size_t points = 0;

	if (!text.len || text.len >= sizeof copy)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		bool point = text.at[i] == 'p' && i && i + 1 < text.len;

		points += point;
		if ((!point && !isdigit((unsigned char)text.at[i])) || points > !whole)
			return false;
		copy[i] = point ? '.' : text.at[i];
	}
	copy[text.len] = '\0';
	*ret = strtod(copy, &end);
	return !*end;
}

/* What a name says of each option; NAN: nothing. */
struct stated {
	struct str name; /* of the directory */
	double values[OPTIONS_COUNT];
	size_t n;
};

static void read_word(struct stated *s, struct str word)
{
	static const struct {
		const char *begin, *option;
		bool whole;
	} forms[] = {
		{"gpu", "num_gpu", true}, {"ctx", "num_ctx", true}, {"temp", "temperature", false}};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		size_t len = strlen(forms[i].begin), option;
		double value;

		if (word.len > len && memcmp(word.at, forms[i].begin, len) == 0 &&
		    read_value((struct str){word.at + len, word.len - len}, forms[i].whole,
		               &value) &&
		    option_find(forms[i].option, &option) && isnan(s->values[option])) {
			s->values[option] = value;
			s->n++;
		}
	}
}

/* One option alone may be anything, as a device's number: two of them are a configuration. */
static bool read_name(struct stated *s, struct str name)
{
	size_t from = 0;

	*s = (struct stated){.name = name};
	for (size_t i = 0; i < OPTIONS_COUNT; i++)
		s->values[i] = NO_NUMBER;
	for (size_t i = 0; i <= name.len; i++)
		if (i == name.len || name.at[i] == '_') {
			read_word(s, (struct str){name.at + from, i - from});
			from = i + 1;
		}
	return s->n >= 2;
}

/* The last directory of the path, or the file's own name without its extension. */
static bool read_path(struct stated *s, const char *path)
{
	size_t end = strlen(path);
	const char *dot = strrchr(path, '.');

	if (dot && !strchr(dot, '/'))
		end = (size_t)(dot - path);
	while (end) {
		size_t from = end;

		while (from && path[from - 1] != '/')
			from--;
		if (read_name(s, (struct str){path + from, end - from}))
			return true;
		end = from ? from - 1 : 0;
	}
	return false;
}

/* A cell that holds the option, if none of the artifact's holds what its path says. */
struct held_cell {
	const struct view *view;
	uint32_t row;
	int column;
	bool agrees;
};

static void look_at(struct held_cell *h, const struct view *v, size_t column, double stated)
{
	for (uint32_t r = 0; r < v->n_rows && !h->agrees; r++) {
		struct cell cell = view_cell(v, r, column);

		if (cell.kind != CELL_NUMBER)
			continue;
		h->agrees = r >= MAX_ROWS || !differ(cell.number, stated);
		if (!h->view)
			*h = (struct held_cell){v, r, (int)column, h->agrees};
	}
}

static struct held_cell find_held(const struct work *w, const struct artifact *a, size_t option,
                                  double stated)
{
	struct held_cell h = {.view = NULL};

	for (size_t i = 0; i < w->n_views; i++) {
		const struct view *v = w->views[i];

		for (size_t c = 0; v->artifact == a && c < v->n_columns; c++)
			if (strcmp(v->columns[c].name, option_name(option)) == 0 &&
			    !v->columns[c].is_added)
				look_at(&h, v, c, stated);
	}
	return h;
}

static bool tell_path(struct work *w, const struct artifact *a, const struct stated *s,
                      size_t option, const struct held_cell *h)
{
	struct gap g = gap_new(SEVERITY_MEDIUM);
	struct gate *gate = work_alloc(w, 1, sizeof *gate);
	unsigned fact = fact_of_cell(w, h->view, h->row, h->column);
	const char *name = work_printf(w, "equal to the %s of the path", option_name(option));
	const char *key = work_printf(w, "contradiction:%s#path/%s", path_stripped(w, a->path),
	                              option_name(option));

	if (!fact || !gate || !name)
		return false;
	*gate = (struct gate){name, dossier_fact(w->d, fact)->value, s->values[option], false};
	g.finding.kind = FINDING_CONTRADICTION;
	g.finding.gates = gate, g.finding.n_gates = 1;
	say(&g.text, "The path of ");
	say_name(&g.text, a->path);
	say(&g.text, " states another ");
	say_name(&g.text, option_name(option));
	say(&g.text, " than the file, which holds ");
	say_fact(&g.text, fact);
	say(&g.text, " and nowhere what ");
	say_name(&g.text, work_printf(w, "%.*s", (int)s->name.len, s->name.at));
	say(&g.text, " says.");
	gap_artifact(w, &g, a->id);
	gap_fact(w, &g, fact);
	return gap_add(w, &g, key) != NULL;
}

static void check_path(struct work *w, const struct artifact *a, size_t *told)
{
	struct stated s;

	if (!read_path(&s, a->path))
		return;
	for (size_t i = 0; i < OPTIONS_COUNT && *told < MAX_FINDINGS && !w->failed; i++) {
		struct held_cell h;

		if (isnan(s.values[i]))
			continue;
		h = find_held(w, a, i, s.values[i]);
		if (h.view && !h.agrees)
			*told += tell_path(w, a, &s, i, &h);
	}
}

/* --- a report beside the file ------------------------------------------------------------------
 */

/* What a Markdown text says of an option: one value, however often. -1: none, or several. */
static int only_statement(const struct table *prose, size_t option)
{
	int only = -1;

	for (size_t r = 0; r < prose->n_rows; r++) {
		const struct cell *said = &prose->columns[0].values[r];

		if (said->unit ||
		    strcmp(prose->columns[1].values[r].text, option_name(option)) != 0)
			continue;
		if (said->kind != CELL_NUMBER)
			return -1;
		if (only >= 0 && differ(prose->columns[0].values[only].number, said->number))
			return -1;
		only = only < 0 ? (int)r : only;
	}
	return only;
}

/* In the same directory, or in `data` beside its `reports`, as the agents leave them. */
static bool is_beside(const struct artifact *report, const struct artifact *data)
{
	static const char reports[] = "reports/", beside[] = "data/";
	size_t n = path_directory(report->path), m = path_directory(data->path);
	size_t above = n - (sizeof reports - 1);

	if (data == report || data->root != report->root)
		return false;
	if (n == m)
		return strncmp(report->path, data->path, n) == 0;
	return n >= sizeof reports - 1 && m == above + sizeof beside - 1 &&
	       memcmp(report->path + above, reports, sizeof reports - 1) == 0 &&
	       strncmp(report->path, data->path, above) == 0 &&
	       memcmp(data->path + above, beside, sizeof beside - 1) == 0;
}

/* An agent's own, as its run has it. */
static bool is_agents(const struct view_column *c, size_t option)
{
	return strcmp(c->name, option_name(option)) == 0 && !c->is_added &&
	       (strstr(c->id, "/configuration/") || strstr(c->id, GIVEN));
}

static struct held_cell find_beside(const struct work *w, const struct artifact *report,
                                    size_t option, double stated)
{
	struct held_cell h = {.view = NULL};

	for (size_t i = 0; i < w->n_views; i++) {
		const struct view *v = w->views[i];

		for (size_t c = 0; is_beside(report, v->artifact) && c < v->n_columns; c++)
			if (is_agents(&v->columns[c], option))
				look_at(&h, v, c, stated);
	}
	return h;
}

static unsigned fact_stated(struct work *w, const struct artifact *a, size_t option, size_t row)
{
	struct locator *at = work_alloc(w, 1, sizeof *at);
	double *number = work_alloc(w, 1, sizeof *number);
	struct fact f = {.metric = option_name(option), .better = BETTER_NONE, .n = 1};

	if (!at || !number)
		return 0;
	*at = (struct locator){
		.artifact = a->id, .place = a->prose->columns[0].places[row], .factor = 1};
	*number = f.value = a->prose->columns[0].values[row].number;
	f.label = work_printf(w, "%s, as a text states it", f.metric);
	f.statistic = STAT_VALUE;
	f.cells = at, f.n_cells = 1;
	f.samples = number, f.n_samples = 1;
	return fact_add(w, &f);
}

static bool tell_report(struct work *w, const struct artifact *a, size_t option, size_t row,
                        const struct held_cell *h)
{
	struct gap g = gap_new(SEVERITY_MEDIUM);
	unsigned facts[] = {fact_stated(w, a, option, row),
	                    fact_of_cell(w, h->view, h->row, h->column)};

	if (!facts[0] || !facts[1])
		return false;
	g.finding.kind = FINDING_CONTRADICTION;
	say_name(&g.text, a->path);
	say(&g.text, " states ");
	say_name(&g.text, option_name(option));
	say(&g.text, " ");
	say_fact(&g.text, facts[0]);
	say(&g.text, ", but the agents of ");
	say_name(&g.text, h->view->artifact->path);
	say(&g.text, " ran with another one, as ");
	say_fact(&g.text, facts[1]);
	say(&g.text, ".");
	gap_artifact(w, &g, a->id);
	gap_artifact(w, &g, h->view->artifact->id);
	gap_fact(w, &g, facts[0]);
	gap_fact(w, &g, facts[1]);
	return gap_add(w, &g,
	               work_printf(w, "contradiction:%s#stated/%s", path_stripped(w, a->path),
	                           option_name(option))) != NULL;
}

static void check_report(struct work *w, const struct artifact *a, size_t *told)
{
	const struct table *prose = a->prose;

	if (a->format != FORMAT_MARKDOWN || !prose || prose->n_columns != 2 ||
	    !prose->columns[0].places)
		return;
	for (size_t i = 0; i < OPTIONS_COUNT && *told < MAX_FINDINGS && !w->failed; i++) {
		int row = only_statement(prose, i);
		struct held_cell h;

		if (row < 0)
			continue;
		h = find_beside(w, a, i, prose->columns[0].values[row].number);
		if (h.view && !h.agrees)
			*told += tell_report(w, a, i, (size_t)row, &h);
	}
}

void stated_check(struct work *w)
{
	const struct inventory *inv = &w->d->inventory;
	size_t told = 0;

	for (size_t i = 0; i < w->n_views && !w->failed; i++)
		if (!w->views[i]->whole)
			check_runs(w, w->views[i], &told);
	for (size_t i = 0; i < inv->n_artifacts && !w->failed; i++)
		check_path(w, &inv->artifacts[i], &told);
	for (size_t i = 0; i < inv->n_artifacts && !w->failed; i++)
		check_report(w, &inv->artifacts[i], &told);
}
