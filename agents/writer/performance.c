/* SPDX-License-Identifier: MIT */
/* One table for each group: configurations by metrics, best first, best cells bold. */
#include <math.h>

#include "agents/writer/page.h"

#define MAX_KEY_COLUMNS 4
#define MAX_METRICS     6
#define PLENTY          3 /* metrics */
#define MAX_REPEATED    3

/* One table that is being printed. */
struct sheet {
	const struct group *g;
	size_t index;                /* of the group */
	size_t metrics[MAX_METRICS]; /* columns: the directed ones first */
	struct number_unit units[MAX_METRICS];
	int decimals[MAX_METRICS];
	size_t n_metrics, n_all;
	size_t *order; /* configurations, best first */
	bool with_n;
};

/* The evidence tells those of a table together, row by row, if they have cells to point at. */
static void mark(struct page *p, const struct fact *f)
{
	if (p->in_sheet[f->id] || !f->n_cells)
		return;
	p->in_sheet[f->id] = true;
	p->sheet[p->n_sheet++] = f->id;
}

static const struct fact *center_of(const struct page *p, const struct group *g, size_t c, size_t m)
{
	return dossier_fact(p->d, g->cells[c * g->n_metrics + m].center);
}

static bool has_values(const struct page *p, const struct group *g, size_t m)
{
	for (size_t c = 0; c < g->n_configurations; c++)
		if (center_of(p, g, c, m))
			return true;
	return false;
}

/* What has a direction first; what only restates another metric last, and never beside plenty. */
static void choose_metrics(const struct page *p, struct sheet *s)
{
	for (unsigned rank = 0; rank < 4; rank++)
		for (size_t m = 0; m < s->g->n_metrics; m++) {
			const struct group_metric *metric = &s->g->metrics[m];

			if (2U * metric->derived + (metric->better == BETTER_NONE) != rank ||
			    !has_values(p, s->g, m))
				continue;
			if (s->n_metrics < (metric->derived ? PLENTY : MAX_METRICS))
				s->metrics[s->n_metrics++] = m;
			s->n_all++;
		}
}

static bool all_are(const struct page *p, const struct sheet *s, size_t column, int decimals,
                    bool (*is)(double value, double scale, int decimals))
{
	for (size_t c = 0; c < s->g->n_configurations; c++) {
		const struct fact *f = center_of(p, s->g, c, s->metrics[column]);

		if (f && !is(f->value, s->units[column].scale, decimals))
			return false;
	}
	return true;
}

/* Fewer where they print every value as the artifact has it; another one where a half needs it. */
static int decimals_of(const struct page *p, const struct sheet *s, size_t column, double largest,
                       double smallest)
{
	double scale = s->units[column].scale;
	int decimals = number_decimals(largest * scale, smallest * scale);

	for (int d = 0; d < decimals; d++)
		if (all_are(p, s, column, d, number_is_exact))
			return d;
	if (decimals == NUMBER_ANY_DECIMALS || all_are(p, s, column, decimals, number_is_clear))
		return decimals;
	/* One fewer does as well where it leaves the smallest its two digits. */
	if (decimals > 0 && smallest * scale >= pow(10, 2 - decimals) &&
	    all_are(p, s, column, decimals - 1, number_is_clear))
		return decimals - 1;
	return decimals + 1;
}

/* One unit a column, that of its largest value, and so many decimals that points are aligned. */
static void choose_unit(const struct page *p, struct sheet *s, size_t column)
{
	size_t m = s->metrics[column];
	double largest = 0, smallest = HUGE_VAL;

	for (size_t c = 0; c < s->g->n_configurations; c++) {
		const struct fact *f = center_of(p, s->g, c, m);

		if (f && fabs(f->value) > largest)
			largest = fabs(f->value);
		if (f && f->value != 0.0 && fabs(f->value) < smallest)
			smallest = fabs(f->value);
		if (f && f->n > 1)
			s->with_n = true;
	}
	s->units[column] = number_unit_for(s->g->metrics[m].unit, largest);
	s->decimals[column] = decimals_of(p, s, column, largest, smallest);
}

