/* SPDX-License-Identifier: MIT */
/* The table of the series' present runs beside their earlier ones. */
#include <math.h>

#include "agents/writer/page.h"
#include "agents/writer/shifts.h"

#define MOST_ROWS 12 /* a longer table would be folded */

/* Of a percentage: what it is between. */
static const struct fact *side(const struct page *p, const struct shift *s, size_t which)
{
	return dossier_fact(p->d, s->delta->n_from > which ? s->delta->from[which] : 0);
}

static void say_series(struct page *p, const struct shift *s)
{
	const struct fact *present = dossier_fact(p->d, s->chart->present);
	const struct artifact *a = present && present->n_cells
	                                   ? dossier_artifact(p->d, present->cells[0].artifact)
	                                   : NULL;

	page_cell(p);
	if (s->chart->n_subject)
		page_subject(p, s->chart->subject, s->chart->n_subject);
	else
		ink_words(&p->ink, "–");
	page_cell(p);
	if (a)
		ink_name(&p->ink, a->path);
	else
		ink_words(&p->ink, "–");
}

static void say_sides(struct page *p, const struct shift *s)
{
	const struct fact *now = side(p, s, 0), *before = side(p, s, 1);
	double larger = fmax(now ? fabs(now->value) : 0, before ? fabs(before->value) : 0);
	double smaller = fmin(now ? fabs(now->value) : 0, before ? fabs(before->value) : 0);
	const struct fact *any = now ? now : before;
	struct number_unit u = number_unit_for(any ? any->unit : NULL, larger);
	int decimals = number_decimals(larger * u.scale,
	                               (smaller > 0 ? smaller : larger) * u.scale);

	page_cell(p);
	page_metric(p, s->delta->metric ? s->delta->metric : s->delta->label, u.unit,
	            s->delta->better);
	for (int i = 0; i < 2; i++) {
		const struct fact *f = i ? now : before;

		page_cell(p);
		if (f)
			page_column_fact(p, f, u.scale, decimals);
		else
			ink_words(&p->ink, "–");
	}
}

static size_t note_of(const struct page *p, unsigned present)
{
	size_t i = 0;

	while (i < p->d->n_noise && p->d->noise[i].fact != present)
		i++;
	return i;
}

static void say_difference(struct page *p, const struct shift *s)
{
	const struct fact *before = side(p, s, 1);
	size_t note = note_of(p, s->chart->present);
	bool beyond = s->size > 1;

	page_cell(p);
	ink_words(&p->ink, beyond ? "**" : "");
	ink_words(&p->ink, s->delta->value > 0 ? "+" : "");
	ink_fact_in_column(&p->ink, s->delta->id, 1, 1);
	ink_words(&p->ink, beyond ? "**" : "");
	page_cell(p);
	if (note < p->d->n_noise)
		ink_figure(&p->ink, NUMBER_PERCENT, "/configuration/noise/%zu/limit_pct", note);
	else
		ink_words(&p->ink, "–");
	page_cell(p);
	if (before)
		ink_figure(&p->ink, NUMBER_MEASURE, "/facts/%u/n", before->id - 1);
	else
		ink_words(&p->ink, "–");
}

static void say_rows(struct page *p, const struct shift *shifts, size_t n)
{
	page_table(p, true);
	ink_words(&p->ink, "| Metric | Before | Now | Change (%) | Noise (± %) | Values before | "
	                   "Configuration | File |\n");
	page_rule(p, "tnnnnntt");
	for (size_t i = 0; i < n; i++) {
		say_sides(p, &shifts[i]);
		say_difference(p, &shifts[i]);
		say_series(p, &shifts[i]);
		page_row(p);
	}
	page_table(p, false);
}

bool page_shifts(struct page *p, unsigned minor)
{
	size_t all, n, most = p->limits.rows + p->limits.rows / 2;
	const struct shift *shifts = shifts_in_order(p->ink.arena, p->d, &all);

	p->failed |= !shifts;
	if (!shifts || !all)
		return false;
	most = most < MOST_ROWS ? most : MOST_ROWS;
	n = all < most ? all : most;
	page_begin(p, "table", "code");
	ink_heading(&p->ink, 3, minor);
	ink_words(&p->ink, "Against Earlier Runs\n\n"
	                   "Before: the median of the earlier runs. Now: the present run, or the "
	                   "median of those since a change. Noise: what a run may be off without "
	                   "telling anything; **bold** is beyond it.\n\n");
	say_rows(p, shifts, n);
	if (all > n) {
		ink_words(&p->ink, "\nFurther series, which moved less for their noise, in "
		                   "report.json: ");
		page_omitted(p, all - n);
		ink_words(&p->ink, ".");
	}
	page_end(p);
	page_plots(p, PLOT_SHIFTS, PAGE_ANY_GROUP);
	return true;
}
