/* SPDX-License-Identifier: MIT */
/* Two metrics that pull apart, with the Pareto front. */
#include <math.h>

#include "agents/writer/plot_impl.h"

#define FRONTS_MAX 2
#define LEAST      4 /* choices: fewer are read faster in the finding */

static double value_of(const struct sketch *s, unsigned fact)
{
	const struct fact *f = dossier_fact(s->d, fact);

	return f ? f->value : (double)NAN;
}

static void put_choices(struct sketch *s, const struct chart_front *f, double scale_x,
                        double scale_y)
{
	sketch_put(s, "$all << END\n");
	for (size_t i = 0; i < f->n; i++) {
		if (f->choices[i].on_front)
			continue;
		sketch_number(s, value_of(s, f->choices[i].x) * scale_x);
		sketch_number(s, value_of(s, f->choices[i].y) * scale_y);
		sketch_put(s, "\n");
	}
	sketch_put(s, "END\n$front << END\n");
	for (size_t i = 0; i < f->n; i++) {
		if (!f->choices[i].on_front)
			continue;
		sketch_number(s, value_of(s, f->choices[i].x) * scale_x);
		sketch_number(s, value_of(s, f->choices[i].y) * scale_y);
		sketch_put(s, "\n");
	}
	sketch_put(s, "END\n");
}

/* Members of the front by their x, so that they may be told apart from top to bottom. */
static size_t order_members(const struct sketch *s, const struct chart_front *f,
                            const struct chart_choice **members, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n && n < max; i++) {
		size_t at = n;

		if (!f->choices[i].on_front)
			continue;
		for (; at > 0 && value_of(s, members[at - 1]->x) > value_of(s, f->choices[i].x);
		     at--)
			members[at] = members[at - 1];
		members[at] = &f->choices[i];
		n++;
	}
	return n;
}

/* The middle between the least and the most of x that are drawn. */
static double middle_of(const struct sketch *s, const struct chart_front *f)
{
	double low = HUGE_VAL, high = -HUGE_VAL;

	for (size_t i = 0; i < f->n; i++) {
		low = fmin(low, value_of(s, f->choices[i].x));
		high = fmax(high, value_of(s, f->choices[i].x));
	}
	return (low + high) / 2;
}

/* Names stand where there is room, left or right of their points, and off the line between. */
static void put_names(struct sketch *s, const struct chart_front *f, double scale_x, double scale_y)
{
	const struct chart_choice *members[8];
	size_t n = order_members(s, f, members, ARRAY_LEN(members));
	double middle = middle_of(s, f);
	bool rises = n && value_of(s, members[n - 1]->y) > value_of(s, members[0]->y);

	for (size_t i = 0; i < n; i++) {
		double x = value_of(s, members[i]->x), y = value_of(s, members[i]->y);
		bool left = x > middle;

		sketch_put(s, "set label ");
		sketch_label(s, sketch_configuration(s, members[i]->subject, members[i]->n_subject,
		                                     false));
		sketch_put(s, " at %.9g, %.9g %s offset char %s, %s textcolor rgb '#0000a1'\n",
		           x * scale_x, y * scale_y, left ? "right" : "left", left ? "-.9" : ".9",
		           left == rises ? ".4" : "-.4");
	}
}

static const char *name_of(const struct fact *f)
{
	return f->metric ? f->metric : f->label;
}

static void draw(struct sketch *s, const struct chart_front *f)
{
	const struct fact *x = dossier_fact(s->d, f->choices[0].x);
	const struct fact *y = dossier_fact(s->d, f->choices[0].y);
	double most_x = 0, most_y = 0, low_y = HUGE_VAL, scale_x, scale_y;

	if (!x || !y || !sketch_begin(s, PLOT_FRONT, 260, (struct key_size){1, 2}))
		return;
	for (size_t i = 0; i < s->d->n_findings; i++)
		if (s->d->findings[i].key == f->key)
			s->plot.finding = s->d->findings[i].id;
	for (size_t i = 0; i < f->n; i++) {
		most_x = fmax(most_x, fabs(value_of(s, f->choices[i].x)));
		low_y = fmin(low_y, value_of(s, f->choices[i].y));
		most_y = fmax(most_y, fabs(value_of(s, f->choices[i].y)));
		sketch_fact(s, f->choices[i].x);
		sketch_fact(s, f->choices[i].y);
	}
	sketch_name(s, name_of(y));
	sketch_words(s, " against ");
	sketch_name(s, name_of(x));
	sketch_words(s, " with the Pareto front");
	scale_x = sketch_axis(s, 'x', name_of(x), x->unit, most_x).scale;
	scale_y = sketch_axis(s, 'y', name_of(y), y->unit, most_y).scale;
	put_choices(s, f, scale_x, scale_y);
	put_names(s, f, scale_x, scale_y);
	if (low_y >= 0 && low_y < most_y / 3)
		sketch_put(s, "set yrange [0:*]\n");
	sketch_put(s, "set offsets graph .07, graph .07, graph .1, graph .1\nplot ");
	if (f->is_whole) {
		sketch_put(s, "$front using 1:2 smooth unique with lines lw 1 dt 2 ");
		sketch_ink(s, PLOT_WORSE);
		sketch_put(s, " notitle, ");
	}
	sketch_put(s, "$front using 1:2 with points pt 7 ps .9 ");
	sketch_ink(s, PLOT_WORSE);
	sketch_put(s, " title 'Pareto front'");
	for (size_t i = 0; i < f->n; i++) {
		if (f->choices[i].on_front)
			continue;
		sketch_put(s, ", $all using 1:2 with points pt 7 ps .6 ");
		sketch_ink(s, PLOT_MAIN);
		sketch_put(s, " title 'beaten by one of it'");
		break;
	}
	sketch_put(s, "\n");
	sketch_end(s);
}

void plot_fronts(struct sketch *s)
{
	const struct charts *c = &s->d->charts;

	for (size_t i = 0; i < c->n_fronts && s->of_kind[PLOT_FRONT] < FRONTS_MAX; i++)
		if (c->fronts[i].n >= LEAST)
			draw(s, &c->fronts[i]);
}