/* Where a configuration stands by the first metric: smaller is better; the failed come last. */
static double standing(const struct page *p, const struct sheet *s, size_t c)
{
	const struct fact *f = s->n_metrics ? center_of(p, s->g, c, s->metrics[0]) : NULL;

	if (s->g->configurations[c].failed)
		return HUGE_VAL;
	if (!f)
		return 1e308;
	switch (s->g->metrics[s->metrics[0]].better) {
	case BETTER_HIGHER:
		return -f->value;
	case BETTER_LOWER:
		return f->value;
	case BETTER_NONE:
		break;
	}
	return 0; /* in the order of the artifact */
}

struct rank {
	double standing;
	size_t configuration;
};

static int rank_compare(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->standing != y->standing)
		return x->standing < y->standing ? -1 : 1;
	return x->configuration < y->configuration ? -1 : x->configuration > y->configuration;
}

static int sheet_init(struct page *p, struct sheet *s, size_t index)
{
	const struct group *g = &p->d->groups[index];
	size_t n = g->n_configurations;
	CLEANUP(freep) struct rank *ranks = calloc(n + 1, sizeof *ranks);

	*s = (struct sheet){.g = g, .index = index};
	s->order = arena_calloc(p->ink.arena, n + 1, sizeof *s->order);
	if (!ranks || !s->order) {
		p->failed = true;
		return -1;
	}
	choose_metrics(p, s);
	for (size_t i = 0; i < s->n_metrics; i++)
		choose_unit(p, s, i);
	for (size_t c = 0; c < n; c++)
		ranks[c] = (struct rank){standing(p, s, c), c};
	qsort(ranks, n, sizeof *ranks, rank_compare);
	for (size_t c = 0; c < n; c++)
		s->order[c] = ranks[c].configuration;
	return 0;
}

static bool keys_have_columns(const struct group *g)
{
	return g->n_keys && g->n_keys <= MAX_KEY_COLUMNS;
}

static void say_header(struct page *p, const struct sheet *s)
{
	char columns[MAX_KEY_COLUMNS + 1 + MAX_METRICS + 1 + 1] = "";
	size_t text = 0, numbers = s->n_metrics + s->with_n;

	page_table(p, true);
	if (!keys_have_columns(s->g)) {
		page_cell(p);
		ink_words(&p->ink, "Configuration");
		text++;
	}
	for (size_t k = 0; keys_have_columns(s->g) && k < s->g->n_keys; k++, text++) {
		page_cell(p);
		ink_name(&p->ink, s->g->keys[k]);
	}
	for (size_t m = 0; m < s->n_metrics; m++) {
		page_cell(p);
		page_metric(p, s->g->metrics[s->metrics[m]].name, s->units[m].unit,
		            s->g->metrics[s->metrics[m]].better);
	}
	if (s->with_n) {
		page_cell(p);
		ink_words(&p->ink, "n");
	}
	page_row(p);
	memset(columns, 't', text);
	memset(columns + text, 'n', numbers);
	page_rule(p, columns);
}

static const char *subject_text(const struct group_configuration *c, const char *key)
{
	for (size_t i = 0; i < c->n_subject; i++)
		if (strcmp(c->subject[i].name, key) == 0)
			return c->subject[i].text;
	return NULL;
}

/* More keys than columns for them: those that differ, in one cell. */
static void say_subject(struct page *p, const struct sheet *s, const struct group_configuration *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_subject; i++) {
		bool differs = s->g->n_keys == 0;

		for (size_t k = 0; k < s->g->n_keys && !differs; k++)
			differs = strcmp(s->g->keys[k], c->subject[i].name) == 0;
		if (!differs)
			continue;
		ink_words(&p->ink, n++ ? ", " : "");
		page_subject(p, &c->subject[i], 1);
	}
	if (!n)
		page_subject(p, NULL, 0);
}

static void say_keys(struct page *p, const struct sheet *s, const struct group_configuration *c)
{
	if (!keys_have_columns(s->g)) {
		page_cell(p);
		say_subject(p, s, c);
		return;
	}
	for (size_t k = 0; k < s->g->n_keys; k++) {
		const char *text = subject_text(c, s->g->keys[k]);

		page_cell(p);
		if (text)
			ink_name(&p->ink, text);
		else
			ink_words(&p->ink, "–");
	}
}

