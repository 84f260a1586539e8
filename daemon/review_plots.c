/* SPDX-License-Identifier: MIT */
/*
 * The pictures of a review, between its last step and its report: what to draw is decided on a
 * worker, gnuplot draws it beside the loop, and what came back is read on a worker again.
 */
#include "agents/writer/plot.h"
#include "daemon/review_impl.h"

#define AT_ONCE 4 /* processes */

int review_plots_plan(struct review *r, const struct report_meta *meta, struct error *err)
{
	r->plots = arena_calloc(r->arena, 1, sizeof *r->plots);
	r->pictures = arena_calloc(r->arena, PLOTS_MAX, sizeof *r->pictures);
	if (!r->plots || !r->pictures)
		return error_set(err, -ENOMEM, "out of memory");
	if (plots_plan(r->plots, r->arena, &r->dossier, meta, err) < 0)
		return err->code;
	for (size_t i = 0; i < r->plots->n; i++) {
		r->pictures[i].script = r->plots->at[i].script;
		r->pictures[i].script_len = r->plots->at[i].script_len;
	}
	return 0;
}

static void review_on_plotted(void *arg, const char *why)
{
	struct review *r = arg;

	r->plotter = NULL;
	r->plots_why = why;
	if (why)
		log_notice(r->env.log, "job=%s: plots: %s", r->job.id, why);
	review_on_drawn(r);
}

bool review_plots_draw(struct review *r)
{
	const struct plotter_limits limits = {.bytes = PLOT_SVG_BYTES, .at_once = AT_ONCE};
	struct error err = {0};

	if (!r->plots || !r->plots->n)
		return false;
	if (plotter_start(&r->plotter, r->env.loop, r->pictures, r->plots->n, &limits,
	                  review_on_plotted, r, &err) < 0) {
		r->plots_why = "none, as there is no memory for them";
		return false;
	}
	return true;
}

void review_plots_take(struct review *r)
{
	for (size_t i = 0; r->plots && i < r->plots->n; i++) {
		struct plotter_picture *p = &r->pictures[i];
		struct error err = {0};

		if (!p->svg)
			continue;
		if (plot_take(&r->plots->at[i], r->arena, p->svg, p->svg_len, &err) < 0) {
			r->plots_why = "some are missing, as gnuplot drew something else than "
				       "pictures";
			r->plots_err = err;
		}
		free(TAKE(p->svg));
	}
}

void review_plots_done(struct review *r)
{
	for (size_t i = 0; r->pictures && i < PLOTS_MAX; i++)
		free(TAKE(r->pictures[i].svg));
}
