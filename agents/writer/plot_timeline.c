/* SPDX-License-Identifier: MIT */
/* The review itself: which step ran when, and what its calls waited for. */
#include <math.h>

#include "agents/writer/plot_impl.h"

#define CALLS_LEAST 2
#define ROWS_MAX    28
#define ROW_HEIGHT  20

enum phase { PHASE_STEP, PHASE_QUEUE, PHASE_LOAD, PHASE_PROMPT, PHASE_EVAL, PHASE_REST, PHASES };

static const struct {
	const char *title;
	enum plot_ink ink;
} phases[PHASES] = {
	[PHASE_STEP] = {"step", PLOT_BAND},       [PHASE_QUEUE] = {"waiting", PLOT_DIM},
	[PHASE_LOAD] = {"loading", PLOT_OTHER},   [PHASE_PROMPT] = {"prompt", PLOT_BETTER},
	[PHASE_EVAL] = {"generation", PLOT_MAIN}, [PHASE_REST] = {"rest", PLOT_HEAT}};

struct bar {
	enum phase phase;
	size_t row;
	double from_s, to_s;
};

struct timeline {
	struct bar bars[ROWS_MAX * PHASES];
	size_t n, rows;
	const char *names[ROWS_MAX];
};

static void add_bar(struct timeline *t, enum phase phase, double *at_ms, double ms)
{
	if (!(ms > 0) || t->n == ARRAY_LEN(t->bars))
		return;
	t->bars[t->n++] = (struct bar){phase, t->rows, *at_ms / 1000, (*at_ms + ms) / 1000};
	*at_ms += ms;
}

static double known(double ms)
{
	return ms > 0 ? ms : 0;
}

/* What the server tells of its time, at most the time that it took; the rest stands as such. */
static void add_call(struct sketch *s, struct timeline *t, size_t i)
{
	const struct report_call *c = &s->meta->calls[i];
	const struct model_record *r = &c->record;
	double told = known(r->load_ms) + known(r->prompt_eval_ms) + known(r->eval_ms);
	double share = told > r->total_ms ? r->total_ms / told : 1;
	double at = c->begun_ms, end = known(r->queue_ms) + r->total_ms + at;

	t->names[t->rows] = arena_printf(s->arena, "M%zu, %s", i + 1, c->step);
	s->failed |= !t->names[t->rows];
	add_bar(t, PHASE_QUEUE, &at, r->queue_ms);
	add_bar(t, PHASE_LOAD, &at, share * known(r->load_ms));
	add_bar(t, PHASE_PROMPT, &at, share * known(r->prompt_eval_ms));
	add_bar(t, PHASE_EVAL, &at, share * known(r->eval_ms));
	add_bar(t, PHASE_REST, &at, end - at > 1 ? end - at : 0);
	t->rows++;
}

static bool is_drawn(const struct report_call *c)
{
	return !c->record.cached && c->begun_ms >= 0 && c->record.total_ms > 0;
}

/* Each step, and below it its calls. */
static void collect(struct sketch *s, struct timeline *t)
{
	for (size_t i = 0; i < s->meta->n_steps; i++) {
		const struct report_step *step = &s->meta->steps[i];
		double at = step->begun_ms;

		if (t->rows == ROWS_MAX)
			return;
		t->names[t->rows] = step->id;
		if (at >= 0) {
			add_bar(t, PHASE_STEP, &at, step->wall_ms);
			t->rows++;
		}
		for (size_t k = 0; k < s->meta->n_calls && t->rows < ROWS_MAX; k++)
			if (strcmp(s->meta->calls[k].step, step->id) == 0 &&
			    is_drawn(&s->meta->calls[k]))
				add_call(s, t, k);
	}
}

static bool has_phase(const struct timeline *t, enum phase phase)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->bars[i].phase == phase)
			return true;
	return false;
}

static void put_bars(struct sketch *s, const struct timeline *t)
{
	const char *sep = "plot ";

	for (enum phase p = 0; p < PHASES; p++) {
		sketch_put(s, "$phase%d << END\n", (int)p);
		for (size_t i = 0; i < t->n; i++) {
			const struct bar *b = &t->bars[i];

			if (b->phase != p)
				continue;
			sketch_number(s, (b->from_s + b->to_s) / 2);
			sketch_put(s, "%zu ", b->row);
			sketch_number(s, (b->to_s - b->from_s) / 2);
			sketch_put(s, "\n");
		}
		sketch_put(s, "END\n");
	}
	for (enum phase p = 0; p < PHASES; p++) {
		if (!has_phase(t, p))
			continue;
		sketch_put(s, "%s$phase%d using 1:2:3:(.36) with boxxyerror fs solid noborder ",
		           sep, (int)p);
		sketch_ink(s, phases[p].ink);
		sketch_put(s, " title '%s'", phases[p].title);
		sep = ", ";
	}
	sketch_put(s, "\n");
}

void plot_timeline(struct sketch *s)
{
	struct timeline *t;
	size_t calls = 0;

	for (size_t i = 0; i < s->meta->n_calls; i++)
		calls += is_drawn(&s->meta->calls[i]);
	if (calls < CALLS_LEAST)
		return;
	t = arena_calloc(s->arena, 1, sizeof *t);
	s->failed |= !t;
	if (s->failed)
		return;
	collect(s, t);
	if (!t->n || !sketch_begin(s, PLOT_TIMELINE, 70 + ROW_HEIGHT * (unsigned)t->rows,
	                           (struct key_size){2, 3}))
		return;
	sketch_words(s, "Steps and calls of this review, in seconds since its start");
	sketch_put(s,
	           "set xlabel 'time (s)' textcolor rgb '#0000a1'\nset format x '%%g'\n"
	           "set yrange [%zu.6:-.6]\nset grid noytics\nset xrange [0:]\nset ytics (",
	           t->rows - 1);
	for (size_t i = 0; i < t->rows; i++) {
		sketch_put(s, i ? ", " : "");
		sketch_label(s, t->names[i]);
		sketch_put(s, " %zu", i);
	}
	sketch_put(s, ") scale 0\n");
	put_bars(s, t);
	sketch_end(s);
}