static void say_center(struct page *p, const struct sheet *s, size_t c, size_t column)
{
	size_t m = s->metrics[column];
	const struct fact *f = center_of(p, s->g, c, m);
	bool best = s->g->cells[c * s->g->n_metrics + m].best && s->g->n_configurations > 1;

	page_cell(p);
	if (!f) {
		ink_words(&p->ink, s->g->configurations[c].failed ? "failed" : "–");
		return;
	}
	mark(p, f);
	ink_words(&p->ink, best ? "**" : "");
	page_column_fact(p, f, s->units[column].scale, s->decimals[column]);
	ink_words(&p->ink, best ? "**" : "");
}

static void say_n(struct page *p, const struct sheet *s, size_t c)
{
	const struct fact *f = s->n_metrics ? center_of(p, s->g, c, s->metrics[0]) : NULL;

	page_cell(p);
	if (f)
		ink_figure(&p->ink, NUMBER_MEASURE, "/facts/%u/n", f->id - 1);
	else
		ink_words(&p->ink, "–");
}

static void say_configuration(struct page *p, const struct sheet *s, size_t c)
{
	say_keys(p, s, &s->g->configurations[c]);
	for (size_t m = 0; m < s->n_metrics; m++)
		say_center(p, s, c, m);
	if (s->with_n)
		say_n(p, s, c);
	page_row(p);
}

/* A single configuration reads best downwards: one metric a line. */
static size_t say_single(struct page *p, const struct sheet *s)
{
	size_t shown = 0;

	page_table(p, true);
	ink_words(&p->ink, "| Metric | Value |\n");
	page_rule(p, "tn");
	for (size_t m = 0; m < s->g->n_metrics && shown < p->limits.rows; m++) {
		const struct fact *f = center_of(p, s->g, 0, m);

		if (!f)
			continue;
		page_cell(p);
		ink_name(&p->ink, s->g->metrics[m].name);
		page_cell(p);
		mark(p, f);
		page_value(p, f->id);
		page_row(p);
		shown++;
	}
	page_table(p, false);
	return s->n_all - shown;
}

static bool cites(const struct finding *k, unsigned fact)
{
	for (size_t i = 0; i < k->n_facts; i++)
		if (k->facts[i] == fact)
			return true;
	return false;
}

/* The finding that tells how far the best and the worst of this metric are apart; NULL: none. */
static const struct finding *best_of(const struct page *p, const struct group_metric *metric)
{
	for (size_t i = 0; i < p->d->n_findings; i++) {
		const struct finding *k = &p->d->findings[i];

		if (k->kind == FINDING_BEST && metric->spread && cites(k, metric->spread))
			return k;
	}
	return NULL;
}

/* The finding that ranks them is told here, unless the first screen has told it. */
static void say_ranking(struct page *p, const struct sheet *s)
{
	const struct finding *k = NULL;

	for (size_t m = 0; m < s->n_metrics && !k; m++)
		k = best_of(p, &s->g->metrics[s->metrics[m]]);
	if (!k)
		return;
	page_begin(p, p->told[k->id] ? "prose" : "list", "builtin");
	if (p->told[k->id]) {
		ink_words(&p->ink, "Ranked in the Executive Summary: ");
		ink_id(&p->ink, 'K', k->id);
		ink_words(&p->ink, ".");
	} else {
		page_finding(p, k, false);
	}
	page_end(p);
}

static void say_spread(struct page *p, const struct sheet *s)
{
	for (size_t m = 0; m < s->n_metrics; m++) {
		const struct group_metric *metric = &s->g->metrics[s->metrics[m]];

		if (!metric->spread)
			continue;
		if (best_of(p, metric))
			return; /* it tells that, too */
		ink_words(&p->ink, "Best and worst ");
		ink_name(&p->ink, metric->name);
		ink_words(&p->ink, " differ by a factor of ");
		page_value(p, metric->spread);
		ink_words(&p->ink, ".");
		return;
	}
}

static void say_rest(struct page *p, const struct sheet *s, size_t hidden, bool single)
{
	if (hidden) {
		ink_words(&p->ink, p->ink.column > 1 ? " " : "");
		ink_words(&p->ink, single ? "Further metrics, in report.json: "
		                          : "Further configurations, in report.json: ");
		page_omitted(p, hidden);
		ink_words(&p->ink, ".");
	}
	if (!single && s->n_all > s->n_metrics) {
		ink_words(&p->ink, p->ink.column > 1 ? " " : "");
		ink_words(&p->ink, "More of its metrics are in report.json.");
	}
}

/* Files that hold nothing but this table again have none of their own. */
static void say_repeated(struct page *p, const struct group *g)
{
	size_t n = 0;

	for (size_t i = 0; i < p->d->n_groups && n < MAX_REPEATED; i++) {
		if (p->d->groups[i].repeats != g->id)
			continue;
		ink_words(&p->ink, n ? ", " : p->ink.column > 1 ? " The same in " : "The same in ");
		ink_name(&p->ink, p->d->groups[i].title);
		n++;
	}
	ink_words(&p->ink, n ? "." : "");
}

static void say_title(struct page *p, const struct group *g, unsigned minor)
{
	ink_heading(&p->ink, 3, minor);
	ink_name(&p->ink, g->title);
	if (g->where && g->where[0] == '/') {
		ink_words(&p->ink, " at ");
		ink_name(&p->ink, g->where);
	} else if (g->where && g->where[0]) {
		ink_words(&p->ink, ", ");
		ink_label(&p->ink, g->where);
	}
	ink_words(&p->ink, "\n\n");
}

static void say_group(struct page *p, size_t index, unsigned minor)
{
	size_t n = p->d->groups[index].n_configurations, shown;
	struct sheet s;

	if (sheet_init(p, &s, index) < 0)
		return;
	page_begin(p, "table", "code");
	say_title(p, s.g, minor);
	if (n == 1) {
		shown = say_single(p, &s);
		ink_line(&p->ink);
		say_rest(p, &s, shown, true);
	} else {
		shown = n < p->limits.rows ? n : p->limits.rows;
		say_header(p, &s);
		for (size_t i = 0; i < shown; i++)
			say_configuration(p, &s, s.order[i]);
		page_table(p, false);
		ink_line(&p->ink);
		say_spread(p, &s);
		say_rest(p, &s, n - shown, false);
	}
	say_repeated(p, s.g);
	page_end(p);
	say_ranking(p, &s);
	page_plots(p, PLOT_SWEEP, index);
	page_begin(p, "prose", "model");
	if (page_comments(p, PLACE_GROUP, (unsigned)index + 1, ""))
		page_end(p);
	else
		page_drop(p);
}

/* A group without a value has no table to print. */
static bool is_printable(const struct page *p, const struct group *g)
{
	for (size_t m = 0; m < g->n_metrics; m++)
		if (has_values(p, g, m))
			return true;
	return false;
}

void page_performance(struct page *p)
{
	size_t left = 0;
	unsigned shown = 0, before;

	page_section(p, 3, "Performance Analysis");
	page_begin(p, "prose", "builtin");
	ink_words(&p->ink,
	          p->d->n_groups
	                  ? "↑ higher is better, ↓ lower is better, **bold** is best. A cell "
	                    "is the value, or the median where n says there are more."
	                  : "No artifact holds a metric.");
	page_end(p);
	before = page_shifts(p, 1);
	for (size_t g = 0; g < p->d->n_groups; g++) {
		if (!is_printable(p, &p->d->groups[g]))
			continue;
		if (p->d->groups[g].repeats)
			continue; /* named at the one that it repeats, or as little worth as that */
		if (shown < p->limits.groups)
			say_group(p, g, before + ++shown);
		else
			left++;
	}
	if (!left)
		return;
	page_begin(p, "prose", "builtin");
	ink_words(&p->ink, "Tables of less weight that are only in report.json: ");
	page_omitted(p, left);
	ink_words(&p->ink, page_has_plots(p, PLOT_SWEEP) ? "; some of them as pictures:" : ".");
	page_end(p);
	page_plots(p, PLOT_SWEEP, PAGE_ANY_GROUP);
}
